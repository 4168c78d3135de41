'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiAuthJwt2 = require('hapi-auth-jwt2');
const Jwt = require('jsonwebtoken');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ key, port }) {

    const server = Hapi.server({ port });
    await server.register(HapiAuthJwt2);

    server.auth.strategy('jwt', 'jwt', {
        key,
        verifyOptions: { algorithms: ['HS256'] },
        validate: (claims) => ({ isValid: internals.users.some(({ id }) => id === claims.sub) })
    });

    server.auth.default('jwt');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request) => {

                const { id, name } = internals.login(request.payload);
                return { token: Jwt.sign({ name }, key, { subject: id, expiresIn: '7d' }) };
            }
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.name })
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
