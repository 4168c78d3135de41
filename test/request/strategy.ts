import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { look, start } from '../support/look';
import { setCookies } from '../support/set-cookie';
import { bearer, jwt as settings, pairOf, prepare } from '../support/server';
import { AskedBlacklist } from '../../lib/blacklist/asked';
import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { mint, payload } from '../support/tokens';

import type * as Hapi from '@hapi/hapi';
import type { FoundRefreshToken, RouteOptions, StrategyOptions, Tokens } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;


describe('scheme', () => {

    afterEach(() => {

        Date.now = now;
    });

    describe('tokens', () => {

        const ok = undefined;
        const nothing = 'Missing authentication';
        const noAccess = 'The access token is missing';
        const badAccess = 'The access token is invalid';
        const noRefresh = 'The refresh token is missing';
        const badRefresh = 'The refresh token is invalid';

        const states = ['valid', 'bad', 'absent'] as const;

        // What is said to a JWT in one of these states (down) with a refresh token in one of them (across)

        const verdicts: Record<Tokens, (string | undefined)[][]> = {
            access: [
                [ok, ok, ok],
                [badAccess, badAccess, badAccess],
                [nothing, nothing, nothing]
            ],
            refresh: [
                [ok, badRefresh, nothing],
                [ok, badRefresh, nothing],
                [ok, badRefresh, nothing]
            ],
            both: [
                [ok, badRefresh, noRefresh],
                [badAccess, badAccess, noRefresh],
                [noAccess, noAccess, nothing]
            ],
            either: [
                [ok, badRefresh, ok],
                [badAccess, badAccess, badAccess],
                [ok, badRefresh, nothing]
            ]
        };

        for (const [tokens, table] of Object.entries(verdicts) as [Tokens, (string | undefined)[][]][]) {
            for (const [i, a] of states.entries()) {
                for (const [j, r] of states.entries()) {

                    const expected = table[i]![j];

                    it(`${expected ? 'refuses' : 'accepts'} where '${tokens}' is wanted: JWT ${a}, refresh token ${r}`, async () => {

                        const prepared = await start({ tokens });
                        const { jwt, refreshToken } = await prepared.login();

                        const { statusCode, message } = await look(prepared, {
                            jwt: { valid: jwt, bad: `${jwt}x`, absent: undefined }[a],
                            refreshToken: { valid: refreshToken, bad: `${refreshToken}x`, absent: undefined }[r]
                        });

                        expect(message).to.equal(expected);
                        expect(statusCode).to.equal(expected ? 401 : 200);
                    });
                }
            }
        }

        it('names no error where nothing was presented, so that a client knows that it is not to blame', async () => {

            const { server } = await start({ tokens: 'both' });
            const res = await server.inject('/look');

            expect(res.statusCode).to.equal(401);
            expect(res.headers['www-authenticate']).to.equal('Bearer realm="api"');
        });

        it('answers a refusal with its challenge', async () => {

            const { server, login } = await start({ tokens: 'both' });
            const { jwt } = await login();
            const res = await server.inject({ url: '/look', headers: bearer(jwt) });

            expect(res.statusCode).to.equal(401);
            expect(res.headers['www-authenticate']).to.equal('Bearer realm="api", error="invalid_token", error_description="The refresh token is missing"');
            expect(res.headers['cache-control']).to.equal('no-store');
        });

        it('shows whose tokens they are', async () => {

            Date.now = () => 1_700_000_000_000;

            const prepared = await start({ tokens: 'either' });
            const pair = pairOf(await prepared.auth.issue(null, { sub: '42', plan: 'family' }, { data: { device: 'phone' } }));
            const { sid, jti } = payload(pair.jwt);

            const both = await look(prepared, pair);
            expect(both.credentials).to.equal({ user: { id: '42' }, ...payload(pair.jwt) });
            expect(both.artifacts).to.equal({ subject: '42', session: sid, jti, expires: Date.now() + 905_000, expired: false, data: { device: 'phone' } });

            const access = await look(prepared, { jwt: pair.jwt });
            expect(access.credentials).to.equal(both.credentials);
            expect(access.artifacts).to.equal({ subject: '42', session: sid, jti, expires: Date.now() + 905_000, expired: false, data: undefined });

            const refresh = await look(prepared, { refreshToken: pair.refreshToken });
            expect(refresh.credentials).to.equal({ user: { id: '42' }, sub: '42', plan: 'family', sid });
            expect(refresh.artifacts).to.equal({
                subject: '42',
                session: sid,
                jti: undefined,
                expires: Date.now() + 30 * 24 * 60 * 60 * 1000,
                expired: false,
                data: { device: 'phone' }
            });
        });

        it('refuses an expired JWT, alone and where both are wanted', async () => {

            Date.now = () => 1_700_000_000_000;

            for (const tokens of ['access', 'both', 'either'] as const) {
                const prepared = await start({ tokens });
                const pair = await prepared.login();
                const alone = { jwt: pair.jwt, refreshToken: tokens === 'both' ? pair.refreshToken : undefined };

                expect((await look(prepared, alone)).statusCode).to.equal(200);

                Date.now = () => 1_700_000_905_000;
                expect(await look(prepared, alone)).to.include({ statusCode: 401, message: 'The access token expired' });

                Date.now = () => 1_700_000_000_000;
            }
        });

        it('accepts an expired JWT with the live refresh token of its session where either is wanted, and says so', async () => {

            Date.now = () => 1_700_000_000_000;

            const prepared = await start({ tokens: 'either' });
            const pair = await prepared.login();

            Date.now = () => 1_700_000_905_000;

            const { statusCode, artifacts } = await look(prepared, pair);
            expect(statusCode).to.equal(200);
            expect(artifacts).to.include({ expired: true, expires: 1_700_000_000_000 + 30 * 24 * 60 * 60 * 1000 });

            const other = await prepared.login();
            expect(await look(prepared, { jwt: pair.jwt, refreshToken: other.refreshToken })).to.include({ statusCode: 401 });
        });

        it('takes no claims and no scope from an expired JWT, only whose it is', async () => {

            Date.now = () => 1_700_000_000_000;

            const session = 'a';
            const prepared = await start({ tokens: 'either' }, {
                refreshToken: { query: 'refreshToken' },
                lookup: { find: () => ({ subject: '42', session, credentials: { scope: ['user'] } }), remove: () => undefined },
                validate: ({ role }) => ({ isValid: role === undefined })
            });
            const jwt = await mint({ sid: session, role: 'admin', scope: 'admin' });

            Date.now = () => 1_700_000_000_000 + 3_700_000;

            const { statusCode, credentials, artifacts } = await look(prepared, { jwt, refreshToken: 'opaque' });
            expect(statusCode).to.equal(200);
            expect(credentials).to.equal({ scope: ['user'] });
            expect(artifacts).to.include({ expired: true, session });
        });

        it('refuses a malformed header as a bad request', async () => {

            const { server } = await start({ tokens: 'either' });
            const res = await server.inject({ url: '/look', headers: { authorization: 'Bearer two words' } });

            expect(res.statusCode).to.equal(400);
            expect(res.headers['www-authenticate']).to.contain('error="invalid_request"');
        });
    });

    describe('places', () => {

        const places = {
            query: { query: 'refreshToken' },
            cookie: { cookie: 'refresh' },
            header: { header: 'X-Refresh-Token' }
        };

        for (const [name, place] of Object.entries(places)) {

            it(`reads the refresh token from its ${name} only`, async () => {

                for (const [other, otherPlace] of Object.entries(places)) {
                    const prepared = await start({ tokens: 'refresh' }, { refreshToken: place as StrategyOptions['refreshToken'] });
                    const { refreshToken } = await prepared.login();
                    const { statusCode } = await prepared.server.inject(present(otherPlace, refreshToken));
                    expect(statusCode).to.equal(other === name ? 200 : 401);
                }
            });

            it(`never takes a JWT for a refresh token of the ${name}`, async () => {

                const prepared = await start({ tokens: 'either' }, { refreshToken: place as StrategyOptions['refreshToken'] });
                const { jwt } = await prepared.login();

                const res = await prepared.server.inject(present(place, jwt));
                expect(res.statusCode).to.equal(401);
                expect((res.result as Error).message).to.equal('The refresh token is invalid');
            });

            it(`never takes what is in the Authorization header for a refresh token of the ${name}`, async () => {

                const asked: string[] = [];
                const find = (token: string) => {

                    asked.push(token);
                    return { subject: '42' };
                };

                const prepared = await start({ tokens: 'refresh' }, { refreshToken: place as StrategyOptions['refreshToken'], lookup: { find, remove: () => undefined } });

                for (const value of [await mint(), 'opaque']) {
                    const res = await prepared.server.inject({ url: '/look', headers: bearer(value) });
                    expect(res.statusCode).to.equal(401);
                    expect(res.headers['www-authenticate']).to.equal('Bearer realm="api"');
                }

                expect(asked).to.equal([]);

                const res = await prepared.server.inject(present(place, 'opaque'));
                expect(res.statusCode).to.equal(200);
                expect(asked).to.equal(['opaque']);
            });

            it(`never takes what is in the ${name} for a JWT`, async () => {

                const prepared = await start({ tokens: 'access' }, { refreshToken: place as StrategyOptions['refreshToken'] });
                const { jwt, refreshToken } = await prepared.login();

                for (const value of [jwt, refreshToken]) {
                    const res = await prepared.server.inject(present(place, value));
                    expect(res.statusCode).to.equal(401);
                    expect(res.headers['www-authenticate']).to.equal('Bearer realm="api"');
                }
            });
        }

        it('never takes a refresh token in the Authorization header for a JWT', async () => {

            for (const tokens of ['access', 'either'] as const) {
                const prepared = await start({ tokens });
                const { refreshToken } = await prepared.login();
                expect(await look(prepared, { jwt: refreshToken })).to.include({ statusCode: 401, message: 'The access token is invalid' });
            }
        });

        it('refuses the two tokens in each other\'s place', async () => {

            const prepared = await start({ tokens: 'both' });
            const { jwt, refreshToken } = await prepared.login();
            expect((await look(prepared, { jwt: refreshToken, refreshToken: jwt })).statusCode).to.equal(401);
            expect((await look(prepared, { jwt, refreshToken })).statusCode).to.equal(200);
        });

        it('does not look at a refresh token where the JWT alone is wanted', async () => {

            const find = () => {

                throw new Error('nobody asked');
            };

            const prepared = await start({ tokens: 'access' }, { refreshToken: { query: 'refreshToken' }, lookup: { find, remove: () => undefined } });
            expect((await look(prepared, { jwt: await mint(), refreshToken: 'opaque' })).statusCode).to.equal(200);
        });

        it('does not look at a JWT where the refresh token alone is wanted', async () => {

            const prepared = await start({ tokens: 'refresh' });
            const { refreshToken } = await prepared.login();
            expect((await look(prepared, { jwt: 'two words', refreshToken })).statusCode).to.equal(200);
        });
    });

    describe('pair', () => {

        // Nothing but a live token is a proof that a refused logout revoked nothing

        const logout = function ({ server }: Prepared, { jwt, refreshToken }: Pair) {

            return server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(jwt) });
        };

        for (const who of ['the same user', 'another user']) {

            it(`refuses a JWT with a refresh token of another session of ${who}, and revokes nothing`, async () => {

                const prepared = await start({ tokens: 'either' });
                const one = await prepared.login('42');
                const two = await prepared.login(who === 'another user' ? '43' : '42');

                for (const mixed of [{ jwt: one.jwt, refreshToken: two.refreshToken }, { jwt: two.jwt, refreshToken: one.refreshToken }]) {
                    const res = await logout(prepared, mixed);
                    expect(res.statusCode).to.equal(401);
                    expect((res.result as Error).message).to.equal('The access token and the refresh token do not belong together');
                }

                for (const { jwt, refreshToken } of [one, two]) {
                    expect((await look(prepared, { jwt })).statusCode).to.equal(200);
                    expect((await look(prepared, { refreshToken })).statusCode).to.equal(200);
                }

                expect((await logout(prepared, one)).statusCode).to.equal(204);
                expect((await logout(prepared, two)).statusCode).to.equal(204);
            });
        }

        it('refuses a mixed pair of the app\'s refresh tokens, and revokes nothing', async () => {

            const rows: Record<string, FoundRefreshToken> = {
                r42a: { subject: '42', session: 'a' },
                r42b: { subject: '42', session: 'b' },
                r43c: { subject: '43', session: 'c' },
                r42: { subject: '42' }
            };

            const revoked: string[] = [];
            const prepared = await start({ tokens: 'either' }, {
                refreshToken: { query: 'refreshToken' },
                lookup: { find: (token) => rows[token], remove: (token) => revoked.push(token) }
            });

            const jwts = { a: await mint({ sid: 'a' }), none: await mint() };

            for (const refreshToken of ['r42b', 'r43c']) {
                expect((await logout(prepared, { jwt: jwts.a, refreshToken })).statusCode).to.equal(401);
            }

            // A refresh token of some login does not vouch for a JWT of none

            expect((await logout(prepared, { jwt: jwts.none, refreshToken: 'r42a' })).statusCode).to.equal(401);

            // Nor does one of no known login vouch for another user

            expect((await logout(prepared, { jwt: await mint({ sub: '43' }), refreshToken: 'r42' })).statusCode).to.equal(401);

            expect(revoked).to.equal([]);
            expect((await look(prepared, { jwt: jwts.a })).statusCode).to.equal(200);
            for (const refreshToken of Object.keys(rows)) {
                expect((await look(prepared, { refreshToken })).statusCode).to.equal(200);
            }

            // The app need not know which login a token of its own belongs to

            expect((await logout(prepared, { jwt: jwts.a, refreshToken: 'r42' })).statusCode).to.equal(204);
            expect(revoked).to.equal(['r42']);
        });

        it('refuses the JWT of one issuer with the session of another', async () => {

            const issuer = ['https://one.example', 'https://two.example'];
            const prepared = await start({ tokens: 'both' }, { jwt: { ...settings, issuer } });
            const { jwt, refreshToken } = await prepared.login();
            const other = await mint({ ...payload(jwt), iss: issuer[1] });

            expect((await look(prepared, { jwt, refreshToken })).statusCode).to.equal(200);
            expect((await prepared.me(other)).statusCode).to.equal(200);
            expect((await look(prepared, { jwt: other, refreshToken })).statusCode).to.equal(401);
        });
    });

    describe('logout with one live token of two', () => {

        const { present } = MemoryStore.prototype;

        afterEach(() => {

            MemoryStore.prototype.present = present;
        });

        // As after a loss of Redis's data

        const forgetSessions = function () {

            MemoryStore.prototype.present = () => Promise.resolve({ state: 'unknown' });
        };

        const otherKey = () => mint({}, 'another secret of 32 bytes or more');

        type Break = (prepared: Prepared, pair: Pair) => Promise<Partial<Pair> | void> | Partial<Pair> | void;

        const broken: Record<string, Break> = {
            'the access token was revoked alone': async ({ auth }, { jwt }) => {

                await auth.revoke({ jti: payload(jwt).jti as string });
            },
            'the access token was signed by a key that was changed': async () => ({ jwt: await otherKey() }),
            'the access token has expired': () => {

                Date.now = () => now() + 1_000_000;
            },
            'the session of the refresh token is unknown': () => forgetSessions()
        };

        for (const tokens of ['both', 'either'] as const) {
            for (const mode of ['required', 'try'] as const) {
                for (const [title, method] of Object.entries(broken)) {
                    it(`ends the session where ${title}, for '${tokens}' with mode '${mode}'`, async () => {

                        const prepared = await serve({ tokens, revoke: true }, mode);
                        const pair = await prepared.login();
                        const sent = { ...pair, ...await method(prepared, pair) };

                        const res = await leave(prepared, sent);
                        expect(res.statusCode).to.equal(204);
                        expect(Object.keys(setCookies(res))).to.equal(['jwt', 'refresh']);

                        MemoryStore.prototype.present = present;
                        Date.now = now;
                        expect((await prepared.me(pair.jwt)).statusCode).to.equal(401);
                        expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${pair.refreshToken}` } })).statusCode).to.equal(401);
                    });
                }
            }
        }

        it('is refused, and revokes nothing, where both are dead', async () => {

            const prepared = await serve({ revoke: true });
            const pair = await prepared.login();
            forgetSessions();

            for (const [jwt, code] of [[await otherKey(), 'access_token_invalid'], [await mint({ exp: 1, jti: 'a.1', sid: payload(pair.jwt).sid }), 'refresh_token_invalid']] as const) {
                const res = await leave(prepared, { ...pair, jwt });
                expect([res.statusCode, codeOf(res), res.headers['set-cookie']]).to.equal([401, code, undefined]);
            }

            await prepared.auth.revoke({ jti: payload(pair.jwt).jti as string });
            expect(codeOf(await leave(prepared, pair))).to.equal('access_token_revoked');

            MemoryStore.prototype.present = present;
            expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: { cookie: `refresh=${pair.refreshToken}` } })).statusCode).to.equal(200);
        });

        it('is refused, and revokes nothing, where the dead one names another session, or none', async () => {

            const prepared = await serve({ revoke: true });
            const [one, two] = [await prepared.login(), await prepared.login()];

            await prepared.auth.revoke({ jti: payload(one.jwt).jti as string });
            expect(codeOf(await leave(prepared, { jwt: one.jwt, refreshToken: two.refreshToken }))).to.equal('tokens_mismatched');

            forgetSessions();
            expect(codeOf(await leave(prepared, { jwt: two.jwt, refreshToken: one.refreshToken }))).to.equal('tokens_mismatched');
            expect(codeOf(await leave(prepared, { jwt: two.jwt, refreshToken: 'x' }))).to.equal('refresh_token_invalid');
            expect((await prepared.me(two.jwt)).statusCode).to.equal(200);
        });

        it('is refused where the refresh token was stolen, which ends its session', async () => {

            const prepared = await serve({ revoke: true }, 'required', { sessions: { grace: 0 } });
            const pair = await prepared.login();
            await prepared.auth.refresh(pair.refreshToken);

            const res = await leave(prepared, pair);
            expect([res.statusCode, codeOf(res)]).to.equal([401, 'refresh_token_reused']);
            expect(Object.keys(setCookies(res))).to.equal(['jwt', 'refresh']);
            expect((await prepared.me(pair.jwt)).statusCode).to.equal(401);
        });

        for (const [title, method] of Object.entries(broken)) {
            it(`takes both cookies out of the browser with the tokens alone, where ${title}`, async () => {

                const prepared = await serve({ revoke: 'token' });
                const pair = await prepared.login();
                const res = await leave(prepared, { ...pair, ...await method(prepared, pair) });
                expect(res.statusCode).to.equal(204);
                expect(Object.keys(setCookies(res))).to.equal(['jwt', 'refresh']);
            });
        }

        it('holds for the tokens of a lookup', async () => {

            const removed: string[] = [];
            const rows: Record<string, FoundRefreshToken> = { live: { subject: '42', session: 'a', issued: Date.now() } };
            const prepared = await serve({ revoke: true }, 'required', {
                refreshToken: { cookie: 'refresh' },
                lookup: { find: (token) => rows[token], remove: (token) => removed.push(token) }
            });

            const jwt = await mint({ jti: 'one', sid: 'a' });
            await prepared.auth.revoke({ jti: 'one' });
            expect((await leave(prepared, { jwt, refreshToken: 'live' })).statusCode).to.equal(204);
            expect(removed).to.equal(['live']);
            expect((await prepared.me(await mint({ jti: 'two', sid: 'a' }))).statusCode).to.equal(401);

            const other = await mint({ sid: 'b' });
            expect((await leave(prepared, { jwt: other, refreshToken: 'unknown' })).statusCode).to.equal(204);
            expect((await prepared.me(other)).statusCode).to.equal(401);
            expect(removed).to.equal(['live']);
        });

        it('is for logouts only', async () => {

            const prepared = await serve({ tokens: 'either' });
            const pair = await prepared.login();
            expect(codeOf(await leave(prepared, { ...pair, jwt: await otherKey() }))).to.equal('access_token_invalid');
            await prepared.auth.revoke({ jti: payload(pair.jwt).jti as string });
            expect(codeOf(await leave(prepared, pair))).to.equal('access_token_revoked');
        });
    });

    describe('mode', () => {

        it('lets a stranger in where authentication is optional, but nobody with a bad token', async () => {

            const prepared = await start({ tokens: 'access' }, {}, { mode: 'optional' });
            const { jwt } = await prepared.login();

            expect(await look(prepared, {})).to.include({ statusCode: 200, isAuthenticated: false });
            expect(await look(prepared, { jwt })).to.include({ statusCode: 200, isAuthenticated: true });
            expect((await look(prepared, { jwt: `${jwt}x` })).statusCode).to.equal(401);

            await prepared.auth.revoke({ accessToken: jwt });
            expect(await look(prepared, { jwt })).to.include({ statusCode: 401, message: 'The access token was revoked' });
        });

        it('lets everyone in where authentication is tried, but authenticates nobody with a bad token', async () => {

            const prepared = await start({ tokens: 'access' }, {}, { mode: 'try' });
            const { jwt } = await prepared.login();

            expect(await look(prepared, {})).to.include({ statusCode: 200, isAuthenticated: false });
            expect(await look(prepared, { jwt })).to.include({ statusCode: 200, isAuthenticated: true });

            await prepared.auth.revoke({ accessToken: jwt });
            expect(await look(prepared, { jwt })).to.include({ statusCode: 200, isAuthenticated: false, error: 'The access token was revoked', credentials: undefined, artifacts: undefined });
        });
    });
});


// Both tokens have a cookie, and /leave has the settings

const serve = async function (route: RouteOptions, mode: Hapi.AuthMode = 'required', strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

    const prepared = await prepare({ jwt: { ...settings, cookie: 'jwt' }, refreshToken: { cookie: 'refresh' }, ...strategy });
    prepared.server.route({ method: 'POST', path: '/leave', options: { auth: { mode }, plugins: { 'hard-logout': route } }, handler: () => null });
    return prepared;
};


const leave = function ({ server }: Prepared, { jwt, refreshToken }: Pair) {

    return server.inject({ method: 'POST', url: '/leave', headers: { cookie: `jwt=${jwt}; refresh=${refreshToken}` } });
};


const codeOf = function ({ result }: { result: unknown }): unknown {

    return (result as { code?: string } | null)?.code;
};


const present = function (place: { query?: string; cookie?: string; header?: string }, value: string): Hapi.ServerInjectOptions {

    return {
        url: place.query ? `/look?${place.query}=${value}` : '/look',
        headers: {
            ...place.cookie && { cookie: `${place.cookie}=${value}` },
            ...place.header && { [place.header]: value }
        }
    };
};


describe('A logout that comes after another one', () => {

    const { confirm } = AskedBlacklist.prototype;

    afterEach(() => {

        AskedBlacklist.prototype.confirm = confirm;
    });

    it('is a 503 where it is not certain that the first one holds everywhere, which no other route asks for', async () => {

        const { server, login, me } = await prepare();
        const { jwt, refreshToken } = await login();
        const logout = async () => (await server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(jwt) })).statusCode;

        expect(await logout()).to.equal(204);
        AskedBlacklist.prototype.confirm = () => Promise.reject(new Outage('Redis: away'));
        expect(await logout()).to.equal(503);
        expect((await me(jwt)).statusCode).to.equal(401);

        AskedBlacklist.prototype.confirm = confirm;
        expect(await logout()).to.equal(401);
    });
});
