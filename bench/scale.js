'use strict';

const NodeCrypto = require('crypto');
const Path = require('path');

const { summary } = require('./measure');


const internals = {
    ours: { subject: 'ours', store: 'lease', alg: 'RS256', redis: true },
    count: 2000
};


/** Cost and memory as work grows. */
exports.run = async function (bench, { redis, quick }) {

    const rows = [];
    const most = quick ? 10_000 : 100_000;
    await bench.mint('RS256', 'RS256', most);
    await bench.mint('HS256', 'HS256', most);
    await bench.forge('forged', 'RS256', 30_000);

    const noop = await bench.serve('', { subject: 'noop', alg: 'RS256' });

    const measure = async (server, pool, among, what) => {

        const rounds = await bench.beside(noop, server, { rounds: quick ? 4 : 8, count: internals.count, warmUp: 8000, pool, among });
        const { cpu, ratio } = summary({ pairs: [rounds] });
        rows.push({ ...what, cpu, ratio });
    };

    const live = async (alg, tokens) => {

        const server = await bench.serve('', { ...internals.ours, alg });
        await bench.round(server, { pool: 'forged', count: internals.count, expected: 401 });
        const before = await bench.heap(server);
        await bench.round(server, { pool: alg, count: tokens });
        const memory = await bench.heap(server) - before;
        await measure(server, alg, tokens, { what: `tokens in rotation, ${alg}`, size: tokens, memory });
        bench.stop([server]);
    };

    // Live tokens in rotation

    for (const tokens of [1, 1000, 10_000, 100_000].filter((size) => size <= most)) {
        await live('RS256', tokens);
    }

    await live('HS256', most);

    // A cache that is smaller than what is in rotation: each request meets a token that has been dropped

    const small = await bench.serve('', { ...internals.ours, verified: { maxBytes: 2_300_000 } });
    await measure(small, 'RS256', most, { what: 'tokens in rotation, 1000 cached', size: most });

    // Forged tokens

    const before = await bench.heap(small);
    await bench.round(small, { pool: 'forged', count: 30_000, expected: 401 });
    rows.push({ what: 'forged tokens', size: 30_000, memory: await bench.heap(small) - before });
    bench.stop([small]);

    // Processes that share the blacklist

    for (const processes of quick ? [1, 4] : [1, 2, 4, 8]) {
        const servers = await Promise.all(Array.from({ length: processes }, () => bench.serve('', internals.ours)));
        await measure(servers[0], 'RS256', 1, { what: 'processes', size: processes });
        bench.stop(servers);
    }

    // Revocations in force

    let inForce = 0;
    for (const revocations of quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]) {
        await internals.revoke(redis.address.path, revocations - inForce);
        inForce = revocations;
        for (const max of [100_000, 2_000_000]) {
            const server = await bench.serve('', { ...internals.ours, cache: { max } });
            await measure(server, 'RS256', 1, { what: `revocations in force, cache.max ${max}`, size: revocations, memory: await bench.heap(server) });
            bench.stop([server]);
        }
    }

    bench.stop([noop]);
    return rows;
};


internals.revoke = async function (path, count) {

    const { RedisStore } = require(Path.resolve(__dirname, process.env.PACKAGE ?? '../dist', 'store/redis'));
    const { pluginSettings } = require(Path.resolve(__dirname, process.env.PACKAGE ?? '../dist', 'options/schema'));

    const store = new RedisStore(pluginSettings({ redis: path, timeout: 60_000 }), () => undefined);
    await store.start();

    for (let i = 0; i < count; i += 500) {
        const length = Math.min(500, count - i);
        await store.revoke(Array.from({ length }, () => ({ key: NodeCrypto.randomBytes(16).toString('base64url'), cutoff: Date.now(), ttl: 3_600_000 })));
    }

    await store.stop();
};
