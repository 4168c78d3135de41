'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiAuthBearerToken = require('hapi-auth-bearer-token');
const { default: JwtRedis } = require('jwt-redis');
const { createClient } = require('redis');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis: url, key, refreshKey, port }) {

    const server = Hapi.server({ port });

    const client = createClient({ url });
    await client.connect();
    server.ext('onPostStop', () => client.quit());

    const jwtr = new JwtRedis(client);

    await server.register(HapiAuthBearerToken);

    server.auth.strategy('jwt', 'bearer-access-token', {
        validate: async (request, token) => {

            try {
                return { isValid: true, credentials: await jwtr.verify(token, key) };
            }
            catch {
                return { isValid: false };
            }
        }
    });

    server.auth.default('jwt');

    const issue = async (sub) => ({
        token: await jwtr.sign({ sub }, key, { expiresIn: '30m' }),
        refreshToken: await jwtr.sign({ sub }, refreshKey, { expiresIn: '30d' })
    });

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request) => issue(internals.login(request.payload).id)
        },
        {
            method: 'POST',
            path: '/token',
            options: { auth: false },
            handler: async (request) => {

                try {
                    const { sub, jti } = await jwtr.verify(request.payload.refreshToken, refreshKey);
                    await jwtr.destroy(jti);
                    return issue(sub);
                }
                catch {
                    throw Boom.unauthorized('Unknown refresh token');
                }
            }
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ id: request.auth.credentials.sub })
        },
        {
            method: 'POST',
            path: '/logout',
            handler: async (request, h) => {

                await jwtr.destroy(request.auth.credentials.jti);
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
