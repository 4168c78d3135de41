'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { hardLogout, plugin: HardLogout } = require('hapi-auth-hard-logout');


const internals = {

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis, key, port }) {

    const server = Hapi.server({ port });
    await server.register({ plugin: HardLogout, options: { redis } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'], ttl: 7 * 24 * 60 * 60 * 1000 },           // 15 minutes, once all clients renew
        refreshToken: { header: 'x-refresh-token' },
        validate: (claims) => ({ isValid: internals.users.some(({ id }) => id === claims.sub) })
    });

    server.auth.default('session');

    server.ext('onRequest', internals.acceptOldClients);

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
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: async (request) => internals.pair(await hardLogout(server).refresh(request))
        },
        {
            // Until the last old token has expired: a session in exchange for it. The response revokes it

            method: 'POST',
            path: '/session',
            options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'token' } } },
            handler: async (request) => {

                const { sub, name, iat, sid } = request.auth.credentials;
                if (sid !== undefined) {
                    throw Boom.badRequest('The token has a session');
                }

                return internals.pair(await hardLogout(server).issue(request, { sub, name, auth_time: iat }));
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
            options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true } } },
            handler: (request, h) => h.response().code(204)
        }
    ]);

    return server;
};


// Until all clients send "Authorization: Bearer …": a token without "Bearer", or in the query as ?token=

internals.acceptOldClients = function ({ headers, query }, h) {

    const token = headers.authorization ?? query.token;
    if (typeof token === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
        headers.authorization = `Bearer ${token}`;
    }

    return h.continue;
};


internals.login = function ({ name, password }) {

    const user = internals.users.find((candidate) => candidate.name === name && candidate.password === password);
    if (!user) {
        throw Boom.unauthorized('Wrong name or password');
    }

    return user;
};


internals.pair = ({ access_token: token, refresh_token: refreshToken }) => ({ token, refreshToken });
