'use strict';

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { hardLogout, plugin: HardLogout } = require('hapi-auth-hard-logout');


const internals = {
    week: 7 * 24 * 60 * 60 * 1000,

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis, key, port }) {

    const server = Hapi.server({ port });
    await server.register({ plugin: HardLogout, options: { redis } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: {
            key,
            algorithms: ['HS256'],
            cookie: { name: 'USER_SESSION', isSameSite: 'Lax' }
        },
        refreshToken: { cookie: '__Host-USER_REFRESH' },
        sessions: { maxIdle: internals.week }
    });

    server.auth.default('session');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: async (request) => {

                const { id, name } = internals.login(request.payload);
                await hardLogout(server).issue(request, { sub: id, name });
                return { name };
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: (request) => hardLogout(server).refresh(request)
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.name })
        },
        {
            method: 'POST',
            path: '/logout',

            // 'either', since an old cookie has no companion

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
