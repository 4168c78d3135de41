'use strict';

const ChildProcess = require('child_process');
const { setTimeout: sleep } = require('timers/promises');

const { Redis } = require('../consistency/redis');
const { findPort } = require('../consistency/wait');
const { Process } = require('../processes');
const Report = require('../report');
const { Client } = require('./client');


const internals = {
    sizes: [10, 100, 1000, 10_000],
    workers: 2,

    // Revocations in force when connections or data are lost

    entries: 1000,

    // Beside the connections of members

    files: 200
};


/** What the log takes of one Redis with more and more members. Of each size a row. */
exports.run = async function (bench, { guard, quick, lease, sizes = quick ? [10, 100] : internals.sizes }) {

    const most = Number(ChildProcess.execSync('ulimit -Hn').toString());
    const rows = [];
    for (const size of sizes) {
        if (most < size + internals.files) {
            console.error(`${size} members need ${size + internals.files} open files: ulimit -n says ${most}`);
            continue;
        }

        rows.push(await internals.measure(guard, size, lease));
    }

    return rows;
};


internals.measure = async function (guard, size, lease) {

    const redis = new Redis(guard, `fleet-${size}`, { host: '127.0.0.1', port: await findPort() }, ['--appendonly', 'no', '--maxclients', `${size + internals.files / 2}`]);
    await redis.start();

    const fleet = internals.fleet(guard, size);
    const during = (action) => internals.during(redis, action);
    const row = { size };
    try {
        row.join = await during(() => fleet.all('join', { count: size / fleet.length, port: redis.address.port, prefix: 'bench', lease }));
        row.rest = await during(() => sleep(5000));

        // What confirmations take meanwhile is not the logouts'

        const logouts = async function (action) {

            const { results, elapsed, ...used } = await during(action);
            const times = results.flatMap((result) => result.times).sort((a, b) => a - b);
            const each = Object.keys(used).map((name) => [name, Math.max(0, used[name] - row.rest[name] / row.rest.elapsed * elapsed) / times.length]);
            const sum = (name) => results.reduce((total, result) => total + result[name], 0);
            return { ...Object.fromEntries(each), share: used.cpu / elapsed, rate: times.length / elapsed * 1000, p50: internals.part(times, 0.5), p99: internals.part(times, 0.99), wrong: sum('wrong'), failed: sum('failed') };
        };

        const isLarge = size > 1000;
        row.alone = await logouts(async () => [await fleet.first('logouts', { count: isLarge ? 20 : 100, atOnce: 1 })]);
        row.together = await logouts(() => fleet.all('logouts', { count: (isLarge ? 500 : 1000) / fleet.length, atOnce: 100 / fleet.length }));
        if (!isLarge) {
            row.steady = await logouts(() => fleet.all('rate', { rate: 500 / fleet.length, seconds: 5 }));
        }

        const rejoined = async function (action) {

            await fleet.all('mark');
            return during(async () => {

                await action();
                return fleet.all('rejoined');
            });
        };

        await fleet.all('forget');
        row.empty = await rejoined(() => redis.ask('FLUSHALL'));
        await fleet.first('write', { count: internals.entries });
        row.cut = await rejoined(() => redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub'));
        row.flushed = await rejoined(() => redis.ask('FLUSHALL'));
        row.restarted = await rejoined(async () => {

            await redis.kill();
            await redis.start();
        });

        await fleet.all('leave');
    }
    catch (error) {

        // With more members than the machine has room for, what has been measured counts

        console.error(`${size} members: ${error.message}`);
    }
    finally {
        fleet.stop();
        await redis.kill();
    }

    return row;
};


internals.fleet = function (guard, size) {

    const workers = Array.from({ length: Math.min(internals.workers, size) }, () => new Process(guard, 'fleet/worker.js', undefined, ['--max-old-space-size=8192']));
    return {
        length: workers.length,
        first: (order, options) => workers[0].ask({ order, ...options }),
        all: (order, options) => Promise.all(workers.map((worker) => worker.ask({ order, ...options }))),
        stop: () => workers.forEach((worker) => worker.stop())
    };
};


/** What Redis has used while something was done: time of the processor and time (ms), commands of clients and within scripts, bytes. */
internals.during = async function (redis, action) {

    const began = performance.now();
    const before = await internals.usage(redis);
    const results = await action();
    const after = await internals.usage(redis);

    // A server that was restarted counts from 0

    const base = after.run === before.run ? before : {};
    const used = Object.keys(after).filter((name) => name !== 'run').map((name) => [name, after[name] - (base[name] ?? 0)]);
    return { results, elapsed: performance.now() - began, ...Object.fromEntries(used) };
};


internals.usage = async function (redis) {

    const client = new Client(redis.address.port).on('error', () => undefined);
    await client.connect();
    const info = await client.call('INFO', 'everything');
    client.disconnect();

    const read = (name) => new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)?.[1] ?? '0';
    const calls = (name) => Number(/calls=(\d+)/.exec(read(`cmdstat_${name}`))?.[1] ?? 0);
    return {
        run: read('run_id'),
        cpu: (Number(read('used_cpu_user')) + Number(read('used_cpu_sys'))) * 1000,
        scripts: calls('evalsha') + calls('eval'),
        skips: calls('client\\|reply'),
        commands: Number(read('total_commands_processed')),
        messages: calls('publish'),
        bytes: Number(read('total_net_output_bytes'))
    };
};


internals.part = function (times, share) {

    return times[Math.min(times.length - 1, Math.floor(times.length * share))];
};


/** What was measured, as tables. */
exports.tables = function (rows) {

    const { table, fixed } = Report;
    const members = ['members', ({ size }) => size.toLocaleString('en')];
    const ways = { alone: 'one at a time', together: '100 at once', steady: '500 a second' };
    const losses = { join: 'join of a new Redis', empty: 'FLUSHALL, with nothing to write back', cut: 'connections lost, 1,000 entries', flushed: 'FLUSHALL, 1,000 entries', restarted: 'restart without data, 1,000 entries' };
    const each = (list) => rows.flatMap((row) => Object.keys(list).filter((name) => row[name]).map((name) => ({ size: row.size, name: list[name], ...row[name] })));

    return [
        table('Members at rest', rows.filter(({ rest }) => rest), [
            members,
            ['Redis, % of a core', fixed(1, ({ rest }) => rest.cpu / rest.elapsed * 100)],
            ['of a confirmation, µs', fixed(1, ({ rest }) => rest.cpu / rest.scripts * 1000)],
            ['commands a second', fixed(0, ({ rest }) => rest.scripts / rest.elapsed * 1000)],
            ['KB a second', fixed(0, ({ rest }) => rest.bytes / rest.elapsed)]
        ]),
        table('A logout, less what confirmations take meanwhile', each(ways), [
            members,
            ['', ({ name }) => name],
            ['Redis, ms', fixed(3, ({ cpu }) => cpu)],
            ['commands', fixed(1, ({ scripts, skips }) => scripts + skips)],
            ['with those in scripts', fixed(1, ({ commands }) => commands)],
            ['messages', fixed(2, ({ messages }) => messages)],
            ['KB', fixed(1, ({ bytes }) => bytes / 1000)],
            ['Redis in all, % of a core', fixed(0, ({ share }) => share * 100)],
            ['a second', fixed(0, ({ rate }) => rate)],
            ['p50, ms', fixed(1, ({ p50 }) => p50)],
            ['p99, ms', fixed(1, ({ p99 }) => p99)],
            ['failed', ({ failed }) => failed],
            ['ACCEPTED', ({ wrong }) => wrong]
        ]),
        table('All members join', each(losses), [
            members,
            ['', ({ name }) => name],
            ['Redis, s', fixed(2, ({ cpu }) => cpu / 1000)],
            ['of a member, ms', fixed(2, ({ cpu, size }) => cpu / size)],
            ['commands of a member', fixed(1, ({ commands, size }) => commands / size)],
            ['MB', fixed(1, ({ bytes }) => bytes / 1e6)],
            ['joins', ({ results }) => results.reduce((sum, { joins = 0 }) => sum + joins, 0) || undefined],
            ['s until all serve', fixed(1, ({ elapsed }) => elapsed / 1000)]
        ])
    ];
};
