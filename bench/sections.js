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
exports.warm = async function (bench, { quick }) {

    for (const alg of algorithms) {
        await bench.mint(alg, alg, 100);
    }

    return bench.rounds([
        internals.noop,
        ['no authentication', { subject: 'none', alg: 'HS256' }],
        ['no-op scheme with two hooks', { subject: 'hooked', alg: 'HS256' }],
        ...algorithms.flatMap((alg) => ['memory', 'lease', 'asked'].map((store) => [`ours, ${store}, ${alg}`, internals.ours(store, alg)])),
        ['hapi-auth-jwt2, string, HS256', { subject: 'jwt2', alg: 'HS256', asText: true }],
        ...algorithms.filter((alg) => alg !== 'EdDSA').map((alg) => [`hapi-auth-jwt2, KeyObject, ${alg}`, { subject: 'jwt2', alg }]),
        ...algorithms.map((alg) => [`@hapi/jwt, ${alg}`, { subject: 'hapijwt', alg }]),
        ['tutorial, access token, RS256', { subject: 'tutorial', alg: 'RS256', redis: internals.redis }],
        ['tutorial, both tokens, RS256', { subject: 'tutorial', alg: 'RS256', redis: internals.redis, both: true }]
    ], { processes: quick ? 2 : 6, rounds: 8, count: 1000, warmUp: quick ? 4000 : 10_000 });
};


/** Tokens that were not seen before, each of them once. */
exports.cold = async function (bench, { quick }) {

    const [rounds, count, warmUp] = [8, 1000, quick ? 4000 : 10_000];
    for (const alg of algorithms) {
        await bench.mint(alg, alg, warmUp + rounds * count);
    }

    return bench.rounds([
        internals.noop,
        ...algorithms.flatMap((alg) => [
            ...['lease', 'asked'].map((store) => [`ours, ${store}, ${alg}, cold`, internals.ours(store, alg)]),
            [`ours, lease, ${alg}, cold, 1 MiB`, internals.ours('lease', alg, { verified: { maxBytes: 2 ** 20 } })],
            ...alg === 'EdDSA' ? [] : [[`hapi-auth-jwt2, KeyObject, ${alg}, + GET`, { subject: 'jwt2', alg, redis: internals.redis }]],
            [`@hapi/jwt, ${alg}, + GET`, { subject: 'hapijwt', alg, redis: internals.redis }]
        ])
    ], { processes: quick ? 2 : 5, rounds, count, warmUp });
};


/** Equal load, below what any of them can bear: how long requests take. */
exports.latency = async function (bench, { quick }) {

    for (const alg of algorithms) {
        await bench.mint(alg, alg, 100);
    }

    return bench.rounds([
        internals.noop,
        ...algorithms.map((alg) => [`ours, lease, ${alg}`, internals.ours('lease', alg)])
    ], { processes: quick ? 2 : 4, rounds: 4, count: quick ? 1000 : 2000, warmUp: quick ? 4000 : 10_000, rate: 1500 });
};


/** What a logout costs, one after the other, with as many processes that have to hear of it. */
exports.logout = async function (bench, { quick }) {

    const [rounds, count] = quick ? [3, 100] : [8, 300];
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
