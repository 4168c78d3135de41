'use strict';

const { algorithms } = require('./tokens');


const internals = {
    redis: true
};


internals.ours = function (store, alg, more) {

    return { subject: 'ours', store, alg, ...store !== 'memory' && { redis: internals.redis }, ...more };
};


internals.noop = ['no-op scheme', { subject: 'noop' }];


internals.serve = function (bench, list) {

    return Promise.all(list.map(([name, options]) => bench.serve(name, options)));
};


/** Tokens that were seen before. */
exports.warm = async function (bench, { rounds, count, warmUp }) {

    const servers = await internals.serve(bench, [
        internals.noop,
        ['no authentication', { subject: 'none' }],
        ['no-op scheme with two hooks', { subject: 'hooked' }],
        ...algorithms.flatMap((alg) => ['memory', 'lease', 'asked'].map((store) => [`ours, ${store}, ${alg}`, internals.ours(store, alg)])),
        ['hapi-auth-jwt2, string, HS256', { subject: 'jwt2', alg: 'HS256', asText: true }],
        ...algorithms.filter((alg) => alg !== 'EdDSA').map((alg) => [`hapi-auth-jwt2, KeyObject, ${alg}`, { subject: 'jwt2', alg }]),
        ...algorithms.map((alg) => [`@hapi/jwt, ${alg}`, { subject: 'hapijwt', alg }]),
        ['tutorial, access token, RS256', { subject: 'tutorial', alg: 'RS256', redis: internals.redis }],
        ['tutorial, both tokens, RS256', { subject: 'tutorial', alg: 'RS256', redis: internals.redis, both: true }]
    ]);

    for (const alg of algorithms) {
        await bench.mint(alg, alg, 100);
    }

    const results = await bench.rounds(servers, { rounds, count, warmUp });
    bench.stop(servers);
    return results;
};


/** Tokens that were not seen before, each of them once. */
exports.cold = async function (bench, { rounds, count, warmUp }) {

    const servers = await internals.serve(bench, [
        internals.noop,
        ...algorithms.flatMap((alg) => [
            ...['lease', 'asked'].map((store) => [`ours, ${store}, ${alg}, cold`, internals.ours(store, alg)]),
            [`ours, lease, ${alg}, cold, 1000`, internals.ours('lease', alg, { verified: { max: 1000 } })],
            [`ours, lease, ${alg}, cold, 10`, internals.ours('lease', alg, { verified: { max: 10 } })],
            ...alg === 'EdDSA' ? [] : [[`hapi-auth-jwt2, KeyObject, ${alg}, + GET`, { subject: 'jwt2', alg, redis: internals.redis }]],
            [`@hapi/jwt, ${alg}, + GET`, { subject: 'hapijwt', alg, redis: internals.redis }]
        ])
    ]);

    for (const alg of algorithms) {
        await bench.mint(alg, alg, warmUp + 2 * (rounds + 1) * count);
    }

    const results = await bench.rounds(servers, { rounds, count, warmUp });
    bench.stop(servers);
    return results;
};


/** Equal load, below what any of them can bear: how long requests take. */
exports.latency = async function (bench, { rounds, quick }) {

    const servers = await internals.serve(bench, [
        internals.noop,
        ...algorithms.map((alg) => [`ours, lease, ${alg}`, internals.ours('lease', alg)])
    ]);

    for (const alg of algorithms) {
        await bench.mint(alg, alg, 100);
    }

    const results = await bench.rounds(servers, { rounds, count: quick ? 1000 : 2000, warmUp: quick ? 4000 : 10_000, rate: 1500 });
    bench.stop(servers);
    return results;
};


/** What a logout costs, one after the other, with as many processes that have to hear of it. */
exports.logout = async function (bench, { rounds, quick }) {

    const count = quick ? 100 : 300;
    const results = [];
    for (const processes of quick ? [1, 4] : [1, 2, 4, 8]) {
        await bench.mint('logout', 'HS256', (rounds + 1) * count);
        const servers = await internals.serve(bench, Array.from({ length: processes }, () => ['', internals.ours('lease', 'HS256')]));
        const request = { pool: 'logout', method: 'POST', path: '/logout', expected: 204, connections: 1 };
        const { cpu, p50, p99 } = await bench.alone(servers[0], { rounds, count, ...request });
        results.push({ name: `${processes} processes`, cpu, p50, p99 });
        bench.stop(servers);
    }

    return results;
};
