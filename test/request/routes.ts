import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { bearer, jwt, prepare } from '../support/server';

import type { Extent, RouteOptions, StrategyOptions, Tokens } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


const refreshToken = { query: 'refreshToken' };

const withLookup = { refreshToken, lookup: { find: () => ({ subject: '42' }), remove: () => undefined } };


const routeOf = function (settings: unknown, more: Partial<Hapi.ServerRoute> & { auth?: Hapi.RouteOptions['auth'] } = {}): Hapi.ServerRoute {

    const { auth, ...rest } = more;
    return {
        method: 'POST',
        path: '/logout',
        handler: () => 'done',
        options: { ...auth !== undefined && { auth }, plugins: { 'hard-logout': settings as RouteOptions } },
        ...rest
    };
};


/** A server with a strategy that is the default, and one route. */
const serve = async function (settings: unknown, strategy: Partial<StrategyOptions> = { refreshToken }, more: Parameters<typeof routeOf>[1] = {}): Promise<Hapi.Server> {

    const server = Hapi.server({ debug: false });
    await server.register(plugin);
    server.auth.strategy('session', 'hard-logout', { jwt, ...strategy });
    server.auth.default('session');
    server.route(routeOf(settings, more));
    return server;
};


const addBasic = function (server: Hapi.Server): void {

    server.auth.scheme('basic', () => ({

        authenticate(request, h) {

            if (request.headers.authorization !== 'Basic a') {
                throw Boom.unauthorized(null as unknown as string, 'Basic');
            }

            return h.authenticated({ credentials: { user: { name: 'basic' } } });
        }
    }));
    server.auth.strategy('basic', 'basic');
};


const starts = async function (server: Hapi.Server): Promise<void> {

    await server.initialize();
    await server.stop();
};


describe('Routes', () => {

    const invalid: [unknown, string][] = [
        [{ revoke: 'all' }, 'revoke must be one of [false, true, token, session, others, subject]'],
        [{ revoke: null }, 'revoke must be one of [false, true, token, session, others, subject]'],
        [{ tokens: 'cookie' }, 'tokens must be one of [access, refresh, both, either]'],
        [{ onOutage: 'ignore' }, 'onOutage must be one of [reject, serve]'],
        [{ allowSafeMethods: 'perhaps' }, 'allowSafeMethods must be a boolean'],
        [{ revokes: true }, 'revokes is not allowed'],
        [true, 'value must be of type object'],
        [null, 'value must be of type object']
    ];

    it('refuses what is no setting when a route is added', async () => {

        for (const [settings, message] of invalid) {
            const { server } = await prepare();
            expect(() => server.route(routeOf(settings, { method: 'PUT', path: '/bad/{id}' }))).to.throw(`hard-logout: invalid plugins['hard-logout'] of the route PUT /bad/{id}: ${message}`);
        }
    });

    it('refuses what is no setting of a route that was there before', async () => {

        for (const [settings, message] of invalid) {
            const server = Hapi.server();
            server.route([{ method: 'GET', path: '/', handler: () => 'fine' }, routeOf(settings, { method: 'DELETE', path: '/sessions', vhost: 'futureflix.example' })]);
            await expect(server.register(plugin)).to.reject(`hard-logout: invalid plugins['hard-logout'] of the route DELETE /sessions: ${message}`);
        }
    });

    it('refuses what is no setting of a route that another plugin adds', async () => {

        const { server } = await prepare();
        const other = { name: 'other', register: (own: Hapi.Server) => own.route(routeOf({ revoke: 1 }, { path: '/bye' })) };

        await expect(server.register(other, { routes: { prefix: '/other' } })).to.reject(/^hard-logout: invalid plugins\['hard-logout'\] of the route POST \/other\/bye: revoke must be/);
    });

    for (const name of ['hapi-auth-hard-logout', 'hardLogout', 'hard_logout', 'HardLogout', 'hard-log-out', 'auth-hard-logout', 'hard logout']) {
        it(`refuses settings that would be ignored under the name ${name} when a route is added`, async () => {

            const { server } = await prepare();
            const route = { method: 'POST', path: '/bye', options: { plugins: { [name]: { revoke: true } } }, handler: () => null } as Hapi.ServerRoute;
            expect(() => server.route(route)).to.throw(`hard-logout: the route POST /bye has settings in plugins['${name}'], which have to be in plugins['hard-logout']`);
        });
    }

    it('leaves the settings of other plugins to them', async () => {

        const { server } = await prepare();
        server.route({ method: 'POST', path: '/bye', options: { plugins: { 'hard-logout-metrics': {}, yar: {}, logout: { revoke: true } } as object }, handler: () => null });
        await expect(starts(server)).to.not.reject();
    });

    it('does not let a server start whose route was refused', async () => {

        const { server } = await prepare();
        expect(() => server.route(routeOf({ revoke: 'all' }, { path: '/bad' }))).to.throw();

        await expect(server.initialize()).to.reject(/^hard-logout: invalid plugins\['hard-logout'\] of the route POST \/bad: /);
    });

    const possible: [settings: RouteOptions, strategy: Partial<StrategyOptions>][] = [
        [{}, {}],
        [{ tokens: 'access' }, {}],
        [{ revoke: true }, {}],
        [{ revoke: 'token' }, {}],
        [{ revoke: 'subject', tokens: 'access' }, {}],
        [{ revoke: 'others' }, { refreshToken }],
        [{ tokens: 'refresh' }, { refreshToken }],
        [{ tokens: 'both' }, { refreshToken }],
        [{ tokens: 'either', revoke: 'session' }, { refreshToken }],
        [{ tokens: 'either', revoke: 'subject' }, withLookup],
        [{ revoke: 'session' }, withLookup]
    ];

    for (const [settings, strategy] of possible) {
        const kind = !strategy.refreshToken ? 'without refresh tokens' : strategy.lookup ? 'with a lookup' : 'with sessions';
        it(`starts with ${JSON.stringify(settings)} ${kind}`, async () => {

            await expect(starts(await serve(settings, strategy))).to.not.reject();
        });
    }

    const impossible: [settings: RouteOptions, strategy: Partial<StrategyOptions>, problem: string][] = [
        [{ tokens: 'refresh' }, {}, 'has tokens \'refresh\', but its strategy has no refreshToken'],
        [{ tokens: 'both' }, {}, 'has tokens \'both\', but its strategy has no refreshToken'],
        [{ tokens: 'either', revoke: true }, {}, 'has tokens \'either\', but its strategy has no refreshToken'],
        [{ revoke: 'others' }, {}, 'has revoke \'others\', but its strategy has no sessions'],
        [{ revoke: 'others' }, withLookup, 'has revoke \'others\', but its strategy has no sessions']
    ];

    for (const [settings, strategy, problem] of impossible) {
        it(`does not start with a route that ${problem}${strategy.refreshToken ? ' of ours' : ''}, ${JSON.stringify(settings)}`, async () => {

            for (const vhost of [{}, { vhost: ['a.example', 'b.example'] }]) {
                const server = await serve(settings, strategy, { method: 'PATCH', path: '/sessions/{id}', ...vhost });
                await expect(server.initialize()).to.reject(`hard-logout: the route PATCH /sessions/{id} ${problem}`);
            }
        });
    }

    for (const method of ['GET', 'get', 'OPTIONS', 'TRACE', '*'] as Hapi.ServerRoute['method'][]) {
        it(`does not start with a route that revokes on the safe method ${method}`, async () => {

            for (const revoke of [true, 'others'] as const) {
                const server = await serve({ revoke }, { refreshToken }, { method });
                await expect(server.initialize()).to.reject(`hard-logout: the route ${`${method}`.toUpperCase()} /logout revokes on a safe method: use POST, or set allowSafeMethods`);
            }

            for (const settings of [{ revoke: true, allowSafeMethods: true }, { revoke: false }, { tokens: 'both' }]) {
                await expect(starts(await serve(settings, { refreshToken }, { method }))).to.not.reject();
            }
        });
    }

    it('starts with a route that revokes on any other method', async () => {

        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
            await expect(starts(await serve({ revoke: true }, { refreshToken }, { method }))).to.not.reject();
        }

        await expect(starts(await serve({ revoke: true }, { refreshToken }, { method: ['POST', 'DELETE'] }))).to.not.reject();
        await expect(starts(await serve({ revoke: true }, { refreshToken }, { method: ['POST', 'GET'] }))).to.reject('hard-logout: the route GET /logout revokes on a safe method: use POST, or set allowSafeMethods');
    });

    it('does not start with a route that accepts an outage and does more than read', async () => {

        const problem = (method: string) => `hard-logout: the route ${method} /logout has onOutage 'serve', which is for GET with tokens 'access'`;

        for (const [method, settings] of [
            ['POST', {}],
            ['DELETE', { tokens: 'access' }],
            ['*', {}],
            ['GET', { tokens: 'refresh' }],
            ['GET', { tokens: 'both' }],
            ['GET', { tokens: 'either' }],
            ['GET', { tokens: 'access', revoke: true, allowSafeMethods: true }]
        ] as [Hapi.ServerRoute['method'], RouteOptions][]) {
            const server = await serve({ ...settings, onOutage: 'serve' }, { refreshToken }, { method });
            await expect(server.initialize()).to.reject(problem(`${method}`));

            await expect(starts(await serve({ ...settings, onOutage: 'reject' }, { refreshToken }, { method }))).to.not.reject();
            await expect(starts(await serve(settings, { refreshToken, onOutage: 'serve' }, { method }))).to.not.reject();
        }

        await expect(starts(await serve({ onOutage: 'serve' }, { refreshToken }, { method: 'GET' }))).to.not.reject();
    });

    it('logs out on a safe method where that is allowed, by HEAD as well', async () => {

        for (const method of ['GET', 'HEAD']) {
            const { server, login, me } = await prepare();
            server.route(routeOf({ revoke: true, allowSafeMethods: true }, { method: 'GET', path: '/bye' }));
            const pair = await login();

            const res = await server.inject({ method, url: `/bye?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });

            expect(res.statusCode).to.equal(200);
            expect((await me(pair.jwt)).message).to.equal('The access token was revoked');
        }
    });

    for (const settings of [{ revoke: true }, { revoke: false }, { tokens: 'access' }, { allowSafeMethods: true }] as RouteOptions[]) {
        it(`does not start with ${JSON.stringify(settings)} where no strategy of ours will see it`, async () => {

            const problem = 'hard-logout: the route POST /logout needs a hard-logout strategy';

            const open = await serve(settings, { refreshToken }, { auth: false });
            await expect(open.initialize()).to.reject(problem);

            const foreign = Hapi.server();
            await foreign.register(plugin);
            addBasic(foreign);
            foreign.route(routeOf(settings, { auth: 'basic' }));
            await expect(foreign.initialize()).to.reject(problem);

            const none = Hapi.server();
            await none.register(plugin);
            none.route(routeOf(settings));
            await expect(none.initialize()).to.reject(problem);
        });
    }

    it('starts where nothing is set, whatever the strategy', async () => {

        for (const settings of [{}, undefined]) {
            for (const auth of [false, 'basic'] as const) {
                const server = Hapi.server();
                await server.register(plugin);
                addBasic(server);
                server.route(routeOf(settings, { auth }));
                await expect(starts(server)).to.not.reject();
            }
        }

        const plain = Hapi.server();
        plain.route({ method: 'GET', path: '/', handler: () => 'fine' });
        await plain.register(plugin);
        await expect(starts(plain)).to.not.reject();
    });

    it('goes by the default strategy, also where that is set after the route', async () => {

        const late = async (strategy: Partial<StrategyOptions>, settings: RouteOptions) => {

            const server = Hapi.server();
            server.route(routeOf(settings));
            await server.register(plugin);
            server.auth.strategy('late', 'hard-logout', { jwt, ...strategy });
            server.auth.default({ strategies: ['late'] });
            return server;
        };

        await expect(starts(await late({ refreshToken }, { tokens: 'both', revoke: 'others' }))).to.not.reject();
        await expect((await late({}, { tokens: 'both' })).initialize()).to.reject('hard-logout: the route POST /logout has tokens \'both\', but its strategy has no refreshToken');
        await expect((await late(withLookup, { revoke: 'others' })).initialize()).to.reject('hard-logout: the route POST /logout has revoke \'others\', but its strategy has no sessions');
    });

    it('looks at each of several strategies', async () => {

        const several = async (settings: RouteOptions, ...names: string[]) => {

            const server = Hapi.server();
            await server.register(plugin);
            addBasic(server);
            server.auth.strategy('sessions', 'hard-logout', { jwt, refreshToken });
            server.auth.strategy('app', 'hard-logout', { jwt, ...withLookup });
            server.auth.strategy('plain', 'hard-logout', { jwt });
            server.route(routeOf(settings, { auth: { strategies: names } }));
            return server;
        };

        for (const [settings, ...names] of [
            [{ revoke: true }, 'sessions', 'app', 'plain'],
            [{ tokens: 'both' }, 'basic', 'app', 'sessions'],
            [{ revoke: 'others' }, 'sessions'],
            [{ revoke: false }, 'basic', 'sessions']
        ] as [RouteOptions, ...string[]][]) {
            await expect(starts(await several(settings, ...names))).to.not.reject();
        }

        for (const [settings, ...names] of [
            [{ tokens: 'both' }, 'sessions', 'plain'],
            [{ tokens: 'either' }, 'basic', 'plain', 'sessions'],
            [{ revoke: 'others' }, 'sessions', 'app'],
            [{ revoke: 'others' }, 'plain', 'sessions'],
            [{ revoke: true }, 'basic'],
            [{ revoke: true }, 'sessions', 'app', 'plain', 'basic'],
            [{ revoke: 'others' }, 'basic', 'sessions']
        ] as [RouteOptions, ...string[]][]) {
            await expect((await several(settings, ...names)).initialize()).to.reject(/^hard-logout: the route POST \/logout (has|needs|revokes, and has a strategy) /);
        }
    });

    const jwtOnly = { jwt: 200, refresh: 401, both: 200 };

    const refreshOnly = { jwt: 401, refresh: 200, both: 200 };

    const bothOnly = { jwt: 401, refresh: 401, both: 200 };

    const wanted: [settings: RouteOptions, answers: Record<'jwt' | 'refresh' | 'both', number>][] = [
        [{}, jwtOnly],
        [{ revoke: false }, jwtOnly],
        [{ tokens: 'access' }, jwtOnly],
        [{ tokens: 'refresh' }, refreshOnly],
        [{ tokens: 'both' }, bothOnly],
        [{ tokens: 'either' }, { jwt: 200, refresh: 200, both: 200 }],
        [{ revoke: 'session' }, bothOnly],
        [{ revoke: 'token', tokens: 'both' }, bothOnly]
    ];

    for (const [settings, answers] of wanted) {
        it(`wants, of a route with ${JSON.stringify(settings)}, the tokens that it needs`, async () => {

            const { server, login } = await prepare();
            server.route(routeOf(settings, { path: '/wanted' }));
            const pair = await login();

            const ask = async (query: string, headers: Record<string, string>) => (await server.inject({ method: 'POST', url: `/wanted${query}`, headers })).statusCode;

            const query = `?refreshToken=${pair.refreshToken}`;
            expect({ jwt: await ask('', bearer(pair.jwt)), refresh: await ask(query, {}), both: await ask(query, bearer(pair.jwt)) }).to.equal(answers);
        });
    }

    it('wants the JWT to revoke, where the strategy has no refresh tokens', async () => {

        const { server, me } = await prepare({ refreshToken: undefined });
        server.route(routeOf({ revoke: 'token' }, { path: '/wanted' }));
        const { login } = await prepare();
        const { jwt: token } = await login();

        expect((await server.inject({ method: 'POST', url: '/wanted', headers: bearer(token) })).statusCode).to.equal(200);
        expect((await me(token)).message).to.equal('The access token was revoked');
    });

    it('has one plan for each strategy of a route', async () => {

        const { server, login, me } = await prepare({ realm: 'pair' });
        server.auth.strategy('plain', 'hard-logout', { jwt: { ...jwt, audience: 'other' }, realm: 'plain' });
        server.route(routeOf({ revoke: true }, { path: '/bye', auth: { strategies: ['plain', 'session'] } }));
        await server.initialize();
        const pair = await login();

        // Refused by the first, whose audience it is not

        const url = `/bye?refreshToken=${pair.refreshToken}`;
        const first = await server.inject({ method: 'POST', url, headers: bearer(pair.jwt) });
        expect(first.headers['www-authenticate']).to.equal('Bearer realm="plain", error="invalid_token", error_description="The access token is invalid"');
        expect((await me(pair.jwt)).statusCode).to.equal(200);

        // The first finds nothing, the second wants both

        const second = await server.inject({ method: 'POST', url });
        expect(second.headers['www-authenticate']).to.equal('Bearer realm="pair", error="invalid_token", error_description="The access token is missing"');
        await server.stop();
    });

    it('refuses a route that is added once the server runs and asks what cannot be', async () => {

        const { server, login, me } = await prepare();
        await server.initialize();

        expect(() => server.route(routeOf({ revoke: true }, { method: 'GET', path: '/late' }))).to.throw(/the route GET \/late revokes on a safe method/);

        server.route(routeOf({ revoke: true }, { path: '/fine' }));
        const pair = await login();
        const { statusCode } = await server.inject({ method: 'POST', url: `/fine?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });
        expect(statusCode).to.equal(200);
        expect((await me(pair.jwt)).statusCode).to.equal(401);
        await server.stop();
    });

    it('serves no route that was refused late with a success, since nothing would be revoked', async () => {

        const { server, login, me } = await prepare();
        addBasic(server);
        await server.initialize();
        expect(() => server.route(routeOf({ revoke: true }, { path: '/bye', auth: { mode: 'try', strategies: ['basic', 'session'] } }))).to.throw('hard-logout: the route POST /bye revokes, and has a strategy of another scheme, whose credentials cannot be revoked');
        const pair = await login();

        for (const headers of [{ authorization: 'Basic a' }, { authorization: 'Basic b' }, bearer(pair.jwt)]) {
            const { statusCode } = await server.inject({ method: 'POST', url: `/bye?refreshToken=${pair.refreshToken}`, headers });
            expect(statusCode).to.equal(500);
        }

        expect((await me(pair.jwt)).statusCode).to.equal(200);
        await server.stop();
    });

    it('knows every extent, and every choice of tokens', async () => {

        const extents: (Extent | boolean)[] = [true, false, 'token', 'session', 'others', 'subject'];
        const choices: (Tokens | undefined)[] = [undefined, 'access', 'refresh', 'both', 'either'];
        const server = await serve({});
        server.route(extents.flatMap((revoke) => choices.map((tokens) => routeOf({ revoke, tokens }, { path: `/${revoke}/${tokens}` }))));

        await expect(starts(server)).to.not.reject();
    });

    it('logs which route it changes, so that malformed cookies do not prevent a logout, and changes no other', async () => {

        const { server } = await prepare();
        const logged: Hapi.LogEvent[] = [];
        server.events.on('log', (event) => logged.push(event));
        server.route([
            routeOf({ revoke: true }, { method: 'DELETE', path: '/sessions/{id}' }),
            routeOf({ tokens: 'both' }, { path: '/plain' }),
            { method: 'POST', path: '/own', options: { state: { failAction: 'log' }, plugins: { 'hard-logout': { revoke: true } } }, handler: () => null }
        ]);

        expect(logged.map(({ tags, data }) => [tags, data])).to.equal([
            [['hard-logout', 'route', 'changed', 'warn'], 'DELETE /sessions/{id}: state.failAction is now \'ignore\', so that a malformed cookie does not prevent a logout']
        ]);
    });

    it('refuses a route without a strategy that is added once the server runs', async () => {

        const { server } = await prepare();
        await server.initialize();

        expect(() => server.route(routeOf({ revoke: true }, { path: '/late', auth: false }))).to.throw('hard-logout: the route POST /late needs a hard-logout strategy');
        await server.stop();
    });
});
