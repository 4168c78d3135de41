'use strict';

// One process of the app: what the README of the package shows, over HTTP

const Skew = require('./skew');

// Before anything else has taken a clock

Skew.install();

const Path = require('path');

const Hapi = require('@hapi/hapi');
const Nes = require('@hapi/nes');
const { Cluster } = require('ioredis');

const { hardLogout, plugin } = require(Path.resolve(process.env.PACKAGE || Path.join(__dirname, '..', '..', 'dist')));


const internals = {};


internals.main = async function ({ key, redis, cluster, natMap, lease, cache }) {

    const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
    server.listener.keepAliveTimeout = 0;

    await server.register({
        plugin,
        options: { redis: cluster ? internals.connect(cluster, natMap) : redis, lease, ...cache && { cache: { max: cache } } }
    });

    // Two strategies of one issuer: what one ends is ended in the other. Clocks are moved by more than the usual tolerance

    for (const name of ['session', 'other']) {
        server.auth.strategy(name, 'hard-logout', {
            jwt: { key, algorithms: ['HS256'], clockTolerance: 60_000 },
            refreshToken: { query: 'refreshToken' },
            sessions: { max: (claims) => claims.max ?? 100 }
        });
    }

    server.auth.default('session');
    await server.register({ plugin: Nes, options: { heartbeat: false } });

    // 'either', since a Redis that lost its data has lost the sessions too: then the access token alone is left to log out with

    const revoke = (extent, auth) => ({ auth, plugins: { 'hard-logout': { tokens: 'either', revoke: extent } } });
    const api = () => hardLogout(server, 'session');
    const users = (prefix, auth) => [
        { method: 'GET', path: `${prefix}/me`, options: { auth }, handler: ({ auth: { credentials } }) => credentials },
        { method: 'POST', path: `${prefix}/logout`, options: revoke('session', auth), handler: (request, h) => h.response().code(204) },
        { method: 'POST', path: `${prefix}/logout/everywhere`, options: revoke('subject', auth), handler: (request, h) => h.response().code(204) }
    ];

    server.route([
        { method: 'POST', path: '/login', options: { auth: false }, handler: ({ query }) => api().issue(null, internals.claims(query)) },
        { method: 'POST', path: '/token', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => api().refresh(request) },
        ...users('', 'session'),
        ...users('/other', 'other'),
        {
            method: 'POST',
            path: '/backchannel-logout',
            handler: {
                'hard-logout': {
                    receive: 'back-channel',
                    strategy: 'session',
                    issuer: 'https://provider.example',
                    key,
                    algorithms: ['HS256'],
                    client: 'shop',
                    find: ({ session, subject }) => (session === undefined ? { subject } : { session })
                }
            }
        },
        { method: 'GET', path: '/status', options: { auth: false }, handler: () => server.plugins['hard-logout'].status() }
    ]);

    server.events.on('log', (event) => {

        process.send({ log: `${event.tags.join(' ')} ${event.error?.message ?? event.data ?? ''}` });
    });

    server.events.on({ name: 'request', channels: 'error' }, (request, { error }) => {

        process.send({ log: `error ${request.method} ${request.path} ${error.stack}` });
    });

    process.on('message', (order) => internals.carryOut(order, server));
    await server.start();
    process.send({ port: server.info.port });
};


// Of some users a login ends the session before

internals.claims = function ({ sub, max }) {

    return { sub, ...max && { max: Number(max) } };
};


internals.connect = function (nodes, natMap) {

    return new Cluster(nodes, { natMap, redisOptions: { connectTimeout: 1000 } }).on('error', () => undefined);
};


// What the checker does to this process from within

internals.carryOut = async function ({ block, jump, slew, stop }, server) {

    if (block !== undefined) {
        const end = process.uptime() + block / 1000;
        while (process.uptime() < end) {}
    }

    if (jump !== undefined) {
        Skew.jump(jump);
    }

    if (slew !== undefined) {
        Skew.slew(slew);
    }

    if (stop) {
        await server.stop({ timeout: 2000 });
        process.exit();
    }
};


// Whoever started this is gone

process.on('disconnect', () => process.exit());

internals.main(JSON.parse(process.argv[2])).catch((error) => {

    process.send({ failed: error.message }, () => process.exit(1));
});
