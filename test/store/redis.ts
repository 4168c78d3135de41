import { tracingChannel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import * as Net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Cluster, Redis } from 'ioredis';

import { AskedBlacklist } from '../../lib/blacklist/asked-blacklist';
import { forever } from '../../lib/blacklist/blacklist';
import { systemClock } from '../../lib/blacklist/clock';
import { identify } from '../../lib/blacklist/identities';
import { RedisStore } from '../../lib/store/redis';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { prepare } from '../support/server';
import { idsOf } from '../support/sessions';
import { address, presentation, revocation, session } from '../support/stored';
import { until } from '../support/until';

import type { RedisOptions } from 'ioredis';
import type { Session, SessionState, Shortening } from '../../lib/store/session-contract';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


const minute = 60_000;

const century = 36_500 * 24 * 60 * minute;


describe('RedisStore', () => {

    let server: RedisServer;
    let raw: Redis;
    let opened: RedisStore[] = [];

    before(async () => {

        server = await RedisServer.start();
        raw = new Redis({ path: server.path });
    });

    after(async () => {

        raw.disconnect();
        await server.stop();
    });

    beforeEach(async () => {

        await raw.flushall();
    });

    afterEach(async () => {

        await Promise.all(opened.map((store) => store.stop()));
        opened = [];
    });

    const open = function (prefix = 'app', options: RedisOptions = {}): RedisStore {

        const store = new RedisStore({ redis: { ...server.options(), ...options }, prefix, timeout: 5000, cache: { max: 1 }, lease: 1500, startWithoutStore: false }, fail);
        opened.push(store);
        return store;
    };

    const keys = async function (): Promise<string[]> {

        return (await raw.keys('*')).sort();
    };

    // How long (ms) an entry is kept from now

    const life = async function (blacklist: string, key: string): Promise<number> {

        return (await entriesOf(raw, blacklist)).get(key)!.expires - Date.now();
    };

    const elapsed = async function (moment: number): Promise<void> {

        for (let i = 0; i < 1000; ++i) {
            const [seconds, microseconds] = await raw.time();
            if (Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) > moment) {
                return;
            }

            await sleep(1);
        }

        throw new Error('The clock of the server stands still');
    };


    it('connects at once for commands when its connection to the log is there', async () => {

        const store = open('app', { retryStrategy: () => 60_000 });
        const [client] = await store.masters();
        await raw.client('KILL', 'ID', await client!.client('ID'));
        await until(() => client!.status === 'reconnecting');

        const link = await store.connect(1500);
        expect(await store.cutoffs(['key a'])).to.equal([null]);
        link.close();
    });

    it('keeps what all processes share: one revokes, another refuses', async () => {

        const [one, other] = [open(), open()];
        await one.revoke([revocation({ key: 'key a' })]);
        const { created } = (await one.create(address('a'), session()))!;

        expect(await other.cutoffs(['key a'])).to.equal([forever]);
        expect(await other.present(address('a'), presentation())).to.include({ state: 'current' });
        expect(await other.stamp('42', minute)).to.be.above(created);

        await other.remove(address('a'), shortening());
        expect(await one.present(address('a'), presentation())).to.equal({ state: 'ended' });
    });

    it('shows no claim and no data to what traces commands', async () => {

        const seen: string[] = [];
        const trace = (message: unknown) => seen.push(JSON.stringify(message));
        const channel = tracingChannel('ioredis:command');
        channel.start.subscribe(trace);
        const prepared = await prepare({}, { redis: server.url, prefix: 'traced', lease: false });
        try {
            prepared.server.route({
                method: 'POST',
                path: '/again',
                options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: (request) => prepared.auth.reauthenticate(request, { acr: 'a-context' })
            });
            await prepared.server.initialize();
            const { refresh_token: token } = await prepared.auth.issue(null, { sub: '42', email: 'ada@example' }, { data: { device: 'a-phone' } });
            expect((await prepared.server.inject({ method: 'POST', url: `/again?refreshToken=${token}` })).statusCode).to.equal(200);
            expect(await prepared.auth.sessions('42')).to.have.length(1);
        }
        finally {
            channel.start.unsubscribe(trace);
            await prepared.server.stop();
        }

        const text = seen.join();
        expect(text).to.contain('[hidden]');
        expect(text).to.not.contain('ada@example').and.to.not.contain('a-phone').and.to.not.contain('a-context');
    });

    it('begins a session where the list is full of more that are gone than one script works through', async () => {

        const store = open();
        await store.start();
        const { subject } = address('a');
        const gone = Array.from({ length: 120 }, (_, i) => [i + 1, `gone${i}`]).flat();
        await raw.zadd(`app:{${subject}}:sessions`, ...gone);
        const { created } = (await store.create(address('a'), session({ max: 1, refuses: true })))!;
        expect(created).to.be.above(0);
        expect(await store.create(address('b'), session({ max: 1, refuses: true }))).to.be.null();
    });

    it('begins a session once, however late a client sends the command again', async () => {

        const store = open();
        await store.create(address('old'), session());
        const begun = (await store.create(address('a'), session({ max: 1 })))!;
        expect(begun.surplus.ids).to.equal(['old']);

        // The first reply was lost

        expect(await store.create(address('a'), session({ max: 1 }))).to.equal(begun);
        await store.remove(address('old'), shortening());
        expect(await store.create(address('a'), session({ max: 1, refuses: true }))).to.equal({ ...begun, surplus: { ids: [], isPartial: false } });

        // It has been renewed, and then logged out

        await store.present(address('a'), presentation({ next: { secret: 'next', nonce: 'nonce', ttl: minute, accessTtl: minute } }));
        await store.create(address('a'), session());
        expect(await store.present(address('a'), presentation({ secret: 'next' }))).to.include({ state: 'current' });
        await store.remove(address('a'), shortening());
        await store.create(address('a'), session());
        expect(await store.present(address('a'), presentation({ secret: 'next' }))).to.equal({ state: 'ended' });
        expect(await store.present(address('a'), presentation())).to.equal({ state: 'ended' });
        expect(await idsOf(store.list('42'))).to.be.empty();
    });

    it('keeps apart what has another prefix', async () => {

        const [one, other] = [open('one'), open('other')];
        await one.revoke([revocation({ key: 'key a' })]);
        await one.create(address('a'), session());

        expect(await other.cutoffs(['key a'])).to.equal([null]);
        expect(await idsOf(other.list('42'))).to.be.empty();
        expect(await other.present(address('a'), presentation())).to.equal({ state: 'unknown' });
    });


    it('exchanges a text for the one before it, for a time', async () => {

        const [one, two] = [open(), open()];
        expect(await one.exchange('key:a', 'first', minute)).to.be.null();
        expect(await two.exchange('key:a', 'second', minute)).to.equal('first');
        expect(await one.exchange('key:a', 'third', minute)).to.equal('second');
        expect(await one.exchange('key:b', 'first', minute)).to.be.null();
        expect(await raw.pttl('{app}:blacklist:key:a')).to.be.within(minute - 5000, minute);
    });

    describe('its keys', () => {

        it('are these', async () => {

            const store = open();
            await store.revoke([revocation({ key: 'key a' })]);
            await store.create(address('one'), session());
            await store.create(address('two', '43'), session());

            expect(await keys()).to.equal([
                'app:{42}:session:one',
                'app:{42}:sessions',
                'app:{43}:session:two',
                'app:{43}:sessions',
                '{app}:blacklist:blocks',
                '{app}:blacklist:expiries',
                '{app}:blacklist:log'
            ]);
        });

        it('expire with what they hold, but for the blacklist, which no eviction of volatile keys must take', async () => {

            const store = open();
            await store.revoke([revocation({ key: 'key a' })]);
            await store.create(address('one'), session({ ttl: minute, maxAge: 5 * minute }));

            expect(await raw.pttl('{app}:blacklist:blocks')).to.equal(-1);
            expect(await raw.pttl('{app}:blacklist:expiries')).to.equal(-1);
            expect(await raw.pttl('{app}:blacklist:log')).to.equal(-1);
            expect(await raw.pttl('app:{42}:session:one')).to.be.within(minute - 5000, minute);
            expect(await raw.pttl('app:{42}:sessions')).to.be.within(5 * minute - 5000, 5 * minute + 5);

            await store.revoke([revocation({ key: 'key a' }), revocation({ key: 'key b' })]);
            await store.remove(address('one'), shortening('key a'));
            expect(await raw.pttl('{app}:blacklist:blocks')).to.equal(-1);
            expect(await raw.pttl('{app}:blacklist:expiries')).to.equal(-1);
        });

        it('get no shorter life from what is kept for less', async () => {

            const store = open();
            await store.create(address('one'), session({ maxAge: 10 * minute }));
            await store.stamp('42', minute);

            expect(await raw.pttl('app:{42}:sessions')).to.be.within(10 * minute - 5000, 10 * minute + 5);
        });

        it('get a longer life from what is kept for more', async () => {

            const store = open();
            await store.stamp('42', minute);
            expect(await raw.pttl('app:{42}:sessions')).to.be.within(minute - 5000, minute + 5);

            await store.stamp('42', 10 * minute);
            expect(await raw.pttl('app:{42}:sessions')).to.be.within(10 * minute - 5000, 10 * minute + 5);
        });

        it('go with the sessions', async () => {

            const store = open();
            await store.create(address('one'), session());
            await store.create(address('two'), session());
            await store.remove(address('one'), shortening());
            await store.clear('42', forever, 0);

            // For as long as their access tokens live it is known that they were ended

            expect(await raw.zrange('app:{42}:sessions', '0', '-1')).to.equal(['']);
            for (const key of ['app:{42}:session:one', 'app:{42}:session:two']) {
                expect(await raw.pttl(key)).to.be.within(minute - 5000, minute);
                expect(await raw.get(key)).to.match(/^family\n\n\n\n(\d+\n){5}\n\n0$/);
            }
        });

        it('hold no list of sessions that are long over', async () => {

            const store = open();
            await store.create(address('one'), session({ ttl: 1, maxAge: 1 }));
            const { created } = (await store.create(address('two'), session({ maxAge: 5 * minute })))!;
            await elapsed(created + 1);

            await store.create(address('next'), session({ maxAge: 5 * minute }));
            const held = await raw.zrange('app:{42}:sessions', '0', '-1');
            expect(held).to.not.include('one');
            expect(held).to.include(['two', 'next']);

            // What has expired without being renewed goes when it is looked for

            await store.create(address('three'), session({ ttl: 1, maxAge: 5 * minute }));
            await elapsed(created + 20);
            await store.list('42');
            expect(await raw.zrange('app:{42}:sessions', '0', '-1')).to.not.include('three');
        });
    });


    describe('its blacklist', () => {

        it('keeps exact integers, however great', async () => {

            const store = open();
            await store.revoke([
                revocation({ key: 'for good', cutoff: forever, ttl: century }),
                revocation({ key: 'nearly', cutoff: forever - 1, ttl: 1000.4 }),
                revocation({ key: 'moment', cutoff: 1_795_362_977_502 })
            ]);

            const blocks = await raw.hgetall('{app}:blacklist:blocks');
            expect(Object.keys(blocks)).to.only.include(['fo5', 'ne3', 'mo4']);
            expect(blocks.fo5).to.match(/^ for good:9007199254740991:\d{13}$/);
            expect(blocks.ne3).to.match(/^ nearly:9007199254740990:\d{13}$/);
            expect(blocks.mo4).to.match(/^ moment:1795362977502:\d{13}$/);

            const entries = await entriesOf(raw, '{app}:blacklist');
            for (const [key, { expires }] of entries) {
                expect(await raw.zscore('{app}:blacklist:expiries', key)).to.equal(`${expires}`);
            }

            expect(entries.get('for good')!.expires).to.be.within(Date.now() + century - 5000, Date.now() + century + 1000);
            expect(await store.cutoffs(['for good', 'nearly', 'moment'])).to.equal([forever, forever - 1, 1_795_362_977_502]);
        });

        it('adds up the latest cut-off and the longest life, whichever comes with which', async () => {

            const store = open();
            await store.revoke([revocation({ key: 'key a', cutoff: 2000, ttl: minute })]);
            const entry = async () => (await entriesOf(raw, '{app}:blacklist')).get('key a')!;
            const { expires } = await entry();

            await store.revoke([revocation({ key: 'key a', cutoff: 1000, ttl: 1000 })]);
            expect(await entry()).to.equal({ cutoff: 2000, expires });
            expect(await raw.zscore('{app}:blacklist:expiries', 'key a')).to.equal(`${expires}`);

            await store.revoke([revocation({ key: 'key a', cutoff: 3000, ttl: 1000 })]);
            expect(await entry()).to.equal({ cutoff: 3000, expires });

            await store.revoke([revocation({ key: 'key a', cutoff: 1, ttl: century })]);
            expect((await entry()).cutoff).to.equal(3000);
            expect(Number(await raw.zscore('{app}:blacklist:expiries', 'key a'))).to.be.above(Date.now() + century - 5000);
        });

        it('loses a member that does not confirm, for a process without a lease', { timeout: 10_000 }, async () => {

            const store = open();
            const link = await store.connect(300);
            const { epoch, head } = await link.open('');
            await link.confirm(epoch, head, false);
            await link.settle(epoch);

            const blacklist = new AskedBlacklist(store, { max: 10, clock: systemClock, arrived: () => undefined });
            await blacklist.revoke([revocation({ key: 'token' })]);
            await until(async () => await raw.exists('{app}:blacklist:members') === 0);
            expect(await store.suspect(epoch, 1)).to.equal([]);

            // A living one stays

            await link.confirm(epoch, 1, false);
            const suspicions = await store.suspect(epoch, 2);
            expect(suspicions).to.have.length(1);
            await link.confirm(epoch, 1, false);
            await store.strike(epoch, suspicions);
            expect(await raw.zrange('{app}:blacklist:members', '0', '-1')).to.equal([link.id]);
            expect(await store.suspect('another', 2)).to.equal([]);
            link.close();
        });

        it('gives up what has expired with the next write', async () => {

            const store = open();
            await store.revoke([revocation({ key: 'short', ttl: 1 }), revocation({ key: 'long' })]);
            await elapsed(Number(await raw.zscore('{app}:blacklist:expiries', 'short')));

            await store.revoke([revocation({ key: 'another' })]);
            expect([...(await entriesOf(raw, '{app}:blacklist')).keys()].sort()).to.equal(['another', 'long']);
            expect(await raw.hkeys('{app}:blacklist:blocks')).to.only.include(['an5', 'lo4']);
            expect((await raw.zrange('{app}:blacklist:expiries', '0', '-1')).sort()).to.equal(['another', 'long']);
        });

        it('gives up what has expired, also where an earlier version, or nothing, has its block', async () => {

            const store = open();
            await raw.hset('{app}:blacklist', 'entry of another version', '1:2');
            await raw.zadd('{app}:blacklist:expiries', 2, 'entry of another version');
            await store.revoke([revocation({ key: 'long' })]);
            expect(await raw.zrange('{app}:blacklist:expiries', '0', '-1')).to.equal(['long']);
            expect(await raw.hkeys('{app}:blacklist:blocks')).to.equal(['lo4']);
        });

        it('gives up thousands a little at a time, so that no logout waits for it', async () => {

            const store = open();
            await store.revoke(Array.from({ length: 9000 }, (_, i) => revocation({ key: identify('token', '', `${i}`), ttl: 1 })));
            await elapsed(Number(await raw.zscore('{app}:blacklist:expiries', identify('token', '', '0'))));

            await store.revoke([revocation({ key: 'key a' })]);
            const left = (await entriesOf(raw, '{app}:blacklist')).size;
            expect(left).to.be.within(8801, 9000);
            expect(await raw.zcard('{app}:blacklist:expiries')).to.equal(left);

            for (let i = 0; i < 100; ++i) {
                await store.revoke([revocation({ key: 'key a' })]);
            }

            expect([...(await entriesOf(raw, '{app}:blacklist')).keys()]).to.equal(['key a']);
            expect(await raw.zcard('{app}:blacklist:expiries')).to.equal(1);
        });

        it('is asked about many keys in one command', async () => {

            const store = open();
            await store.start();
            await raw.config('RESETSTAT');
            await store.cutoffs(['key a', 'key b', 'key c', 'key d']);

            expect(commands(await raw.info('commandstats'))).to.include(['hmget: 1']);
            expect(commands(await raw.info('commandstats')).filter((line) => !/^(config|info|hmget)/.test(line))).to.be.empty();
        });
    });


    describe('its sessions', () => {

        it('go by the clock of the server', async () => {

            const store = open();
            const realNow = Date.now;
            try {
                Date.now = () => realNow() - 60 * minute;
                const { created } = (await store.create(address('one'), session()))!;
                const held = live(await store.present(address('one'), presentation()));

                expect(created).to.be.within(realNow() - 5000, realNow() + 5);
                expect(held).to.include({ created });
                expect(held.remaining).to.be.within(minute - 5000, minute);
            }
            finally {
                Date.now = realNow;
            }
        });

        it('begin after all before, though the clock of the server was set back', async () => {

            const store = open();
            const ahead = Date.now() + minute;
            await raw.zadd('app:{42}:sessions', ahead, '');

            expect((await store.create(address('one'), session()))!.created).to.equal(ahead + 1);
            expect(await store.stamp('42', minute)).to.equal(ahead + 2);
            expect((await store.create(address('two'), session()))!.created).to.equal(ahead + 3);
            expect(await idsOf(store.list('42'))).to.equal(['one', 'two']);
            expect(await store.stamp('42', minute)).to.equal(ahead + 4);

            // The list lives on for as long as moments ahead of the clock could be given

            expect(await raw.pttl('app:{42}:sessions')).to.be.within(11 * minute - 5000, 11 * minute + 5);
        });

        const rowOf = async function (id: string): Promise<Record<string, string>> {

            const fields = ['family', 'secret', 'previous', 'nonce', 'created', 'renewed', 'rotated', 'ends', 'access', 'claims', 'data', 'lapses'];
            const values = (await raw.get(`app:{42}:session:${id}`))!.split('\n');
            expect(values).to.have.length(fields.length);
            return Object.fromEntries(fields.map((field, i) => [field, values[i]!]));
        };

        it('take less than 500 bytes each, renewed and with data', async () => {

            const store = open();
            const digest = 'x'.repeat(43);
            await store.create(address('a'.repeat(16)), session({ family: digest, secret: digest, claims: '{"sub":"42","scope":"read write","name":"Ada"}', data: '{"device":"Firefox on Linux"}' }));
            await store.present(address('a'.repeat(16)), presentation({ family: digest, secret: digest, next: { secret: 'y'.repeat(43), nonce: 'n'.repeat(16), ttl: minute, accessTtl: minute } }));

            expect((await raw.memory('USAGE', `app:{42}:session:${'a'.repeat(16)}`))!).to.be.below(500);
        });

        it('are refused where they are damaged, which is reported', async () => {

            const errors: string[] = [];
            const { options, ...settings } = { options: server.options(), timeout: 5000, lease: 1500, startWithoutStore: false, cache: { max: 1 } };
            const store = new RedisStore({ redis: options, prefix: 'app', ...settings }, (error) => errors.push(error.message));
            await store.start();

            try {
                const key = 'app:{42}:session:one';
                const cuts: [name: string, cut: (text: string) => string][] = [
                    ['in the claims', (text) => text.slice(0, text.indexOf('"sub"') + 2)],
                    ['behind the claims', (text) => text.slice(0, text.indexOf('\n{"device"'))],
                    ['in the data', (text) => text.slice(0, text.indexOf('"phone"') + 2)],
                    ['before the dates', (text) => text.split('\n').slice(0, 3).join('\n')],
                    ['in its dates', (text) => text.replace(/\d{13}/, '1x')],
                    ['to nothing', () => ''],
                    ['in the subject', (text) => text.replace('"42"', '42')]
                ];

                for (const [name, cut] of cuts) {
                    await store.create(address('one'), session({ data: '{"device":"phone"}' }));
                    const ttl = await raw.pttl(key);
                    await raw.set(key, cut((await raw.get(key))!), 'PX', ttl);

                    expect(await store.present(address('one'), presentation()), name).to.equal({ state: 'unknown' });
                    expect(await store.present(address('one'), presentation({ next: { secret: 'second', nonce: 'nonce', ttl: minute, accessTtl: minute } })), name).to.equal({ state: 'unknown' });
                    expect(errors.splice(0), name).to.equal(Array(2).fill('Redis: a session is damaged, and its tokens are refused'));

                    // It can be listed with the others, and ended

                    expect(await idsOf(store.list('42')), name).to.equal(name === 'in the subject' ? ['one'] : []);
                    errors.splice(0);
                    expect(await store.claims(address('one')) === null, name).to.equal(name !== 'in the data');
                    await store.remove(address('one'), shortening());
                    expect(await idsOf(store.list('42')), name).to.be.empty();
                    expect(errors, name).to.be.empty();
                    await raw.del(key);
                }

                // Nor is one in a list of which nobody knows any more who acts in it

                await store.create(address('one'), session({ claims: '{"sub":"42","act":{"sub":"agent"}}' }));
                await raw.set(key, (await raw.get(key))!.replace('{"sub":"agent"}}', '{'), 'KEEPTTL');
                expect(await idsOf(store.list('42'))).to.be.empty();
                expect(errors.splice(0)).to.equal(['Redis: a session is damaged, and its tokens are refused']);
                await store.remove(address('one'), shortening());
                await raw.del(key);
            }
            finally {
                await store.stop();
            }
        });

        it('keep nothing but whole moments', async () => {

            const store = open();
            await store.create(address('one'), session({ maxAge: century, ttl: century }));
            await store.present(address('one'), presentation({ next: { secret: 'second', nonce: 'nonce', ttl: century, accessTtl: century } }));

            const row = await rowOf('one');
            for (const field of ['created', 'renewed', 'rotated', 'ends', 'access', 'lapses']) {
                expect(row[field]).to.match(/^\d{13}$/);
            }

            expect(Number(row.access)).to.be.within(Date.now() + century - 5000, Date.now() + century + 5);
            expect(await raw.pttl('app:{42}:session:one')).to.be.within(century - 5000, century);
        });

        it('hold what they were given, and no more', async () => {

            const store = open();
            await store.create(address('one'), session({ family: 'digest of the family', secret: 'digest of the secret' }));

            const { created, renewed, ends, access, ...rest } = await rowOf('one');
            expect(rest).to.equal({
                family: 'digest of the family',
                secret: 'digest of the secret',
                previous: '',
                nonce: '',
                rotated: '0',
                claims: '{"sub":"42"}',
                data: 'null',
                lapses: '0'
            });
            expect(renewed).to.equal(created);
            expect(Number(ends) - Number(created)).to.be.within(10 * minute - 1, 10 * minute);
            expect(Number(access) - Number(created)).to.be.within(minute - 1, minute);
        });
    });


    describe('with options of the client that change what it says', () => {

        it('works with a key prefix', async () => {

            const store = open('app', { keyPrefix: 'shared:' });
            await store.revoke([revocation({ key: 'key a', ttl: 2 * minute })]);
            await store.create(address('one'), session());
            await store.create(address('two'), session());

            expect((await keys()).every((key) => key.startsWith('shared:'))).to.be.true();
            expect(await idsOf(store.list('42'))).to.equal(['one', 'two']);
            expect(await idsOf(store.list('42'))).to.equal(['one', 'two']);

            await store.remove(address('one'), shortening('key a'));
            expect(await idsOf(store.list('42'))).to.equal(['two']);
            expect(await store.cutoffs(['key a'])).to.equal([forever]);
            expect(await store.cutoffs(['key a'])).to.equal([forever]);
            expect(await life('shared:{app}:blacklist', 'key a')).to.be.within(minute - 5000, minute);
        });

        for (const options of [{ stringNumbers: true }, { protocol: 2 as const }, { replyMapping: 'resp3' as const }, { enableAutoPipelining: false }]) {
            it(`works with ${JSON.stringify(options)}`, async () => {

                const store = open('app', options);
                const { created } = (await store.create(address('one'), session()))!;
                const stamp = await store.stamp('42', minute);
                expect(created).to.be.a.number();
                expect(stamp).to.be.a.number();
                expect(stamp).to.be.above(created);

                const held = live(await store.present(address('one'), presentation()));
                expect(held.created).to.equal(created);
                expect(held.remaining).to.be.within(minute - 5000, minute);

                expect(await idsOf(store.list('42'))).to.equal(['one']);
                expect(held.remaining).to.satisfy(Number.isSafeInteger);

                await store.revoke([revocation({ key: 'key a', ttl: 2 * minute })]);
                await store.remove(address('one'), shortening('key a'));
                expect(await life('{app}:blacklist', 'key a')).to.be.within(minute - 5000, minute);
                expect(await store.cutoffs(['key a', 'key b'])).to.equal([forever, null]);
                expect(await store.cutoffs(['key a'])).to.equal([forever]);
            });
        }
    });
});


describe('RedisStore on a Cluster', { timeout: 15_000 }, () => {

    let server: RedisServer;
    let raw: Redis;
    let opened: RedisStore[] = [];

    before(async () => {

        const busPort = await findPort();
        server = await RedisServer.start({ port: true, args: ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-announce-ip', '127.0.0.1'] });
        raw = new Redis(server.url);
        await raw.cluster('ADDSLOTSRANGE', 0, 16383);

        // One node with all slots still refuses a command whose keys are of several

        for (let i = 0; !(await raw.cluster('INFO')).includes('cluster_state:ok'); ++i) {
            expect(i).to.be.below(1000);
            await sleep(10);
        }
    });

    after(async () => {

        raw.disconnect();
        await server.stop();
    });

    afterEach(async () => {

        await Promise.all(opened.map((store) => store.stop()));
        opened = [];
        await raw.flushall();
    });

    const open = function (prefix: string): RedisStore {

        const store = new RedisStore({ redis: server.options(), prefix, timeout: 5000, cache: { max: 1 }, lease: 1500, startWithoutStore: false }, fail);
        opened.push(store);
        return store;
    };

    it('has one slot for the blacklist, and one for the sessions of each subject', async () => {

        await expect(raw.mset('a', '1', 'b', '2')).to.reject(/^CROSSSLOT/);

        const slots = [];
        for (const prefix of ['app', 'hard-logout', 'a:b']) {
            const store = open(prefix);
            await store.revoke([revocation({ key: 'key a' }), revocation({ key: 'key b' })]);
            expect(await store.cutoffs(['key a', 'key b', 'key c'])).to.equal([forever, forever, null]);
            slots.push(await onlySlot(raw));

            for (const subject of ['42', '43', 'BD1moDTqoKBIX2v7YFqXIA']) {
                await raw.flushall();
                await store.create(address('a', subject), session());
                await store.create(address('b', subject), session());
                expect(await store.present(address('a', subject), presentation())).to.include({ state: 'current' });
                expect(await idsOf(store.list(subject))).to.equal(['a', 'b']);
                slots.push(await onlySlot(raw));
                await store.remove(address('a', subject), shortening());
                await store.remove(address('b', subject), shortening());
                await store.stamp(subject, minute);
                expect(await idsOf(store.list(subject))).to.be.empty();
            }

            await raw.flushall();
        }

        // Not all on one node: three blacklists, and three subjects wherever their sessions are

        expect(new Set(slots).size).to.equal(6);
    });

    it('keeps revocations for as long as they were meant to be, whatever the client knows of slots', async () => {

        const store = open('app');
        await store.revoke([revocation({ key: 'key a', ttl: 2 * minute })]);

        for (const id of ['first', 'second']) {
            await store.create(address(id), session());
            await store.remove(address(id), shortening('key a'));
            expect(await idsOf(store.list('42'))).to.be.empty();
            expect((await entriesOf(raw, '{app}:blacklist')).get('key a')!.expires).to.be.above(Date.now() + minute);
        }
    });

    it('is reached through a Cluster client of the user\'s', async () => {

        const client = new Cluster([server.url]);
        const store = new RedisStore({ redis: client, prefix: 'app', timeout: 5000, cache: { max: 1 }, lease: 1500, startWithoutStore: false }, fail);
        try {
            await store.start();
            await store.revoke([revocation({ key: 'key a' })]);
            expect(await store.cutoffs(['key a', 'key b'])).to.equal([forever, null]);
            expect(await store.cutoffs(['key a'])).to.equal([forever]);

            await store.create(address('one'), session());
            expect(await idsOf(store.list('42'))).to.equal(['one']);

            await store.stop();
            expect(client.status).to.equal('ready');
        }
        finally {
            client.disconnect();
        }
    });
});


const fail = function (error: Error): never {

    throw error;
};


const findPort = async function (): Promise<number> {

    const server = Net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as Net.AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
};


const onlySlot = async function (client: Redis): Promise<number> {

    const names = await client.keys('*');
    const slots = new Set(await Promise.all(names.map((name) => client.cluster('KEYSLOT', name))));
    expect(names.length).to.be.at.least(2);
    expect(slots.size).to.equal(1);
    return slots.values().next().value!;
};


const commands = function (info: string): string[] {

    return Array.from(info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm), ([, name, calls]) => `${name}: ${calls}`);
};


const shortening = function (...keys: string[]): Shortening {

    return { revocations: keys.map((key) => ({ key, cutoff: forever, ttl: 0 })), margin: 0 };
};


const live = function (presented: SessionState): Session {

    if (!('session' in presented)) {
        throw new Error(`The session is ${presented.state}`);
    }

    return presented.session;
};
