'use strict';

// One process of the app: what the README of the package shows, over HTTP

const Path = require('path');

const Hapi = require('@hapi/hapi');

const { hardLogout, plugin } = require(Path.resolve(process.env.PACKAGE || Path.join(__dirname, '..', '..', 'dist')));


const internals = {};


internals.main = async function ({ key, redis, lease, cache }) {

    const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
    server.listener.keepAliveTimeout = 0;

    await server.register({
        plugin,
        options: { redis, lease, ...cache && { cache: { max: cache } } }
    });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'] },
        refreshToken: { query: 'refreshToken' }
    });

    server.auth.default('session');

    // 'either', since a Redis that lost its data has lost the sessions too: then the access token alone is left to log out with

    const revoke = (extent) => ({ plugins: { 'hard-logout': { tokens: 'either', revoke: extent } } });

    server.route([
        { method: 'POST', path: '/login', options: { auth: false }, handler: ({ query }) => hardLogout(server).issue(null, { sub: query.sub }) },
        { method: 'POST', path: '/token', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => hardLogout(server).refresh(request) },
        { method: 'GET', path: '/me', handler: ({ auth }) => auth.credentials },
        { method: 'POST', path: '/logout', options: revoke('session'), handler: (request, h) => h.response().code(204) },
        { method: 'POST', path: '/logout/everywhere', options: revoke('subject'), handler: (request, h) => h.response().code(204) },
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

    await server.start();
    process.send({ port: server.info.port });
};


// Whoever started this is gone

process.on('disconnect', () => process.exit());

internals.main(JSON.parse(process.argv[2])).catch((error) => {

    process.send({ failed: error.message }, () => process.exit(1));
});
