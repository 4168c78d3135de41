'use strict';

// A process of its own, with a hapi server: does what its parent tells it to. Arguments: the compiled library, options of the plugin

const Hapi = require('@hapi/hapi');

const Child = require('./child');


const internals = {};


internals.main = async function (library, options) {

    const { hardLogout, plugin } = require(library);

    const server = Hapi.server({ debug: false });
    await server.register({ plugin, options });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] },
        refreshToken: { query: 'refreshToken' }
    });

    server.auth.default('session');

    server.route([
        { method: 'GET', path: '/me', handler: () => 'me' },
        { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: (request, h) => h.response().code(204) }
    ]);

    await server.initialize();

    const send = async function (method, url, jwt) {

        const { statusCode } = await server.inject({ method, url, headers: { authorization: `Bearer ${jwt}` } });
        return statusCode;
    };

    const actions = {
        login: (sub = '42') => hardLogout(server).issue(null, { sub }),
        me: ({ jwt }) => send('GET', '/me', jwt),
        logout: ({ jwt, refreshToken }) => send('POST', `/logout?refreshToken=${refreshToken}`, jwt),
        status: () => server.plugins['hard-logout'].status(),
        stop: () => Child.stop(server)
    };

    Child.serve(actions);
};


internals.main(process.argv[2], JSON.parse(process.argv[3]));
