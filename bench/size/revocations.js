'use strict';

// A process that joins a blacklist: time, Redis's time, and memory. Run, after `npm run build`: node --expose-gc bench/size/revocations.js [counts]

const NodeCrypto = require('crypto');
const Path = require('path');

const { Redis: Client } = require('ioredis');

const { Guard } = require('../consistency/guard');
const { Redis } = require('../consistency/redis');


const internals = {
    rounds: 5,
    lease: 1500,
    prefix: 'size',

    // Of another version, to compare with

    package: Path.resolve(process.env.PACKAGE || Path.join(__dirname, '..', '..', 'dist'))
};


internals.load = (path) => require(Path.join(internals.package, path));


internals.main = async function (counts) {

    for (const count of counts) {
        const guard = new Guard();
        try {
            const redis = await Redis.one(guard, false);
            await internals.measure(redis.address.path, count);
        }
        finally {
            await guard.close();
        }
    }
};


internals.measure = async function (path, count) {

    const { RedisStore } = internals.load('store/redis');
    const store = new RedisStore({ redis: { path }, prefix: internals.prefix, timeout: 5000, cache: { max: count }, lease: internals.lease }, (error) => console.log(error.message));
    await store.start();

    const client = new Client({ path });
    await internals.fill(store, count);
    const names = internals.names(100_000);
    const rows = [];

    while (rows.length < internals.rounds) {
        const before = { used: internals.used(), redis: await internals.cpu(client), time: performance.now() };
        const blacklist = await internals.join(store, count);
        const time = performance.now() - before.time;
        const redis = await internals.cpu(client) - before.redis;
        const bytes = (internals.used() - before.used) / count;
        rows.push({ bytes, time, redis, check: internals.check(blacklist, names) });
        await blacklist.stop();
    }

    // Later rounds take the memory of earlier ones

    const range = (name, digits) => ['min', 'max'].map((end) => Math[end](...rows.map((row) => row[name])).toFixed(digits)).join(' to ');
    console.log(`${count} revocations, ${Math.round(rows[0].bytes)} bytes each: joined in ${range('time', 0)} ms, ${range('redis', 0)} ms of Redis; a check of three names ${range('check', 2)} us`);

    client.disconnect();
    await store.stop();
};


internals.fill = async function (store, count) {

    const { epoch } = await store.revoke([]);
    for (let i = 0; i < count; i += 500) {
        await store.revoke(internals.names(Math.min(500, count - i)).map((key) => ({ key, cutoff: Number.MAX_SAFE_INTEGER, ttl: 3_600_000 })));
    }

    await store.settle(epoch);
};


internals.join = async function (store, max) {

    const { LeasedBlacklist } = internals.load('blacklist/leased-blacklist');
    const { systemClock } = internals.load('blacklist/clock');
    const nothing = () => undefined;
    const { lease } = internals;
    const blacklist = new LeasedBlacklist({ lease, max, timeout: 5000, clock: systemClock, connect: () => store.connect(lease), report: nothing, arrived: nothing });
    await blacklist.start();
    return blacklist;
};


/** Microseconds of a check from memory. */
internals.check = function (blacklist, names) {

    const start = performance.now();
    for (let i = 0; i + 3 <= names.length; i += 3) {
        blacklist.cutoff(names.slice(i, i + 3));
    }

    return (performance.now() - start) * 1000 / (names.length / 3);
};


internals.names = (count) => Array.from({ length: count }, () => NodeCrypto.randomBytes(16).toString('base64url'));


/** Milliseconds of Redis's processor. */
internals.cpu = async function (client) {

    const info = await client.info('cpu');
    return ['user', 'sys'].reduce((sum, kind) => sum + Number(new RegExp(`used_cpu_${kind}:(\\S+)`).exec(info)[1]), 0) * 1000;
};


internals.used = function () {

    global.gc();
    global.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
};


internals.main(process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 1_000_000]).catch((error) => {

    console.error(error);
    process.exitCode = 1;
});
