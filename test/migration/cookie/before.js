'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiAuthJwt2 = require('hapi-auth-jwt2');
const Jwt = require('jsonwebtoken');


const internals = {
    week: 7 * 24 * 60 * 60 * 1000,

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ key, port }) {

    const server = Hapi.server({ port });
    await server.register(HapiAuthJwt2);

    server.auth.strategy('jwt', 'jwt', {
        key,
        cookieKey: 'USER_SESSION',
        verifyOptions: { algorithms: ['HS256'] },
        validate: () => ({ isValid: true })
    });

    server.auth.default('jwt');

    server.state('USER_SESSION', { ttl: internals.week, isSecure: true, isHttpOnly: true, isSameSite: 'Lax', path: '/', encoding: 'none' });

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request, h) => {

                const { id, name } = internals.login(request.payload);
                const token = Jwt.sign({ name }, key, { subject: id, expiresIn: '7d' });
                return h.response({ name }).state('USER_SESSION', token);
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
            handler: (request, h) => h.response().code(204).unstate('USER_SESSION')
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
