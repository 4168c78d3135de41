'use strict';

const { setTimeout: sleep } = require('timers/promises');

const { Random } = require('./random');


const internals = {

    // After so many faults all of them come to an end, to see that everything goes back to normal

    round: 8
};


/** One random fault about every second. Some last for seconds, so that several are under way at once. */
exports.Faults = class {

    #options;
    #fleet;
    #redis;
    #history;
    #random;
    #log;
    #busy = new Set();
    #running = new Set();
    #faults = [];

    constructor(options, { fleet, redis, history, log }) {

        this.#options = options;
        this.#fleet = fleet;
        this.#redis = redis;
        this.#history = history;
        this.#log = log;
        this.#random = new Random(options.seed);
    }

    /** How many of each kind there were. */
    get counts() {

        const counts = {};
        this.#faults.forEach(({ kind }) => {

            counts[kind] = (counts[kind] ?? 0) + 1;
        });

        return counts;
    }

    /** Those that were under way between two moments. */
    between(from, to) {

        return this.#faults.filter(({ begin, end }) => begin <= to && end >= from).map(({ text, begin, end }) => ({ text, begin, end }));
    }

    /** `isOver` says when to begin no more; `onQuiet` is called with the moment when the last fault of a round ended. */
    async run(isOver, onQuiet) {

        while (this.#options.faults.length > 0 && !isOver()) {
            for (let i = 0; i < internals.round && !isOver(); ++i) {
                await sleep(this.#random.between(500, 1500));
                this.#begin();
            }

            await Promise.all(this.#running);
            await onQuiet(Math.max(0, ...this.#faults.map(({ end }) => end)));
        }

        await Promise.all(this.#running);
    }

    // All that is random is drawn at once, so that one seed means one sequence, whatever became of the faults before

    #begin() {

        const kind = this.#random.pick(this.#options.faults);
        const draw = {
            slot: this.#fleet.slots[this.#random.below(this.#fleet.slots.length)],
            part: this.#random.next(),
            choice: this.#random.next(),
            coin: this.#random.chance(0.5)
        };

        const { target, text, run } = internals.kinds[kind](draw, this.#options);
        const place = `${target} ${target === 'redis' ? '' : draw.slot.number}`.trim();
        if (this.#busy.has(place)) {
            return;
        }

        const fault = { kind, text: `${kind}: ${text}`, begin: performance.now(), end: Infinity };
        this.#faults.push(fault);
        this.#busy.add(place);
        this.#log(fault.text);

        const running = this.#carryOut(fault, run).finally(() => {

            fault.end = performance.now();
            this.#busy.delete(place);
            this.#running.delete(running);
        });

        this.#running.add(running);
    }

    async #carryOut(fault, run) {

        try {
            await run(this.#redis, this.#fleet, this.#history);
        }
        catch (error) {
            this.#log(`${fault.text}: ${error.stack}`);
            fault.error = error.message;
        }
    }

    get errors() {

        return this.#faults.filter(({ error }) => error !== undefined);
    }
};


const within = (part, from, to) => from + part * (to - from);

const seconds = (duration) => `${(duration / 1000).toFixed(1)} s`;

const connectionsOf = (slot) => slot.proxies.flatMap((proxy) => proxy.connections);


// What is done to what, and how. A target suffers one fault at a time

internals.kinds = {

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
                    await redis.ask('CLIENT', 'KILL', 'TYPE', type);
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
            text: `${persist ? 'with' : 'without'} its data, after ${seconds(duration)}`,
            async run(redis, fleet, history) {

                const acceptedAt = new Map(fleet.processes.map((process) => [process, process.acceptedAt]));
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

    'pause-master'({ part }) {

        const duration = within(part, 300, 4000);
        return { target: 'redis', text: seconds(duration), run: (redis) => internals.settled(redis, redis.pauseMaster(duration)) };
    },

    'kill-master'() {

        return { target: 'redis', text: 'a replica takes over', run: (redis) => internals.settled(redis, redis.killMaster()) };
    },

    // The master and one process on one side, all others on the other one

    split({ slot, part }, { downAfter }) {

        const duration = downAfter + within(part, 500, 5000);
        return {
            target: 'redis',
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

    failover() {

        return { target: 'redis', text: 'ordered', run: (redis) => internals.settled(redis, redis.failover()) };
    }
};


internals.settled = async function (redis, fault) {

    await fault;
    await redis.settled();
};
