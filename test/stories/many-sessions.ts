import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { Outage } from '../../lib/errors/outage';
import { identify, sessionId } from '../../lib/blacklist/identities';
import { MemoryStore } from '../../lib/store/memory';
import { RedisStore } from '../../lib/store/redis';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { jwt as settings, pairOf } from '../support/server';
import { end, look, payload, serve } from '../support/tokens';
import { until } from '../support/until';

import type { Ending, SessionOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const { remove, revoke } = MemoryStore.prototype;

const dead = 'The access token was revoked';

const minute = 60_000;


const sid = ({ jwt }: Pair) => payload(jwt).sid as string;


describe('A subject with many sessions', () => {

    let redis: RedisServer;
    let raw: Redis;

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
        raw = new Redis(redis.url);
    });

    after(async () => {

        raw.disconnect();
        await redis.stop();
    });

    afterEach(() => {

        Object.assign(MemoryStore.prototype, { remove, revoke });
    });

    const launch = (sessions: SessionOptions, prefix: string): Promise<Prepared> => serve({}, { sessions }, { redis: redis.url, prefix, lease: 300, timeout: 2000 });

    describe('has no more than sessions.max', () => {

        it('of which a login ends the oldest before it is answered, in every process', async () => {

            const [one, other] = [await launch({ max: 3 }, 'max'), await launch({ max: 3 }, 'max')];
            try {
                const events: Ending[] = [];
                one.server.events.on({ name: 'hard-logout', channels: 'revoked' }, (event) => events.push(event));

                const neighbour = await one.login('43');
                const pairs: Pair[] = [];
                for (let i = 0; i < 8; ++i) {
                    pairs.push(await one.login());

                    const live = pairs.slice(-3);
                    for (const pair of pairs) {
                        expect(await look(other, { jwt: pair.jwt })).to.equal(live.includes(pair) ? 200 : dead);
                    }

                    expect((await other.auth.sessions('42')).map(({ id }) => id)).to.equal(live.map(sid));
                }

                for (const { refreshToken } of pairs.slice(0, -3)) {
                    await expect(other.auth.refresh(refreshToken)).to.reject('The refresh token was revoked');
                }

                for (const { refreshToken } of pairs.slice(-3)) {
                    await other.auth.refresh(refreshToken);
                }

                expect(await look(other, neighbour)).to.equal(200);
                expect(events.map(({ extent, issuer, subject, session, reason }) => [extent, issuer, subject, session, reason])).to.equal(
                    pairs.slice(0, -3).map((pair) => ['session', settings.issuer, '42', sid(pair), 'sessions.max'])
                );

                // For as long as their access tokens live

                await until(async () => Array.from((await entriesOf(raw, '{max}:blacklist')).values()).every(({ expires }) => expires < Date.now() + 20 * minute));
            }
            finally {
                await Promise.all([one, other].map(({ server }) => server.stop()));
            }
        });

        it('each of which is reported once, although it is not removed yet when the next login comes', async () => {

            const { server, login } = await serve({}, { sessions: { max: 2 } }, {});
            const events: Ending[] = [];
            server.events.on({ name: 'hard-logout', channels: 'revoked' }, (event) => events.push(event));
            MemoryStore.prototype.remove = () => new Promise(() => undefined);

            const pairs = [await login(), await login(), await login(), ...await Promise.all([login(), login()])];
            expect(events.map(({ session }) => session)).to.only.include(pairs.slice(0, 3).map(sid));
            expect(events).to.have.length(3);
        });

        it('or the login fails', async () => {

            const prepared = await serve({}, { sessions: { max: 1 } });
            const first = await prepared.login();
            MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
            await expect(prepared.auth.issue(null, { sub: '42' })).to.reject('The token store cannot be reached');

            MemoryStore.prototype.revoke = revoke;
            const second = await prepared.login();
            expect(await look(prepared, { jwt: first.jwt })).to.equal(dead);
            expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal([sid(second)]);
        });

        it('which can depend on the claims of the login', async () => {

            const prepared = await serve({}, { sessions: { max: async ({ role }) => (role === 'guest' ? 1 : 2) } });
            const login = async (role: string) => pairOf(await prepared.auth.issue(null, { sub: '42', role }));
            const live = async () => (await prepared.auth.sessions('42')).map(({ id }) => id);

            const pairs = [await login('member'), await login('member'), await login('member')];
            expect(await live()).to.equal(pairs.slice(1).map(sid));

            const guest = await login('guest');
            expect(await live()).to.equal([sid(guest)]);
        });

        it('and no login passes a function that returns no such number', async () => {

            for (const max of [0, 1001, 1.5, NaN, Infinity, '5', undefined] as number[]) {
                const { auth } = await serve({}, { sessions: { max: () => max } });
                await expect(auth.issue(null, { sub: '42' })).to.reject('sessions.max() must return a whole number from 1 to 1000');
                expect(await auth.sessions('42')).to.equal([]);
            }
        });

        it('also where it was lowered', async () => {

            const former = await launch({ max: 1000 }, 'lowered');
            const pairs: Pair[] = [];
            for (let i = 0; i < 130; ++i) {
                pairs.push(await former.login());
            }

            const prepared = await launch({ max: 10 }, 'lowered');
            try {
                const last = await prepared.login();
                expect((await former.auth.sessions('42')).map(({ id }) => id)).to.equal([...pairs.slice(-9), last].map(sid));
                expect(await look(former, { jwt: pairs[120]!.jwt })).to.equal(dead);
                expect(await look(former, { jwt: pairs[121]!.jwt })).to.equal(200);
            }
            finally {
                await Promise.all([former, prepared].map(({ server }) => server.stop()));
            }
        });
    });

    describe('is refused one more, where whenFull says so', () => {

        const refusing = { max: 2, whenFull: 'refuse' as const };

        it('with 409, and no session ends', async () => {

            const prepared = await serve({}, { sessions: refusing });
            const events: unknown[] = [];
            prepared.server.events.on({ name: 'hard-logout', channels: ['issued', 'revoked'] }, (event) => events.push(event));

            const pairs = [await prepared.login(), await prepared.login()];
            const refusal = await expect(prepared.auth.issue(null, { sub: '42' })).to.reject('The user has too many sessions');
            expect(refusal).to.include({ isBoom: true, data: { code: 'too_many_sessions' } });
            expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal(pairs.map(sid));
            expect(await look(prepared, pairs[0]!)).to.equal(200);
            expect(events).to.have.length(2);

            // Another user is not concerned

            await prepared.login('43');
        });

        it('unless one of those has ended, be it only just before, in another process', async () => {

            const [one, other] = [await launch(refusing, 'refused'), await launch(refusing, 'refused')];
            try {
                const pairs = [await one.login(), await one.login()];
                await expect(other.login()).to.reject('The user has too many sessions');

                for (let i = 0; i < 5; ++i) {
                    const [next, last] = [pairs.shift()!, pairs[0]!];
                    expect(await end(one, i % 2 ? 'others' : 'session', 'both', i % 2 ? last : next)).to.equal(204);
                    pairs.push(await other.login());
                    await expect(one.login()).to.reject('The user has too many sessions');
                    expect((await one.auth.sessions('42')).map(({ id }) => id)).to.equal(pairs.map(sid));
                }

                await one.auth.revoke({ subject: '42' });
                await other.login();
                await other.login();
                await expect(other.login()).to.reject('The user has too many sessions');
            }
            finally {
                await Promise.all([one, other].map(({ server }) => server.stop()));
            }
        });

        it('although what has ended cannot be removed by those who ended it', async () => {

            const prepared = await serve({}, { sessions: { ...refusing, max: 1 } });
            MemoryStore.prototype.remove = async () => undefined;
            const first = await prepared.login();
            expect(await end(prepared, 'session', 'both', first)).to.equal(204);

            MemoryStore.prototype.remove = remove;
            const second = await prepared.login();
            expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal([sid(second)]);
            await expect(prepared.auth.refresh(first.refreshToken)).to.reject('The refresh token was revoked');
        });

        it('also where rows that are damaged take up the room', async () => {

            const { list } = MemoryStore.prototype;
            const prepared = await serve({}, { sessions: { ...refusing, max: 1 } });
            await prepared.login();
            MemoryStore.prototype.list = async () => ({ sessions: [], next: null });
            try {
                await expect(prepared.login()).to.reject('The user has too many sessions');
            }
            finally {
                MemoryStore.prototype.list = list;
            }
        });

        it('nor where what has ended is removed while it is looked for', async () => {

            const { list } = MemoryStore.prototype;
            const prepared = await serve({}, { sessions: { ...refusing, max: 1 } });
            const removals: (() => Promise<void>)[] = [];
            MemoryStore.prototype.remove = async function (...args) {

                removals.push(() => remove.apply(this, args));
            };

            const first = await prepared.login();
            expect(await end(prepared, 'session', 'both', first)).to.equal(204);
            MemoryStore.prototype.list = async function (...args) {

                await Promise.all(removals.splice(0).map((removal) => removal()));
                return await list.apply(this, args);
            };

            try {
                await prepared.login();
            }
            finally {
                MemoryStore.prototype.list = list;
            }
        });

        it('nor does an access token outlive the session whose refresh token was revoked alone, where a login takes its place', async () => {

            const prepared = await serve({}, { sessions: { ...refusing, max: 1 } });
            const first = await prepared.login();
            expect(await end(prepared, 'token', 'refresh', first)).to.equal(204);
            expect(await look(prepared, { jwt: first.jwt })).to.equal(200);
            await prepared.login();
            expect(await look(prepared, { jwt: first.jwt })).to.equal(dead);
        });

        it('and of logins at once, in several processes, as many as there is room for are accepted', async () => {

            const processes = [await launch(refusing, 'at-once'), await launch(refusing, 'at-once')];
            try {
                for (let i = 0; i < 3; ++i) {
                    const logins = await Promise.allSettled(Array.from({ length: 8 }, (_, j) => processes[j % 2]!.login()));
                    const begun = logins.flatMap((login) => (login.status === 'fulfilled' ? [sid(login.value)] : []));
                    expect(begun).to.have.length(2);
                    expect((await processes[0]!.auth.sessions('42')).map(({ id }) => id)).to.only.include(begun);
                    await processes[1]!.auth.revoke({ subject: '42' });
                }
            }
            finally {
                await Promise.all(processes.map(({ server }) => server.stop()));
            }
        });
    });

    describe('of which there were three thousand before', () => {

        const subject = identify('subject', settings.issuer, '42');

        const session = {
            family: 'family',
            secret: 'secret',
            claims: '{"sub":"42"}',
            data: '{"device":"Firefox on Linux"}',
            ttl: 10 * minute,
            maxAge: 10 * minute,
            accessTtl: minute,
            max: 100_000
        };

        const fill = async function (prefix: string): Promise<void> {

            const store = new RedisStore({ redis: redis.url, prefix, timeout: 10_000, lease: 300, startWithoutStore: false, cache: { max: 1 } }, () => undefined);
            await store.start();
            for (let i = 0; i < 3; ++i) {
                await Promise.all(Array.from({ length: 1000 }, (_, j) => store.create({ subject, id: Buffer.from(`${i}.${j}`.padStart(12)).toString('base64url') }, session)));
            }

            await store.stop();
            await observe();
        };

        // The most commands that one script has run: for so long it holds Redis, however busy the machine is. One over all these sessions runs 6,000

        let monitor: Redis | undefined;
        let most = 0;

        const observe = async function (): Promise<void> {

            let commands = 0;
            most = 0;
            monitor = await raw.monitor();
            monitor.on('monitor', (_time: string, _args: string[], source: string) => {

                commands = source === 'lua' ? commands + 1 : 0;
                most = Math.max(most, commands);
            });
        };

        afterEach(() => {

            monitor?.disconnect();
        });

        const expectNoWait = async function (): Promise<void> {

            const ended = new Promise<void>((resolve) => {

                monitor!.on('monitor', (_time: string, args: string[]) => args.includes('the end') && resolve());
            });

            await raw.set('the end', '');
            await ended;
            expect(most).to.be.within(50, 500);
        };

        it('can be logged out everywhere, and nobody waits for that', { timeout: 60_000 }, async () => {

            await fill('everywhere');
            const prepared = await launch({ max: 1000 }, 'everywhere');
            const pair = await prepared.login('43');
            await prepared.auth.revoke({ subject: '42' });
            expect(await prepared.auth.sessions('42')).to.equal([]);

            const next = await prepared.login();
            await until(async () => await raw.zcard(`everywhere:{${subject}}:sessions`) === 2);
            expect(await look(prepared, next)).to.equal(200);
            expect(await look(prepared, pair)).to.equal(200);
            await prepared.server.stop();
            await expectNoWait();
        });

        it('can be listed, and logged out but for one', { timeout: 60_000 }, async () => {

            await fill('others');
            const prepared = await launch({ max: 1000 }, 'others');
            const [first] = await prepared.auth.sessions('42');
            expect(await prepared.auth.sessions('42')).to.have.length(3000);
            expect(first!.id).to.equal(sessionId({ subject, id: Buffer.from('0.0'.padStart(12)).toString('base64url') }));

            await prepared.auth.revoke({ subject: '42', except: first!.id });
            expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal([first!.id]);
            await prepared.server.stop();
            expect(await raw.zcard(`others:{${subject}}:sessions`)).to.equal(2);
            await expectNoWait();
        });

        it('has as many as it may have after a login', { timeout: 60_000 }, async () => {

            await fill('login');
            const prepared = await launch({ max: 100 }, 'login');
            const pair = await prepared.login();
            const live = await prepared.auth.sessions('42');
            expect(live).to.have.length(100);
            expect(live.at(-1)!.id).to.equal(sid(pair));
            await prepared.server.stop();
            await expectNoWait();
        });

        it('can log out by itself while it logs in again and again', { timeout: 60_000 }, async () => {

            const prepared = await launch({ max: 1000 }, 'meanwhile');
            const earlier = await Promise.all(Array.from({ length: 60 }, () => prepared.login()));
            const [answer, ...later] = await Promise.all([end(prepared, 'subject', 'both', earlier[0]!), ...Array.from({ length: 60 }, () => prepared.login())]);
            expect(answer).to.equal(204);
            expect(await Promise.all(earlier.map(({ jwt }) => look(prepared, { jwt })))).to.equal(Array(60).fill(dead));

            // Of one that began meanwhile both tokens live, or neither does

            for (const { jwt, refreshToken } of later) {
                expect(await look(prepared, { jwt }) === 200).to.equal(await look(prepared, { refreshToken }) === 200);
            }

            await prepared.server.stop();
        });
    });
});
