import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { look, start } from '../support/look';
import { bearer, pairOf, prepare } from '../support/server';
import { AskedBlacklist } from '../../lib/blacklist/asked-blacklist';
import { Outage } from '../../lib/errors/outage';
import { hardLogout } from '../../lib';
import { mint, payload } from '../support/tokens';

import type * as Hapi from '@hapi/hapi';
import type { StrategyOptions, Tokens } from '../../lib';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;


describe('scheme', () => {

    afterEach(() => {

        Date.now = now;
    });

    for (const tokens of ['access', 'either'] as const) {
        describe(`where '${tokens}' is wanted and many requests arrive together`, () => {

            const arrive = async (onFirst: (prepared: Awaited<ReturnType<typeof start>>, user: string) => void) => {

                const prepared = await start({ tokens });
                const { jwt } = await prepared.login();

                let isFirst = false;
                prepared.server.ext('onPreAuth', (_, h) => {

                    if (isFirst) {
                        isFirst = false;
                        onFirst(prepared, payload(jwt).sub as string);
                    }

                    return h.continue;
                });

                prepared.server.ext('onPostAuth', (_, h) => {

                    order.push('accepted');
                    return h.continue;
                });

                const order: string[] = [];
                const send = async (count: number) => {

                    isFirst = true;
                    const responses = await Promise.all(Array.from({ length: count }, () => prepared.server.inject({ url: '/look', headers: bearer(jwt) })));
                    await nextTurn();
                    return { statusCodes: responses.map((res) => res.statusCode), order: order.splice(0) };
                };

                return { ...prepared, order, send };
            };

            it('accepts the first when all of them were verified, and one that arrives alone at once', async () => {

                const { order, send } = await arrive(() => setImmediate(() => order.push('turn')));

                expect((await send(1)).order).to.equal(['accepted', 'turn']);
                await send(40);
                expect((await send(5)).order).to.equal(['turn', ...new Array(5).fill('accepted')]);
                expect((await send(1)).order).to.equal(['turn', 'accepted']);
                expect((await send(1)).order).to.equal(['accepted', 'turn']);
            });

            it('refuses those that were revoked until then', async () => {

                let isLogout = false;
                const { send } = await arrive(({ server }, user) => void (isLogout && hardLogout(server).revoke({ subject: user })));

                await send(40);
                isLogout = true;
                expect((await send(5)).statusCodes).to.equal(new Array(5).fill(401));
            });
        });
    }

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
            const { sid, jti, auth_time } = payload(pair.jwt);

            const both = await look(prepared, pair);
            expect(both.credentials).to.equal({ user: { id: '42' }, ...payload(pair.jwt) });
            expect(both.artifacts).to.equal({ subject: '42', session: sid, jti, expires: Date.now() + 905_000, expired: false, data: { device: 'phone' } });

            const access = await look(prepared, { jwt: pair.jwt });
            expect(access.credentials).to.equal(both.credentials);
            expect(access.artifacts).to.equal({ subject: '42', session: sid, jti, expires: Date.now() + 905_000, expired: false, data: undefined });

            const refresh = await look(prepared, { refreshToken: pair.refreshToken });
            expect(refresh.credentials).to.equal({ user: { id: '42' }, sub: '42', plan: 'family', sid, auth_time });
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

        for (const none of [undefined, null]) {
            it(`has the claims as credentials where validate() returns ${none}`, async () => {

                const prepared = await start({ tokens: 'access' }, { validate: () => ({ isValid: true, credentials: none as any }) });
                const { statusCode, credentials } = await look(prepared, { jwt: await mint({ plan: 'family' }) });
                expect(statusCode).to.equal(200);
                expect(credentials).to.include({ user: { id: '42' }, plan: 'family' });
            });
        }

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
