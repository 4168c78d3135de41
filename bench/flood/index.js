'use strict';

// npm run flood [-- --requests 1000000]: tokens that are none, each another one, against a server that asks Redis about every token it believes.
// Prints what Redis was asked and what it holds, and the memory of the process; exits with 1 where Redis was asked or the memory grows

const NodeCrypto = require('crypto');
const Path = require('path');
const { parseArgs } = require('util');

const Hapi = require('@hapi/hapi');
const IoRedis = require('ioredis');

const { hardLogout, plugin } = require(Path.join(__dirname, '../../dist'));
const { Guard } = require('../consistency/guard');
const { Redis } = require('../consistency/redis');


const internals = {
    concurrency: 32,
    steps: 10,
    growth: 8 * 2 ** 20,            // of the heap, from the second tenth to the last: what is kept of a token, times their number, would be far more
    secret: NodeCrypto.randomBytes(32)
};


internals.main = async function () {

    const { values } = parseArgs({ options: { requests: { type: 'string', default: '1000000' } } });
    const requests = Number(values.requests);
    if (!Number.isInteger(requests) || requests < 100) {
        throw new Error('--requests takes a whole number of 100 or more');
    }

    if (!global.gc) {
        throw new Error('Run node with --expose-gc');
    }

    const guard = new Guard();
    try {
        const redis = await Redis.one(guard, false);
        process.exitCode = await internals.run(redis.address.path, requests) ? 0 : 1;
    }
    finally {
        await guard.close();
    }
};


internals.run = async function (path, requests) {

    const server = Hapi.server({ debug: false });

    // Without a lease no command is sent but those that a token causes

    await server.register({ plugin, options: { redis: { path }, lease: false } });
    server.auth.strategy('session', 'hard-logout', { jwt: { key: internals.secret, algorithms: ['HS256'], issuer: 'flood', cookie: 'jwt' }, refreshToken: { query: 'refreshToken' } });
    server.auth.default('session');
    server.route([
        { method: 'GET', path: '/me', handler: () => null },
        { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true } } }, handler: () => null }
    ]);

    await server.start();
    const admin = new IoRedis.Redis({ path });
    const kinds = internals.kinds(await hardLogout(server).issue(null, { sub: '42' }));

    // Those of a good token are seen: the count is no empty one

    const before = await internals.redis(admin);
    await server.inject({ url: '/me', headers: { authorization: `Bearer ${kinds.good}` } });
    const seen = (await internals.redis(admin)).commands - before.commands;

    const began = Date.now();
    const start = await internals.redis(admin);
    const counts = {};
    const heaps = [];

    console.log('   requests        Redis: commands  keys   dataset     process: heap      rss');

    for (let i = 0; i <= internals.steps; ++i) {
        if (i > 0) {
            await internals.flood(server, kinds.bad, Math.floor(requests * (i - 1) / internals.steps), Math.floor(requests * i / internals.steps), counts);
        }

        global.gc();
        const { heapUsed, rss } = process.memoryUsage();
        const { commands, keys, dataset } = await internals.redis(admin);
        heaps.push(heapUsed);
        console.log([
            Math.floor(requests * i / internals.steps).toLocaleString('en').padStart(11),
            `${commands - start.commands}`.padStart(24), `${keys}`.padStart(5), `${dataset} B`.padStart(10),
            internals.megabytes(heapUsed).padStart(17), internals.megabytes(rss).padStart(9)
        ].join(' '));
    }

    const seconds = (Date.now() - began) / 1000;
    const end = await internals.redis(admin);
    const growth = heaps.at(-1) - heaps[Math.ceil(internals.steps / 5)];
    const refused = Object.entries(counts).every(([status]) => status === '400' || status === '401');
    const isGood = seen > 0 && refused && end.commands === start.commands && end.keys === start.keys && growth < internals.growth;

    console.log(`\n${requests.toLocaleString('en')} tokens in ${seconds.toFixed(0)} s (${Math.round(requests / seconds).toLocaleString('en')}/s), answered ${JSON.stringify(counts)}`);
    console.log(`Redis: ${end.commands - start.commands} commands (a good token: ${seen}), ${end.keys - start.keys} keys more`);
    console.log(`Heap from the second tenth to the last: ${growth < 0 ? '' : '+'}${internals.megabytes(growth)}`);
    console.log(isGood ? 'Nothing reached Redis, and nothing was kept.' : 'FAILED');

    admin.disconnect();
    await server.stop();
    return isGood;
};


/** A good token, and makers of bad ones: no two are alike. */
internals.kinds = function ({ access_token: good, refresh_token: refreshToken }) {

    const [header, , signature] = good.split('.');
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const claims = (n) => ({ sub: '42', iss: 'flood', iat: now, exp: now + 900, jti: `flood-${n}` });
    const sign = (input, key) => `${input}.${NodeCrypto.createHmac('sha256', key).update(input).digest('base64url')}`;
    const bearer = (token) => ({ url: '/me', headers: { authorization: `Bearer ${token}` } });

    return {
        good,
        bad: [
            (n) => bearer(`${header}.${encode(claims(n))}.${signature}`),
            (n) => bearer(sign(`${header}.${encode(claims(n))}`, 'another shared secret of 32 bytes or so')),
            (n) => bearer(`${encode({ alg: 'none', n })}.${encode(claims(n))}.`),
            (n) => bearer(sign(`${header}.${encode({ ...claims(n), exp: 1 })}`, internals.secret)),
            (n) => bearer(sign(`${header}.${encode({ ...claims(n), sub: undefined })}`, internals.secret)),
            () => bearer(NodeCrypto.randomBytes(200).toString('base64url')),
            (n) => ({ url: '/me', headers: { cookie: `jwt=${header}.${encode(claims(n))}.${signature}` } }),
            () => ({ method: 'POST', url: `/logout?refreshToken=${NodeCrypto.randomBytes(76).toString('base64url')}` }),
            (n) => ({ method: 'POST', url: `/logout?refreshToken=${refreshToken.slice(0, 60)}${NodeCrypto.createHash('sha256').update(`${n}`).digest('base64url').slice(0, 42)}` }),
            (n) => ({ method: 'POST', url: `/logout?refreshToken=a${n}&refreshToken=b`, headers: { authorization: `Bearer ${n}` } })
        ]
    };
};


internals.flood = async function (server, kinds, from, to, counts) {

    let next = from;
    const worker = async function () {

        while (next < to) {
            const n = next++;
            const { statusCode } = await server.inject(kinds[n % kinds.length](n));
            counts[statusCode] = (counts[statusCode] ?? 0) + 1;
        }
    };

    await Promise.all(Array.from({ length: internals.concurrency }, worker));
};


/** Commands that were executed for anybody but `admin`, the number of keys, and the bytes of what is held. */
internals.redis = async function (admin) {

    const stats = await admin.info('commandstats');
    const lines = Array.from(stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm), ([, name, calls]) => [name, Number(calls)]);
    const commands = lines.filter(([name]) => !/^(info|dbsize|client|hello|auth|select|ping)/.test(name)).reduce((sum, [, calls]) => sum + calls, 0);
    const dataset = Number(/used_memory_dataset:(\d+)/.exec(await admin.info('memory'))[1]);
    return { commands, keys: await admin.dbsize(), dataset };
};


internals.megabytes = function (bytes) {

    return `${(bytes / 2 ** 20).toFixed(1)} MB`;
};


internals.main().catch((error) => {

    console.error(error.message);
    process.exitCode = 1;
});
