import * as Boom from '@hapi/boom';
import * as Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../../lib';
import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { RedisServer } from '../support/redis';
import { bearer, jwt as settings, pairOf, prepare } from '../support/server';
import { setCookies } from '../support/set-cookie';
import { mint, payload, serve } from '../support/tokens';

import type { CookieOptions, StrategyOptions, TokenResponse } from '../../lib';
import type { Prepared } from '../support/server';
import type { SetCookie } from '../support/set-cookie';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;

const start = 1_700_000_000_000;
const day = 24 * 60 * 60 * 1000;


describe('cookie', () => {

    afterEach(() => {

        Date.now = now;
    });

    const table: [cookie: string | CookieOptions, attributes: string[]][] = [
        ['refresh', ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']],
        [{ name: '__Host-refresh' }, ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']],
        [{ name: 'refresh', isSameSite: 'None' }, ['Secure', 'HttpOnly', 'SameSite=None', 'Path=/']],
        [
            { name: 'refresh', isSecure: false, isSameSite: 'Lax', path: '/auth', domain: 'futureflix.example' },
            ['HttpOnly', 'SameSite=Lax', 'Domain=futureflix.example', 'Path=/auth']
        ]
    ];

    for (const [cookie, attributes] of table) {

        it(`is set at login and at renewal, and cleared at logout, with the same attributes: ${JSON.stringify(cookie)}`, async () => {

            Date.now = () => start;

            const name = typeof cookie === 'string' ? cookie : cookie.name;
            const prepared = await serve({}, { refreshToken: { cookie }, sessions: { maxIdle: 2 * day, maxAge: 3 * day } });

            const login = await prepared.server.inject({ method: 'POST', url: '/login' });
            expect(Object.keys(login.result!)).to.only.include(['access_token', 'token_type', 'expires_in', 'refresh_token_expires_in']);
            const first = only(login);
            expect(first).to.include({ name, attributes, maxAge: 2 * day / 1000 });
            expect(first.value).to.match(/^[\w-]{102}$/);

            Date.now = () => start + 1.5 * day;

            const renewal = await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `${name}=${first.value}` } });
            expect(renewal.statusCode).to.equal(200);
            expect(Object.keys(renewal.result!)).to.only.include(['access_token', 'token_type', 'expires_in', 'refresh_token_expires_in']);
            const second = only(renewal);
            expect(second).to.include({ name, attributes, maxAge: 1.5 * day / 1000 });
            expect(second.value).to.match(/^[\w-]{102}$/);
            expect(second.value).to.not.equal(first.value);

            const { access_token: jwt } = renewal.result as TokenResponse;
            const logout = await prepared.server.inject({ method: 'POST', url: '/logout', headers: { ...bearer(jwt!), cookie: `${name}=${second.value}` } });
            expect(logout.statusCode).to.equal(204);
            expect(logout.headers['cache-control']).to.equal('no-store');
            expect(only(logout)).to.include({ name, value: '', attributes, maxAge: 0 });
        });
    }

    it('stays where the logout ended the access token only', async () => {

        const { server, auth } = await serve({}, { refreshToken: { cookie: 'refresh' } });
        server.route({ method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'token' } } }, handler: () => null });

        const { access_token: jwt } = await auth.issue(null, { sub: '42' });
        const res = await server.inject({ method: 'POST', url: '/bye', headers: bearer(jwt) });
        expect(res.statusCode).to.equal(204);
        expect(res.headers['set-cookie']).to.be.undefined();
    });

    it('is not set where no request is at hand', async () => {

        const { server, auth } = await serve({}, { refreshToken: { cookie: 'refresh' } });
        server.route({ method: 'POST', path: '/support', options: { auth: false }, handler: () => auth.issue(null, { sub: '42' }) });

        const res = await server.inject({ method: 'POST', url: '/support' });
        expect((res.result as TokenResponse).refresh_token).to.match(/^[\w-]{102}$/);
        expect(res.headers['set-cookie']).to.not.exist();

        const { refresh_token: refreshToken } = await auth.refresh((res.result as TokenResponse).refresh_token!);
        expect(refreshToken).to.match(/^[\w-]{102}$/);
    });

    it('is neither set nor cleared by requests that have nothing to do with it', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
        const { jwt, refreshToken } = await prepared.login();

        for (const headers of [{ cookie: `refresh=${refreshToken}` }, bearer(jwt), { ...bearer(jwt), cookie: `refresh=${refreshToken}` }, { cookie: 'refresh=x' }, {}]) {
            const res = await prepared.server.inject({ url: '/look', headers });
            expect(res.headers['set-cookie']).to.not.exist();
        }
    });

    for (const extent of ['token', 'session', 'others', 'subject'] as const) {

        it(`is ${extent === 'others' ? 'kept, with its session,' : 'cleared'} at a logout of '${extent}'`, async () => {

            const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
            const { jwt, refreshToken } = await prepared.login();

            const res = await prepared.server.inject({ method: 'POST', url: `/${extent}/both`, headers: { ...bearer(jwt), cookie: `refresh=${refreshToken}` } });
            expect(res.statusCode).to.equal(204);

            if (extent === 'others') {
                expect(res.headers['set-cookie']).to.not.exist();
                expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${refreshToken}` } })).statusCode).to.equal(200);
            }
            else {
                expect(only(res).maxAge).to.equal(0);
            }
        });
    }

    it('is kept at a logout that ends the JWT alone, and cleared where its session ends unseen', async () => {

        for (const [extent, kept] of [['token', true], ['others', true], ['session', false], ['subject', false]] as const) {
            const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
            const { jwt, refreshToken } = await prepared.login();
            const res = await prepared.server.inject({ method: 'POST', url: `/${extent}/access`, headers: { ...bearer(jwt), cookie: `refresh=${refreshToken}` } });

            expect(res.statusCode).to.equal(204);
            expect(res.headers['set-cookie'] === undefined).to.equal(kept);
        }
    });

    it('is kept where a logout was refused, or failed', async () => {

        const redis = await RedisServer.start({ isSettled: true });
        try {
            const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } }, { redis: redis.url, lease: 300 });
            prepared.server.route({
                method: 'POST',
                path: '/fail/{status}',
                options: { plugins: { 'hard-logout': { revoke: true } } },
                handler: (request, h) => h.response('no').code(Number(request.params.status))
            });

            const { jwt, refreshToken } = await prepared.login();
            const other = await prepared.login();
            const headers = { ...bearer(jwt), cookie: `refresh=${refreshToken}` };
            const outcome = async (url: string, changed = {}) => {

                const res = await prepared.server.inject({ method: 'POST', url, headers: { ...headers, ...changed } });
                return [res.statusCode, res.headers['set-cookie']];
            };

            expect(await outcome('/logout', { cookie: 'refresh=x' })).to.equal([401, undefined]);
            expect(await outcome('/logout', bearer(other.jwt))).to.equal([401, undefined]);
            expect(await outcome('/fail/422')).to.equal([422, undefined]);
            expect(await outcome('/fail/500')).to.equal([500, undefined]);

            await prepared.server.inject({ url: '/look', headers });
            await redis.kill();
            expect(await outcome('/logout')).to.equal([503, undefined]);

            await prepared.server.stop();
        }
        finally {
            await redis.stop();
        }
    });

    for (const path of ['/token', '/look', '/renew']) {

        it(`is cleared where it holds a token that was used before: ${path}`, async () => {

            Date.now = () => start;

            const prepared = await serve({}, { refreshToken: { cookie: { name: 'refresh', path: '/auth' } } });
            const { refreshToken } = await prepared.login();

            const renew = async () => {

                await prepared.auth.refresh(refreshToken);
                Date.now = () => start + day;
            };

            // A request that comes to its renewal only after another one has gone before

            prepared.server.route({
                method: 'POST',
                path: '/renew',
                options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: async (request) => {

                    await renew();
                    return prepared.auth.refresh(request);
                }
            });

            if (path !== '/renew') {
                await renew();
            }

            const res = await prepared.server.inject({ method: path === '/look' ? 'GET' : 'POST', url: path, headers: { cookie: `refresh=${refreshToken}` } });
            expect(res.statusCode).to.equal(401);
            expect((res.result as Error).message).to.equal('The refresh token was used before');
            expect(only(res)).to.include({ name: 'refresh', value: '', attributes: ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/auth'], maxAge: 0 });
        });
    }

    it('is kept where it holds a token that is dead for another reason', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
        const { refreshToken } = await prepared.login();
        await prepared.auth.revoke({ refreshToken });

        for (const value of [refreshToken, 'x']) {
            const res = await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${value}` } });
            expect(res.statusCode).to.equal(401);
            expect(res.headers['set-cookie']).to.not.exist();
        }
    });

    it('is refused where it is repeated', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
        const { refreshToken } = await prepared.login();

        const res = await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${refreshToken}; refresh=${refreshToken}` } });
        expect(res.statusCode).to.equal(400);
        expect((res.result as Error).message).to.equal('The refresh token is repeated');
    });

    it('stands in nobody\'s way where a browser sends nonsense for it', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
        const { jwt } = await prepared.login();

        for (const value of ['a b', 'a,b', '"', '\\']) {
            const page = await prepared.server.inject({ url: '/me', headers: { ...bearer(jwt), cookie: `refresh=${value}` } });
            expect(page.statusCode).to.equal(200);

            const renewal = await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${value}` } });
            expect(renewal.statusCode).to.equal(401);
            expect((renewal.result as Error).message).to.equal('The refresh token is invalid');
        }
    });

    it('holds a token of the app\'s, which the app sets and a logout clears', async () => {

        const revoked: string[] = [];
        const prepared = await serve({}, {
            refreshToken: { cookie: { name: 'refresh', path: '/auth', isSameSite: 'Lax' } },
            lookup: { find: () => ({ subject: '42' }), remove: (token) => revoked.push(token) }
        });

        prepared.server.route({ method: 'POST', path: '/enter', options: { auth: false }, handler: (_, h) => h.response().state('refresh', 'opaque') });

        const enter = await prepared.server.inject({ method: 'POST', url: '/enter' });
        expect(only(enter)).to.include({ name: 'refresh', value: 'opaque', attributes: ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/auth'], maxAge: Infinity });

        const logout = await prepared.server.inject({ method: 'POST', url: '/logout', headers: { ...bearer(await mint()), cookie: 'refresh=opaque' } });
        expect(logout.statusCode).to.equal(204);
        expect(only(logout)).to.include({ name: 'refresh', value: '', attributes: ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/auth'], maxAge: 0 });
        expect(revoked).to.equal(['opaque']);
    });

    it('is one of two where two strategies share a server, and the other is left alone', async () => {

        const server = Hapi.server({ debug: false });
        await server.register(plugin);

        const strategies = ['web', 'tv'];
        for (const name of strategies) {
            server.auth.strategy(name, 'hard-logout', { jwt: settings, refreshToken: { cookie: `${name}-refresh` } } satisfies StrategyOptions);
            server.route([
                { method: 'POST', path: `/${name}/login`, handler: (request) => hardLogout(server, name).issue(request, { sub: '42' }) },
                {
                    method: 'POST',
                    path: `/${name}/logout`,
                    options: { auth: name, plugins: { 'hard-logout': { revoke: true } } },
                    handler: () => null
                }
            ]);
        }

        await server.initialize();

        const held = [];
        for (const name of strategies) {
            const res = await server.inject({ method: 'POST', url: `/${name}/login` });
            const cookie = only(res);
            expect(cookie.name).to.equal(`${name}-refresh`);
            held.push({ jwt: (res.result as TokenResponse).access_token!, cookie: `${cookie.name}=${cookie.value}` });
        }

        const cookie = held.map((pair) => pair.cookie).join('; ');
        for (const [i, name] of strategies.entries()) {
            const mixed = await server.inject({ method: 'POST', url: `/${name}/logout`, headers: { ...bearer(held[1 - i]!.jwt), cookie } });
            expect(mixed.statusCode).to.equal(401);
        }

        for (const [i, name] of strategies.entries()) {
            const res = await server.inject({ method: 'POST', url: `/${name}/logout`, headers: { ...bearer(held[i]!.jwt), cookie } });
            expect(res.statusCode).to.equal(204);
            expect(only(res)).to.include({ name: `${name}-refresh`, maxAge: 0 });
        }
    });

    it('is not set by a login that failed', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' } });
        prepared.server.route({
            method: 'POST',
            path: '/enter/{status}',
            options: { auth: false },
            handler: async (request, h) => {

                await prepared.auth.issue(request, { sub: '42' });
                if (request.params.status === 'bug') {
                    throw new Error('a bug');
                }

                if (request.params.status === 'refused') {
                    throw Boom.forbidden('A second factor is wanted');
                }

                return h.response().code(Number(request.params.status));
            }
        });

        for (const status of ['bug', 'refused', '400', '401', '500']) {
            const res = await prepared.server.inject({ method: 'POST', url: `/enter/${status}` });
            expect(res.statusCode).to.be.at.least(400);
            expect(res.headers['set-cookie']).to.not.exist();
        }

        for (const status of ['200', '302']) {
            expect(only(await prepared.server.inject({ method: 'POST', url: `/enter/${status}` })).value).to.have.length(102);
        }
    });

    it('is set by a renewal whatever the answer, since what the browser holds was replaced', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' }, sessions: { grace: 0 } });
        prepared.server.route({
            method: 'POST',
            path: '/renew/{status}',
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: async (request, h) => {

                await prepared.auth.refresh(request);
                return h.response().code(Number(request.params.status));
            }
        });

        let { refreshToken } = await prepared.login();
        for (const status of [200, 400, 403, 503]) {
            const res = await prepared.server.inject({ method: 'POST', url: `/renew/${status}`, headers: { cookie: `refresh=${refreshToken}` } });
            expect(res.statusCode).to.equal(status);
            expect(only(res).value).to.not.equal(refreshToken);
            refreshToken = only(res).value;
        }
    });

    it('is set and cleared also where another extension has taken the answer over', async () => {

        const server = Hapi.server({ debug: false });
        server.ext('onPreResponse', (request, h) => h.response('mine').state('mine', '1').takeover());
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt: settings, refreshToken: { cookie: { name: 'refresh', path: '/auth' } } } satisfies StrategyOptions);
        server.auth.default('session');
        server.route([
            { method: 'POST', path: '/renew', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => hardLogout(server).refresh(request) },
            { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { tokens: 'refresh', revoke: true } } }, handler: () => null }
        ]);

        const { refresh_token: refreshToken } = await hardLogout(server).issue(null, { sub: '42' });
        const ask = async (url: string, value: string) => {

            const res = await server.inject({ method: 'POST', url, headers: { cookie: `refresh=${value}` } });
            expect(res.payload).to.equal('mine');
            const [mine, ours, ...rest] = res.headers['set-cookie'] as unknown as string[];
            expect(mine).to.startWith('mine=1');
            expect(rest).to.equal([]);
            return ours!;
        };

        const renewed = await ask('/renew', refreshToken);
        expect(renewed).to.match(/^refresh=[\w-]{102}; Max-Age=2592000; Expires=[^;]+; Secure; HttpOnly; SameSite=Strict; Path=\/auth$/);
        const cleared = await ask('/logout', renewed.slice(8, 110));
        expect(cleared).to.equal('refresh=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict; Path=/auth');
    });

    it('is cleared with an error as well where the theft came to light under the handler', async () => {

        for (const status of [400, 500, 503]) {
            const prepared = await serve({}, { refreshToken: { cookie: 'refresh' }, sessions: { grace: 0 } });
            prepared.server.route({
                method: 'POST',
                path: '/renew',
                options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: async (request) => {

                    await prepared.auth.refresh(refreshToken);
                    await expect(prepared.auth.refresh(request)).to.reject('The refresh token was used before');
                    throw new Boom.Boom('no', { statusCode: status });
                }
            });

            const { refreshToken } = await prepared.login();
            const res = await prepared.server.inject({ method: 'POST', url: '/renew', headers: { cookie: `refresh=${refreshToken}` } });
            expect(res.statusCode).to.equal(status);
            expect(only(res)).to.include({ value: '', maxAge: 0 });
        }
    });

    it('is kept where the end of a stolen session could not be stored', async () => {

        const prepared = await serve({}, { refreshToken: { cookie: 'refresh' }, sessions: { grace: 0 } });
        const { refreshToken } = await prepared.login();
        await prepared.auth.refresh(refreshToken);

        const { revoke } = MemoryStore.prototype;
        MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
        try {
            const res = await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${refreshToken}` } });
            expect(res.statusCode).to.equal(503);
            expect(res.headers['set-cookie']).to.not.exist();
        }
        finally {
            MemoryStore.prototype.revoke = revoke;
        }
    });

    it('is never signed, moved or changed by what the server has for its other cookies', async () => {

        const state = { sign: { password: 'a password of at least 32 characters' }, isPartitioned: true, ttl: 1, path: '/other', clearInvalid: true };
        const server = Hapi.server({ debug: false, state });
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt: settings, refreshToken: { cookie: 'refresh' } } satisfies StrategyOptions);
        server.auth.default('session');
        server.route([
            { method: 'POST', path: '/login', options: { auth: false }, handler: (request) => hardLogout(server).issue(request, { sub: '42' }) },
            { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { tokens: 'refresh', revoke: true } } }, handler: () => null }
        ]);

        const login = only(await server.inject({ method: 'POST', url: '/login' }));
        expect(login).to.include({ attributes: ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/'], maxAge: 30 * day / 1000 });
        expect(login.value).to.have.length(102);

        const logout = await server.inject({ method: 'POST', url: '/logout', headers: { cookie: `refresh=${login.value}` } });
        expect(logout.statusCode).to.equal(204);
        expect(only(logout)).to.include({ value: '', attributes: login.attributes, maxAge: 0 });
    });

    describe('of a session that a logout ends while it is renewed', () => {

        const { present } = MemoryStore.prototype;

        afterEach(() => {

            MemoryStore.prototype.present = present;
        });

        const open = async function (handler?: Hapi.Lifecycle.Method) {

            const prepared = await prepare({ jwt: { ...settings, cookie: 'jwt' }, refreshToken: { cookie: 'refresh' } });
            prepared.server.route({
                method: 'POST',
                path: '/renew',
                options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: handler ?? ((request) => prepared.auth.refresh(request))
            });

            const { jwt, refreshToken } = pairOf(await prepared.auth.issue(null, { sub: '42' }));
            const session = payload(jwt).sid as string;
            return { ...prepared, session, renew: () => prepared.server.inject({ method: 'POST', url: '/renew', headers: { cookie: `refresh=${refreshToken}` } }) };
        };

        const cleared = { jwt: '', refresh: '' };

        const valuesOf = (res: Parameters<typeof setCookies>[0]) => Object.fromEntries(Object.entries(setCookies(res)).map(([name, { value }]) => [name, value]));

        it('is cleared where the renewal comes too late', async () => {

            const { auth, server, session, renew } = await open();
            MemoryStore.prototype.present = async function (token, change) {

                const presented = await present.call(this, token, change);
                if (change.next) {
                    await auth.revoke({ session });
                }

                return presented;
            };

            const events: unknown[] = [];
            server.events.on({ name: 'hard-logout', channels: 'refreshed' }, (event) => events.push(event));
            const res = await renew();
            expect([res.statusCode, (res.result as { code: string }).code]).to.equal([401, 'refresh_token_revoked']);
            expect(valuesOf(res)).to.equal(cleared);
            expect(events).to.equal([]);
        });

        it('is cleared, and not set, where the response to the renewal comes too late', async () => {

            const { auth, renew } = await open(async (request) => {

                const tokens = await auth.refresh(request);
                await auth.revoke({ subject: '42' });
                return tokens;
            });

            expect(valuesOf(await renew())).to.equal(cleared);
        });

        it('is cleared where the session had ended before the renewal', async () => {

            const { auth, renew } = await open(async (request) => {

                await auth.revoke({ subject: '42' });
                return auth.refresh(request);
            });

            const res = await renew();
            expect(res.statusCode).to.equal(401);
            expect(valuesOf(res)).to.equal(cleared);
        });
    });

    it('has a name of its own, among all cookies of the server', async () => {

        const server = Hapi.server();
        await server.register(plugin);
        server.state('theirs');

        const strategy = function (name: string, options: Partial<StrategyOptions>) {

            return () => server.auth.strategy(name, 'hard-logout', { jwt: settings, ...options });
        };

        const message = (option: string) => `hard-logout: invalid strategy options: ${option} is the name of a cookie that is already defined. Choose another name`;
        expect(strategy('a', { refreshToken: { cookie: 'theirs' } })).to.throw(message('refreshToken.cookie'));
        expect(strategy('b', { jwt: { ...settings, cookie: 'theirs' } })).to.throw(message('jwt.cookie'));
        expect(strategy('c', { jwt: { ...settings, cookie: 'mine' }, refreshToken: { cookie: 'mine' } })).to.throw(message('refreshToken.cookie'));

        strategy('d', { refreshToken: { cookie: 'ours' } })();
        expect(strategy('e', { refreshToken: { cookie: 'ours' } })).to.throw(message('refreshToken.cookie'));
    });
});


/** The one cookie of a response. */
const only = function (res: Awaited<ReturnType<Prepared['server']['inject']>>): SetCookie {

    const cookies = Object.values(setCookies(res));
    expect(cookies).to.have.length(1);
    return cookies[0]!;
};
