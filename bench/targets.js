'use strict';

const { algorithms } = require('./tokens');


const internals = {};


/** What is to be reached, as ratios within one run: [what, measured, at most]. */
exports.targets = function ({ warm, cold, latency, scale }) {

    return [
        ...warm ? internals.warm(internals.finder(warm)) : [],
        ...cold ? internals.cold(internals.finder(cold)) : [],
        ...latency ? algorithms.map((alg) => [`p99 at equal load, ${alg}, to the no-op scheme`, internals.finder(latency)(`ours, lease, ${alg}`).p99Ratio, 1.2]) : [],
        ...scale ? internals.scale(scale) : []
    ];
};


internals.warm = function (find) {

    const targets = algorithms.map((alg) => [`CPU of a request, warm, ${alg}, to the no-op scheme`, find(`ours, lease, ${alg}`).ratio, 1.1]);

    const tutorial = find('tutorial, access token, RS256').cost;
    targets.push(['CPU of the scheme, warm, RS256, to the tutorial\'s', find('ours, lease, RS256').cost / tutorial, 0.1]);

    for (const alg of algorithms) {
        const peers = [`hapi-auth-jwt2, KeyObject, ${alg}`, `@hapi/jwt, ${alg}`].map(find).filter(Boolean);
        targets.push([`CPU of a request, warm, ${alg}, to the cheaper of hapi-auth-jwt2 and @hapi/jwt`, find(`ours, lease, ${alg}`).cpu / Math.min(...peers.map(({ cpu }) => cpu)), 1]);
    }

    return targets;
};


internals.cold = function (find) {

    return algorithms.flatMap((alg) => {

        const peers = [`hapi-auth-jwt2, KeyObject, ${alg}, + GET`, `@hapi/jwt, ${alg}, + GET`].map(find).filter(Boolean);
        const least = Math.min(...peers.map(({ cpu }) => cpu));
        return ['lease', 'asked'].map((store) => [`CPU of a request, cold, ${store}, ${alg}, to the cheaper peer with a GET`, find(`ours, ${store}, ${alg}, cold`).cpu / least, 1]);
    });
};


internals.scale = function (rows) {

    const tokens = rows.filter(({ what }) => what === 'tokens in rotation').at(-1);
    const forged = rows.find(({ what }) => what === 'forged tokens');
    return [
        [`MB of memory for each 100,000 tokens, at ${tokens.size}`, tokens.memory / tokens.size * 100_000 / 1e6, 150],
        ['MB of memory for 30,000 forged tokens', forged.memory / 1e6, 2]
    ];
};


internals.finder = function (rows) {

    return (name) => rows.find((row) => row.name === name);
};
