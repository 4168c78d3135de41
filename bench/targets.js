'use strict';

const { quotient } = require('./measure');
const { algorithms } = require('./tokens');


const internals = {};


/**
 * What is aimed at, and what it must not be worse than, which is where it stands and some room for noise. As ratios within one run, each to the
 * no-op scheme that was measured beside it: [what, measured, aim, at most].
 */
exports.targets = function ({ warm, cold, latency, renewal, scale, fleet }) {

    return [
        ...warm ? internals.warm(internals.finder(warm)) : [],
        ...cold ? internals.cold(internals.finder(cold)) : [],
        ...latency ? algorithms.map((alg) => [`p99 at equal load, ${alg}, to the no-op scheme`, internals.finder(latency)(`ours, lease, ${alg}`).p99Ratio, 1.2, 1.5]) : [],
        ...renewal ? internals.renewal(renewal) : [],
        ...scale ? internals.scale(scale) : [],
        ...fleet ? internals.fleet(fleet) : []
    ];
};


internals.warm = function (find) {

    const hooked = find('no-op scheme with two hooks').ratio;
    const targets = algorithms.flatMap((alg) => {

        const { ratio } = find(`ours, lease, ${alg}`);
        return [
            [`CPU of a request, warm, ${alg}, to the no-op scheme`, ratio, 1.1, 1.2],
            [`CPU of a request, warm, ${alg}, to the no-op scheme with two hooks`, quotient(ratio, hooked), 1.1, 1.15]
        ];
    });

    const tutorial = find('tutorial, access token, RS256').cost;
    targets.push(['CPU of the scheme, warm, RS256, to the tutorial\'s', find('ours, lease, RS256').cost / tutorial, 0.1, 0.1]);

    for (const alg of algorithms) {
        const peers = [`hapi-auth-jwt2, KeyObject, ${alg}`, `@hapi/jwt, ${alg}`].map(find).filter(Boolean);
        targets.push([`CPU of a request, warm, ${alg}, to the cheaper of hapi-auth-jwt2 and @hapi/jwt`, quotient(find(`ours, lease, ${alg}`).ratio, internals.least(peers)), 1, 1]);
    }

    return targets;
};


internals.cold = function (find) {

    return algorithms.flatMap((alg) => {

        const peers = [`hapi-auth-jwt2, KeyObject, ${alg}, + GET`, `@hapi/jwt, ${alg}, + GET`].map(find).filter(Boolean);
        return [['lease', 1.3], ['asked', 1.9]].map(([store, most]) => {

            return [`CPU of a request, cold, ${store}, ${alg}, to the cheaper peer with a GET`, quotient(find(`ours, ${store}, ${alg}, cold`).ratio, internals.least(peers)), 1, most];
        });
    });
};


internals.least = function (peers) {

    return peers.map(({ ratio }) => ratio).toSorted((a, b) => a.value - b.value)[0];
};


internals.renewal = function (rows) {

    const ours = rows.find(({ name }) => name === 'renewals: ours, with rotation').ratio;
    return ['oidc-provider', 'better-auth'].map((other) => {

        return [`CPU of a renewal, to that of ${other}`, quotient(ours, rows.find(({ name }) => name.startsWith(`renewals: ${other}`)).ratio), 1, 1];
    });
};


internals.scale = function (rows) {

    const forged = rows.find(({ what }) => what === 'forged tokens');
    return [
        ...['HS256', 'RS256'].map((alg) => {

            const { memory, size } = rows.findLast(({ what }) => what === `tokens in rotation, ${alg}`);
            return [`MB of memory for each 100,000 tokens, ${alg}, at ${size}`, memory / size * 100_000 / 1e6, 150, 160];
        }),
        ['MB of memory for 30,000 forged tokens', forged.memory / 1e6, 2, 2]
    ];
};


internals.finder = function (rows) {

    return (name) => rows.find((row) => row.name === name);
};


// Of Redis. A logout among 1,000 members took it 22.7 ms in version 0.1.0

internals.fleet = function (rows) {

    const { rest, steady } = rows.find(({ size }) => size === 1000) ?? {};
    const large = rows.find((row) => row.size === 10_000 && row.rest);
    return [
        ...steady ? [
            ['500 logouts a second with 1,000 members, % of a core', steady.share * 100, 60, 60],
            ['one of these, to one in version 0.1.0', steady.cpu / 22.7, 0.05, 0.06]
        ] : [],
        ...rest ? [['1,000 members at rest, % of a core', rest.cpu / rest.elapsed * 100, 7, 9]] : [],
        ...large ? [['10,000 members with a lease of 1500 ms at rest, % of a core', large.rest.cpu / large.rest.scripts * 10_000 * 4 / 1.5 / 10, 70, 70]] : []
    ];
};
