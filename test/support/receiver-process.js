'use strict';

// A process of its own, with an API that trusts an identity provider. Arguments: the compiled library, options of the plugin, the issuer

const Hapi = require('@hapi/hapi');

const Child = require('./child');


const internals = {};


internals.main = async function (library, options, issuer) {

    const { plugin } = require(library);

    const server = Hapi.server({ host: '127.0.0.1', debug: false });
    await server.register({ plugin, options });

    server.auth.strategy('provider', 'hard-logout', {
        jwt: { key: new URL(`${issuer}/jwks`), algorithms: ['RS256'], issuer, audience: 'https://api.example' }
    });

    server.route([
        { method: 'GET', path: '/me', options: { auth: 'provider' }, handler: ({ auth }) => ({ sub: auth.credentials.sub }) },
        { method: 'POST', path: '/backchannel-logout', handler: { 'hard-logout': { receive: 'back-channel', strategy: 'provider', client: 'shop', maxWait: 500 } } }
    ]);

    await server.start();

    const actions = {
        uri: () => server.info.uri,
        status: () => server.plugins['hard-logout'].status(),
        stop: () => Child.stop(server)
    };

    Child.serve(actions);
};


internals.main(process.argv[2], JSON.parse(process.argv[3]), process.argv[4]);
