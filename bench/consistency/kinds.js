'use strict';

const { setTimeout: sleep } = require('timers/promises');


const internals = {
    evicted: 20_000                     // bytes
};


const within = (part, from, to) => from + part * (to - from);

const seconds = (duration) => `${(duration / 1000).toFixed(1)} s`;

const connectionsOf = (slot) => slot.proxies.flatMap((proxy) => proxy.connections);


// What is done to what, and how. A target suffers one fault at a time. After one that `losesSessions` a session may be missing in Redis

module.exports = {

    cut({ slot, coin, choice }) {

        return {
            target: 'way',
            text: `${coin ? 'all connections' : 'one connection'} of process ${slot.number}`,
            run() {

                const connections = connectionsOf(slot);
                const chosen = coin ? connections : connections.slice(choice * connections.length).slice(0, 1);
                chosen.forEach((connection) => connection.cut());
            }
        };
    },

    'client-kill'({ coin }) {

        return {
            target: 'redis',
            text: coin ? 'all connections' : 'all that are subscribed',
            async run(redis) {

                for (const type of coin ? ['normal', 'pubsub'] : ['pubsub']) {
                    await internals.tell(redis, 'CLIENT', 'KILL', 'TYPE', type);
                }
            }
        };
    },

    // Half-open: the one end, the other or both hear nothing any more, of all connections or of one

    stall({ slot, part, choice, coin }) {

        const duration = within(part, 300, 3000);
        const direction = ['near', 'far', 'both'][Math.floor(choice * 3)];
        const isOne = choice * 3 % 1 < 0.5;
        return {
            target: 'way',
            text: `${isOne ? 'one connection' : 'all connections'} of process ${slot.number}, ${direction}, ${seconds(duration)}, then ${coin ? 'delivered' : 'cut'}`,
            async run() {

                const connections = connectionsOf(slot);
                const chosen = isOne ? connections.slice(choice * 6 % 1 * connections.length).slice(0, 1) : connections;
                chosen.forEach((connection) => connection.stall(direction));
                await sleep(duration);
                chosen.forEach((connection) => (coin ? connection.resume() : connection.cut()));
            }
        };
    },

    partition({ slot, part, choice, coin }) {

        const duration = within(part, 300, 4000);
        const mode = choice < 0.5 ? 'hold' : 'refuse';
        return {
            target: 'way',
            text: `process ${slot.number} from Redis, new connections ${mode === 'hold' ? 'held' : 'refused'}, ${seconds(duration)}, then ${coin ? 'delivered' : 'cut'}`,
            async run() {

                slot.proxies.forEach((proxy) => proxy.partition(mode));
                await sleep(duration);
                slot.proxies.forEach((proxy) => proxy.heal(coin));
            }
        };
    },

    slow({ slot, part, choice }) {

        const duration = within(part, 500, 4000);
        const lag = 2 * 200 ** choice;
        return {
            target: 'lag',
            text: `all connections of process ${slot.number} take up to ${lag.toFixed(0)} ms each way, ${seconds(duration)}`,
            async run() {

                slot.proxies.forEach((proxy) => (proxy.lag = lag));
                await sleep(duration);
                slot.proxies.forEach((proxy) => (proxy.lag = 0));
            }
        };
    },

    'pause-redis'({ part }) {

        const duration = within(part, 200, 3000);
        return {
            target: 'redis',
            text: seconds(duration),
            async run(redis) {

                redis.pause();
                await sleep(duration);
                redis.resume();
            }
        };
    },

    'restart-redis'({ part }, { persist }) {

        const duration = within(part, 20, 800);
        return {
            target: 'redis',
            losesSessions: !persist,
            text: `${persist ? 'with' : 'without'} its data, after ${seconds(duration)}`,
            async run(redis, fleet, history) {

                const acceptedAt = internals.acceptedAt(fleet);
                const from = performance.now();
                await redis.kill();
                await sleep(duration);
                await redis.start();
                if (!persist) {
                    history.lose(from, performance.now(), acceptedAt);
                }
            }
        };
    },

    flushall() {

        return {
            target: 'redis',
            losesSessions: true,
            text: 'connections stay',
            async run(redis, fleet, history) {

                const acceptedAt = internals.acceptedAt(fleet);
                const from = performance.now();
                if (await internals.tell(redis, 'FLUSHALL') !== null) {
                    history.lose(from, performance.now(), acceptedAt);
                }
            }
        };
    },

    'script-flush'() {

        return { target: 'redis', text: 'SCRIPT FLUSH', run: (redis) => internals.tell(redis, 'SCRIPT', 'FLUSH') };
    },

    // Writes are refused, and everything else is answered

    oom({ part }) {

        const duration = within(part, 300, 4000);
        return {
            target: 'redis',
            text: `out of memory, ${seconds(duration)}`,
            async run(redis) {

                const server = await redis.current();
                await server?.ask('CONFIG', 'SET', 'maxmemory', '1');
                await sleep(duration);
                await server?.ask('CONFIG', 'SET', 'maxmemory', '0');
            }
        };
    },

    // Redis is as it must not be set up: it takes what has a time to live to make room. Those are sessions and lists of them, and no revocation

    evict({ part }) {

        const duration = within(part, 300, 4000);
        return {
            target: 'redis',
            losesSessions: true,
            text: `sessions, ${seconds(duration)}`,
            async run(redis) {

                const server = await redis.current();
                const used = Number(/\nused_memory:(\d+)/.exec(await server?.ask('INFO', 'memory') ?? '')?.[1]);
                if (used) {
                    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'volatile-random');
                    await server.ask('CONFIG', 'SET', 'maxmemory', `${used - internals.evicted}`);
                    await sleep(duration);
                    await server.ask('CONFIG', 'SET', 'maxmemory', '0');
                    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
                }
            }
        };
    },

    // A replica of a master that cannot be reached: its data stay, and are only read. As a master it has a new history

    replica({ part }) {

        const duration = within(part, 300, 4000);
        return {
            target: 'redis',
            text: `takes no writes, ${seconds(duration)}`,
            async run(redis) {

                await redis.ask('REPLICAOF', '127.0.0.1', '1');
                await sleep(duration);
                await redis.ask('REPLICAOF', 'NO', 'ONE');
            }
        };
    },

    // News that are larger than Redis keeps for a client that is subscribed: it closes the connections of all of them. They concern no token

    overflow() {

        return {
            target: 'redis',
            text: 'the output buffers of all that are subscribed',
            async run(redis) {

                const server = await redis.current();
                const channels = /(?<=\n)\S+:news:\d+(?=\r)/.exec(await server?.ask('PUBSUB', 'CHANNELS', '*:news:*') ?? '') ?? [];
                for (const channel of channels) {
                    await server.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 65536 0 0');
                    await server.ask('PUBLISH', channel, `overflow 0 0${' nothing 1 1'.repeat(20_000)}`);
                    await server.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 33554432 8388608 60');
                }
            }
        };
    },

    pause({ slot, part }) {

        const duration = within(part, 200, 4000);
        return {
            target: 'process',
            text: `process ${slot.number}, ${seconds(duration)}`,
            async run(redis, fleet) {

                if (slot.process) {
                    fleet.pause(slot);
                    await sleep(duration);
                    fleet.resume(slot);
                }
            }
        };
    },

    block({ slot, part }) {

        const duration = within(part, 100, 3000);
        return {
            target: 'process',
            text: `the event loop of process ${slot.number}, ${seconds(duration)}`,
            async run() {

                slot.process?.order({ block: duration });
                await sleep(duration);
            }
        };
    },

    // Clocks may be a minute off, and differ in their rates by 10 %

    clock({ slot, part, choice, coin }) {

        const duration = within(part, 500, 6000);
        const offset = within(choice, -20_000, 20_000);
        const rate = choice < 0.5 ? 0.954 : 1.048;
        return {
            target: 'clock',
            text: `process ${slot.number} ${coin ? `is off by ${seconds(offset)}` : `goes at ${rate}, ${seconds(duration)}`}`,
            async run() {

                const { process } = slot;
                process?.order(coin ? { jump: offset } : { slew: rate });
                await sleep(coin ? 0 : duration);
                process?.order(coin ? {} : { slew: 1 });
            }
        };
    },

    stop({ slot }) {

        return {
            target: 'process',
            text: `process ${slot.number}, and starts again`,
            async run(redis, fleet) {

                if (slot.process) {
                    await fleet.stopOne(slot);
                    await fleet.launch(slot);
                }
            }
        };
    },

    kill({ slot }) {

        return {
            target: 'process',
            text: `process ${slot.number}`,
            async run(redis, fleet) {

                if (slot.process) {
                    await fleet.kill(slot);
                    await fleet.launch(slot);
                }
            }
        };
    },

    'pause-master'({ part }, { topology }) {

        // A node of a Cluster that is away for longer is replaced, and takes writes for a moment when it is back: two masters

        const duration = within(part, 300, topology === 'cluster' ? 1500 : 4000);
        return { target: 'redis', losesSessions: true, text: seconds(duration), run: (redis) => internals.settled(redis, redis.pauseMaster(duration)) };
    },

    'kill-master'() {

        return { target: 'redis', losesSessions: true, text: 'a replica takes over', run: (redis) => internals.settled(redis, redis.killMaster()) };
    },

    // The master and one process on one side, all others on the other one

    split({ slot, part }, { downAfter }) {

        const duration = downAfter + within(part, 500, 5000);
        return {
            target: 'redis',
            losesSessions: true,
            text: `the master and process ${slot.number} from the rest, ${seconds(duration)}`,
            async run(redis, fleet) {

                const { address } = await redis.master();
                const ways = fleet.slots.flatMap((each) => each.proxies.filter(({ target }) => (target === address) !== (each === slot)));
                ways.forEach((proxy) => proxy.partition('hold'));
                await redis.splitMaster(duration);
                ways.forEach((proxy) => proxy.heal(false));
                await redis.settled();
            }
        };
    },

    migrate() {

        return { target: 'redis', text: 'the slot of the blacklist, to another master', run: (redis) => internals.settled(redis, redis.migrate()) };
    },

    failover() {

        return { target: 'redis', losesSessions: true, text: 'ordered', run: (redis) => internals.settled(redis, redis.failover()) };
    }
};


internals.settled = async function (redis, fault) {

    await fault;
    await redis.settled();
};


/** One command to the server that has the blacklist now. */
internals.tell = async function (redis, ...words) {

    const server = await redis.current();
    return await server?.ask(...words) ?? null;
};


internals.acceptedAt = function (fleet) {

    return new Map(fleet.processes.map((process) => [process, process.acceptedAt]));
};
