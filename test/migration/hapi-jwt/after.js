'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { hardLogout, plugin: HardLogout } = require('hapi-auth-hard-logout');


const internals = {
    issuer: 'urn:issuer:test',
    audience: 'urn:audience:test',

    // In place of a table

    users: [{ name: 'ada', password: 'lovelace', scope: ['user', 'admin'] }]
};


exports.createServer = async function ({ redis, key, port }) {

    const server = Hapi.server({ port });
    await server.register({ plugin: HardLogout, options: { redis } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'], audience: internals.audience, issuer: internals.issuer, ttl: 15 * 60 * 1000, clockTolerance: 15 * 1000 },
        refreshToken: { header: 'x-refresh-token' },
        validate: ({ sub }) => {

            const user = internals.users.find(({ name }) => name === sub);
            return { isValid: user !== undefined, credentials: { user: user?.name, scope: user?.scope } };
        }
    });

    server.auth.default('session');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: async (request) => {

                const { name } = internals.login(request.payload);
                return internals.pair(await hardLogout(server).issue(request, { sub: name }));
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: async (request) => internals.pair(await hardLogout(server).refresh(request))
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
            handler: (request) => ({ expires: request.auth.artifacts.expires })
        },
        {
            method: 'POST',
            path: '/logout',

            // The session of the access token, and so both tokens. A refresh token that is sent as well has to be of the same session

            options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true } } },
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
