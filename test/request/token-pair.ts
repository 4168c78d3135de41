import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib/store/memory';
import { look, start } from '../support/look';
import { bearer, jwt as settings, prepare } from '../support/server';
import { setCookies } from '../support/set-cookie';
import { mint, payload } from '../support/tokens';

import type * as Hapi from '@hapi/hapi';
import type { FoundRefreshToken, RouteOptions, StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;


describe('scheme', () => {

    afterEach(() => {

        Date.now = now;
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

            for (const [jwt, code] of [[await otherKey(), 'access_token_invalid'], [await mint({ exp: 1, jti: 'a.1.1', sid: payload(pair.jwt).sid }), 'refresh_token_invalid']] as const) {
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
