'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { hardLogout, plugin: HardLogout } = require('hapi-auth-hard-logout');
const Redis = require('ioredis');


const internals = {

    // In place of a table

    users: [
        { id: '42', name: 'ada', password: 'lovelace' },
        { id: '43', name: 'grace', password: 'hopper' }
    ]
};


exports.createServer = async function ({ redis: url, key, port }) {

    const server = Hapi.server({ port });

    const redis = new Redis(url);
    server.ext('onPostStop', () => redis.quit());

    await server.register({ plugin: HardLogout, options: { redis: url } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'] },
        refreshToken: { query: 'refreshToken' },
        sessions: { rotate: false },     // true, once all clients keep the token that /token answers
        validate: (claims) => {

            const user = internals.users.find(({ id }) => id === claims.sub);
            return { isValid: user !== undefined, credentials: user };
        }
    });

    server.auth.default('session');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: async (request) => {

                const user = internals.login(request.payload);
                return internals.pair(await hardLogout(server).issue(request, { sub: user.id }));
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { auth: { mode: 'try' }, plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: async (request) => {

                const { isAuthenticated, error } = request.auth;
                if (isAuthenticated) {
                    return internals.pair(await hardLogout(server).refresh(request));
                }

                // Until 30 days after the last old process has stopped: an old refresh token, for a session. It works once

                const userId = error.data?.code === 'refresh_token_invalid' ? await redis.getdel(`refresh:${request.query.refreshToken}`) : null;
                if (userId === null) {
                    throw error;
                }

                return internals.pair(await hardLogout(server).issue(request, { sub: userId }));
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


internals.pair = ({ access_token: token, refresh_token: refreshToken }) => ({ token, refreshToken });
