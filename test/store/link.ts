import { once } from 'node:events';
import * as Net from 'node:net';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { identify } from '../../lib/blacklist/identities';
import { Outage, Unsupported } from '../../lib/errors/outage';
import { openLinkClient } from '../../lib/store/client';
import { forever } from '../../lib/blacklist/blacklist';
import { memberId, RedisLink } from '../../lib/store/link';
import * as LogScripts from '../../lib/store/blacklist-scripts';
import { RedisStore } from '../../lib/store/redis';
import * as Scripts from '../../lib/store/session-scripts';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { until } from '../support/until';

import type { RedisOptions } from 'ioredis';
import type { Link, News, Revocation } from '../../lib/store/blacklist-contract';
import type { PluginSettings } from '../../lib/options/settings';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


describe('RedisLink', { timeout: 10_000 }, () => {

    const keys = LogScripts.suffixes.map((suffix) => `app${suffix}`);
    const [blocks, expiries,, log, members] = keys as [string, string, string, string, string];
    const channel = 'app:news';

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

    const connect = async function (redis: RedisOptions = server.options(), { lease = 1000, timeout = 500 } = {}): Promise<Listening> {

        const client = await openLinkClient(redis, blocks, timeout);
        cleanups.push(() => client.disconnect());
        const link = await RedisLink.connect(client, { lease, timeout, keys, channel });
        return { link, client, epoch: '', heard: [] };
    };

    // One that has opened the log, and confirmed

    const join = async function (...rest: [RedisOptions?, { lease?: number; timeout?: number }?]): Promise<Listening> {

        const joined = await connect(...rest);
        await listen(joined);
        const { epoch, head } = await joined.link.open('');
        joined.epoch = epoch;
        await joined.link.confirm(epoch, head, false);
        return joined;
    };

    const launch = async function (options?: Parameters<typeof RedisServer.start>[0]): Promise<RedisServer> {

        const own = await RedisServer.start(options);
        cleanups.push(() => own.stop());
        return own;
    };


    describe('as one connection', () => {

        it('carries questions and news over RESP3', async () => {

            const { link } = await join();
            expect(await link.cutoffs(['token'])).to.equal([null]);

            const clients = (await raw.client('LIST') as string).split('\n').filter((line) => / name=hard-logout:lease /.test(line));
            expect(clients).to.have.length(1);
            expect(clients[0]).to.match(/ sub=2 /).and.to.match(/ resp=3/);
        });

        it('hears the news before the reply to what was asked later, which says how many there were', async () => {

            const a = await join();
            const b = await join();
            for (let i = 1; i <= 50; ++i) {
                expect(await b.link.write(b.epoch, [revocation(`token ${i}`)])).to.include({ position: i });
                expect((await a.link.confirm(a.epoch, i - 1, false))!.published).to.equal(i);
                expect(a.heard.length).to.equal(i);
                await b.link.confirm(b.epoch, i - 1, false);
                expect(b.heard.length).to.equal(i);
            }
        });

        it('keeps its replies and its own news apart, however many are under way', async () => {

            const { link, heard, epoch } = await join();
            const calls: Promise<unknown>[] = [];
            for (let i = 0; i < 200; ++i) {
                calls.push(link.write(epoch, [revocation(`token ${i}`, i + 1)]), link.cutoffs([`token ${i}`, 'clean']), link.confirm(epoch, 0, false));
            }

            const replies = (await Promise.all(calls));
            expect(replies.filter((_, i) => i % 3 === 1)).to.equal(Array.from({ length: 200 }, (_, i) => [i + 1, null]));
            expect(replies.filter((_, i) => i % 3 === 0)).to.equal(Array.from({ length: 200 }, (_, i) => ({ position: i + 1, isPublished: true, least: i + 1, isSettled: false, lease: 1000, isConfirmed: true })));
            await link.confirm(epoch, 0, false);
            expect(heard.map(({ first, last }) => [first, last])).to.equal(Array.from({ length: 200 }, (_, i) => [i + 1, i + 1]));
        });

        it('is a member of its own each time, which says where it runs', async () => {

            const [one, two] = [await connect(), await connect()];
            expect(one.link.id).to.not.equal(two.link.id);
            expect(one.link.id.split(':').slice(0, 2)).to.equal([memberId().split(':')[0], String(process.pid)]);
            expect(memberId('a host: with "all\n sorts" of_things.' + 'x'.repeat(100))).to.match(new RegExp(`^ahostwithallsortsof_things\\.x{5}:${process.pid}:[\\w-]{12}$`));
        });
    });


    describe('subscribe()', () => {

        it('passes on the news as they were written', async () => {

            const a = await join();
            const b = await join();
            await b.link.write(b.epoch, [revocation('token'), revocation('subject', 1000, 5000)]);
            await b.link.write(b.epoch, []);
            await a.link.confirm(a.epoch, 0, false);

            expect(a.heard).to.equal([
                { epoch: a.epoch, first: 1, last: 1, revocations: [revocation('token'), revocation('subject', 1000, 5000)] },
                { epoch: a.epoch, first: 2, last: 2, revocations: [] }
            ]);
        });

        it('passes on the cut-off and the time that count, where there was a later one', async () => {

            const { link, epoch, heard } = await join();
            await link.write(epoch, [revocation('subject', 2000, 60_000)]);
            await link.write(epoch, [revocation('subject', 1000, 5000)]);
            await link.confirm(epoch, 0, false);

            const [{ cutoff, ttl }] = heard[1]!.revocations as [Revocation];
            expect(cutoff).to.equal(2000);
            expect(ttl).to.be.within(55_000, 60_000);
        });

        it('passes on at once all that is shortened, without a position', async () => {

            const { link, epoch, heard } = await join();
            await link.write(epoch, [revocation('session'), revocation('token')]);

            const shortened = [['session', forever, 1000], ['unknown', forever, 1000], ['token', 1, 1000], ['token', forever, 2000]].flatMap((each) => [...each, '', '']);
            for (let i = 0; i < 2; ++i) {
                await raw.eval(Scripts.create.lua, 3, 'app:session:one', 'app:sessions', 'app:session:', 'one', 60_000, 60_000, 1, 'family', 'secret', '{}', 'null', 100, 50);
                await raw.eval(Scripts.remove.lua, 5, 'app:sessions', 'app:session:one', blocks, expiries, 'app:issuers', 'one', 0, channel, ...shortened);
            }

            await link.confirm(epoch, 0, false);
            expect(heard.slice(1)).to.equal([{ epoch: '-', first: 0, last: 0, revocations: [revocation('session', forever, 1000), revocation('token', forever, 2000)] }]);
        });

        it('notifies a writer of what all have confirmed, and no other process', async () => {

            const a = await join();
            const b = await join();
            await a.link.write(a.epoch, [revocation('token')]);
            expect((await a.link.confirm(a.epoch, 1, true))!.least).to.equal(0);
            expect((await b.link.confirm(b.epoch, 1, true))!.least).to.equal(1);
            await a.link.confirm(a.epoch, 1, false);
            expect(a.told).to.equal([[a.epoch, 1]]);
            expect(b.told).to.equal([]);
        });

        it('reports when the connection is lost', async () => {

            const a = await join();
            await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await until(() => a.closed !== undefined);
            expect(a.closed).to.be.an.error(Outage, 'Redis: the connection was lost');
            await expect(a.link.confirm(a.epoch, 0, false)).to.reject(Outage);
            await expect(a.link.cutoffs(['token'])).to.reject(Outage);
        });

        it('reports when it was closed from this side', async () => {

            const a = await join();
            a.link.close();
            await until(() => a.closed !== undefined);
            expect(a.closed).to.be.an.error(Outage);
            expect(a.client.status).to.equal('end');
        });

        it('does not connect again by itself', async () => {

            const a = await join();
            await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await until(() => a.client.status === 'end');
            await expect(a.link.subscribe(listener(a))).to.reject(Outage);
        });

        it('fails what is under way when the connection is lost', async () => {

            const own = await launch();
            const { link, epoch } = await join(own.options());
            own.pause();
            const questions = [link.cutoffs(['token']), link.confirm(epoch, 0, false), link.write(epoch, [revocation('token')])].map((call) => call.catch((error) => error));
            await own.kill();
            for (const error of await Promise.all(questions)) {
                expect(error).to.be.an.error(Outage);
            }
        });
    });


    describe('pages()', () => {

        it('return everything that is in force, and for how long, a little at a time', async () => {

            const { link, epoch } = await join();
            const all = Array.from({ length: 3100 }, (_, i) => revocation(identify('token', '', `${i}`), i + 1, 60_000 + i));
            for (let i = 0; i < all.length; i += 500) {
                await link.write(epoch, all.slice(i, i + 500));
            }

            const found = new Map<string, Revocation>();
            let longest = 0;
            for await (const page of link.pages()) {
                longest = Math.max(longest, page.length);
                page.forEach((entry) => found.set(entry.key, entry));
            }

            expect(longest).to.be.within(500, 2000);
            expect(found.size).to.equal(3100);
            expect(all.filter(({ key, cutoff }) => found.get(key)!.cutoff !== cutoff)).to.be.empty();
            const differences = all.map(({ key, ttl }) => found.get(key)!.ttl - ttl);
            expect(Math.min(...differences)).to.be.above(-5000);
            expect(Math.max(...differences)).to.be.at.most(1000);
        });

        it('are on their way while the one before is worked through, and fail unheard where nobody wants them', async () => {

            const { link, epoch, client } = await join();
            const all = Array.from({ length: 3100 }, (_, i) => revocation(identify('token', '', `${i}`)));
            for (let i = 0; i < all.length; i += 500) {
                await link.write(epoch, all.slice(i, i + 500));
            }

            await raw.config('RESETSTAT');
            const pages = link.pages()[Symbol.asyncIterator]();
            await pages.next();
            await link.cutoffs(['token']);
            expect(await raw.info('commandstats')).to.contain('cmdstat_hscan:calls=2,');

            const unheard: unknown[] = [];
            const hear = (reason: unknown) => unheard.push(reason);
            process.on('unhandledRejection', hear);
            await pages.next();
            client.stream.destroy();
            await pages.return!();
            await until(async () => client.status === 'end');
            await new Promise(setImmediate);
            process.off('unhandledRejection', hear);
            expect(unheard).to.be.empty();
        });

        it('never answer a time that is too short', async () => {

            const { link, epoch } = await join();
            await link.write(epoch, [revocation('token', forever, 60_000)]);
            const [page] = await collect(link);
            const [seconds, micros] = await raw.time();
            const { expires } = (await entriesOf(raw, 'app')).get('token')!;
            expect(page![0]!.ttl).to.be.at.least(expires - (Number(seconds) * 1000 + Number(micros) / 1000));
        });

        it('are empty where nothing is revoked', async () => {

            const { link } = await join();
            expect((await collect(link)).flat()).to.equal([]);
        });
    });


    describe('write()', () => {

        it('writes what a store can read', async () => {

            const [a, b] = [await join(), await join()];
            await a.link.write(a.epoch, [revocation('token')]);
            await b.link.write(a.epoch, [revocation('session')]);
            expect(await b.link.cutoffs(['token', 'session'])).to.equal([forever, forever]);
        });

        it('has its own position on a server that has lost the script, behind what was asked meanwhile', async () => {

            const { link, epoch, heard } = await join();
            const other = await join();
            await link.write(epoch, [revocation('first')]);
            await raw.script('FLUSH');

            // EVALSHA fails, and EVAL comes when others have written

            const late = link.write(epoch, [revocation('late')]);
            const early = other.link.write(epoch, [revocation('early')]);
            const positions = [(await late)!.position, (await early)!.position];
            expect(positions.sort()).to.equal([2, 3]);
            await link.confirm(epoch, 1, false);
            const [[, second], [, third]] = heard.slice(1).map(({ last, revocations: [found] }) => [last, found!.key]) as [[number, string], [number, string]];
            expect([second, third].sort()).to.equal(['early', 'late']);
        });

        it('resolves with null in a log that was begun anew, and changes nothing there', async () => {

            const { link, epoch } = await join();
            await raw.flushall();
            expect(await link.write(epoch, [revocation('token')])).to.be.null();
            expect(await link.confirm(epoch, 0, false)).to.be.null();
            expect(await link.restoration(epoch)).to.be.null();
            expect(await link.restore(epoch, '', [])).to.be.null();
            expect(await link.suspect(epoch, 1)).to.be.null();
            expect(await Promise.all([link.restored(epoch, ''), link.settle(epoch), link.strike(epoch, ['']), link.leave(epoch)])).to.equal([false, false, false, false]);
            expect(await raw.dbsize()).to.equal(0);
        });

        it('is an outage where the server cannot write', async () => {

            const { link, epoch } = await join();
            await raw.config('SET', 'min-replicas-to-write', '1');
            cleanups.push(() => raw.config('SET', 'min-replicas-to-write', '0'));
            await expect(link.write(epoch, [revocation('token')])).to.reject(Outage, /NOREPLICAS/);
            await expect(link.confirm(epoch, 0, false)).to.reject(Outage, /NOREPLICAS/);
        });
    });


    describe('suspect() and strike()', () => {

        it('remove who has not confirmed since, and no one else', async () => {

            const [a, b, c] = [await join(), await join(), await join()];
            await a.link.write(a.epoch, [revocation('token')]);
            await a.link.confirm(a.epoch, 1, false);
            const suspicions = await a.link.suspect(a.epoch, 1);
            await c.link.confirm(c.epoch, 0, false);
            expect(await a.link.strike(a.epoch, ['another'])).to.be.true();
            expect(await raw.zcard(members)).to.equal(3);
            expect(await a.link.strike(a.epoch, suspicions!)).to.be.true();
            expect(await raw.zrange(members, '0', '-1')).to.only.include([a.link.id, c.link.id]).and.to.not.include(b.link.id);
        });

        it('remove who was suspected by two, for the first as for the second', async () => {

            const [a, b, c] = [await join(), await join(), await join()];
            for (const first of [true, false]) {
                await raw.zadd(members, -1, 'gone');
                const suspicions = [await a.link.suspect(a.epoch, 0), await b.link.suspect(b.epoch, 0)];
                expect(await c.link.suspect(c.epoch, -1)).to.equal([]);
                expect(await a.link.strike(a.epoch, suspicions[first ? 0 : 1]!)).to.be.true();
                expect(await raw.zscore(members, 'gone')).to.be.null();
            }
        });
    });


    describe('leave()', () => {

        it('removes the member, and no other of the same process', async () => {

            const [a, b] = [await join(), await join()];
            expect(await a.link.leave(a.epoch)).to.be.true();
            expect(await raw.zrange(members, '0', '-1')).to.equal([b.link.id]);
        });
    });


    describe('restore()', () => {

        it('passes the turn on with each piece', async () => {

            const [a, b] = [await join(), await join()];
            expect(await a.link.restoration(a.epoch)).to.equal({ restoring: `${a.link.id} 0`, isSettled: false });
            expect(await b.link.restore(b.epoch, '', [revocation('token')])).to.equal('');
            expect(await a.link.restore(a.epoch, `${a.link.id} 0`, [revocation('token')])).to.equal(`${a.link.id} 1`);
            expect(await a.link.restored(a.epoch, `${a.link.id} 1`)).to.be.true();
            expect(await b.link.settle(b.epoch)).to.be.true();
            expect(await b.link.restoration(b.epoch)).to.equal({ restoring: '', isSettled: true });
            expect((await b.link.open('')).isSettled).to.be.true();
            await b.link.confirm(b.epoch, 0, false);
            expect(b.heard).to.equal([{ epoch: b.epoch, first: 1, last: 1, revocations: [revocation('token')] }]);
        });

        it('publishes each piece at once, however many members there are', async () => {

            const { link, epoch, heard } = await join();
            await raw.zadd(members, ...Array.from({ length: 25_000 }, (_, i) => [0, `other-${i}`]).flat());
            expect(await link.restore(epoch, `${link.id} 0`, [revocation('token')])).to.equal(`${link.id} 1`);
            expect(await link.restore(epoch, `${link.id} 1`, [revocation('session')])).to.equal(`${link.id} 2`);

            // Its reply comes behind all news

            await link.confirm(epoch, 0, false);
            expect(heard.map(({ revocations }) => revocations)).to.equal([[revocation('token')], [revocation('session')]]);
        });
    });


    describe('a server that is frozen', () => {

        it('is waited for as long as a question may take, with a confirmation as long as the lease', async () => {

            const own = await launch();
            const { link, epoch } = await join(own.options(), { lease: 200, timeout: 50 });
            own.pause();

            const questions = [
                link.cutoffs(['token']), link.write(epoch, [revocation('token')]), link.strike(epoch, ['']), link.suspect(epoch, 0), link.leave(epoch), link.open(''), link.settle(epoch),
                link.restoration(epoch), link.restore(epoch, '', []), link.restored(epoch, ''), collect(link), link.subscribe(listener({} as Listening))
            ];

            for (const question of questions) {
                await expect<Promise<unknown>>(question).to.reject(Outage, 'Redis: no answer within 50 ms');
            }

            await expect(link.confirm(epoch, 0, false)).to.reject(Outage, 'Redis: no answer within 200 ms');
        });
    });


    describe('connect()', () => {

        it('fails where there is no server, and lets go of the client', async () => {

            const client = await openLinkClient({ path: `${server.path}.none` }, blocks, 100);
            await expect(RedisLink.connect(client, { lease: 1000, timeout: 100, keys, channel })).to.reject(Outage);
            await until(() => client.status === 'end');
        });

        it('fails in bounded time where the server is frozen', async () => {

            const own = await launch();
            own.pause();
            const client = await openLinkClient(own.options(), blocks, 50);
            const began = Date.now();
            await expect(RedisLink.connect(client, { lease: 1000, timeout: 50, keys, channel })).to.reject(Outage);
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
                await expect(connect({ port })).to.reject(Unsupported, message);
            }
        });

        it('takes a server from 6.2 on', async () => {

            for (const version of ['6.2.0', '6.10.1', '7.0.0', '10.0.0']) {
                const { link } = await connect({ port: await pretend(() => hello({ proto: 3, version })) });
                link.close();
            }
        });

        it('does not take a connection that breaks meanwhile for a server that lacks something', async () => {

            let count = 0;
            const port = await pretend(() => (++count === 1 ? hello({ proto: 3, version: '7.0.15' }) : ''));
            const error = await connect({ port }, { timeout: 300 }).catch((reason) => reason);
            expect(error).to.be.an.error(Outage);
            expect(error).to.not.be.instanceof(Unsupported);
        });

        it('is an outage where the password is wrong', async () => {

            const own = await launch({ args: ['--requirepass', 'right'] });
            const error = await connect({ ...own.options(), password: 'wrong' }).catch((reason) => reason);
            expect(error).to.be.an.error(Outage);
            expect(error).to.not.be.instanceof(Unsupported);
            expect(error.message).to.not.contain('wrong');
        });
    });


    describe('open()', () => {

        it('finds the same log for all, until the data were deleted', async () => {

            const [a, b] = [await join(), await join()];
            expect(a.epoch).to.equal(b.epoch);
            await a.link.settle(a.epoch);
            expect((await b.link.open('')).isSettled).to.be.true();

            await raw.flushdb();
            const anew = await b.link.open('');
            expect(anew).to.equal({ epoch: anew.epoch, head: 0, isSettled: false, lease: 1000 });
            expect(anew.epoch).to.not.equal(a.epoch);
        });

        it('puts a member in the place of another', async () => {

            const [a, b] = [await join(), await join()];
            await b.link.open(a.link.id);
            expect(await raw.zrange(members, '0', '-1')).to.equal([b.link.id]);
        });

        it('makes another log after a restart, with the data or without', async () => {

            const own = await launch({ args: ['--save', '3600', '1'] });
            for (const keep of [true, false]) {
                const former = await join(own.options());
                await former.link.settle(former.epoch);
                if (keep) {
                    await former.client.save();
                }
                else {
                    await former.client.flushall();
                }

                await own.restart();
                const { client, link } = await connect(own.options());
                expect(await client.exists(log)).to.equal(keep ? 1 : 0);
                expect(await link.open('')).to.include({ isSettled: false, head: 0 });
                expect(await client.exists(members)).to.equal(0);
            }
        });

        it('makes another log on a replica that was promoted, and on one that was a master before', async () => {

            // Without the five seconds in which a master waits for more replicas

            const options = { port: true, args: ['--repl-diskless-sync-delay', '0'] };
            const [one, other] = [await launch(options), await launch(options)];
            const a = await join(one.options());
            const b = await connect(other.options());
            const follow = async function (client: Redis, { port }: RedisServer): Promise<void> {

                await client.replicaof('127.0.0.1', port!);
                await until(async () => /master_link_status:up/.test(await client.info('replication')));
            };

            await follow(b.client, one);
            await until(async () => (await b.client.exists(log)) === 1);
            await b.client.replicaof('NO', 'ONE');
            const second = await b.link.open('');
            expect(second.epoch).to.not.equal(a.epoch);

            await follow(a.client, other);
            await a.client.replicaof('NO', 'ONE');
            const third = await a.link.open('');
            expect([a.epoch, second.epoch]).to.not.include(third.epoch);
        });

        it('says so where the server has no histories', async () => {

            const { client, link } = await connect();
            const { evalsha } = client;
            client.evalsha = (() => Promise.reject(new Error('ERR user_script:7: NOHISTORY'))) as any;
            await expect(link.open('')).to.reject(Unsupported, 'Redis cannot carry the lease: it names no replication ID. With lease: false every request asks it instead');
            client.evalsha = evalsha;
            await raw.set(log, 'of another type');
            await expect(link.open('')).to.reject(Error, /WRONGTYPE/);

            // As the script says it

            const blind = LogScripts.open.lua.replace('master_replid', 'no_such_field');
            await expect(raw.eval(blind, keys.length, ...keys, channel, 'epoch', 'a', '', 1)).to.reject(/NOHISTORY/);
        });
    });


    describe('a user with few rights', () => {

        const rights = [
            '~app*', '&app:news*',
            '+hset', '+hlen', '+hmget', '+hget', '+hscan', '+hdel', '+hgetall', '+time', '+evalsha', '+eval', '+zadd', '+zrem', '+zscore', '+zrange', '+zrangebyscore', '+zremrangebyscore',
            '+zcard', '+zcount', '+rpush', '+lrange', '+del', '+exists', '+subscribe', '+publish', '+ping', '+info', '+client'
        ];

        it('can do everything with these', async () => {

            await raw.acl('SETUSER', 'few', 'reset', 'on', '>secret', ...rights);
            const a = await join({ ...server.options(), username: 'few', password: 'secret' });
            const { link, epoch } = a;
            await link.register([{ issuer: 'issuer', name: 'name', life: 1, tolerance: 1 }]);
            await link.write(epoch, [revocation('token')]);
            expect(await link.cutoffs(['token'])).to.equal([forever]);
            expect((await collect(link)).flat()).to.have.length(1);
            expect(a.heard).to.have.length(1);
            const b = await join({ ...server.options(), username: 'few', password: 'secret' });
            await link.write(epoch, []);
            b.link.acknowledge(epoch, 2);
            await b.link.cutoffs(['token']);
            await link.cutoffs(['token']);
            expect(a.told).to.equal([[epoch, 2]]);
            expect(await link.restore(epoch, `${link.id} 0`, [revocation('session')])).to.equal(`${link.id} 1`);
            expect(await link.restored(epoch, `${link.id} 1`)).to.be.true();
            expect(await link.settle(epoch)).to.be.true();
            expect(await link.restoration(epoch)).to.equal({ restoring: '', isSettled: true });
            expect(await link.strike(epoch, (await link.suspect(epoch, 2))!)).to.be.true();
            expect(await link.leave(epoch)).to.be.true();
        });

        it('takes no reply to an acknowledgement for one to another command, where the user may no longer do without replies', async () => {

            for (const isBusy of [true, false]) {
                await raw.acl('SETUSER', 'few', 'reset', 'on', '>secret', ...rights);
                const { link, epoch, client } = await join({ ...server.options(), username: 'few', password: 'secret' });
                const closed = new Promise((resolve) => client.once('close', resolve));
                await raw.acl('SETUSER', 'few', '-client|reply');
                link.acknowledge(epoch, 0);
                if (isBusy) {
                    const [written, ...confirmed] = [link.write(epoch, []), link.confirm(epoch, 0, false), link.confirm(epoch, 0, false), link.confirm(epoch, 0, false)];
                    await Promise.all([
                        expect(written!).to.reject(Outage, /^Redis: NOPERM .*client\|reply/),
                        ...confirmed.map((confirmation) => expect(confirmation).to.reject(Outage))
                    ]);
                }

                await closed;
                await expect(link.confirm(epoch, 0, false)).to.reject(Outage);
            }
        });

        it('is an outage that says which right is missing', async () => {

            for (const [right, call] of [
                ['subscribe', (link: Link) => link.subscribe(listener({} as Listening))],
                ['hmget', (link: Link) => link.cutoffs(['token'])],
                ['hscan', (link: Link) => collect(link)],
                ['evalsha', (link: Link) => link.write('epoch', [revocation('token')])]
            ] as const) {
                await raw.acl('SETUSER', 'few', 'reset', 'on', '>secret', ...rights, `-${right}`);
                const { link } = await connect({ ...server.options(), username: 'few', password: 'secret' });
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

        const open = async function (store: RedisStore): Promise<Listening> {

            const link = await store.connect(1000);
            cleanups.push(() => link.close());
            const listening = { link, heard: [] } as unknown as Listening;
            await listen(listening);
            const { epoch } = await link.open('');
            await link.confirm(epoch, 0, false);
            return Object.assign(listening, { epoch });
        };

        it('reads what the store writes, and the other way round', async () => {

            const store = create(server.options());
            const { link, heard, epoch } = await open(store);
            expect(await store.revoke([revocation('token')])).to.equal({ epoch, position: 1, published: 1, least: 0, isSettled: false, lease: 1000 });
            await link.confirm(epoch, 1, false);
            expect(heard).to.equal([{ epoch, first: 1, last: 1, revocations: [revocation('token')] }]);
            expect(await link.cutoffs(['token'])).to.equal([forever]);
            expect(await store.progress(epoch)).to.equal({ published: 1, least: 1, isSettled: false, lease: 1000 });
            await store.settle(epoch);
            expect(await store.progress(epoch)).to.include({ isSettled: true });
            expect(await store.progress('another')).to.be.null();

            await link.write(epoch, [revocation('session')]);
            expect(await store.cutoffs(['session'])).to.equal([forever]);
        });

        it('goes where the client of the user goes: key prefix, database and all', async () => {

            const client = new Redis({ ...server.options(), keyPrefix: 'own:', db: 3, stringNumbers: true });
            cleanups.push(() => client.disconnect());
            const store = create(client);
            const { link, heard, epoch } = await open(store);
            await link.write(epoch, [revocation('token')]);
            expect(await store.cutoffs(['token'])).to.equal([forever]);
            await store.revoke([revocation('session')]);
            await store.create({ subject: '42', id: 'one' }, { family: '', secret: '', claims: '{}', data: 'null', ttl: 60_000, maxAge: 60_000, accessTtl: 1, max: 100 });
            await store.remove({ subject: '42', id: 'one' }, { revocations: [revocation('session', forever, 1000)], margin: 0 });
            await link.confirm(epoch, 2, false);
            expect(heard.map(({ last }) => last)).to.equal([1, 2, 0]);

            const third = new Redis({ ...server.options(), db: 3 });
            cleanups.push(() => third.disconnect());
            expect([...(await entriesOf(third, 'own:{p}:blacklist')).keys()]).to.only.include(['token', 'session']);
            expect(await third.zrange('own:{p}:blacklist:members', '0', '-1')).to.equal([link.id]);
            expect((await store.survey()).members).to.equal([{ id: link.id, position: 2 }]);
            expect(await raw.keys('*')).to.equal([]);
            expect(client.status).to.equal('ready');
        });

        it('goes where a URL leads, with what it says of itself', async () => {

            const store = create(`${server.url}?keyPrefix=own:&protocol=2`);
            const { link, epoch } = await open(store);
            await link.write(epoch, [revocation('token')]);
            expect(await store.cutoffs(['token'])).to.equal([forever]);
            expect(await raw.exists('own:{p}:blacklist:blocks')).to.equal(1);
        });

        it('hears nothing of another prefix, key prefix or database', async () => {

            const { link, heard, epoch } = await open(create(server.options()));
            for (const other of [
                create(server.options(), 'another'),
                create({ ...server.options(), keyPrefix: 'own:' }),
                create({ ...server.options(), db: 3 })
            ]) {
                const elsewhere = await open(other);
                await elsewhere.link.write(elsewhere.epoch, [revocation('token')]);
                await elsewhere.link.confirm(elsewhere.epoch, 1, false);
                expect(elsewhere.heard).to.have.length(1);
            }

            await link.confirm(epoch, 0, false);
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
    epoch: string;
    heard: News[];
    told?: [string, number][];
    closed?: Error;
}


const listener = function (listening: Listening): Parameters<Link['subscribe']>[0] {

    listening.told = [];
    return {
        news: (news) => listening.heard.push(news),
        told: (epoch, position) => listening.told!.push([epoch, position]),
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
