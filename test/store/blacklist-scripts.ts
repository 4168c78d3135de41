import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import * as Scripts from '../../lib/store/blacklist-scripts';
import { RedisServer } from '../support/redis';

import type { Script } from '../../lib/store/script';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach } = lab;


describe('The scripts of the log', { timeout: 10_000 }, () => {

    const keys = Scripts.suffixes.map((suffix) => `{p}:blacklist${suffix}`);
    const [entries, expiries,, log, members, waits, pending, suspects] = keys as [string, string, string, string, string, string, string, string];
    const channel = '{p}:blacklist:news:0';
    const all = Object.values(Scripts).filter((each): each is Script => !Array.isArray(each));

    let server: RedisServer;
    let raw: Redis;
    let subscriber: Redis;
    let heard: string[];

    before(async () => {

        server = await RedisServer.start();
        raw = new Redis(server.url);
        subscriber = new Redis(server.url);
        subscriber.on('pmessage', (_, from, message) => heard.push(from === channel ? message : `${from.slice(channel.length + 1)}: ${message}`));
        await subscriber.psubscribe(`${channel}*`);
    });

    after(async () => {

        raw.disconnect();
        subscriber.disconnect();
        await server.stop();
    });

    beforeEach(async () => {

        await raw.flushall();
        heard = [];
    });

    const run = async function (script: Script, ...args: (string | number)[]): Promise<any> {

        return await raw.eval(script.lua, keys.length, ...keys, ...args);
    };

    // What was published by now has come

    const messages = async function (): Promise<string[]> {

        await subscriber.ping();
        return heard.splice(0);
    };

    const crowd = (count: number, position: number) => raw.eval('for i = 1, ARGV[1] do redis.call("ZADD", KEYS[1], ARGV[2], "m" .. i) end', 1, members, count, position);

    const open = (id = '', old = '', lease = 1000, candidate = 'epoch') => run(Scripts.open, channel, candidate, id, old, lease);

    const entry = (key: string, cutoff = 5, ttl = 60_000) => [key, cutoff, ttl, '', '', ''];

    const write = (id: string, ...args: (string | number)[]) => run(Scripts.write, channel, 'epoch', id, ...args);

    const confirm = (id: string, position: number, wish: number | 'quiet' = 0) => run(Scripts.confirm, channel, 'epoch', id, position, wish);

    it('can be read by Redis, which gives them the same digests', async () => {

        for (const { lua, sha } of all) {
            expect(await raw.script('LOAD', lua)).to.equal(sha);
        }
    });

    it('are different ones', () => {

        expect(new Set(all.map(({ sha }) => sha)).size).to.equal(all.length);
        expect(all.length).to.be.above(10);
    });

    it('do nothing in another epoch', async () => {

        const inOther: [Script, ...(string | number)[]][] = [
            [Scripts.write, channel, 'epoch', 'a', ...entry('token')],
            [Scripts.restore, channel, 'epoch', 'a', '', ...entry('token')],
            [Scripts.restored, 'epoch', ''],
            [Scripts.settle, 'epoch'],
            [Scripts.confirm, channel, 'epoch', 'a', 1, 1],
            [Scripts.progress, channel, 'epoch'],
            [Scripts.suspect, 'epoch', 5, 'token'],
            [Scripts.strike, channel, 'epoch', 'token'],
            [Scripts.leave, channel, 'epoch', 'a']
        ];

        for (const isThere of [false, true]) {
            if (isThere) {
                await open('b', '', 1000, 'another');
                await raw.zadd(members, 0, 'a');
                await raw.hset(suspects, 'a', 'token');
            }

            const former = await raw.hgetall(log);
            for (const [script, ...args] of inOther) {
                expect(await run(script, ...args)).to.be.null();
            }

            expect(await raw.exists(entries, waits, pending)).to.equal(0);
            expect(await raw.hgetall(log)).to.equal(former);
            expect(await raw.zrange(members, '0', '-1')).to.equal(isThere ? ['a'] : []);
        }

        expect(await messages()).to.be.empty();
    });


    describe('open', () => {

        it('makes a log where there is none, which its maker restores', async () => {

            expect(await open('a')).to.equal(['epoch', 0, 0, 1000]);
            expect(await open('b', '', 500, 'another')).to.equal(['epoch', 0, 0, 1000]);
            expect(await open('c', '', 2000, 'another')).to.equal(['epoch', 0, 0, 2000]);
            expect(await raw.hget(log, 'restoring')).to.equal('a 0');
            expect(await raw.zcard(members)).to.equal(0);
        });

        it('makes another one where the server has another history, and keeps the entries', async () => {

            await open('a');
            await write('a', ...entry('token'));
            await write('a', ...entry('later'));
            await confirm('a', 1);
            await run(Scripts.suspect, 'epoch', 2, 'token');
            await raw.hset(log, 'history', 'another', 'settled', 1);
            await raw.rpush(pending, 'unpublished');
            expect(await open('b', '', 500, 'new')).to.equal(['new', 0, 0, 500]);
            expect(await raw.exists(entries, expiries)).to.equal(2);
            expect(await raw.exists(members, waits, pending, suspects)).to.equal(0);
            expect(Object.keys(await raw.hgetall(log)).sort()).to.equal(['at', 'epoch', 'head', 'history', 'lease', 'published', 'restoring']);
        });

        it('puts a member in the place of another, for which nobody has to wait any more', async () => {

            await open('a');
            await confirm('a', 0);
            await confirm('b', 0);
            await write('a', ...entry('token'));
            await confirm('a', 1);
            await messages();
            await open('b2', 'b');
            expect(await raw.zrange(members, '0', '-1')).to.equal(['a']);
            expect(await messages()).to.equal(['a: epoch 1']);
            await open('b3', 'unknown');
            expect(await messages()).to.be.empty();
        });

        it('replies that an epoch is as old as a lease, and its head', async () => {

            await open('a');
            await write('a', ...entry('token'));
            expect(await run(Scripts.settle, 'epoch')).to.equal(1);
            expect(await open('b')).to.equal(['epoch', 1, 1, 1000]);
        });
    });


    describe('write', () => {

        beforeEach(() => open('a'));

        it('gives positions, publishes, and announces who waits', async () => {

            await confirm('c', 0);
            expect(await write('a', ...entry('token'), ...entry('subject', 7))).to.equal([1, 1, 0, 0, 1000, 0]);
            expect(await write('b')).to.equal([2, 2, 0, 0, 1000, 0]);
            expect(await messages()).to.equal(['epoch 1 1 token 5 60000 subject 7 60000', 'epoch 2 2 ']);
            expect(await raw.zrange(waits, '0', '-1', 'WITHSCORES')).to.equal(['a 1', '1', 'b 2', '2']);
            expect(await raw.hmget(log, 'waiting', 'head', 'published')).to.equal(['1', '2', '2']);
            expect(await raw.exists(pending)).to.equal(0);
        });

        it('counts as confirmed by its writer, if that has confirmed all before; and where that is all, no one has to be waited for', async () => {

            await confirm('a', 0);
            expect(await write('a', ...entry('token'))).to.equal([1, 1, 1, 0, 1000, 1]);
            expect(await raw.exists(waits)).to.equal(0);
            await confirm('b', 1);
            expect(await write('b')).to.equal([2, 2, 1, 0, 1000, 1]);
            expect(await write('a')).to.equal([3, 3, 1, 0, 1000, 0]);
            expect(await raw.zrange(members, '0', '-1', 'WITHSCORES')).to.equal(['a', '1', 'b', '2']);
            expect(await raw.zrange(waits, '0', '-1')).to.equal(['b 2', 'a 3']);
            expect(await write('stranger')).to.equal([4, 4, 1, 0, 1000, 0]);
            expect(await raw.zscore(members, 'stranger')).to.be.null();
        });

        it('says whether the epoch is settled', async () => {

            await run(Scripts.settle, 'epoch');
            expect(await write('a')).to.equal([1, 1, 1, 1, 1000, 0]);
        });

        it('publishes many writes of one moment together, where there are many members', async () => {

            await crowd(100_000, 0);
            expect(await write('a', ...entry('one'))).to.equal([1, 1, 0, 0, 1000, 0]);
            expect(await write('a', ...entry('two'))).to.equal([2, 1, 0, 0, 1000, 0]);
            expect(await write('a')).to.equal([3, 1, 0, 0, 1000, 0]);
            expect(await write('b', ...entry('three'))).to.equal([4, 1, 0, 0, 1000, 0]);
            expect((await messages()).length).to.equal(1);
            expect(await raw.lrange(pending, '0', '-1')).to.equal(['two 5 60000', 'three 5 60000']);

            // Once it is due, any script does it

            await raw.hset(log, 'at', Date.now() - 4001);
            expect((await confirm('m1', 1))[0]).to.equal(1);
            expect(await messages()).to.equal(['epoch 2 4 two 5 60000 three 5 60000']);
            expect(await raw.exists(pending)).to.equal(0);
        });

        it('publishes what is pending before its own, as soon as it is due', async () => {

            await crowd(100_000, 0);
            const pend = async (...given: (string | number)[][]) => {

                await raw.hset(log, 'at', Date.now());
                for (const fields of given) {
                    await write('a', ...fields);
                }

                expect(await messages()).to.be.empty();
                await raw.hset(log, 'at', 0);
            };

            await pend(entry('one'), [], entry('two'));
            expect(await write('a', ...entry('three'))).to.equal([4, 4, 0, 0, 1000, 0]);
            expect(await messages()).to.equal(['epoch 1 4 one 5 60000 two 5 60000 three 5 60000']);
            expect(await raw.exists(pending)).to.equal(0);

            // Writes without entries leave no gap in the text

            await pend([]);
            await write('a', ...entry('four'));
            expect(await messages()).to.equal(['epoch 5 6 four 5 60000']);
            await pend(entry('five'));
            await write('a');
            expect(await messages()).to.equal(['epoch 7 8 five 5 60000']);
        });

        it('publishes at once where there are few, and where the clock of the server was set back', async () => {

            await crowd(24, 0);
            for (let i = 1; i < 10; ++i) {
                expect((await write('a'))[1]).to.equal(i);
            }

            await crowd(100_000, 0);
            await raw.hset(log, 'at', Date.now());
            expect((await write('a'))[1]).to.equal(9);
            await raw.hset(log, 'at', Date.now() + 60_000);
            expect((await write('a'))[1]).to.equal(11);
        });

        it('publishes any number at once', async () => {

            await raw.rpush(pending, ...Array.from({ length: 9000 }, (_, i) => `k${i} 1 1`));
            await raw.hset(log, 'head', 1);
            await write('a');
            expect((await messages())[0]!.split(' ')).to.have.length(3 + 3 * 9000);
        });
    });


    describe('confirm', () => {

        beforeEach(() => open('a'));

        it('makes a member, and replies what was published, the lease, the size of the list and how many members there are', async () => {

            expect(await confirm('a', 0)).to.equal([0, 0, 1000, 0, 1]);
            await write('a', ...entry('token'));
            expect(await confirm('b', 1)).to.equal([1, 0, 1000, 1, 2]);
            expect(await raw.zrange(members, '0', '-1', 'WITHSCORES')).to.equal(['a', '1', 'b', '1']);
        });

        it('notifies each writer once of its last position that all have confirmed', async () => {

            for (const id of ['a', 'b', 'c']) {
                await confirm(id, 0);
            }

            for (const id of ['a', 'b', 'a', 'c']) {
                await write(id);
            }

            await messages();
            expect(await confirm('a', 4)).to.equal([4, 0, 1000, 0, 3]);
            expect(await confirm('b', 3)).to.equal([4, 0, 1000, 0, 3]);
            expect(await messages()).to.be.empty();
            expect(await confirm('c', 4)).to.equal([4, 3, 1000, 0, 3]);
            expect((await messages()).sort()).to.equal(['a: epoch 3', 'b: epoch 2']);
            expect(await raw.zrange(waits, '0', '-1')).to.equal(['c 4']);
            expect(await raw.hget(log, 'waiting')).to.equal('4');

            expect(await confirm('b', 4)).to.equal([4, 4, 1000, 0, 3]);
            expect(await messages()).to.equal(['c: epoch 4']);
            expect(await raw.hexists(log, 'waiting')).to.equal(0);
            expect(await raw.exists(waits)).to.equal(0);
        });

        it('replies the least to a member that asks', async () => {

            await confirm('a', 0);
            await write('c');
            expect((await confirm('b', 1, 1))[1]).to.equal(0);
            expect((await confirm('a', 1, 1))[1]).to.equal(1);
        });

        it('does not take for confirmed what is not published', async () => {

            await write('a');
            await raw.hset(log, 'published', 0, 'at', Date.now() + 500_000);
            await crowd(200_000, 9);
            await raw.hset(log, 'at', Date.now());
            expect(await confirm('a', 1, 1)).to.equal([0, 0, 1000, 0, 200_001]);
        });

        it('replies what was published before, since what is published by it may come behind the reply', async () => {

            await confirm('a', 0);
            await write('a', ...entry('token'));
            await messages();
            await raw.hset(log, 'published', 0);
            expect((await confirm('a', 0))[0]).to.equal(0);
            expect(await messages()).to.equal(['epoch 1 1 ']);
            expect((await confirm('a', 0))[0]).to.equal(1);
        });

        it('lifts a suspicion', async () => {

            await confirm('a', 0);
            await confirm('b', 0);
            expect(await run(Scripts.suspect, 'epoch', 1, 'suspicion')).to.equal(['suspicion']);
            await confirm('a', 0);
            expect(await raw.hgetall(suspects)).to.equal({ b: 'suspicion' });
        });

        it('takes nothing back', async () => {

            await confirm('a', 2);
            await confirm('a', 1);
            expect(await raw.zscore(members, 'a')).to.equal('2');
        });
    });


    describe('confirm, quietly', () => {

        beforeEach(() => open('a'));

        it('says how far a member is, takes nothing back, and makes nobody a member', async () => {

            await confirm('a', 0);
            expect(await confirm('a', 2, 'quiet')).to.equal(1);
            expect(await confirm('a', 1, 'quiet')).to.equal(1);
            expect(await confirm('b', 2, 'quiet')).to.equal(1);
            expect(await raw.zrange(members, '0', '-1', 'WITHSCORES')).to.equal(['a', '2']);
            expect(await run(Scripts.confirm, channel, 'another', 'a', 3, 'quiet')).to.be.null();
        });

        it('lifts a suspicion', async () => {

            await confirm('a', 0);
            await run(Scripts.suspect, 'epoch', 1, 'suspicion');
            await confirm('a', 0, 'quiet');
            expect(await raw.exists(suspects)).to.equal(0);
        });

        it('tells the writers when the last one has confirmed', async () => {

            for (const id of ['a', 'b', 'c']) {
                await confirm(id, 0);
            }

            await write('a');
            await messages();
            await confirm('b', 1, 'quiet');
            expect(await messages()).to.be.empty();
            await confirm('c', 0, 'quiet');
            expect(await messages()).to.be.empty();
            await confirm('c', 1, 'quiet');
            expect(await messages()).to.equal(['a: epoch 1']);
            expect(await raw.exists(waits)).to.equal(0);
        });

        it('publishes nothing, and does not take for confirmed what is not published', async () => {

            await confirm('a', 0);
            await write('b', ...entry('token'));
            await messages();
            await raw.hset(log, 'published', 0);
            await confirm('a', 1, 'quiet');
            expect(await messages()).to.be.empty();
            expect(await raw.hget(log, 'published')).to.equal('0');
        });
    });


    describe('suspect and strike', () => {

        beforeEach(async () => {

            await open('a');
            for (const [id, position] of [['a', 2], ['b', 1], ['c', 0]] as const) {
                await confirm(id, position);
            }
        });

        it('concern the members below a position', async () => {

            expect(await run(Scripts.suspect, 'epoch', 0, 'none')).to.equal([]);
            expect(await raw.hexists(log, 'suspected')).to.equal(0);
            expect(await run(Scripts.suspect, 'epoch', 1, 'one')).to.equal(['one']);
            expect(await raw.hgetall(suspects)).to.equal({ c: 'one' });
            expect(await raw.hexists(log, 'suspected')).to.equal(1);
        });

        it('remove those that are under these suspicions still, and tell who waits', async () => {

            await write('a');
            await write('a');
            await confirm('a', 2);
            await messages();
            await run(Scripts.suspect, 'epoch', 1, 'one');
            expect(await run(Scripts.suspect, 'epoch', 2, 'two')).to.equal(['one', 'two']);
            expect(await run(Scripts.strike, channel, 'epoch', 'two', 'another')).to.equal(1);
            expect(await raw.zrange(members, '0', '-1')).to.equal(['c', 'a']);
            expect(await raw.hexists(log, 'suspected')).to.equal(1);
            expect(await messages()).to.be.empty();

            expect(await run(Scripts.strike, channel, 'epoch', 'another', 'one')).to.equal(1);
            expect(await raw.zrange(members, '0', '-1')).to.equal(['a']);
            expect(await raw.hexists(log, 'suspected')).to.equal(0);
            expect(await messages()).to.equal(['a: epoch 2']);
        });

        it('leave a member under its first suspicion when others suspect it later, and let each of these remove it', async () => {

            expect(await run(Scripts.suspect, 'epoch', 1, 'one')).to.equal(['one']);
            expect(await run(Scripts.suspect, 'epoch', 1, 'two')).to.equal(['one']);
            expect(await run(Scripts.suspect, 'epoch', 2, 'three')).to.equal(['one', 'three']);
            expect(await run(Scripts.strike, channel, 'epoch', 'one')).to.equal(1);
            expect(await run(Scripts.strike, channel, 'epoch', 'one')).to.equal(0);
            expect(await run(Scripts.strike, channel, 'epoch', 'one', 'three')).to.equal(1);
            expect(await raw.zrange(members, '0', '-1')).to.equal(['a']);
        });

        it('leave alone who has confirmed since', async () => {

            await run(Scripts.suspect, 'epoch', 2, 'one');
            await confirm('b', 1);
            await confirm('c', 0);
            expect(await run(Scripts.strike, channel, 'epoch', 'one')).to.equal(0);
            expect(await raw.zcard(members)).to.equal(3);
        });

        it('go through a thousand members at once, and no more', async () => {

            await crowd(2000, 0);
            expect(await run(Scripts.suspect, 'epoch', 1, 'one')).to.equal(['one']);
            expect(await raw.hlen(suspects)).to.equal(1000);
        });
    });


    describe('leave', () => {

        it('removes a member and what it is suspected of, and notifies the writers that wait', async () => {

            await open('a');
            await confirm('a', 0);
            await confirm('b', 0);
            await write('a');
            await run(Scripts.suspect, 'epoch', 1, 'one');
            await confirm('a', 1);
            await messages();
            expect(await run(Scripts.leave, channel, 'epoch', 'b')).to.equal(1);
            expect(await raw.zrange(members, '0', '-1')).to.equal(['a']);
            expect(await raw.exists(suspects)).to.equal(0);
            expect(await messages()).to.equal(['a: epoch 1']);
        });
    });


    describe('restore', () => {

        beforeEach(() => open('a'));

        it('writes and publishes for the one who has its turn, and passes the turn on with each piece', async () => {

            const restore = (id: string, seen: string, ...args: (string | number)[]) => run(Scripts.restore, channel, 'epoch', id, seen, ...args);
            expect(await restore('b', '', ...entry('token'))).to.equal('');
            expect(await restore('a', 'a 0', ...entry('token'))).to.equal('a 1');
            expect(await restore('a', 'a 0', ...entry('token'))).to.equal('');
            await crowd(200_000, 9);
            expect(await restore('b', 'a 1', ...entry('second'))).to.equal('b 2');
            expect(await messages()).to.equal(['epoch 1 1 token 5 60000', 'epoch 2 2 second 5 60000']);
            expect(await raw.exists(waits)).to.equal(0);

            expect(await run(Scripts.restored, 'epoch', 'a 1')).to.equal(1);
            expect(await raw.hget(log, 'restoring')).to.equal('b 2');
            expect(await run(Scripts.restored, 'epoch', 'b 2')).to.equal(1);
            expect(await raw.hexists(log, 'restoring')).to.equal(0);
            expect(await restore('c', '', ...entry('third'))).to.equal('c 1');
        });
    });


    describe('for a process without a lease', () => {

        it('make a log where there is none, and write', async () => {

            expect(await run(Scripts.enter, channel, 'epoch', ...entry('token'))).to.equal([1, 1, 0, 0, 'epoch', 1]);
            expect(await run(Scripts.enter, channel, 'another')).to.equal([2, 2, 0, 0, 'epoch', 2]);
            expect(await messages()).to.equal(['epoch 1 1 token 5 60000', 'epoch 2 2 ']);
            expect(await raw.exists(waits, members)).to.equal(0);
            expect(await raw.hexists(log, 'restoring')).to.equal(0);
        });

        it('say how far all members are, and publish what is due', async () => {

            await open('a');
            await confirm('a', 0);
            expect(await run(Scripts.enter, channel, 'another', ...entry('token'))).to.equal([1, 0, 0, 1000, 'epoch', 1]);
            expect(await run(Scripts.progress, channel, 'epoch')).to.equal([1, 0, 0, 1000]);
            await confirm('a', 1);
            await run(Scripts.settle, 'epoch');
            await raw.hset(log, 'head', 2);
            expect(await run(Scripts.progress, channel, 'epoch')).to.equal([2, 1, 1, 1000]);
        });

        it('do not take a log for whole whose server was restarted since', async () => {

            await open('a');
            await confirm('a', 0);
            await raw.hset(log, 'history', 'another');
            expect(await run(Scripts.progress, channel, 'epoch')).to.be.null();
            expect(await run(Scripts.enter, channel, 'new')).to.equal([1, 1, 0, 0, 'new', 1]);
            expect(await raw.exists(members)).to.equal(0);
        });

        it('do not take for confirmed what is not published, though there are no members', async () => {

            await run(Scripts.enter, channel, 'epoch');
            await crowd(100_000, 9);
            expect((await run(Scripts.enter, channel, 'epoch')).slice(0, 2)).to.equal([1, 1]);
            await raw.del(members);
            await raw.hset(log, 'at', Date.now() + 60_000);
            expect((await run(Scripts.progress, channel, 'epoch')).slice(0, 2)).to.equal([2, 2]);
        });
    });
});
