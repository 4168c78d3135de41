'use strict';

// A process of its own, with the app that docs/web-sockets.md shows: does what its parent tells it to. Arguments: the app, the compiled library, the Redis

const Hapi = require('@hapi/hapi');

const Child = require('./child');


const internals = {
    create: Hapi.server
};


internals.main = async function (app, library, redis) {

    // Several of them on one machine

    Hapi.server = (options) => internals.create({ ...options, host: '127.0.0.1', port: 0, debug: false });

    const { hardLogout } = require(library);

    const server = await require(app).createServer('a shared secret of 32 bytes or more', redis);

    server.route([
        { method: 'GET', path: '/me', handler: ({ auth }) => auth.credentials.sub },
        { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: (request, h) => h.response().code(204) }
    ]);

    await server.start();

    const actions = {
        port: () => server.info.port,
        login: () => hardLogout(server).issue(null, { sub: '42' }),
        refresh: (token) => hardLogout(server).refresh(token),
        revoke: (target) => hardLogout(server).revoke(target),
        logout: async ({ jwt, refreshToken }) => {

            const { statusCode } = await server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: { authorization: `Bearer ${jwt}` } });
            return statusCode;
        }
    };

    Child.serve(actions);
};


internals.main(...process.argv.slice(2));
