'use strict';

const { Process } = require('./processes');
const Tokens = require('./tokens');


/** Servers, each a process of its own, and the process that loads them. */
exports.Bench = class {

    #guard;
    #load;
    #pools = new Map();
    #keys = Tokens.keys();
    #redis;

    constructor(guard, redis) {

        this.#guard = guard;
        this.#redis = redis.address.path;
        this.#load = new Process(guard, 'load.js');
    }

    /** Tokens that requests can be given by the name of their pool. */
    async mint(pool, alg, count) {

        const tokens = await Tokens.mint(alg, this.#keys[alg], count);
        this.#pools.set(pool, count);
        await this.#load.ask({ pool, tokens });
    }

    /** Tokens whose signature is not right. */
    async forge(pool, alg, count) {

        const [token] = await Tokens.mint(alg, this.#keys[alg], 1);
        const tokens = Array.from({ length: count }, (_, i) => `${token.slice(0, -12)}${`${i}`.padStart(12, 'A')}`);
        await this.#load.ask({ pool, tokens });
    }

    async serve(name, options) {

        const redis = options.redis === undefined ? undefined : this.#redis;
        const process = new Process(this.#guard, 'server.js', { keys: this.#keys, ...options, redis }, ['--expose-gc']);
        const { port } = await process.ready;
        return { name, options, process, port };
    }

    /**
     * Each server takes turns with the first one, which is given the same requests: machines change their pace, and a process that has just run
     * has its code in the processor's caches, so that both have to have run as recently, and each of them first as often as second.
     *
     * Two processes of the same program differ by a twentieth, all of their lives. So each pair is measured in several pairs of processes.
     */
    async rounds([base, ...specs], { processes, ...options }) {

        const results = [base, ...specs].map(([name]) => ({ name, pairs: [] }));
        const measure = async (i) => {

            const servers = [await this.serve(...base), await this.serve(...specs[i])];
            const rounds = await this.beside(...servers, options);
            results[0].pairs.push(rounds.map(({ beside }) => ({ ...beside, beside })));
            results[i + 1].pairs.push(rounds);
            this.stop(servers);
        };

        for (let i = 0; i < processes; ++i) {
            for (const j of specs.keys()) {
                await measure(j);
            }
        }

        // All that was measured counts: what differs too much is measured in more pairs, not in others

        for (let i = 0; i < processes; ++i) {
            for (const j of specs.keys()) {
                if (exports.isWide(exports.summary(results[j + 1]))) {
                    await measure(j);
                }
            }
        }

        return results.map(exports.summary);
    }

    /** Two servers that take turns, once both are warm. */
    async beside(base, server, { rounds, warmUp, pool = server.options.alg, ...options }) {

        const awake = options.rate === undefined;
        for (const one of [base, server]) {
            await this.round(one, { ...options, pool, count: warmUp, rate: undefined });
        }

        const measured = [];
        for (let i = 0; i < rounds; ++i) {
            const taken = new Map();
            for (const one of i % 2 ? [base, server] : [server, base]) {
                taken.set(one, await this.round(one, { ...options, pool, awake, from: warmUp + i * options.count }));
            }

            measured.push({ ...taken.get(server), beside: taken.get(base) });
        }

        return measured;
    }

    /** One server, by itself. */
    async alone(server, { rounds, ...options }) {

        const measured = [];
        for (let i = -1; i < rounds; ++i) {
            measured.push(await this.round(server, { ...options, from: (i + 1) * options.count }));
        }

        return exports.summary({ name: server.name, pairs: [measured.slice(1).map((round) => ({ ...round, beside: round }))] });
    }

    /** One round: CPU time (µs) of a request in the server, what it served a second, and how long requests took (ms). */
    async round({ name, process, port, options: { alg = 'HS256' } }, { pool = alg, count, ...options }) {

        const before = await process.ask({});
        const { seconds, p50, p99 } = await this.#load.ask({ pool, port, count, connections: 16, headers: { 'x-refresh-token': 'Bearer a' }, ...options })
            .catch((error) => {

                throw new Error(`${name}: ${error.message}`);
            });

        const after = await process.ask({});
        return { cpu: (after.cpu - before.cpu) / count, rate: count / seconds, p50, p99 };
    }

    /** Memory (bytes) that is in use after a garbage collection. */
    async heap({ process }) {

        const { heap } = await process.ask({ collect: true });
        return heap;
    }

    stop(servers) {

        servers.forEach(({ process }) => process.stop());
    }

    close() {

        this.#load.stop();
    }
};


exports.median = function (values) {

    const sorted = values.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};


/** Medians, and the medians of ratios and differences to what was measured beside it. A ratio comes with the least and the greatest of its pairs of processes, or, where there is one pair, of its rounds. */
exports.summary = function ({ name, pairs }) {

    const rounds = pairs.flat();
    const of = (read) => exports.median(rounds.map(read));
    const ratio = (read) => {

        const values = (pairs.length > 1 ? pairs : rounds.map((round) => [round])).map((pair) => exports.median(pair.map(read)));
        return { value: of(read), least: Math.min(...values), most: Math.max(...values) };
    };

    return {
        name,
        cpu: of(({ cpu }) => cpu),
        ratio: ratio(({ cpu, beside }) => cpu / beside.cpu),
        cost: of(({ cpu, beside }) => cpu - beside.cpu),
        rate: of(({ rate }) => rate),
        p50: of(({ p50 }) => p50),
        p99: of(({ p99 }) => p99),
        p99Ratio: ratio(({ p99, beside }) => p99 / beside.p99)
    };
};


/** Whether the pairs differ by more than a tenth. */
exports.isWide = function ({ ratio: { value, least, most } }) {

    return most - least > value / 10;
};


/** The ratio of two ratios. Its range is that of both at their worst. */
exports.quotient = function (one, other) {

    return { value: one.value / other.value, least: one.least / other.most, most: one.most / other.least };
};
