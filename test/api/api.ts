import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeProtectedHeader } from 'jose';

import { MemoryStore } from '../../lib/store/memory';
import { RedisServer } from '../support/redis';
import { bearer, jwt as settings, pairOf, prepare, secret } from '../support/server';
import { look, mint, payload, serve } from '../support/tokens';

import type { PluginOptions, RevokeTarget } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const now = Date.now;
const { revoke } = MemoryStore.prototype;

const start = 1_700_000_000_000;

const dead = 'The access token was revoked';
const deadRefresh = 'The refresh token was revoked';

// The latter once the session's row is gone, where the blacklist does not name it

const refused: (number | string)[] = [deadRefresh, 'The refresh token is invalid'];


describe('api', () => {

    afterEach(() => {

        Date.now = now;
        MemoryStore.prototype.revoke = revoke;
    });

    describe('issue()', () => {

        it('responds as RFC 6749 wants it', async () => {

            const { auth } = await serve();
            const response = await auth.issue(null, { sub: '42' });

            expect(Object.keys(response)).to.only.include(['access_token', 'token_type', 'expires_in', 'refresh_token', 'refresh_token_expires_in']);
            expect(response.token_type).to.equal('Bearer');
            expect(response.expires_in).to.equal(900);
            expect(response.refresh_token_expires_in).to.equal(30 * 24 * 60 * 60);
            expect(response.refresh_token).to.match(/^[\w-]{102}$/);
        });

        it('signs what it was given, and the claims of its own', async () => {

            Date.now = () => start + 250;

            const prepared = await serve();
            const { jwt, refreshToken } = pairOf(await prepared.auth.issue(null, { sub: '42', scope: ['read'], client_id: 'app' }));
            const { jti, sid, ...rest } = payload(jwt);

            expect(rest).to.equal({
                sub: '42',
                scope: ['read'],
                client_id: 'app',
                iss: 'https://futureflix.example',
                aud: 'api',
                iat: start / 1000,
                exp: start / 1000 + 900,
                auth_time: start / 1000
            });

            expect(jti).to.match(/^[\da-f-]{36}\.1700000000250\.1700000900$/);
            expect(sid).to.match(/^[\w-]{38}$/);
            expect(decodeProtectedHeader(jwt)).to.equal({ alg: 'HS256', typ: 'JWT' });
            expect(await look(prepared, { jwt, refreshToken })).to.equal(200);
        });

        it('leaves out what the strategy does not name, and adds all that it does', async () => {

            const key = { kty: 'oct', kid: 'one', k: Buffer.from(secret).toString('base64url') };
            const bare = await serve({}, { jwt: { key, algorithms: ['HS512', 'HS256'].slice(1) as ['HS256'], ttl: 60_000 } });
            const response = await bare.auth.issue(null, { sub: '42' });

            expect(payload(response.access_token)).to.not.include(['iss', 'aud']);
            expect(decodeProtectedHeader(response.access_token)).to.equal({ alg: 'HS256', typ: 'JWT', kid: 'one' });
            expect(response.expires_in).to.equal(60);
            expect(await look(bare, pairOf(response))).to.equal(200);

            const several = await serve({ issuer: ['one', 'two'], audience: ['api', 'web'] });
            const pair = pairOf(await several.auth.issue(null, { sub: '42' }));
            expect(payload(pair.jwt)).to.include({ iss: 'one', aud: ['api', 'web'] });
            expect(await look(several, pair)).to.equal(200);
        });

        it('begins another session each time, in the same millisecond too', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const [one, two] = [await prepared.login(), await prepared.login()];

            expect(payload(one.jwt).sid).to.not.equal(payload(two.jwt).sid);
            expect(payload(one.jwt).jti).to.not.equal(payload(two.jwt).jti);
            expect(one.refreshToken).to.not.equal(two.refreshToken);

            await prepared.auth.revoke({ accessToken: one.jwt });
            expect(await look(prepared, two)).to.equal(200);
        });

        for (const claims of [undefined, null, {}, { sub: '' }, { sub: 42 }, { sub: null }, { sub: '\ud800' }]) {

            it(`refuses to sign for nobody: ${JSON.stringify(claims)}`, async () => {

                const { auth } = await serve();
                await expect(auth.issue(null, claims as { sub: string })).to.reject('issue() needs the claim sub, a string');
            });
        }

        for (const claim of ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid']) {

            it(`refuses to be given the claim ${claim}`, async () => {

                const { auth } = await serve();
                for (const value of ['x', 0, undefined]) {
                    await expect(auth.issue(null, { sub: '42', [claim]: value })).to.reject(`issue() sets the claim ${claim} itself`);
                }
            });
        }

        it('refuses to be given the claim that names the session, and no other instead', async () => {

            const { auth } = await serve({ sessionClaim: 'login' });
            await expect(auth.issue(null, { sub: '42', login: 'x' })).to.reject('issue() sets the claim login itself');
            expect(payload((await auth.issue(null, { sub: '42', sid: 'x' })).access_token)).to.include({ sid: 'x' });
        });

        it('refuses claims that are nested so deeply that no request could bring them', async () => {

            const nested = (depth: number): unknown => (depth === 0 ? 'end' : { a: nested(depth - 1) });

            const prepared = await serve();
            const { access_token: jwt } = await prepared.auth.issue(null, { sub: '42', deep: nested(63) });
            expect(await look(prepared, { jwt })).to.equal(200);
            await expect(prepared.auth.issue(null, { sub: '42', deep: nested(64) })).to.reject('issue() needs claims that are nested less deeply');
        });

        it('refuses data that would fill the store', async () => {

            const { auth } = await serve();
            await auth.issue(null, { sub: '42' }, { data: 'x'.repeat(4094) });
            await expect(auth.issue(null, { sub: '42' }, { data: 'x'.repeat(4095) })).to.reject('data is longer than 4096 bytes of JSON');
            await expect(auth.issue(null, { sub: '42' }, { data: 'é'.repeat(2048) })).to.reject('data is longer than 4096 bytes of JSON');
        });

        it('needs a strategy with sessions', async () => {

            const none = await prepare({ refreshToken: undefined });
            const app = await prepare({ refreshToken: { query: 'refreshToken' }, lookup: { find: () => null, remove: () => undefined } });
            for (const { auth } of [none, app]) {
                await expect(auth.issue(null, { sub: '42' })).to.reject('issue() needs a strategy with sessions');
                await expect(auth.refresh('x')).to.reject('refresh() needs a strategy with sessions');
            }
        });

        it('needs a key that signs', async () => {

            await expect(serve({ key: () => secret })).to.reject('hard-logout: sessions needs a key that signs: a private jwt.key or a secret, or a jwt.signingKey');

            const signing = await serve({ key: () => secret, signingKey: secret });
            expect(await look(signing, await signing.login())).to.equal(200);
        });

        it('has no cache store it', async () => {

            const { server, auth } = await serve();
            server.route({ method: 'GET', path: '/unrelated', options: { auth: false }, handler: async () => (await auth.issue(null, { sub: '42' })).token_type });

            const login = await server.inject({ method: 'POST', url: '/login' });
            expect(login.result).to.include(['access_token', 'refresh_token']);
            expect(login.headers['cache-control']).to.equal('no-store');

            const unrelated = await server.inject('/unrelated');
            expect(unrelated.headers['cache-control']).to.equal('no-cache');
        });
    });

    describe('issue() with an authenticated request', () => {

        // A request can wait for its body between its authentication and its handler

        const held: Record<string, [string, (prepared: Prepared, pair: Pair) => unknown]> = {
            'its user was blocked': ['access_token_revoked', ({ auth }) => auth.revoke({ subject: '42' })],
            'its session was ended': ['access_token_revoked', ({ auth }, { jwt }) => auth.revoke({ session: payload(jwt).sid as string })],
            'its access token has expired': ['access_token_expired', () => {

                Date.now = () => now() + 1_000_000;
            }]
        };

        afterEach(() => {

            Date.now = now;
        });

        for (const [title, [code, meanwhile]] of Object.entries(held)) {
            it(`begins no session where ${title} since`, async () => {

                const prepared = await serve();
                const pair = await prepared.login();
                prepared.server.route({
                    method: 'POST',
                    path: '/again',
                    handler: async (request) => {

                        await meanwhile(prepared, pair);
                        return prepared.auth.issue(request, { sub: '42' });
                    }
                });

                const events: unknown[] = [];
                prepared.server.events.on({ name: 'hard-logout', channels: 'issued' }, (event) => events.push(event));
                const res = await prepared.server.inject({ method: 'POST', url: '/again', headers: bearer(pair.jwt) });
                expect([res.statusCode, (res.result as { code: string }).code]).to.equal([401, code]);
                expect(events).to.equal([]);
            });
        }

        it('begins one where it still holds, and where a test injects credentials', async () => {

            const prepared = await serve();
            const { jwt } = await prepared.login();
            prepared.server.route({ method: 'POST', path: '/again', handler: (request) => prepared.auth.issue(request, { sub: '42' }) });

            expect((await prepared.server.inject({ method: 'POST', url: '/again', headers: bearer(jwt) })).statusCode).to.equal(200);
            expect((await prepared.server.inject({ method: 'POST', url: '/again', auth: { strategy: 'session', credentials: {} } })).statusCode).to.equal(200);
        });
    });

    describe('refresh()', () => {

        it('needs a refresh token, or a request that had one', async () => {

            const { server, auth, login } = await serve();
            const errors: string[] = [];
            server.route({ method: 'POST', path: '/renew', handler: (request) => auth.refresh(request) });
            server.events.on({ name: 'request', channels: 'error' }, (_, { error }) => {

                errors.push((error as Error).message);
            });

            const { jwt, refreshToken } = await login();
            const res = await server.inject({ method: 'POST', url: `/renew?refreshToken=${refreshToken}`, headers: bearer(jwt) });
            expect(res.statusCode).to.equal(500);

            const message = 'refresh() needs a refresh token, or a request whose route has tokens \'refresh\', \'both\' or \'either\'';
            expect(errors).to.equal([message]);
        });

        it('refuses what a body can hold instead of a token', async () => {

            const { auth, login } = await serve();
            const { refreshToken } = await login();
            for (const value of [undefined, null, 7, true, [refreshToken], {}, { server: { inject: 'x' } }, { auth: { artifacts: { evidence: { refresh: { token: refreshToken } } } } }]) {
                const error = await expect(auth.refresh(value as any)).to.reject('The refresh token is malformed');
                expect(error).to.include({ isBoom: true, data: { code: 'refresh_token_malformed' } });
            }

            await auth.refresh(refreshToken);
        });

        it('takes any string for a token, and knows few', async () => {

            const { auth } = await serve();
            for (const token of ['', 'x', 'x'.repeat(102), '_'.repeat(102)]) {
                const error = await expect(auth.refresh(token)).to.reject('The refresh token is invalid');
                expect(error).to.include({ isBoom: true, data: { code: 'refresh_token_invalid' } });
            }
        });
    });

    describe('sessions()', () => {

        it('resolves with a subject\'s live sessions, oldest first, without a token', async () => {

            Date.now = () => start;
            const prepared = await serve();
            const { auth } = prepared;
            const first = pairOf(await auth.issue(null, { sub: '42' }, { data: { device: 'phone' } }));

            Date.now = () => start + 1000;
            const second = await prepared.login();
            await prepared.login('43');

            Date.now = () => start + 5000;
            await auth.refresh(first.refreshToken);

            const day = 24 * 60 * 60 * 1000;
            expect(await auth.sessions('42')).to.equal([
                { id: payload(first.jwt).sid as string, created: start, renewed: start + 5000, expires: start + 5000 + 30 * day, ends: start + 90 * day, data: { device: 'phone' } },
                { id: payload(second.jwt).sid as string, created: start + 1000, renewed: start + 1000, expires: start + 1000 + 30 * day, ends: start + 1000 + 90 * day, data: undefined }
            ]);

            expect(await auth.sessions('nobody')).to.equal([]);
        });

        it('leaves out what was revoked, though its row may still be there', async () => {

            const { remove } = MemoryStore.prototype;
            MemoryStore.prototype.remove = async () => undefined;
            try {
                const prepared = await serve();
                const [one, two] = [await prepared.login(), await prepared.login()];
                await prepared.auth.revoke({ accessToken: one.jwt });
                expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal([payload(two.jwt).sid as string]);

                await prepared.auth.revoke({ subject: '42' });
                expect(await prepared.auth.sessions('42')).to.equal([]);
            }
            finally {
                MemoryStore.prototype.remove = remove;
            }
        });

        it('needs a subject, and a strategy with sessions', async () => {

            const { auth } = await serve();
            for (const subject of ['', undefined, 42]) {
                await expect(auth.sessions(subject as string)).to.reject('sessions() needs a subject');
            }

            const app = await prepare({ refreshToken: { query: 'refreshToken' }, lookup: { find: () => null, remove: () => undefined } });
            await expect(app.auth.sessions('42')).to.reject('sessions() needs a strategy with sessions');
        });
    });

    describe('revoke()', () => {

        const sidOf = (jwt: string) => payload(jwt).sid as string;

        const targets: Record<string, (pair: Pair) => RevokeTarget> = {
            accessToken: ({ jwt }) => ({ accessToken: jwt }),
            refreshToken: ({ refreshToken }) => ({ refreshToken }),
            session: ({ jwt }) => ({ session: sidOf(jwt) }),
            subject: () => ({ subject: '42' })
        };

        let redis: RedisServer;

        before(async () => {

            redis = await RedisServer.start({ isSettled: true });
        });

        after(async () => {

            await redis.stop();
        });

        const stores: Record<string, (prefix: string) => PluginOptions> = {
            memory: () => ({}),
            redis: (prefix) => ({ redis: redis.url, prefix, lease: 300 })
        };

        for (const [store, options] of Object.entries(stores)) {
            for (const [name, target] of Object.entries(targets)) {

                it(`ends what it is told to, and nothing else: ${name}, ${store}`, async () => {

                    const prepared = await serve({}, {}, options(`ends-${name}`));
                    try {
                        const pair = await prepared.login();
                        const renewed = pairOf(await prepared.auth.refresh(pair.refreshToken));
                        const other = await prepared.login();
                        const stranger = await prepared.login('43');

                        expect(await prepared.auth.revoke(target(renewed))).to.equal(undefined);

                        for (const { jwt, refreshToken } of [pair, renewed]) {
                            expect(await look(prepared, { jwt })).to.equal(dead);
                            expect(refused).to.include(await look(prepared, { refreshToken }));
                        }

                        expect(await look(prepared, { jwt: other.jwt })).to.equal(name === 'subject' ? dead : 200);
                        expect(name === 'subject' ? refused : [200]).to.include(await look(prepared, { refreshToken: other.refreshToken }));
                        expect(await look(prepared, stranger)).to.equal(200);

                        // Who comes back at once is let in

                        const later = await prepared.login();
                        expect(await look(prepared, later)).to.equal(200);
                        expect(await look(prepared, { jwt: pairOf(await prepared.auth.refresh(later.refreshToken)).jwt })).to.equal(200);
                    }
                    finally {
                        await prepared.server.stop();
                    }
                });
            }
        }

        for (const [name, target] of Object.entries(targets)) {

            it(`may be repeated, which touches nothing that came later: ${name}`, async () => {

                Date.now = () => start;

                const prepared = await serve();
                const old = await prepared.login();
                await prepared.auth.revoke(target(old));

                const later = await prepared.login();

                if (name !== 'subject') {
                    await prepared.auth.revoke(target(old));
                    await prepared.auth.revoke(target(old));
                    expect(await look(prepared, later)).to.equal(200);
                }

                // A logout that comes again, from a retry or from a thief

                const res = await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${old.refreshToken}`, headers: bearer(old.jwt) });
                expect(res.statusCode).to.equal(401);
                expect(await look(prepared, later)).to.equal(200);
                expect(await look(prepared, { jwt: old.jwt })).to.equal(dead);
            });
        }

        it('ends the session of a token that was used before, too', async () => {

            const prepared = await serve();
            const first = await prepared.login();
            const second = pairOf(await prepared.auth.refresh(first.refreshToken));
            const third = pairOf(await prepared.auth.refresh(second.refreshToken));

            await prepared.auth.revoke({ refreshToken: first.refreshToken });
            expect(await look(prepared, { jwt: third.jwt })).to.equal(dead);
            expect(await look(prepared, { refreshToken: third.refreshToken })).to.equal(deadRefresh);
        });

        it('ends the session of an expired JWT', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const { jwt, refreshToken } = await prepared.login();

            Date.now = () => start + 3_600_000;

            await prepared.auth.revoke({ accessToken: jwt });
            expect(await look(prepared, { refreshToken })).to.equal(deadRefresh);
        });

        it('writes nothing for a token that is revoked already', async () => {

            for (const target of ['session', 'subject', 'accessToken', 'refreshToken']) {
                const prepared = await serve();
                const pair = await prepared.login();
                await prepared.auth.revoke(targets[target]!(pair));

                MemoryStore.prototype.revoke = async (revocations) => {

                    expect(revocations).to.be.empty();
                    return await revoke.call(new MemoryStore(), revocations);
                };

                await prepared.auth.revoke({ accessToken: pair.jwt });
                await prepared.auth.revoke({ refreshToken: pair.refreshToken });

                MemoryStore.prototype.revoke = revoke;
            }
        });

        it('ends a JWT without a session alone', async () => {

            const prepared = await serve();
            const [one, two] = [await mint(), await mint()];

            await prepared.auth.revoke({ accessToken: one });
            expect(await look(prepared, { jwt: one })).to.equal(dead);
            expect(await look(prepared, { jwt: two })).to.equal(dead);                  // The same claims, so the same token

            expect(await look(prepared, { jwt: await mint({ jti: 'a' }) })).to.equal(200);
            await prepared.auth.revoke({ accessToken: await mint({ jti: 'a' }) });
            expect(await look(prepared, { jwt: await mint({ jti: 'a', scope: 'read' }) })).to.equal(dead);
            expect(await look(prepared, { jwt: await mint({ jti: 'b' }) })).to.equal(200);
        });

        it('ends a JWT by its jti alone, for its issuer', async () => {

            const prepared = await serve({ issuer: [settings.issuer, 'https://other.example'] });
            const endings: unknown[] = [];
            prepared.server.events.on({ name: 'hard-logout', channels: 'revoked' }, ({ type: _, at, request, by, actor, ...ending }) => endings.push(ending));

            await prepared.auth.revoke({ jti: 'a', issuer: settings.issuer }, { reason: 'carried over' });
            expect(endings).to.equal([{
                strategy: 'session', extent: 'token', issuer: settings.issuer, subject: null, session: null, before: null, reason: 'carried over', loginsFrom: null
            }]);

            expect(await look(prepared, { jwt: await mint({ jti: 'a', sid: 'one' }) })).to.equal(dead);
            expect(await look(prepared, { jwt: await mint({ jti: 'b', sid: 'one' }) })).to.equal(200);
            expect(await look(prepared, { jwt: await mint({ jti: 'a', iss: 'https://other.example' }) })).to.equal(200);

            await prepared.auth.revoke({ jti: 'a', issuer: 'https://other.example' });
            expect(await look(prepared, { jwt: await mint({ jti: 'a', iss: 'https://other.example' }) })).to.equal(dead);
        });

        it('ends a session that was begun elsewhere', async () => {

            const prepared = await serve();
            await prepared.auth.revoke({ session: 'elsewhere' });

            expect(await look(prepared, { jwt: await mint({ sid: 'elsewhere' }) })).to.equal(dead);
            expect(await look(prepared, { jwt: await mint({ sid: 'somewhere' }) })).to.equal(200);
        });

        it('refuses tokens that do not verify', async () => {

            const prepared = await serve();
            const { jwt, refreshToken } = await prepared.login();

            for (const [target, message] of [
                [{ accessToken: `${jwt}x` }, 'The access token is invalid'],
                [{ accessToken: refreshToken }, 'The access token is invalid'],
                [{ refreshToken: jwt }, 'The refresh token is invalid'],
                [{ refreshToken: `${refreshToken}x` }, 'The refresh token is invalid']
            ] as const) {
                const error = await expect(prepared.auth.revoke(target)).to.reject(message);
                expect(error).to.include({ isBoom: true });
                expect((error as any).output.statusCode).to.equal(401);
            }

            expect(await look(prepared, { jwt, refreshToken })).to.equal(200);
        });

        for (const target of [undefined, null, {}, { user: '42' }, { issuer: settings.issuer }, { accessToken: undefined }, { accessToken: 'x', subject: '42' }, { jwt: 'x' }, { jwt: 'x', subject: '42' }, { jti: 'x', session: 'y' }, { session: 'x', subject: null }, { except: 'x' }, { session: 'x', except: 'y' }, { subject: '42', except: 'x', issuedBefore: 1 }, { accessToken: 'x', issuedBefore: 1 }]) {

            it(`refuses what is no target: ${JSON.stringify(target)}`, async () => {

                const { auth } = await serve();
                await expect(auth.revoke(target as RevokeTarget)).to.reject('revoke() needs one of accessToken, refreshToken, jti, session, subject and issuedBefore; a subject may come with except or issuedBefore');
            });
        }

        for (const name of Object.keys(targets)) {

            it(`refuses an empty target: ${name}`, async () => {

                const { auth } = await serve();
                for (const value of ['', null, 42, {}, ['x']]) {
                    await expect(auth.revoke({ [name]: value } as unknown as RevokeTarget)).to.reject(`revoke() needs ${name} to be a string that is not empty`);
                }
            });
        }

        it('needs refresh tokens to revoke one', async () => {

            const { auth } = await prepare({ refreshToken: undefined });
            await expect(auth.revoke({ refreshToken: 'x' })).to.reject('revoke() of a refreshToken needs a strategy that has them');
        });

        it('works without refresh tokens', async () => {

            const { server, auth } = await prepare({ refreshToken: undefined });
            await server.initialize();

            const me = async (jwt: string) => (await server.inject({ url: '/me', headers: bearer(jwt) })).statusCode;
            const jwts = await Promise.all(['42', '43', '44'].map((sub) => mint({ sub, sid: sub, jti: sub })));
            await auth.revoke({ accessToken: jwts[0]! });
            await auth.revoke({ session: '43' });
            expect(await Promise.all(jwts.map(me))).to.equal([401, 401, 200]);
            await auth.revoke({ subject: '44' });
            expect(await me(jwts[2]!)).to.equal(401);
        });

        it('keeps the subjects and the sessions of two issuers apart', async () => {

            const issuer = ['https://one.example', 'https://two.example'];

            for (const target of [{ subject: '42' }, { session: 's' }]) {
                const prepared = await serve({ issuer });
                const jwts = await Promise.all(issuer.map((iss) => mint({ iss, sid: 's' })));
                const verdicts = () => Promise.all(jwts.map((jwt) => look(prepared, { jwt })));

                await prepared.auth.revoke({ ...target, issuer: issuer[0]! });
                expect(await verdicts()).to.equal([dead, 200]);

                await prepared.auth.revoke({ ...target, issuer: issuer[1]! });
                expect(await verdicts()).to.equal([dead, dead]);

                await expect(prepared.auth.revoke({ ...target, issuer: 'https://three.example' })).to.reject('revoke() needs an issuer of the strategy');
                await expect(prepared.auth.revoke({ ...target, issuer: '' })).to.reject('revoke() needs an issuer of the strategy');
            }
        });

        it('knows no issuer where the strategy names none', async () => {

            const prepared = await serve({}, { jwt: { key: secret, algorithms: ['HS256'] } });
            const pair = await prepared.login();

            await expect(prepared.auth.revoke({ subject: '42', issuer: 'https://one.example' })).to.reject('revoke() needs an issuer of the strategy');
            expect(await look(prepared, pair)).to.equal(200);

            await prepared.auth.revoke({ subject: '42' });
            expect(await look(prepared, { jwt: pair.jwt })).to.equal(dead);
        });

        it('has the app revoke a refresh token of its own, without a request', async () => {

            const calls: unknown[] = [];
            const { auth, server } = await serve({}, {
                refreshToken: { query: 'refreshToken' },
                lookup: {
                    find: (token, request) => {

                        calls.push('find', token, request);
                        return token === 'opaque' ? { subject: '42', session: 's' } : null;
                    },
                    remove: (token, request) => calls.push('revoke', token, request)
                }
            });

            await auth.revoke({ refreshToken: 'opaque' });
            expect(calls).to.equal(['find', 'opaque', null, 'revoke', 'opaque', null]);
            expect(await look({ server }, { jwt: await mint({ sid: 's' }) })).to.equal(dead);

            await expect(auth.revoke({ refreshToken: 'unknown' })).to.reject('The refresh token is invalid');

            await auth.revoke({ refreshToken: 'opaque' });
            expect(calls.filter((call) => call === 'revoke')).to.have.length(1);
        });
    });

    it('says that the store is away', async () => {

        const redis = await RedisServer.start({ isSettled: true });
        try {
            const { server, auth, login } = await serve({}, {}, { redis: redis.url, lease: 300 });
            const { jwt, refreshToken } = await login();
            await redis.kill();

            const results = await Promise.allSettled([
                auth.issue(null, { sub: '42' }),
                auth.refresh(refreshToken),
                auth.revoke({ accessToken: jwt }),
                auth.revoke({ refreshToken }),
                auth.revoke({ session: 'x' }),
                auth.revoke({ subject: '42' }),
                auth.revoke({ issuedBefore: 1e12 }),
                auth.sessions('42'),
                auth.explain(refreshToken)
            ]);

            for (const result of results) {
                const { message, output } = (result as PromiseRejectedResult).reason;
                expect(message).to.equal('The token store cannot be reached');
                expect(output.statusCode).to.equal(503);
            }

            await server.stop();
        }
        finally {
            await redis.stop();
        }
    });
});
