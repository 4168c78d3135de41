'use strict';

// What a session costs: round trips, bytes in Redis, and a subject with a thousand of them. Run: npm run bench:sessions

const Path = require('path');

const Hapi = require('@hapi/hapi');
const { Redis: Client } = require('ioredis');

const { Guard } = require('../consistency/guard');
const { Redis } = require('../consistency/redis');

const { hardLogout, plugin } = require(Path.resolve(process.env.PACKAGE || Path.join(__dirname, '..', '..', 'dist')));


const internals = {
    rounds: 30,
    crowd: 1000,
    login: { sub: '0b5f4c1e-7d0f-4f0a-9c53-4f6a2f2f7d10', name: 'Ada Lovelace', scope: ['read', 'write'] },
    data: { device: 'Firefox on Linux', address: '192.0.2.17' }
};


internals.main = async function () {

    const guard = new Guard();
    try {
        const redis = await Redis.one(guard, false);
        const server = Hapi.server({ debug: false });
        await server.register({ plugin, options: { redis: redis.address, lease: 300 } });
        server.auth.strategy('session', 'hard-logout', {
            jwt: { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] },
            refreshToken: { query: 'refreshToken' }
        });

        await server.initialize();

        // For as long as a lease a revocation waits for what may have been there before this process

        await new Promise((resolve) => setTimeout(resolve, 400));

        const client = new Client(redis.address);
        const rows = { ...await internals.roundTrips(hardLogout(server), client), ...await internals.memory(hardLogout(server), client), ...await internals.crowded(hardLogout(server)) };

        for (const [name, value] of Object.entries(rows)) {
            console.log(`${name.padEnd(52)} ${value}`);
        }

        client.disconnect();
        await server.stop();
    }
    finally {
        await guard.close();
    }
};


// Questions that wait for their answer: scripts and look-ups. The rest of the statistics is what scripts do, and the heartbeat

internals.roundTrips = async function (auth, client) {

    const calls = async function () {

        const info = await client.info('commandstats');
        return Array.from(info.matchAll(/^cmdstat_(evalsha|eval|hmget):calls=(\d+)/gm)).reduce((sum, [, , count]) => sum + Number(count), 0);
    };

    const count = async function (work) {

        await work();                                           // So that the scripts are there
        await new Promise((resolve) => setTimeout(resolve, 50));

        const before = await calls();
        await work();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return await calls() - before;
    };

    const pair = await auth.issue(null, internals.login, { data: internals.data });
    const pairs = [await auth.issue(null, internals.login), await auth.issue(null, internals.login)];
    let token = pair.refresh_token;

    return {
        'round trips of issue()': await count(() => auth.issue(null, internals.login, { data: internals.data })),
        'round trips of refresh()': await count(async () => {

            token = (await auth.refresh(token)).refresh_token;
        }),
        'round trips of a look at a refresh token': await count(() => auth.explain(token)),
        'round trips of a logout, and of cleaning up after it': await count(() => auth.revoke({ accessToken: pairs.pop().access_token }))
    };
};


internals.memory = async function (auth, client) {

    const sub = '0b5f4c1e-7d0f-4f0a-9c53-4f6a2f2f7d11';
    const { refresh_token: token } = await auth.issue(null, { ...internals.login, sub }, { data: internals.data });
    await auth.refresh(token);
    await auth.revoke({ subject: internals.login.sub });
    await new Promise((resolve) => setTimeout(resolve, 100));

    const keys = (await client.keys('*:session*')).filter((key) => !key.includes(':blacklist'));
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)));
    return Object.fromEntries(keys.map((key, i) => [`bytes of ${/:(sessions?)(:|$)/.exec(key)[1] === 'session' ? 'a session\'s row' : 'a subject\'s list'}`, sizes[i]]));
};


internals.crowded = async function (auth) {

    const sub = 'crowd';
    const fill = () => Promise.all(Array.from({ length: internals.crowd }, () => auth.issue(null, { sub }, { data: internals.data })));

    const time = async function (work) {

        const began = performance.now();
        await work();
        return performance.now() - began;
    };

    await fill();
    const listing = [];
    for (let i = 0; i < internals.rounds; ++i) {
        listing.push(await time(() => auth.sessions(sub)));
    }

    const ending = [];
    for (let i = 0; i < internals.rounds / 3; ++i) {
        ending.push(await time(() => auth.revoke({ subject: sub })));
        await fill();
    }

    const [{ id: except }] = await auth.sessions(sub);
    const sparing = await time(() => auth.revoke({ subject: sub, except }));

    const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    const show = (value) => `${value.toFixed(1)} ms`;
    return {
        [`sessions() of ${internals.crowd}`]: show(median(listing)),
        [`revoke({ subject }) of ${internals.crowd}`]: show(median(ending)),
        [`revoke({ subject, except }) of ${internals.crowd}`]: show(sparing)
    };
};


internals.main().catch((error) => {

    console.error(error);
    process.exit(1);
});
