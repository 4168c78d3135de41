'use strict';

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiAuthBearerToken = require('hapi-auth-bearer-token');
const Redis = require('ioredis');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis: url, port }) {

    const server = Hapi.server({ port });

    const redis = new Redis(url);
    server.ext('onPostStop', () => redis.quit());

    await server.register(HapiAuthBearerToken);

    server.auth.strategy('bearer', 'bearer-access-token', {
        validate: async (request, token) => {

            const userId = await redis.get(`token:${token}`);
            const user = internals.users.find(({ id }) => id === userId);
            return { isValid: user !== undefined, credentials: user, artifacts: { token } };
        }
    });

    server.auth.default('bearer');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: async (request) => {

                const { id } = internals.login(request.payload);
                const token = NodeCrypto.randomBytes(32).toString('hex');
                await redis.set(`token:${token}`, id, 'EX', 30 * 24 * 60 * 60);
                return { token };
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
            handler: async (request, h) => {

                await redis.del(`token:${request.auth.artifacts.token}`);
                return h.response().code(204);
            }
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
