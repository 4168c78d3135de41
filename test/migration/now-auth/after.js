'use strict';

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { plugin: HardLogout } = require('hapi-auth-hard-logout');
const Jwt = require('jsonwebtoken');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis, key, retiredKey, port }) {

    const server = Hapi.server({ port });
    await server.register({ plugin: HardLogout, options: { redis } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: {

            // Old tokens do not name their key, new ones do

            key: ({ kid }) => (kid === undefined ? retiredKey : kid === '2' ? key : null),
            algorithms: ['HS256']
        },
        validate: ({ sub }) => {

            const user = internals.users.find(({ id }) => id === sub);
            return { isValid: user !== undefined, credentials: user };
        }
    });

    server.auth.default('session');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request) => {

                const { id } = internals.login(request.payload);
                return { token: Jwt.sign({}, key, { subject: id, expiresIn: '12h', jwtid: NodeCrypto.randomUUID(), keyid: '2' }) };
            }
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.name })
        },
        {
            method: 'POST',
            path: '/logout',
            options: { plugins: { 'hard-logout': { revoke: true } } },
            handler: (request, h) => h.response().code(204)
        }
    ]);

    return server;
};


internals.login = function ({ name, password }) {

    const user = internals.users.find((candidate) => candidate.name === name && candidate.password === password);
    if (!user) {
        throw Boom.unauthorized('Wrong name or password');
    }

    return user;
};
