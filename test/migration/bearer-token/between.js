'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { hardLogout, plugin: HardLogout } = require('hapi-auth-hard-logout');
const HapiAuthBearerToken = require('hapi-auth-bearer-token');
const Redis = require('ioredis');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis: url, key, port }) {

    const server = Hapi.server({ port });

    const redis = new Redis(url);
    server.ext('onPostStop', () => redis.quit());

    await server.register([HapiAuthBearerToken, { plugin: HardLogout, options: { redis: url } }]);

    server.auth.strategy('bearer', 'bearer-access-token', {
        allowChaining: true,
        validate: async (request, token) => {

            const userId = await redis.get(`token:${token}`);
            const user = internals.users.find(({ id }) => id === userId);
            return { isValid: user !== undefined, credentials: user, artifacts: { token } };
        }
    });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'] },
        refreshToken: { header: 'x-refresh-token' }
    });

    // What the first does not know is left to the second

    server.auth.default({ strategies: ['bearer', 'session'] });

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: async (request) => {

                const { id, name } = internals.login(request.payload);
                return internals.pair(await hardLogout(server).issue(request, { sub: id, name }));
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { auth: 'session', plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: async (request) => internals.pair(await hardLogout(server).refresh(request))
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.name })
        },
        {
            method: 'POST',
            path: '/logout',
            options: { plugins: { 'hard-logout': { tokens: 'either' } } },
            handler: async (request, h) => {

                const { strategy, artifacts } = request.auth;
                if (strategy === 'bearer') {
                    await redis.del(`token:${artifacts.token}`);
                }
                else {
                    await hardLogout(server).revoke({ session: artifacts.session }, { reason: 'logout', request });
                }

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


internals.pair = ({ access_token: token, refresh_token: refreshToken }) => ({ token, refreshToken });
