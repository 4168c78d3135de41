import * as Http from 'node:http';
import { setImmediate } from 'node:timers/promises';

import * as Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../lib';
import { RedisServer } from './support/redis';
import { bearer, jwt, pairOf, prepare } from './support/server';

import type { StrategyOptions, Tokens } from '../lib';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;

const otherJwt = { ...jwt, key: 'another secret of 32 bytes or more' };


describe('scheme', () => {

    afterEach(() => {

        Date.now = now;
    });

    describe('several strategies', () => {

        it('are refused with one key where only one of them has an issuer: a logout in one would not be one in the other', async () => {

            const free = { ...jwt, issuer: undefined };
            const problem = /^hard-logout: a strategy has the jwt.key of the strategy one, and only one of them has a jwt.issuer: .* Set jwt.issuer in both$/;

            for (const [one, two] of [[free, jwt], [jwt, free]]) {
                const server = Hapi.server();
                await server.register(plugin);
                server.auth.strategy('one', 'hard-logout', { jwt: one } satisfies StrategyOptions);
                expect(() => server.auth.strategy('two', 'hard-logout', { jwt: two } satisfies StrategyOptions)).to.throw(problem);

                server.auth.strategy('alike', 'hard-logout', { jwt: one } satisfies StrategyOptions);
                server.auth.strategy('apart', 'hard-logout', { jwt: { ...two, key: otherJwt.key } } satisfies StrategyOptions);
            }
        });

        it('go on from this scheme to the next one where nothing was presented', async () => {

            const server = await start(['ours', 'theirs']);
            const { jwt: ours } = await login(server);

            expect(await look(server, bearer(ours))).to.equal({ statusCode: 200, strategy: 'ours' });
            expect(await look(server, { authorization: 'Theirs secret' })).to.equal({ statusCode: 200, strategy: 'theirs' });
            expect((await look(server, bearer(`${ours}x`))).statusCode).to.equal(401);

            const res = await server.inject('/look');
            expect(res.statusCode).to.equal(401);
            expect(res.headers['www-authenticate']).to.equal('Bearer realm="api", Theirs');
        });

        it('come to this scheme where the first one found nothing', async () => {

            const server = await start(['theirs', 'ours']);
            const { jwt: ours } = await login(server);

            expect(await look(server, bearer(ours))).to.equal({ statusCode: 200, strategy: 'ours' });
            expect(await look(server, { authorization: 'Theirs secret' })).to.equal({ statusCode: 200, strategy: 'theirs' });
            expect((await look(server, bearer(`${ours}x`))).statusCode).to.equal(401);
        });

        it('revoke what that one holds which authenticated', async () => {

            const server = await start(['web', 'mobile']);
            const web = await login(server, 'web');
            const mobile = await login(server, 'mobile');

            expect((await server.inject({ method: 'POST', url: '/logout', headers: { ...bearer(mobile.jwt), 'x-refresh-token': mobile.refreshToken } })).statusCode).to.equal(204);
            expect((await look(server, bearer(mobile.jwt))).statusCode).to.equal(401);
            expect((await look(server, bearer(web.jwt))).statusCode).to.equal(200);

            expect((await server.inject({ method: 'POST', url: '/logout', headers: { ...bearer(web.jwt), cookie: `refresh=${web.refreshToken}` } })).statusCode).to.equal(204);
            expect((await look(server, bearer(web.jwt))).statusCode).to.equal(401);
        });

        it('read a refresh token each from its own place', async () => {

            const server = await start(['web', 'mobile'], { tokens: 'refresh' });
            const web = await login(server, 'web');
            const mobile = await login(server, 'mobile');

            expect(await look(server, { cookie: `refresh=${web.refreshToken}` })).to.equal({ statusCode: 200, strategy: 'web' });
            expect(await look(server, { 'x-refresh-token': mobile.refreshToken })).to.equal({ statusCode: 200, strategy: 'mobile' });
            expect((await look(server, {})).statusCode).to.equal(401);
        });

        it('find a pair each in its own places, and the last one says what is missing', async () => {

            const server = await start(['web', 'mobile'], { tokens: 'both' });
            const { jwt: token, refreshToken } = await login(server, 'web');

            expect(await look(server, { ...bearer(token), cookie: `refresh=${refreshToken}` })).to.equal({ statusCode: 200, strategy: 'web' });
            expect(await look(server, { ...bearer(token), 'x-refresh-token': refreshToken })).to.equal({ statusCode: 200, strategy: 'mobile' });

            const told = async (headers: Record<string, string>) => {

                const res = await server.inject({ url: '/look', headers });
                return [res.statusCode, (res.result as Error).message, res.headers['www-authenticate'], res.headers['cache-control']];
            };

            const challenge = (description: string) => `Bearer realm="api", error="invalid_token", error_description="${description}"`;
            expect(await told(bearer(token))).to.equal([401, 'The refresh token is missing', challenge('The refresh token is missing'), 'no-store']);
            expect(await told({ 'x-refresh-token': refreshToken })).to.equal([401, 'The access token is missing', challenge('The access token is missing'), 'no-store']);
            expect(await told({ cookie: `refresh=${refreshToken}` })).to.equal([401, 'Missing authentication', 'Bearer realm="api", Bearer realm="api"', 'no-store']);

            // One that is there and not good ends it, whatever the others would say

            expect((await look(server, { ...bearer(token), cookie: 'refresh=x', 'x-refresh-token': refreshToken })).statusCode).to.equal(401);
        });

        it('leave it to another scheme to say that a pair is incomplete', async () => {

            const server = await start(['web', 'theirs'], { tokens: 'both' });
            const { jwt: token } = await login(server, 'web');

            const res = await server.inject({ url: '/look', headers: bearer(token) });
            expect([res.statusCode, res.headers['www-authenticate'], res.headers['cache-control']]).to.equal([401, 'Bearer realm="api", Theirs', 'no-store']);
        });

        it('share what is revoked where they share an issuer', async () => {

            const server = await start(['web', 'mobile'], { tokens: 'refresh' });
            const pair = await login(server, 'web');

            await hardLogout(server, 'mobile').revoke({ accessToken: pair.jwt });

            const res = await server.inject({ url: '/look', headers: { cookie: `refresh=${pair.refreshToken}` } });
            expect(res.statusCode).to.equal(401);
            expect((res.result as Error).message).to.equal('The refresh token was revoked');
        });

        it('keep the users of two issuers apart', async () => {

            const server = await start(['web', 'admin'], { tokens: 'refresh' });
            const user = await login(server, 'web');
            const admin = await login(server, 'admin');

            // A session of the one is none of the other, nor can it be renewed there

            expect((await look(server, { 'x-admin-token': user.refreshToken })).statusCode).to.equal(401);
            expect((await look(server, { cookie: `refresh=${admin.refreshToken}` })).statusCode).to.equal(401);
            await expect(hardLogout(server, 'admin').refresh(user.refreshToken)).to.reject('The refresh token is invalid');
            await expect(hardLogout(server, 'admin').revoke({ refreshToken: user.refreshToken })).to.reject('The refresh token is invalid');

            await hardLogout(server, 'admin').revoke({ subject: '42' });
            expect((await look(server, { 'x-admin-token': admin.refreshToken })).statusCode).to.equal(401);
            expect(await look(server, { cookie: `refresh=${user.refreshToken}` })).to.equal({ statusCode: 200, strategy: 'web' });
            expect((await hardLogout(server, 'web').refresh(user.refreshToken)).refresh_token).to.be.a.string();
        });
    });

    describe('server.auth.test()', () => {

        it('authenticates a request of any route, and revokes nothing', async () => {

            const { server, login: begin, me } = await prepare();
            const subjects: unknown[] = [];
            server.route({
                method: 'POST',
                path: '/logout-of-nobody',
                options: { auth: false, plugins: { 'hard-logout': { revoke: 'session', tokens: 'access' } } },
                handler: async (request) => {

                    const { artifacts } = await server.auth.test('session', request);
                    subjects.push(artifacts!.subject);
                    return null;
                }
            });

            const pair = await begin();
            const res = await server.inject({ method: 'POST', url: '/logout-of-nobody', headers: bearer(pair.jwt) });

            expect(res.statusCode).to.equal(204);
            expect(subjects).to.equal(['42']);
            expect((await me(pair.jwt)).statusCode).to.equal(200);
        });

        it('refuses as authentication does', async () => {

            const { server, auth, login: begin } = await prepare();
            server.route({
                method: 'GET',
                path: '/test',
                options: { auth: false },
                handler: async (request) => {

                    const { credentials } = await server.auth.test('session', request);
                    return credentials;
                }
            });

            const { jwt: token } = await begin();
            expect((await server.inject('/test')).statusCode).to.equal(401);
            expect((await server.inject({ url: '/test', headers: bearer(token) })).statusCode).to.equal(200);

            await auth.revoke({ accessToken: token });
            const res = await server.inject({ url: '/test', headers: bearer(token) });
            expect(res.statusCode).to.equal(401);
            expect((res.result as Error).message).to.equal('The access token was revoked');
        });
    });

    describe('server.auth.verify()', () => {

        for (const tokens of ['access', 'refresh', 'both', 'either'] as const) {

            const kind = tokens === 'refresh' ? 'refresh' : 'access';

            it(`passes as long as the tokens are good, and refuses what was revoked since: '${tokens}'`, async () => {

                const { auth, pair, request, verify } = await hold(tokens);

                await verify(request);
                await auth.revoke(tokens === 'refresh' ? { refreshToken: pair.refreshToken } : { accessToken: pair.jwt });
                await expect(verify(request)).to.reject(`The ${kind} token was revoked`);
            });

            it(`refuses what has expired since: '${tokens}'`, async () => {

                Date.now = () => 1_700_000_000_000;

                const { request, verify } = await hold(tokens);
                const lifetime = tokens === 'refresh' ? 30 * 24 * 60 * 60 * 1000 : 905_000;

                Date.now = () => 1_700_000_000_000 + lifetime - 1;
                await verify(request);

                Date.now = () => 1_700_000_000_000 + lifetime;
                await expect(verify(request)).to.reject(`The ${kind} token expired`);
            });
        }

        it('passes an access token that had expired as long as its refresh token is good', async () => {

            const start = 1_700_000_000_000;
            const day = 24 * 60 * 60 * 1000;
            Date.now = () => start;
            const { pair, server, verify } = await hold('either');

            Date.now = () => start + day;
            const { request } = await server.inject({ url: `/hold?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });
            expect(request.auth.artifacts).to.include({ expired: true });

            await verify(request);
            Date.now = () => start + 30 * day - 1;
            await verify(request);
            Date.now = () => start + 30 * day;
            await expect(verify(request)).to.reject('The refresh token expired');
        });

        it('refuses a pair as soon as one of the two is revoked', async () => {

            const revoked: string[] = [];
            const { auth, request, verify } = await hold('both', {
                refreshToken: { query: 'refreshToken' },
                lookup: { find: () => ({ subject: '42' }), remove: (token) => revoked.push(token) }
            });

            await verify(request);
            await auth.revoke({ refreshToken: 'opaque' });
            expect(revoked).to.equal(['opaque']);
            await expect(verify(request)).to.reject('The access token was revoked');
        });

        it('refuses after all of a subject was ended, and keeps those who came later', async () => {

            const { auth, request, server, verify } = await hold('access');

            await auth.revoke({ subject: '42' });
            await expect(verify(request)).to.reject('The access token was revoked');

            const { access_token: later } = await auth.issue(null, { sub: '42' });
            await verify((await server.inject({ url: '/hold', headers: bearer(later) })).request);
        });

        it('passes nobody whose artifacts were replaced', async () => {

            const { request, verify } = await hold('access');

            request.auth.artifacts = { ...request.auth.artifacts };
            await expect(verify(request)).to.reject('The access token is invalid');
        });

        it('passes injected credentials, and what was not authenticated', async () => {

            const { server, verify } = await hold('access');

            const injected = await server.inject({ url: '/hold', auth: { strategy: 'session', credentials: { user: {} } } });
            expect(injected.statusCode).to.equal(204);
            expect(injected.request.auth.isInjected).to.be.true();
            await verify(injected.request);

            const { request } = await server.inject('/open');
            expect(request.auth.isAuthenticated).to.be.false();
            await verify(request);
        });
    });

    describe('server.inject({ auth })', () => {

        it('takes the place of tokens on any route, and revokes nothing', async () => {

            const { server, login: begin, me } = await prepare();
            const pair = await begin();
            const auth = { strategy: 'session', credentials: { user: { id: '42' } } };

            const page = await server.inject({ url: '/me', auth });
            expect(page.statusCode).to.equal(200);
            expect(page.result).to.equal({ user: { id: '42' } });

            const logout = await server.inject({ method: 'POST', url: `/logout?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt), auth });
            expect(logout.statusCode).to.equal(204);
            expect((await me(pair.jwt)).statusCode).to.equal(200);
            expect((await server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` })).statusCode).to.equal(200);
        });

        it('has no refresh token behind it', async () => {

            const { server } = await prepare();
            const auth = { strategy: 'session', credentials: { user: { id: '42' } } };
            expect((await server.inject({ method: 'POST', url: '/token', auth })).statusCode).to.equal(500);
        });
    });

    it('knows nothing of a token while the store is away, and says so', async () => {

        const redis = await RedisServer.start();
        try {
            const { server, auth } = await prepare({}, { redis: redis.url, lease: false });
            server.route({ method: 'GET', path: '/either', options: { plugins: { 'hard-logout': { tokens: 'either' } } }, handler: () => null });
            await server.initialize();

            const { jwt: token, refreshToken } = pairOf(await auth.issue(null, { sub: '42' }));
            const { request } = await server.inject({ url: '/me', headers: bearer(token) });
            await verifier(server)(request);

            await redis.kill();

            const verified = verifier(server)(request).catch((error) => error);
            const answers = await Promise.all([server.inject({ url: '/me', headers: bearer(token) }), server.inject(`/either?refreshToken=${refreshToken}`)]);
            for (const res of answers) {
                expect(res.statusCode).to.equal(503);
                expect(Number(res.headers['retry-after'])).to.equal(1);
                expect(res.headers['www-authenticate']).to.not.exist();
            }

            expect(await verified).to.include({ isBoom: true, message: 'The token store cannot be reached' });

            await server.stop();
        }
        finally {
            await redis.stop();
        }
    });

    it('logs out those who left while they were authenticated', async () => {

        let arrived!: () => void;
        const here = new Promise<void>((resolve) => (arrived = resolve));

        const { server, auth, me } = await prepare({
            validate: async (_, request) => {

                if (request.path === '/logout') {
                    arrived();
                    await new Promise<void>((resolve) => request.events.once('disconnect', () => resolve()));
                }

                return { isValid: true };
            }
        });

        await server.start();
        const { jwt: token, refreshToken } = pairOf(await auth.issue(null, { sub: '42' }));

        const request = Http.request({ port: server.info.port, host: '127.0.0.1', method: 'POST', path: `/logout?refreshToken=${refreshToken}`, headers: bearer(token) });
        request.on('error', () => undefined);
        request.end();
        await here;
        request.destroy();

        let verdict = await me(token);
        for (let i = 0; i < 1000 && verdict.statusCode === 200; ++i) {
            await setImmediate();
            verdict = await me(token);
        }

        await server.stop();
        expect(verdict).to.equal({ statusCode: 401, message: 'The access token was revoked' });
    });
});


/** A server with strategies of ours and one that is not, and the routes `GET /look` and `POST /logout`, which want these strategies. */
const start = async function (strategies: string[], { tokens }: { tokens: Tokens } = { tokens: 'access' }): Promise<Hapi.Server> {

    const server = Hapi.server({ debug: false });
    await server.register(plugin);

    server.auth.scheme('theirs', () => ({
        authenticate: (request, h) => {

            if (request.headers.authorization !== 'Theirs secret') {
                return h.unauthenticated(Object.assign(new Error(), { isMissing: true, isBoom: true, output: { headers: { 'WWW-Authenticate': 'Theirs' } } }));
            }

            return h.authenticated({ credentials: { user: {} } });
        }
    }));

    const strategy = (name: string, options: StrategyOptions) => server.auth.strategy(name, 'hard-logout', options);

    server.auth.strategy('theirs', 'theirs');
    strategy('ours', { jwt, refreshToken: { query: 'refreshToken' } });
    strategy('web', { jwt, refreshToken: { cookie: 'refresh' } });
    strategy('mobile', { jwt, refreshToken: { header: 'x-refresh-token' } });
    strategy('admin', { jwt: { ...otherJwt, issuer: 'https://admin.example' }, refreshToken: { header: 'x-admin-token' } });

    const options = { auth: { strategies }, plugins: { 'hard-logout': { tokens } } };
    server.route({ method: 'GET', path: '/look', options, handler: (request) => request.auth.strategy });
    if (!strategies.includes('theirs')) {
        server.route({ method: 'POST', path: '/logout', options: { ...options, plugins: { 'hard-logout': { revoke: true } } }, handler: () => null });
    }

    await server.initialize();
    return server;
};


const login = async function (server: Hapi.Server, strategy = 'ours') {

    return pairOf(await hardLogout(server, strategy).issue(null, { sub: '42' }));
};


const look = async function (server: Hapi.Server, headers: Record<string, string>): Promise<{ statusCode: number; strategy?: string }> {

    const { statusCode, payload } = await server.inject({ url: '/look', headers });
    return statusCode === 200 ? { statusCode, strategy: payload } : { statusCode };
};


/** A request that was authenticated and answered, as a socket holds it for as long as it is open. */
const hold = async function (tokens: Tokens, options: Partial<StrategyOptions> = {}) {

    const { server, auth } = await prepare(options);
    server.route([
        { method: 'GET', path: '/hold', options: { plugins: { 'hard-logout': { tokens } } }, handler: () => null },
        { method: 'GET', path: '/open', options: { auth: false }, handler: () => null }
    ]);

    await server.initialize();

    const pair = options.refreshToken ?
        { jwt: pairOf(await (await prepare()).auth.issue(null, { sub: '42' })).jwt, refreshToken: 'opaque' } :
        pairOf(await auth.issue(null, { sub: '42' }));

    const { request, statusCode } = await server.inject({ url: `/hold?refreshToken=${pair.refreshToken}`, headers: tokens === 'refresh' ? {} : bearer(pair.jwt) });
    expect(statusCode).to.equal(204);

    return { server, auth, pair, request, verify: verifier(server) };
};


// Missing in hapi's types

const verifier = function (server: Hapi.Server) {

    return (request: Hapi.Request) => (server.auth as unknown as { verify(request: Hapi.Request): Promise<void> }).verify(request);
};
