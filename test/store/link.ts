import { once } from 'node:events';
import * as Net from 'node:net';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { Outage, Unsupported } from '../../lib/errors/outage';
import { openLinkClient } from '../../lib/store/client';
import { forever } from '../../lib/store/contract';
import { RedisLink } from '../../lib/store/link';
import { RedisStore } from '../../lib/store/redis';
import * as Scripts from '../../lib/store/scripts';
import { RedisServer } from '../support/redis';
import { until } from '../support/until';

import type { RedisOptions } from 'ioredis';
import type { Link, News, Revocation } from '../../lib/store/contract';
import type { PluginSettings } from '../../lib/options/settings';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


describe('RedisLink', { timeout: 10_000 }, () => {

    const keys = { entries: 'app:list', expiries: 'app:expiries', processes: 'app:processes', issuers: 'app:issuers', history: 'app:history', news: 'app:news' };

    let server: RedisServer;
    let raw: Redis;
    let cleanups: (() => unknown)[];

    before(async () => {

        server = await RedisServer.start();
        raw = new Redis({ path: server.path });
    });

    after(async () => {

        raw.disconnect();
        await server.stop();
    });

    beforeEach(async () => {

        cleanups = [];
        await raw.flushall();
    });

    afterEach(async () => {

        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }
    });

    const connect = async function (id: string, redis: RedisOptions = server.options(), { lease = 1000, timeout = 500 } = {}): Promise<Listening> {

        const client = await openLinkClient(redis, keys.entries, timeout);
        cleanups.push(() => client.disconnect());
        const link = await RedisLink.connect(client, { id, lease, timeout, keys });
        return { link, client, heard: [] };
    };

    const join = async function (id: string, ...rest: [RedisOptions?, { lease?: number; timeout?: number }?]): Promise<Listening> {

        const joined = await connect(id, ...rest);
        await listen(joined);
        return joined;
    };

    const launch = async function (options?: Parameters<typeof RedisServer.start>[0]): Promise<RedisServer> {

        const own = await RedisServer.start(options);
        cleanups.push(() => own.stop());
        return own;
    };


    describe('as one connection', () => {

        it('carries questions and news over RESP3', async () => {

            const { link } = await join('a');
            await link.beat();
            expect(await link.cutoffs(['token'])).to.equal([null]);

            const clients = (await raw.client('LIST') as string).split('\n').filter((line) => / name=hard-logout:lease /.test(line));
            expect(clients).to.have.length(1);
            expect(clients[0]).to.match(/ sub=2 /).and.to.match(/ resp=3/);
        });

        it('hears the news before the answer to what was asked later', async () => {

            const a = await join('a');
            const b = await join('b');
            for (let i = 1; i <= 50; ++i) {
                await b.link.revoke([revocation(`token ${i}`)], i);
                await a.link.beat();
                expect(a.heard.length).to.equal(i);
                await b.link.beat();
                expect(b.heard.length).to.equal(i);
            }
        });

        it('keeps its answers and its own news apart, however many are under way', async () => {

            const { link, heard } = await join('a');
            const calls: Promise<unknown>[] = [];
            for (let i = 0; i < 200; ++i) {
                calls.push(link.revoke([revocation(`token ${i}`, i + 1)], i), link.cutoffs([`token ${i}`, 'clean']), link.beat());
            }

            const answers = (await Promise.all(calls)).filter((_, i) => i % 3 > 0);
            expect(answers).to.equal(Array.from({ length: 400 }, (_, i) => {

                const count = Math.floor(i / 2);
                return i % 2 === 0 ? [count + 1, null] : { isKnown: count > 0, size: count + 1 };
            }));

            await link.beat();
            expect(heard.map(({ sequence }) => sequence)).to.equal(Array.from({ length: 200 }, (_, i) => i));
        });
    });


    describe('subscribe()', () => {

        it('tells the news as they were written: by whom, which, and what', async () => {

            const a = await join('a');
            const b = await join('b');
            await b.link.revoke([revocation('token'), revocation('subject', 1000, 5000)], 7);
            await a.link.beat();

            expect(a.heard).to.equal([{
                from: 'b', sequence: 7, revocations: [revocation('token'), revocation('subject', 1000, 5000)]
            }]);
        });

        it('tells the cut-off and the time that count, where there was a later one', async () => {

            const a = await join('a');
            await a.link.revoke([revocation('subject', 2000, 60_000)], 1);
            await a.link.revoke([revocation('subject', 1000, 5000)], 2);
            await a.link.beat();

            const [{ cutoff, ttl }] = a.heard[1]!.revocations as [Revocation];
            expect(cutoff).to.equal(2000);
            expect(ttl).to.be.within(55_000, 60_000);
        });

        it('tells at once of all that is shortened, without a number', async () => {

            const { link, heard } = await join('a');
            await link.revoke([revocation('session'), revocation('token')], 1);

            const shortened = [['session', forever, 1000], ['unknown', forever, 1000], ['token', 1, 1000], ['token', forever, 2000]].flatMap((each) => [...each, '', '']);
            for (let i = 0; i < 2; ++i) {
                await raw.eval(Scripts.create.lua, 3, 'app:session:one', 'app:sessions', 'app:session:', 'one', 60_000, 60_000, 1, 'family', 'secret', '{}', 'null', 100, 50);
                await raw.eval(Scripts.remove.lua, 5, 'app:sessions', 'app:session:one', keys.entries, keys.expiries, keys.issuers, 'one', 0, keys.news, ...shortened);
            }

            await link.beat();
            expect(heard.slice(1)).to.equal([{ from: '-', sequence: null, revocations: [revocation('session', forever, 1000), revocation('token', forever, 2000)] }]);
        });

        it('tells acknowledgements to the one whom they are for', async () => {

            const a = await join('a');
            const b = await join('b');
            const c = await join('c');
            b.link.acknowledge('a', 12);
            await b.link.beat();
            await a.link.beat();
            await c.link.beat();
            expect(a.acknowledged).to.equal([['b', 12]]);
            expect(b.acknowledged).to.equal([]);
            expect(c.acknowledged).to.equal([]);
        });

        it('tells when the connection is lost', async () => {

            const a = await join('a');
            await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await until(() => a.closed !== undefined);
            expect(a.closed).to.be.an.error(Outage, 'Redis: the connection was lost');
            await expect(a.link.beat()).to.reject(Outage);
            await expect(a.link.cutoffs(['token'])).to.reject(Outage);
        });

        it('tells when it was closed from this side', async () => {

            const a = await join('a');
            a.link.close();
            await until(() => a.closed !== undefined);
            expect(a.closed).to.be.an.error(Outage);
            expect(a.client.status).to.equal('end');
        });

        it('does not connect again by itself', async () => {

            const a = await join('a');
            await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await until(() => a.client.status === 'end');
            await expect(a.link.subscribe(listener(a))).to.reject(Outage);
        });

        it('fails what is under way when the connection is lost', async () => {

            const own = await launch();
            const { link } = await join('a', own.options());
            own.pause();
            const questions = [link.cutoffs(['token']), link.beat(), link.revoke([revocation('token')], 1)].map((call) => call.catch((error) => error));
            await own.kill();
            for (const error of await Promise.all(questions)) {
                expect(error).to.be.an.error(Outage);
            }
        });
    });


    describe('beat()', () => {

        it('enters the process into the registry, with its lease', async () => {

            const { link } = await connect('a', undefined, { lease: 1234 });
            expect(await link.beat()).to.equal({ isKnown: false, size: 0 });
            expect(await raw.hget(keys.processes, 'a')).to.match(/^\d+:1234$/);
            expect(await link.beat()).to.equal({ isKnown: true, size: 0 });
        });

        it('says when the registry has lost it', async () => {

            const { link } = await connect('a');
            await link.beat();
            await raw.hdel(keys.processes, 'a');
            expect(await link.beat()).to.include({ isKnown: false });
            expect(await link.beat()).to.include({ isKnown: true });
        });

        it('counts the revocations', async () => {

            const { link } = await connect('a');
            await link.revoke([revocation('token'), revocation('session')], 1);
            await link.revoke([revocation('token')], 2);
            expect(await link.beat()).to.include({ size: 2 });
        });

        it('is never the same twice, on no connection of the process', async () => {

            const beats = new Set<string | null>();
            for (let i = 0; i < 3; ++i) {
                const { link } = await connect('a');
                for (let j = 0; j < 3; ++j) {
                    await link.beat();
                    beats.add(await raw.hget(keys.processes, 'a'));
                }

                link.close();
            }

            expect(beats.size).to.equal(9);
        });
    });


    describe('cutoffs()', () => {

        it('answers the cut-off of each key, or none', async () => {

            const { link } = await connect('a');
            await link.revoke([revocation('token'), revocation('subject', 1_900_000_000_000)], 1);
            expect(await link.cutoffs(['subject', 'clean', 'token'])).to.equal([1_900_000_000_000, null, forever]);
        });
    });


    describe('pages()', () => {

        it('answer everything that is in force, and for how long', async () => {

            const { link } = await connect('a');
            const all = Array.from({ length: 3100 }, (_, i) => revocation(`token ${i}`, i + 1, 60_000 + i));
            for (let i = 0; i < all.length; i += 500) {
                await link.revoke(all.slice(i, i + 500), i);
            }

            const found = new Map<string, Revocation>();
            let pages = 0;
            for await (const page of link.pages()) {
                ++pages;
                page.forEach((entry) => found.set(entry.key, entry));
            }

            expect(pages).to.be.at.least(3);
            expect(found.size).to.equal(3100);
            expect(all.filter(({ key, cutoff }) => found.get(key)!.cutoff !== cutoff)).to.be.empty();
            const differences = all.map(({ key, ttl }) => found.get(key)!.ttl - ttl);
            expect(Math.min(...differences)).to.be.above(-5000);
            expect(Math.max(...differences)).to.be.at.most(1000);
        });

        it('never answer a time that is too short', async () => {

            const { link } = await connect('a');
            await link.revoke([revocation('token', forever, 60_000)], 1);
            const [page] = await collect(link);
            const [seconds, micros] = await raw.time();
            const [, expires] = (await raw.hget(keys.entries, 'token'))!.split(':');
            expect(page![0]!.ttl).to.be.at.least(Number(expires) - (Number(seconds) * 1000 + Number(micros) / 1000));
        });

        it('are empty where nothing is revoked', async () => {

            const { link } = await connect('a');
            expect((await collect(link)).flat()).to.equal([]);
        });
    });


    describe('revoke()', () => {

        it('writes what a store can read, and answers the registry', async () => {

            const a = await connect('a');
            const b = await connect('b', undefined, { lease: 2000 });
            expect(await a.link.revoke([revocation('token')], 1)).to.equal([]);

            await a.link.beat();
            await b.link.beat();
            const peers = await a.link.revoke([revocation('session')], 2);
            const registry = await raw.hgetall(keys.processes);
            expect(peers).to.only.include([
                { id: 'a', beat: registry.a!, lease: 1000 },
                { id: 'b', beat: registry.b!, lease: 2000 }
            ]);

            expect(await b.link.cutoffs(['token', 'session'])).to.equal([forever, forever]);
        });

        it('takes times that are no whole milliseconds', async () => {

            const { link } = await connect('a');
            await link.revoke([revocation('token', forever, 1500.25)], 1);
            const [page] = await collect(link);
            expect(page![0]!.ttl).to.be.within(0, 2502);
        });

        it('works on a server that has lost the script', async () => {

            const { link } = await connect('a');
            await link.revoke([revocation('token')], 1);
            await raw.script('FLUSH');
            await link.revoke([revocation('session')], 2);
            expect(await link.cutoffs(['token', 'session'])).to.equal([forever, forever]);
        });

        it('is an outage where the server cannot write', async () => {

            const { link } = await connect('a');
            await raw.config('SET', 'min-replicas-to-write', '1');
            cleanups.push(() => raw.config('SET', 'min-replicas-to-write', '0'));
            await expect(link.revoke([revocation('token')], 1)).to.reject(Outage, /NOREPLICAS/);
            await expect(link.beat()).to.reject(Outage, /NOREPLICAS/);
        });
    });


    describe('strike()', () => {

        it('takes out of the registry who has not beaten since, and nobody else', async () => {

            const a = await connect('a');
            const b = await connect('b');
            const c = await connect('c');
            for (const { link } of [a, b, c]) {
                await link.beat();
            }

            const peers = await a.link.revoke([revocation('token')], 1);
            await c.link.beat();
            await a.link.strike(peers.filter(({ id }) => id !== 'a'));
            expect(Object.keys(await raw.hgetall(keys.processes))).to.only.include(['a', 'c']);
        });

        it('does not take one connection of a process for another', async () => {

            const a = await connect('a');
            const b = await connect('b');
            await b.link.beat();
            const peers = await a.link.revoke([revocation('token')], 1);
            b.link.close();

            const next = await connect('b');
            await next.link.beat();
            await a.link.strike(peers);
            expect(await raw.hexists(keys.processes, 'b')).to.equal(1);
        });
    });


    describe('leave()', () => {

        it('takes the process out of the registry, and nobody else', async () => {

            const a = await connect('a');
            const b = await connect('b');
            await a.link.beat();
            await b.link.beat();
            await a.link.leave();
            expect(Object.keys(await raw.hgetall(keys.processes))).to.equal(['b']);
        });
    });


    describe('a server that is frozen', () => {

        it('is waited for as long as a question may take, with a heartbeat as long as the lease', async () => {

            const own = await launch();
            const { link } = await join('a', own.options(), { lease: 200, timeout: 50 });
            own.pause();

            const questions = [link.cutoffs(['token']), link.revoke([revocation('token')], 1), link.strike([]), link.leave(), collect(link), link.subscribe(listener({} as Listening))];
            for (const question of questions) {
                await expect(question).to.reject(Outage, 'Redis: no answer within 50 ms');
            }

            await expect(link.beat()).to.reject(Outage, 'Redis: no answer within 200 ms');
        });

        it('does not keep an acknowledgement from being given up', async () => {

            const own = await launch();
            const { link } = await join('a', own.options());
            own.pause();
            link.acknowledge('b', 1);
            await own.kill();
            await expect(link.beat()).to.reject(Outage);
        });
    });


    describe('connect()', () => {

        it('fails where there is no server, and lets go of the client', async () => {

            const client = await openLinkClient({ path: `${server.path}.none` }, keys.entries, 100);
            await expect(RedisLink.connect(client, { id: 'a', lease: 1000, timeout: 100, keys })).to.reject(Outage);
            await until(() => client.status === 'end');
        });

        it('fails in bounded time where the server is frozen', async () => {

            const own = await launch();
            own.pause();
            const client = await openLinkClient(own.options(), keys.entries, 50);
            const began = Date.now();
            await expect(RedisLink.connect(client, { id: 'a', lease: 1000, timeout: 50, keys })).to.reject(Outage);
            expect(Date.now() - began).to.be.below(2000);
            expect(client.status).to.not.equal('ready');
        });

        it('says what a server lacks', async () => {

            const lacking: [string, (command: string[]) => string][] = [

                // Redis 5, or a proxy

                ['it knows no HELLO', () => '-ERR unknown command `HELLO`, with args beginning with: \r\n'],
                ['it speaks no RESP3', ([, version]) => (version === '3' ? '-NOPROTO unsupported protocol version\r\n' : hello({ proto: 2, version: '7.0.15' }))],
                ['it is older than 6.2', () => hello({ proto: 3, version: '6.0.16' })],
                ['it is older than 6.2', () => hello({ proto: 3, version: '5.9.9' })]
            ];

            for (const [reason, answer] of lacking) {
                const port = await pretend(answer);
                const message = `Redis cannot carry the lease: ${reason}. With lease: false every request asks it instead`;
                await expect(connect('a', { port })).to.reject(Unsupported, message);
            }
        });

        it('takes a server from 6.2 on', async () => {

            for (const version of ['6.2.0', '6.10.1', '7.0.0', '10.0.0']) {
                const { link } = await connect('a', { port: await pretend(() => hello({ proto: 3, version })) });
                link.close();
            }
        });

        it('does not take a connection that breaks meanwhile for a server that lacks something', async () => {

            let count = 0;
            const port = await pretend(() => (++count === 1 ? hello({ proto: 3, version: '7.0.15' }) : ''));
            const error = await connect('a', { port }, { timeout: 300 }).catch((reason) => reason);
            expect(error).to.be.an.error(Outage);
            expect(error).to.not.be.instanceof(Unsupported);
        });

        it('is an outage where the password is wrong', async () => {

            const own = await launch({ args: ['--requirepass', 'right'] });
            const error = await connect('a', { ...own.options(), password: 'wrong' }).catch((reason) => reason);
            expect(error).to.be.an.error(Outage);
            expect(error).to.not.be.instanceof(Unsupported);
            expect(error.message).to.not.contain('wrong');
        });
    });


    describe('isSettled()', () => {

        it('is true from settle() on, for everybody', async () => {

            const [a, b] = [await join('a'), await join('b')];
            expect(await a.link.isSettled()).to.be.false();
            await a.link.settle();
            expect(await a.link.isSettled()).to.be.true();
            expect(await b.link.isSettled()).to.be.true();
        });

        it('is false after the data were deleted', async () => {

            const { link } = await join('a');
            await link.settle();
            await raw.flushdb();
            expect(await link.isSettled()).to.be.false();
        });

        it('is false after a restart, with the data or without', async () => {

            const own = await launch({ args: ['--save', '3600', '1'] });
            for (const keep of [true, false]) {
                const former = await join('a', own.options());
                await former.link.settle();
                if (keep) {
                    await former.client.save();
                }
                else {
                    await former.client.flushall();
                }

                await own.restart();
                const { client, link } = await join('a', own.options());
                expect(await client.exists(keys.history)).to.equal(keep ? 1 : 0);
                expect(await link.isSettled()).to.be.false();
            }
        });

        it('is false on a replica that was promoted, and on one that was a master before', async () => {

            const [one, other] = [await launch({ port: true }), await launch({ port: true })];
            const [a, b] = [await join('a', one.options()), await join('b', other.options())];
            const follow = async function (client: Redis, { port }: RedisServer): Promise<void> {

                await client.replicaof('127.0.0.1', port!);
                await until(async () => /master_link_status:up/.test(await client.info('replication')));
            };

            await a.link.settle();
            await follow(b.client, one);
            await until(async () => (await b.client.exists(keys.history)) === 1);
            await b.client.replicaof('NO', 'ONE');
            expect(await b.link.isSettled()).to.be.false();

            await follow(a.client, other);
            await a.client.replicaof('NO', 'ONE');
            expect(await a.link.isSettled()).to.be.false();
        });

        it('says so where the server has no histories', async () => {

            const { client, link } = await join('a');
            client.info = () => Promise.resolve('# Replication\r\nrole:master\r\n') as any;
            await expect(link.isSettled()).to.reject(Unsupported, 'Redis cannot carry the lease: it names no replication ID. With lease: false every request asks it instead');
        });
    });


    describe('a user with few rights', () => {

        const rights = [
            '~app:*', '&app:news*',
            '+hset', '+hlen', '+hmget', '+hget', '+hscan', '+hdel', '+hgetall', '+time', '+evalsha', '+eval', '+zadd', '+zrem', '+zrangebyscore',
            '+subscribe', '+publish', '+ping', '+info', '+get', '+set', '+client'
        ];

        it('can do everything with these', async () => {

            await raw.acl('SETUSER', 'few', 'reset', 'on', '>secret', ...rights);
            const a = await join('a', { ...server.options(), username: 'few', password: 'secret' });
            await a.link.beat();
            const peers = await a.link.revoke([revocation('token')], 1);
            a.link.acknowledge('a', 1);
            expect(await a.link.cutoffs(['token'])).to.equal([forever]);
            expect((await collect(a.link)).flat()).to.have.length(1);
            expect(a.heard).to.have.length(1);
            expect(a.acknowledged).to.equal([['a', 1]]);
            await a.link.settle();
            expect(await a.link.isSettled()).to.be.true();
            await a.link.strike(peers);
            await a.link.leave();
        });

        it('is an outage that says which right is missing', async () => {

            for (const [right, call] of [
                ['subscribe', (link: Link) => link.subscribe(listener({} as Listening))],
                ['get', (link: Link) => link.isSettled()],
                ['set', (link: Link) => link.settle()],
                ['hset', (link: Link) => link.beat()],
                ['hmget', (link: Link) => link.cutoffs(['token'])],
                ['evalsha', (link: Link) => link.revoke([revocation('token')], 1)]
            ] as const) {
                await raw.acl('SETUSER', 'few', 'reset', 'on', '>secret', ...rights, `-${right}`);
                const { link } = await connect('a', { ...server.options(), username: 'few', password: 'secret' });
                await expect<Promise<unknown>>(call(link)).to.reject(Outage, new RegExp(`NOPERM.*${right}`));
            }
        });
    });


    describe('of a store', () => {

        const create = function (redis: PluginSettings['redis'], prefix = 'p'): RedisStore {

            const settings = { redis, prefix, timeout: 500, lease: 1000, startWithoutStore: false, cache: { max: 10 } } as PluginSettings;
            const store = new RedisStore(settings, () => undefined);
            cleanups.push(() => store.stop());
            return store;
        };

        const open = async function (store: RedisStore, id: string): Promise<Listening> {

            const link = await store.connect(id, 1000);
            cleanups.push(() => link.close());
            const listening = { link, heard: [] } as unknown as Listening;
            await listen(listening);
            return listening;
        };

        it('reads what the store writes, and the other way round', async () => {

            const store = create(server.options());
            const { link, heard } = await open(store, 'a');
            await link.beat();
            expect((await store.revoke([revocation('token')])).map(({ id }) => id)).to.equal(['a']);
            await link.beat();
            expect(heard).to.equal([{ from: '-', sequence: 0, revocations: [revocation('token')] }]);
            expect(await link.cutoffs(['token'])).to.equal([forever]);

            await link.revoke([revocation('session')], 1);
            expect(await store.cutoffs(['session'])).to.equal([forever]);
        });

        it('goes where the client of the user goes: key prefix, database and all', async () => {

            const client = new Redis({ ...server.options(), keyPrefix: 'own:', db: 3, stringNumbers: true });
            cleanups.push(() => client.disconnect());
            const store = create(client);
            const { link, heard } = await open(store, 'a');
            expect(await link.beat()).to.equal({ isKnown: false, size: 0 });
            expect(await link.beat()).to.include({ isKnown: true });
            await link.revoke([revocation('token')], 1);
            expect(await store.cutoffs(['token'])).to.equal([forever]);
            await store.revoke([revocation('session')]);
            await store.create({ subject: '42', id: 'one' }, { family: '', secret: '', claims: '{}', data: 'null', ttl: 60_000, maxAge: 60_000, accessTtl: 1, max: 100 });
            await store.remove({ subject: '42', id: 'one' }, { revocations: [revocation('session', forever, 1000)], margin: 0 });
            await link.beat();
            expect(heard.map(({ sequence }) => sequence)).to.equal([1, 0, null]);

            const third = new Redis({ ...server.options(), db: 3 });
            cleanups.push(() => third.disconnect());
            expect(await third.hkeys('own:{p}:blacklist')).to.only.include(['token', 'session']);
            expect(await third.hkeys('own:{p}:blacklist:processes')).to.equal(['a']);
            expect(await raw.keys('*')).to.equal([]);
            expect(client.status).to.equal('ready');
        });

        it('goes where a URL leads, with what it says of itself', async () => {

            const store = create(`${server.url}?keyPrefix=own:&protocol=2`);
            const { link } = await open(store, 'a');
            await link.beat();
            await link.revoke([revocation('token')], 1);
            expect(await store.cutoffs(['token'])).to.equal([forever]);
            expect(await raw.exists('own:{p}:blacklist')).to.equal(1);
        });

        it('hears nothing of another prefix, key prefix or database', async () => {

            const { link, heard } = await open(create(server.options()), 'a');
            for (const other of [
                create(server.options(), 'another'),
                create({ ...server.options(), keyPrefix: 'own:' }),
                create({ ...server.options(), db: 3 })
            ]) {
                const elsewhere = await open(other, 'b');
                await elsewhere.link.revoke([revocation('token')], 1);
                elsewhere.link.acknowledge('a', 1);
                await elsewhere.link.beat();
                expect(elsewhere.heard).to.have.length(1);
            }

            await link.beat();
            expect(heard).to.equal([]);
            expect(await link.cutoffs(['token'])).to.equal([null]);
        });
    });


    // A server that can do nothing but say hello

    const pretend = async function (answer: (command: string[]) => string): Promise<number> {

        const sockets = new Set<Net.Socket>();
        const fake = Net.createServer((socket) => {

            sockets.add(socket);
            socket.on('error', () => undefined);
            socket.on('data', (data) => {

                for (const command of parse(data.toString())) {
                    const name = command[0]!.toUpperCase();
                    const text = name === 'HELLO' ? answer(command) : name === 'INFO' ? '$9\r\nloading:0\r\n' : '+OK\r\n';
                    if (text === '') {
                        return socket.destroy();
                    }

                    socket.write(text);
                }
            });
        });

        fake.listen(0, '127.0.0.1');
        await once(fake, 'listening');
        cleanups.push(() => {

            fake.close();
            sockets.forEach((socket) => socket.destroy());
        });

        return (fake.address() as Net.AddressInfo).port;
    };
});


interface Listening {
    link: Link;
    client: Redis;
    heard: News[];
    acknowledged?: [string, number][];
    closed?: Error;
}


const listener = function (listening: Listening): Parameters<Link['subscribe']>[0] {

    listening.acknowledged = [];
    return {
        news: (news) => listening.heard.push(news),
        acknowledged: (id, sequence) => listening.acknowledged!.push([id, sequence]),
        closed: (error) => {

            listening.closed = error;
        }
    };
};


const listen = async function (listening: Listening): Promise<void> {

    await listening.link.subscribe(listener(listening));
};


const revocation = function (key: string, cutoff = forever, ttl = 60_000): Revocation {

    return { key, cutoff, ttl };
};


const collect = async function (link: Link): Promise<Revocation[][]> {

    const pages: Revocation[][] = [];
    for await (const page of link.pages()) {
        pages.push(page);
    }

    return pages;
};


const hello = function (says: { proto: number; version: string }): string {

    const { proto, version } = says;
    const head = proto === 3 ? '%3' : '*6';
    return `${head}\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$${version.length}\r\n${version}\r\n$5\r\nproto\r\n:${proto}\r\n`;
};


// Commands as clients send them: an array of texts each

const parse = function (text: string): string[][] {

    const lines = text.split('\r\n');
    const commands: string[][] = [];
    while (lines.length > 1) {
        const count = Number(lines.shift()!.slice(1));
        commands.push(Array.from({ length: count }, () => lines.splice(0, 2)[1]!));
    }

    return commands;
};
