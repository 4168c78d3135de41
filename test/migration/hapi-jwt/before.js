'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const Jwt = require('@hapi/jwt');


const internals = {
    issuer: 'urn:issuer:test',
    audience: 'urn:audience:test',

    // In place of a table

    users: [{ name: 'ada', password: 'lovelace', scope: ['user', 'admin'] }]
};


exports.createServer = async function ({ key, port }) {

    const server = Hapi.server({ port });
    await server.register(Jwt);

    server.auth.strategy('jwt', 'jwt', {
        keys: key,
        verify: { aud: internals.audience, iss: internals.issuer, sub: false, maxAgeSec: 4 * 60 * 60, timeSkewSec: 15 },
        validate: ({ decoded }) => {

            const user = internals.users.find(({ name }) => name === decoded.payload.user);
            return { isValid: user !== undefined, credentials: { user: user?.name, scope: user?.scope } };
        }
    });

    server.auth.default('jwt');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request) => {

                const { name } = internals.login(request.payload);
                const token = Jwt.token.generate({ aud: internals.audience, iss: internals.issuer, user: name }, key, { ttlSec: 4 * 60 * 60 });
                return { token };
            }
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.user })
        },
        {
            method: 'GET',
            path: '/admin',
            options: { auth: { scope: 'admin' } },
            handler: (request) => ({ expires: request.auth.artifacts.decoded.payload.exp * 1000 })
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
