'use strict';

// An app of two routes and a login, as any runtime can run it. Arguments: the path of Redis, the port to listen on. It writes a line when it listens

const Hapi = require('@hapi/hapi');

const { hardLogout, plugin } = require('../../dist');


const internals = {};


internals.main = async function (redis, port) {

    const server = Hapi.server({ host: '127.0.0.1', port });
    await server.register({ plugin, options: { redis } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] },
        refreshToken: { query: 'refreshToken' }
    });

    server.auth.default('session');

    server.route([
        { method: 'POST', path: '/login', options: { auth: false }, handler: (request) => hardLogout(server).issue(request, { sub: '42' }) },
        { method: 'POST', path: '/token', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => hardLogout(server).refresh(request) },
        { method: 'GET', path: '/me', handler: (request) => request.auth.credentials },
        { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: (request, h) => h.response().code(204) }
    ]);

    await server.start();
    console.log('listening');

    process.once('SIGTERM', async () => {

        await server.stop();
        process.exit();
    });
};


internals.main(process.argv[2], Number(process.argv[3]));
