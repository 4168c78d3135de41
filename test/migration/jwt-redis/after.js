'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { hardLogout, plugin: HardLogout } = require('hapi-auth-hard-logout');
const { default: JwtRedis, JsonWebTokenError, TokenDestroyedError, TokenInvalidError } = require('jwt-redis');
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

    await server.register({ plugin: HardLogout, options: { redis: url } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'] },
        refreshToken: { header: 'x-refresh-token' },
        validate: async ({ sid, jti }) => {

            // Until 30 minutes after the last old process has stopped: what is no token of a session has to be on the old list

            return { isValid: sid !== undefined || await client.exists(`jwt_label:${jti}`) === 1 };
        }
    });

    server.auth.default('session');

    const pair = ({ access_token: token, refresh_token: refreshToken }) => ({ token, refreshToken });

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: async (request) => {

                const { id } = internals.login(request.payload);
                return pair(await hardLogout(server).issue(request, { sub: id }));
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { auth: false },
            handler: async (request, h) => {

                const refreshToken = request.payload?.refreshToken;
                if (typeof refreshToken !== 'string') {
                    throw Boom.badRequest('A refreshToken is needed');
                }

                // Until 30 days after the last old process has stopped: an old refresh token, for a session. It works once

                const renewed = refreshToken.includes('.') ?
                    await hardLogout(server).issue(null, { sub: await internals.spend(jwtr, refreshToken, refreshKey) }) :
                    await hardLogout(server).refresh(refreshToken);

                return h.response(pair(renewed)).header('cache-control', 'no-store');
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

            // The session of the access token, and so both tokens: the refresh token travels in bodies only

            options: { plugins: { 'hard-logout': { tokens: 'access', revoke: true } } },
            handler: (request, h) => h.response().code(204)
        }
    ]);

    return server;
};


internals.spend = async function (jwtr, token, key) {

    try {
        const { sub, jti } = await jwtr.verify(token, key);
        if (await jwtr.destroy(jti)) {
            return sub;
        }
    }
    catch (error) {

        // Redis being away says nothing about the token

        if (![JsonWebTokenError, TokenDestroyedError, TokenInvalidError].some((type) => error instanceof type)) {
            throw error;
        }
    }

    throw Boom.unauthorized('Unknown refresh token');
};


internals.login = function ({ name, password }) {

    const user = internals.users.find((candidate) => candidate.name === name && candidate.password === password);
    if (!user) {
        throw Boom.unauthorized('Wrong name or password');
    }

    return user;
};
