'use strict';

// node bench/fleet [-- --members 10,100,1000]: minimal members of the next protocol over real connections: what a logout takes of Redis

const ChildProcess = require('child_process');
const Path = require('path');
const { parseArgs } = require('util');

const { Connection } = require('./resp');
const Scripts = require('./scripts');


const internals = {
    port: 17_391,
    workers: 2,
    lease: 1500
};


internals.worker = function () {

    const child = ChildProcess.fork(Path.join(__dirname, 'worker.js'));
    const call = function (command, args) {

        return new Promise((resolve, reject) => {

            child.once('message', ({ result, error }) => (error ? reject(new Error(error)) : resolve(result)));
            child.send({ command, args });
        });
    };

    return {
        call,
        end: () => child.kill()
    };
};


internals.usage = async function (redis) {

    const info = await redis.call('INFO', 'everything');
    const number = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
    return {
        cpu: (number('used_cpu_user') + number('used_cpu_sys')) * 1000,
        commands: Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(info)?.[1] ?? 0),
        messages: Number(/^cmdstat_publish:calls=(\d+)/m.exec(info)?.[1] ?? 0),
        usec: Number(/^cmdstat_evalsha:calls=\d+,usec=(\d+)/m.exec(info)?.[1] ?? 0),
        bytes: number('total_net_output_bytes'),
        at: performance.now()
    };
};


internals.during = async function (redis, action) {

    const before = await internals.usage(redis);
    const result = await action();
    const after = await internals.usage(redis);
    return { result, ...Object.fromEntries(Object.keys(before).map((name) => [name, after[name] - before[name]])) };
};


internals.measure = async function (redis, count) {

    const workers = Array.from({ length: Math.min(internals.workers, count) }, internals.worker);
    const all = (command, args) => Promise.all(workers.map((worker) => worker.call(command, args)));
    await redis.call('FLUSHALL');

    const join = await internals.during(redis, () => all('join', { count: count / workers.length, port: internals.port, prefix: 'bench', lease: internals.lease }));
    const rest = await internals.during(redis, () => new Promise((resolve) => setTimeout(resolve, 3000)));

    const row = function (name, { result, cpu, commands, messages, usec, bytes, at }) {

        const times = result.flatMap((part) => part.times).sort((a, b) => a - b);
        const wrong = result.reduce((sum, part) => sum + part.wrong, 0);
        const part = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);

        // What the heartbeats take meanwhile is not the logouts'

        const own = Math.max(0, cpu - rest.cpu / rest.at * at);
        console.log(`  ${name.padEnd(22)} ${(own / times.length).toFixed(3).padStart(8)} ms Redis each  ${(commands / times.length).toFixed(1).padStart(7)} scripts of ${(usec / commands).toFixed(1)} us  ` +
            `${(messages / times.length).toFixed(2).padStart(5)} messages  ${(bytes / times.length / 1000).toFixed(1).padStart(6)} KB  p50 ${part(0.5)}  p99 ${part(0.99)} ms  ` +
            `${(times.length / at * 1000).toFixed(0)}/s  ${(cpu / at * 100).toFixed(0)} % of a core${wrong ? `  ${wrong} WRONG` : ''}`);
    };

    console.log(`\n${count} members: joined in ${(join.at / 1000).toFixed(1)} s (${(join.cpu / count).toFixed(2)} ms of Redis each), at rest ${(rest.cpu / rest.at * 100).toFixed(1)} % of a core`);
    const [first] = workers;
    row('one at a time', await internals.during(redis, async () => [await first.call('load', { count: 100, concurrency: 1 })]));
    row('100 at once', await internals.during(redis, () => all('load', { count: 1000, concurrency: 50 })));
    row('500 a second', await internals.during(redis, () => all('load', { count: 1500, rate: 250 })));
    await all('leave');
    workers.forEach((worker) => worker.end());
};


internals.main = async function () {

    const { values } = parseArgs({ options: { members: { type: 'string', default: '10,100,1000' } } });
    const server = ChildProcess.spawn('redis-server', ['--port', internals.port, '--save', '', '--appendonly', 'no', '--maxclients', '20000'], { stdio: 'ignore' });
    const redis = new Connection();
    try {
        await new Promise((resolve) => setTimeout(resolve, 500));
        await redis.connect(internals.port);
        await redis.call('HELLO', '3');
        for (const { lua } of Object.values(Scripts).filter((script) => script.lua)) {
            await redis.call('SCRIPT', 'LOAD', lua);
        }

        for (const count of values.members.split(',').map(Number)) {
            await internals.measure(redis, count);
        }
    }
    finally {
        redis.close();
        server.kill();
    }
};


internals.main().catch((error) => {

    console.error(error.stack);
    process.exitCode = 1;
});
