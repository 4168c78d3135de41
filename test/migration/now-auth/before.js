'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiNowAuth = require('@now-ims/hapi-now-auth');
const Jwt = require('jsonwebtoken');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ key, retiredKey, port }) {

    const server = Hapi.server({ port });
    await server.register(HapiNowAuth);

    server.auth.strategy('jwt', 'hapi-now-auth', {
        verifyJWT: true,
        keychain: [key, retiredKey],
        validate: (request, { decodedJWT }) => {

            const user = internals.users.find(({ id }) => id === decodedJWT.sub);
            return { isValid: user !== undefined, credentials: user };
        }
    });

    server.auth.default('jwt');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request) => {

                const { id } = internals.login(request.payload);
                return { token: Jwt.sign({}, key, { subject: id, expiresIn: '12h' }) };
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

            // The client forgets the token

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
