import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { hardLogout } from '../../lib';
import { AskedBlacklist } from '../../lib/blacklist/asked-blacklist';
import { identify, sessionId } from '../../lib/blacklist/identities';
import { Outage } from '../../lib/errors/outage';
import { Logout } from '../../lib/sessions/logout';
import { Revocations } from '../../lib/sessions/revocations';
import { forever } from '../../lib/blacklist/blacklist';
import { MemoryStore } from '../../lib/store/memory';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { jwt as settings, pairOf } from '../support/server';
import { end, look, mint, payload, refused, serve } from '../support/tokens';

import type { Ending, Extent, PluginOptions, StrategyOptions, Tokens } from '../../lib';
import type { AcceptedTokens } from '../../lib/sessions/accepted-tokens';
import type { Revocation } from '../../lib/store/blacklist-contract';
import type { Shortening } from '../../lib/store/session-contract';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const now = Date.now;
const { revoke, stamp } = MemoryStore.prototype;
const { confirm, known: knownOf } = AskedBlacklist.prototype;

const start = 1_700_000_000_000;
const minute = 60 * 1000;
const hour = 60 * minute;

const dead = 'The access token was revoked';


describe('logout', () => {

    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
    });

    after(async () => {

        await redis.stop();
    });

    afterEach(() => {

        Date.now = now;
        Object.assign(MemoryStore.prototype, { revoke, stamp });
        Object.assign(AskedBlacklist.prototype, { confirm, known: knownOf });
    });

    const onRedis = (prefix: string): PluginOptions => ({ redis: redis.url, prefix, lease: 300 });

    describe('ends exactly', () => {

        // Alice is logged in on two devices, and so is Bob. Each session was renewed once, so that it has two JWTs. Alice logs out with a1-new

        const all = ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2', 'b1-old', 'b1-new', 'b1', 'b2-old', 'b2-new', 'b2'];

        const table: [extent: Extent, tokens: Tokens, ended: string[]][] = [
            ['token', 'both', ['a1-new', 'a1']],
            ['token', 'access', ['a1-new']],
            ['token', 'refresh', ['a1']],
            ['session', 'both', ['a1-old', 'a1-new', 'a1']],
            ['session', 'access', ['a1-old', 'a1-new', 'a1']],
            ['session', 'refresh', ['a1-old', 'a1-new', 'a1']],
            ['session', 'either', ['a1-old', 'a1-new', 'a1']],
            ['others', 'both', ['a2-old', 'a2-new', 'a2']],
            ['others', 'access', ['a2-old', 'a2-new', 'a2']],
            ['others', 'refresh', ['a2-old', 'a2-new', 'a2']],
            ['subject', 'both', ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2']],
            ['subject', 'access', ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2']],
            ['subject', 'refresh', ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2']]
        ];

        for (const [store, options] of Object.entries({ memory: () => ({}), redis: onRedis })) {
            for (const [extent, tokens, ended] of table) {

                it(`what '${extent}' says, with '${tokens}': our sessions, ${store}`, async () => {

                    const prepared = await serve({}, {}, options(`${extent}-${tokens}`));
                    try {
                        const held: Record<string, Partial<Pair>> = {};
                        for (const [name, sub] of [['a1', 'alice'], ['a2', 'alice'], ['b1', 'bob'], ['b2', 'bob']] as const) {
                            const old = await prepared.login(sub);
                            const { jwt, refreshToken } = pairOf(await prepared.auth.refresh(old.refreshToken));
                            held[`${name}-old`] = { jwt: old.jwt };
                            held[`${name}-new`] = { jwt };
                            held[name] = { refreshToken };
                        }

                        expect(await refused(prepared, held)).to.equal([]);
                        expect(await end(prepared, extent, tokens, { ...held['a1-new'], ...held.a1 })).to.equal(204);
                        expect(await refused(prepared, held)).to.equal(all.filter((name) => ended.includes(name)));
                    }
                    finally {
                        await prepared.server.stop();
                    }
                });
            }
        }

        // The app's tokens: the JWTs were minted elsewhere, and the app knows which login a refresh token belongs to, or does not

        const appTable: [extent: Extent, tokens: Tokens, known: string[], unknown: string[]][] = [
            ['token', 'both', ['a1-new', 'a1'], ['a1-new', 'a1']],
            ['token', 'access', ['a1-new'], ['a1-new']],
            ['token', 'refresh', ['a1'], ['a1']],
            ['session', 'both', ['a1-old', 'a1-new', 'a1'], ['a1-old', 'a1-new', 'a1']],
            ['session', 'access', ['a1-old', 'a1-new', 'a1'], ['a1-old', 'a1-new']],
            ['session', 'refresh', ['a1-old', 'a1-new', 'a1'], ['a1']],
            ['subject', 'both', ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2'], ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2']],
            ['subject', 'refresh', ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2'], ['a1-old', 'a1-new', 'a1', 'a2-old', 'a2-new', 'a2']]
        ];

        for (const [extent, tokens, known, unknown] of appTable) {
            for (const [knowledge, ended] of [['known', known], ['unknown', unknown]] as const) {

                it(`what '${extent}' says, with '${tokens}': the app's tokens, of ${knowledge} sessions`, async () => {

                    const revoked: string[] = [];
                    const prepared = await serve({}, {
                        refreshToken: { query: 'refreshToken' },
                        lookup: {
                            find: (name) => ({ subject: name[0] === 'a' ? 'alice' : 'bob', ...knowledge === 'known' && { session: name } }),
                            remove: (name) => revoked.push(name)
                        }
                    });

                    const held: Record<string, Partial<Pair>> = {};
                    for (const name of ['a1', 'a2', 'b1', 'b2']) {
                        const sub = name[0] === 'a' ? 'alice' : 'bob';
                        held[`${name}-old`] = { jwt: await mint({ sub, sid: name, jti: `${name}-old` }) };
                        held[`${name}-new`] = { jwt: await mint({ sub, sid: name, jti: `${name}-new` }) };
                        held[name] = { refreshToken: name };
                    }

                    expect(await refused(prepared, held)).to.equal([]);
                    expect(await end(prepared, extent, tokens, { ...held['a1-new'], ...held.a1 })).to.equal(204);
                    expect(await refused(prepared, held)).to.equal(all.filter((name) => ended.includes(name)));
                    expect(revoked).to.equal(tokens === 'access' ? [] : ['a1']);
                });
            }
        }

        it('the two tokens at hand where nobody knows a session', async () => {

            const prepared = await serve({ issuer: undefined }, app());
            const held = {
                one: { jwt: await mint({ jti: 'one', iss: undefined }) },
                two: { jwt: await mint({ jti: 'two', iss: undefined }) },
                first: { refreshToken: 'first' },
                second: { refreshToken: 'second' }
            };

            expect(await end(prepared, 'session', 'both', { ...held.one, ...held.first })).to.equal(204);
            expect(await refused(prepared, held)).to.equal(['one', 'first']);
        });

        it('all sessions, as others, where the JWT belongs to none', async () => {

            const prepared = await serve();
            const { jwt, refreshToken } = await prepared.login();
            const elsewhere = await mint();

            expect(await end(prepared, 'others', 'access', { jwt: elsewhere })).to.equal(204);
            expect(await refused(prepared, { jwt: { jwt }, refreshToken: { refreshToken }, elsewhere: { jwt: elsewhere } })).to.equal(['jwt', 'refreshToken']);
        });

        it('nothing, as others, where there are none', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            await prepared.login('43');

            MemoryStore.prototype.revoke = () => Promise.reject(new Error('nobody asked'));
            expect(await end(prepared, 'others', 'both', pair)).to.equal(204);
            expect(await look(prepared, pair)).to.equal(200);
        });

        it('what other strategies with the same issuer have issued, too', async () => {

            const prepared = await serve();
            prepared.server.auth.strategy('other', 'hard-logout', { jwt: settings, refreshToken: { header: 'x-refresh-token' } } satisfies StrategyOptions);
            const other = hardLogout(prepared.server, 'other');

            const ours = await prepared.login();
            const theirs = pairOf(await other.issue(null, { sub: '42' }));
            await other.revoke({ subject: '42' });

            expect(await look(prepared, { jwt: ours.jwt })).to.equal(dead);
            expect(await look(prepared, { jwt: theirs.jwt })).to.equal(dead);
        });
    });

    describe('an expired JWT', () => {

        for (const revokes of ['session', 'token', 'others', 'subject'] as const) {

            it(`does not stand in the way of a logout with the live refresh token of its session: '${revokes}'`, async () => {

                Date.now = () => start;

                const prepared = await serve();
                const pair = await prepared.login();
                const other = await prepared.login();

                Date.now = () => start + hour;

                expect(await look(prepared, { jwt: pair.jwt })).to.equal('The access token expired');
                expect(await end(prepared, revokes, 'both', pair)).to.equal(204);

                const [mine, others] = [await look(prepared, { refreshToken: pair.refreshToken }), await look(prepared, { refreshToken: other.refreshToken })];
                expect(mine === 200).to.equal(revokes === 'others');
                expect(others === 200).to.equal(['session', 'token'].includes(revokes));
            });
        }

        it('logs out with the app\'s refresh token', async () => {

            const prepared = await serve({}, app());
            const seconds = Math.floor(now() / 1000);
            const jwt = await mint({ iat: seconds - 7200, exp: seconds - 3600 });

            expect(await end(prepared, 'session', 'both', { jwt, refreshToken: 'opaque' })).to.equal(204);
            expect(await look(prepared, { refreshToken: 'opaque' })).to.equal('The refresh token was revoked');
        });

        it('ends the session of its live refresh token, though it was revoked alone before', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const pair = await prepared.login();
            expect(await end(prepared, 'token', 'access', pair)).to.equal(204);

            Date.now = () => start + hour;

            expect(await end(prepared, 'session', 'both', pair)).to.equal(204);
            expect(await look(prepared, { refreshToken: pair.refreshToken })).to.equal('The refresh token was revoked');
        });

        it('is not enough with a dead refresh token', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const pair = await prepared.login();
            const { jwt } = pairOf(await prepared.auth.refresh(pair.refreshToken));
            expect(await end(prepared, 'token', 'refresh', pair)).to.equal(204);

            Date.now = () => start + hour;
            expect(await end(prepared, 'session', 'both', pair)).to.equal('The refresh token was revoked');

            Date.now = () => start + minute;
            expect(await look(prepared, { jwt })).to.equal(200);
        });

        it('is not enough with the refresh token of another session', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const [one, two] = [await prepared.login(), await prepared.login()];

            Date.now = () => start + hour;

            expect(await end(prepared, 'session', 'both', { jwt: one.jwt, refreshToken: two.refreshToken })).to.match(/do not belong together/);
            for (const { refreshToken } of [one, two]) {
                expect(await look(prepared, { refreshToken })).to.equal(200);
            }
        });

        it('is not enough alone', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const { jwt, refreshToken } = await prepared.login();

            Date.now = () => start + hour;

            expect(await end(prepared, 'session', 'access', { jwt })).to.equal('The access token expired');
            expect(await end(prepared, 'session', 'either', { jwt })).to.equal('The access token expired');
            expect(await look(prepared, { refreshToken })).to.equal(200);
        });

        it('is not believed where it is not genuine: what ends is the session of the refresh token', async () => {

            const prepared = await serve();
            const other = await prepared.login();
            const seconds = Math.floor(now() / 1000);
            const claims = { ...payload(other.jwt), exp: seconds - 3600, iat: seconds - 7200 };

            for (const forged of [
                `${await mint(claims)}x`,
                await mint({ ...claims, iss: 'https://elsewhere.example' }),
                await mint({ ...claims, aud: 'elsewhere' }),
                await mint({ ...claims, scope: 5 })
            ]) {
                const { refreshToken } = await prepared.login();
                expect(await end(prepared, 'session', 'both', { jwt: forged, refreshToken })).to.equal(204);
                expect(await look(prepared, { refreshToken })).to.equal('The refresh token was revoked');
            }

            expect(await look(prepared, other)).to.equal(200);
        });
    });

    describe('that comes twice', () => {

        /** How long (ms) the blacklist holds each entry from now on, by its key; and what was revoked, as the events tell. */
        const watch = function ({ server }: Prepared) {

            const lives = new Map<string, number>();
            const events: Ending[] = [];
            server.events.on({ name: 'hard-logout', channels: 'revoked' }, (event) => events.push(event));
            MemoryStore.prototype.revoke = function (revocations) {

                revocations.forEach(({ key, ttl }) => lives.set(key, ttl));
                return revoke.call(this, revocations);
            };

            return { lives, events };
        };

        it('is reported once, and remembered once, though five hundred come at once', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const { lives, events } = watch(prepared);
            const answers = await Promise.all(Array.from({ length: 500 }, () => end(prepared, 'session', 'both', pair)));
            expect(new Set(answers)).to.equal(new Set([204]));
            expect(events).to.have.length(1);
            expect(lives.size).to.equal(1);
        });

        it('waits for the first', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const order: string[] = [];
            MemoryStore.prototype.revoke = async function (revocations) {

                await Promise.all(Array.from({ length: 100 }, () => nextTurn()));
                order.push('written');
                return revoke.call(this, revocations);
            };

            await Promise.all([0, 1].map((i) => prepared.auth.revoke({ session: payload(pair.jwt).sid as string }).then(() => order.push(`done ${i}`))));
            expect(order).to.equal(['written', 'done 0', 'done 1']);
        });

        it('is not remembered for longer, where it was authenticated before the first and is done after', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const { lives, events } = watch(prepared);

            // The second is under way when the first one comes and goes

            let isFirst = true;
            prepared.server.ext('onPreHandler', async (request, h) => {

                if (isFirst) {
                    isFirst = false;
                    expect(await end(prepared, 'session', 'both', pair)).to.equal(204);
                    lives.clear();
                }

                return h.continue;
            });

            expect(await end(prepared, 'session', 'both', pair)).to.equal(204);
            expect([...lives.values()]).to.equal([]);
            expect(events).to.have.length(1);
        });

        it('is reported where the first one failed, though it had been written', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const { events, lives } = watch(prepared);
            const { revoke: watched } = MemoryStore.prototype;
            const session = payload(pair.jwt).sid as string;
            let blacklist = false;

            // What was learned from the store, and then is not certain to be known everywhere

            AskedBlacklist.prototype.known = function (keys) {

                return blacklist ? forever : knownOf.call(this, keys);
            };

            MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
            await expect(prepared.auth.revoke({ session })).to.reject('The token store cannot be reached');
            expect(events).to.be.empty();

            blacklist = true;
            MemoryStore.prototype.revoke = watched;
            await prepared.auth.revoke({ session });
            expect(events).to.have.length(1);
            expect(Math.max(...lives.values())).to.be.above(80 * 24 * hour);

            await prepared.auth.revoke({ session });
            expect(events).to.have.length(1);
        });

        it('waits until what is known here is known everywhere', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const session = payload(pair.jwt).sid as string;
            await prepared.auth.revoke({ session });

            AskedBlacklist.prototype.confirm = () => Promise.reject(new Outage('away'));
            await expect(prepared.auth.revoke({ session })).to.reject('The token store cannot be reached');
        });

        it('is not remembered for as long as a session lives, where the session is gone', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const pair = await prepared.login();
            const session = payload(pair.jwt).sid as string;
            await prepared.auth.revoke({ session });

            Date.now = () => start + hour;

            const { lives } = watch(prepared);
            const never = sessionId({ subject: identify('subject', settings.issuer, '42'), id: 'a'.repeat(16) });
            await prepared.auth.revoke({ session: never });

            // For JWTs of another issuer's sessions, by their greatest age

            expect([...lives.values()]).to.equal([30 * 24 * hour + 2 * 5000 + 2 * minute]);
        });
    });

    describe('of a session', () => {

        it('does not end the session of another issuer\'s user, whose id is no secret', async () => {

            const issuer = ['https://one.example', 'https://two.example'];
            const prepared = await serve({ issuer });
            const victim = await prepared.login();
            const sid = payload(victim.jwt).sid as string;
            const attacker = await mint({ iss: issuer[1], sid });

            expect(await end(prepared, 'session', 'access', { jwt: attacker })).to.equal(204);
            expect(await look(prepared, { jwt: attacker })).to.equal(dead);
            expect(await look(prepared, victim)).to.equal(200);
            await prepared.auth.refresh(victim.refreshToken);

            // Nor does an administrator who names that issuer

            await prepared.auth.revoke({ session: sid, issuer: issuer[1] });
            expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal([sid]);
        });

        it('does not end the session of another user, but the token that names it', async () => {

            const prepared = await serve();
            const events: Ending[] = [];
            prepared.server.events.on({ name: 'hard-logout', channels: 'revoked' }, (event) => events.push(event));

            const victim = await prepared.login();
            const attacker = await mint({ sub: '43', sid: payload(victim.jwt).sid as string, jti: 'attacker' });

            expect(await end(prepared, 'session', 'access', { jwt: attacker })).to.equal(204);
            expect(await look(prepared, { jwt: attacker })).to.equal(dead);
            expect(await look(prepared, victim)).to.equal(200);
            expect(events.map(({ extent, subject }) => [extent, subject])).to.equal([['token', '43']]);
        });

        it('is remembered for as long as the JWTs of one issuer live, where the other had a session of that id, which has ended', async () => {

            const client = new Redis(redis.url);
            const issuer = ['https://one.example', 'https://two.example'];
            const prepared = await serve({ issuer }, {}, onRedis('ended'));
            const pair = await prepared.login();
            const session = payload(pair.jwt).sid as string;
            expect(await end(prepared, 'session', 'both', pair)).to.equal(204);
            await prepared.auth.revoke({ session, issuer: issuer[1] });
            await prepared.server.stop();

            const { expires } = (await entriesOf(client, '{ended}:blacklist')).get(identify('session', issuer[1]!, session))!;
            client.disconnect();
            expect(expires - Date.now()).to.be.above(24 * hour);
        });

        it('is remembered for as long as the JWTs of an identity provider live, whose ids look like those of issue()', async () => {

            const day = 24 * hour;
            const prepared = await serve({ maxAge: 200 * day }, { sessions: { maxIdle: day, maxAge: 10 * day } });
            const lives: number[] = [];
            MemoryStore.prototype.revoke = function (revocations) {

                lives.push(...revocations.map(({ ttl }) => ttl));
                return revoke.call(this, revocations);
            };

            expect(await end(prepared, 'session', 'access', { jwt: await mint({ sid: 'A'.repeat(38) }) })).to.equal(204);
            expect(lives).to.equal([200 * day + 2 * 5000 + 2 * minute]);
        });

        it('ends sessions of an identity provider, whose ids look like those of issue()', async () => {

            const prepared = await serve();
            const sid = 'A'.repeat(38);
            const [one, two] = [await mint({ sid, jti: '1' }), await mint({ sid, jti: '2' })];
            expect(await end(prepared, 'session', 'access', { jwt: one })).to.equal(204);
            expect(await look(prepared, { jwt: two })).to.equal(dead);
        });

        it('is ended by its id, and its refresh token with it', async () => {

            for (const store of [{}, onRedis('by-id')]) {
                const prepared = await serve({}, {}, store);
                const [one, other] = [await prepared.login(), await prepared.login()];
                await prepared.auth.revoke({ session: payload(one.jwt).sid as string });
                expect(await look(prepared, { jwt: one.jwt })).to.equal(dead);
                expect(await look(prepared, { refreshToken: one.refreshToken })).to.equal('The refresh token was revoked');
                expect(await look(prepared, other)).to.equal(200);
                await prepared.server.stop();
            }
        });
    });

    describe('of the others', () => {

        it('ends none that begins meanwhile', async () => {

            const prepared = await serve();
            const [own, other] = [await prepared.login(), await prepared.login()];
            let next: Pair | undefined;
            MemoryStore.prototype.stamp = async function (...args) {

                const moment = await stamp.apply(this, args);
                next ??= await prepared.login();
                return moment;
            };

            expect(await end(prepared, 'others', 'both', own)).to.equal(204);
            expect(await look(prepared, own)).to.equal(200);
            expect(await look(prepared, { jwt: other.jwt })).to.equal(dead);
            expect(await look(prepared, next!)).to.equal(200);
        });
    });

    describe('of a subject', () => {

        it('ends the sessions so far, and none that begins in the same millisecond', async () => {

            Date.now = () => start + 123;

            const prepared = await serve();
            for (let i = 0; i < 5; ++i) {
                const earlier = await prepared.login();
                expect(await end(prepared, 'subject', 'both', earlier)).to.equal(204);

                const afterwards = await prepared.login();
                expect(await look(prepared, { jwt: earlier.jwt })).to.equal(dead);
                expect(await look(prepared, afterwards)).to.equal(200);

                const renewed = pairOf(await prepared.auth.refresh(afterwards.refreshToken));
                expect(await look(prepared, renewed)).to.equal(200);
            }
        });

        it('ends the sessions so far, and none that begins at once, on the clock of the store', async () => {

            const prepared = await serve({}, {}, onRedis('at-once'));
            for (let i = 0; i < 20; ++i) {
                const earlier = await prepared.login();
                await prepared.auth.revoke({ subject: '42' });
                const afterwards = await prepared.login();

                expect(await look(prepared, { jwt: earlier.jwt })).to.equal(dead);
                expect(await look(prepared, afterwards)).to.equal(200);
            }

            await prepared.server.stop();
        });

        it('ends the JWTs that were minted elsewhere up to the same second', async () => {

            for (const own of [true, false]) {
                Date.now = () => start + 700;

                const prepared = await serve({}, own ? {} : app());
                const earlier = await mint({ jti: 'earlier', iat: start / 1000 - 1 });
                const same = await mint({ jti: 'same' });
                const fraction = await mint({ jti: 'fraction', iat: start / 1000 + 0.7 });
                expect(await Promise.all([earlier, same, fraction].map((jwt) => look(prepared, { jwt })))).to.equal([200, 200, 200]);

                await prepared.auth.revoke({ subject: '42' });
                expect(await Promise.all([earlier, same, fraction].map((jwt) => look(prepared, { jwt })))).to.equal([dead, dead, dead]);

                Date.now = () => start + 7000;
                expect(await look(prepared, { jwt: await mint({ jti: 'later' }) })).to.equal(200);
                expect(await look(prepared, { jwt: same })).to.equal(dead);
            }
        });

        it('ends the JWTs of an issuer whose clock is ahead, as far as it may be', async () => {

            Date.now = () => start;

            const prepared = await serve({}, app());
            const ahead = await mint({ jti: 'ahead', iat: start / 1000 + 5 });
            expect(await look(prepared, { jwt: ahead })).to.equal(200);

            await prepared.auth.revoke({ subject: '42' });
            expect(await look(prepared, { jwt: ahead })).to.equal(dead);
        });

        it('ends the token at hand, whatever its clock says', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const ahead = await mint({ iat: start / 1000 + 5 });

            expect(await end(prepared, 'subject', 'access', { jwt: ahead })).to.equal(204);
            expect(await look(prepared, { jwt: ahead })).to.equal(dead);
        });

        it('keeps the latest of several cut-offs', async () => {

            Date.now = () => start;
            const prepared = await serve();
            const first = await prepared.login();
            await prepared.auth.revoke({ subject: '42' });

            Date.now = () => start + minute;
            const second = await prepared.login();
            await prepared.auth.revoke({ subject: '42' });

            // The clock of a process, or of a store that took over, may go back

            Date.now = () => start + 1000;
            await prepared.auth.revoke({ subject: '42' });
            const third = await prepared.login();

            Date.now = () => start + minute;
            expect(await look(prepared, { jwt: first.jwt })).to.equal(dead);
            expect(await look(prepared, { jwt: second.jwt })).to.equal(dead);
            expect(await look(prepared, third)).to.equal(200);
        });

        it('keeps the users of another issuer', async () => {

            const issuer = ['https://one.example', 'https://two.example'];
            const prepared = await serve({ issuer });
            const [one, two] = await Promise.all(issuer.map((iss) => mint({ iss }))) as [string, string];

            expect(await end(prepared, 'subject', 'access', { jwt: two })).to.equal(204);
            expect(await look(prepared, { jwt: one })).to.equal(200);
            expect(await look(prepared, { jwt: two })).to.equal(dead);

            // Nor does the session of one fall with an equal name at the other

            const [a, b] = await Promise.all(issuer.map((iss) => mint({ iss, sid: 's', sub: '43' })));
            expect(await end(prepared, 'session', 'access', { jwt: a })).to.equal(204);
            expect(await look(prepared, { jwt: a })).to.equal(dead);
            expect(await look(prepared, { jwt: b })).to.equal(200);
        });
    });
});


describe('Logout', () => {

    const { issuer } = settings;
    const maxAge = 90 * 24 * hour;
    const id = sessionId({ subject: identify('subject', issuer, '42'), id: 'abcdefghijklmnop' });

    const setup = function () {

        const written: Revocation[] = [];
        const shortened: Shortening[] = [];
        const logoutSettings = { jwt: { clockTolerance: 5000, maxAge: 200 * 24 * hour, ttl: 15 * minute }, sessions: { maxAge } };
        const logout = new Logout({
            blacklist: { known: () => 0, confirm: async () => undefined, revoke: async (revocations) => void written.push(...revocations) },
            sessions: {
                issuer,
                store: {
                    claims: async () => '{"sub":"42"}',
                    list: async () => ({ sessions: [], next: null }),
                    clear: async () => 0,
                    remove: async (_address, shortening) => void shortened.push(shortening)
                }
            },
            settings: logoutSettings,
            stamp: async () => start,
            ended: () => undefined,
            later: () => undefined
        });

        return { logout, written, shortened, revocations: new Revocations(logoutSettings) };
    };

    it('keeps a session that is stored, known by its id or by its tokens, revoked for as long as its own tokens live, and any other for as long as any do', async () => {

        const { logout, written, revocations } = setup();
        for (const [session, subject, state] of [[id, undefined, 'stored'], [id, '42', 'stored'], ['a', undefined, 'external'], ['a', '42', 'external']] as const) {
            await logout.end({ extent: 'session', issuer, session, subject, request: null });
            expect(written.pop()).to.equal(revocations.session({ issuer, session, state }));
        }
    });

    it('lets the entry of a session whose row is gone go with its access tokens, and not before', async () => {

        const { logout, shortened, revocations } = setup();
        const access = { id: 'id', issuer, expires: now(), identities: ['id'], claims: { exp: 1 } } as unknown as AcceptedTokens['access'];
        await logout.end({ extent: 'session', issuer, session: id, request: null });
        await logout.end({ extent: 'session', issuer, session: id, tokens: { issuer, subject: '42', access }, request: null });
        expect(shortened.map(({ margin }) => margin)).to.equal([revocations.margin, revocations.margin]);
        expect(shortened.map((shortening) => shortening.revocations.map(({ ttl }) => ttl))).to.equal([[0], [0, 0]]);
        expect(shortened.flatMap((shortening) => shortening.revocations.map(({ terms }) => terms!.tolerance))).to.equal([5000, 5000, 5000]);
    });
});


/** Refresh tokens of a lookup, which all belong to one user. */
const app = function (): Pick<StrategyOptions, 'refreshToken' | 'lookup'> {

    return { refreshToken: { query: 'refreshToken' }, lookup: { find: () => ({ subject: '42' }), remove: () => undefined } };
};
