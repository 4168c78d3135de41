'use strict';

const { setTimeout: sleep } = require('timers/promises');

const { Client } = require('undici');


const internals = {
    clients: new Map()
};


// Sends requests from a process of its own, one at a time on each of its connections, which are kept alive

internals.run = async function ({ port, tokens, among = tokens.length, from = 0, count, connections, rate, method = 'GET', path = '/', headers = {}, expected = 200, awake = false }) {

    const clients = internals.connect(port, connections);
    const latencies = new Float64Array(count);
    const interval = rate ? 1000 / rate : 0;

    let next = 0;
    const failures = [];
    const began = performance.now();

    const work = async (client) => {

        while (next < count) {
            const i = next++;

            // With a rate the time is taken from when a request was due, so that waiting for a slow one counts; a timer may be early

            const due = began + i * interval;
            const wait = interval ? due - performance.now() : 0;
            if (wait > 0.5) {
                await sleep(wait);
            }

            const now = performance.now();
            const start = interval ? Math.min(now, Math.max(due, now - interval)) : now;
            const token = tokens[(from + i) % among];
            const response = await client.request({ method, path, headers: { ...headers, authorization: `Bearer ${token}` } });
            await response.body.dump();
            latencies[i] = performance.now() - start;
            if (response.statusCode !== expected) {
                failures.push(response.statusCode);
            }
        }
    };

    // To wake a client that has nothing to do counts as work of the server, and only a server that is slower than its client has to

    const stop = awake ? internals.stayAwake() : undefined;
    await Promise.all(clients.map(work));
    stop?.();

    const seconds = (performance.now() - began) / 1000;
    if (failures.length > 0) {
        throw new Error(`${failures.length} of ${count} answers were not ${expected}, but ${Array.from(new Set(failures))}`);
    }

    latencies.sort();
    return { seconds, p50: latencies[Math.floor(count * 0.5)], p99: latencies[Math.floor(count * 0.99)] };
};


internals.stayAwake = function () {

    let immediate;
    const again = () => {

        immediate = setImmediate(again);
    };

    again();
    return () => clearImmediate(immediate);
};


internals.connect = function (port, connections) {

    const clients = internals.clients.get(port) ?? [];
    while (clients.length < connections) {
        clients.push(new Client(`http://127.0.0.1:${port}`, { pipelining: 1, keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 }));
    }

    internals.clients.set(port, clients);
    return clients.slice(0, connections);
};


internals.tokens = new Map();


process.on('message', async ({ id, pool, tokens, ...options }) => {

    try {
        if (tokens) {
            internals.tokens.set(pool, tokens);
            process.send({ id });
            return;
        }

        process.send({ id, ...await internals.run({ ...options, tokens: internals.tokens.get(pool) }) });
    }
    catch (error) {
        process.send({ id, error: error.message });
    }
});

process.on('disconnect', () => process.exit());
