'use strict';

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { plugin: HardLogout } = require('hapi-auth-hard-logout');
const Redis = require('ioredis');
const Jwt = require('jsonwebtoken');


const internals = {
    issuer: 'https://futureflix.example',

    // In place of a table

    users: [{ id: '42', name: 'ada', password: 'lovelace' }]
};


exports.createServer = async function ({ redis: url, key, port }) {

    const server = Hapi.server({ port });

    const redis = new Redis(url);
    server.ext('onPostStop', () => redis.quit());

    await server.register({ plugin: HardLogout, options: { redis: url } });

    server.auth.strategy('session', 'hard-logout', {
        jwt: { key, algorithms: ['HS256'], issuer: internals.issuer },
        refreshToken: { header: 'x-refresh-token' },
        lookup: {
            find: async (token) => {

                // An old row names no session, and no moment

                const found = JSON.parse(await redis.get(`refresh:${token}`));
                return found && { subject: found.userId, session: found.session, issued: found.issued };
            },
            remove: (token) => redis.del(`refresh:${token}`)
        }
    });

    server.auth.default('session');

    const issue = async (userId, session) => {

        const refreshToken = NodeCrypto.randomBytes(32).toString('hex');
        await redis.set(`refresh:${refreshToken}`, JSON.stringify({ userId, session, issued: Date.now() }), 'EX', 30 * 24 * 60 * 60);

        const token = Jwt.sign({ sid: session }, key, { subject: userId, issuer: internals.issuer, expiresIn: '2h' });
        return { token, refreshToken };
    };

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: { auth: false },
            handler: (request) => issue(internals.login(request.payload).id, NodeCrypto.randomUUID())
        },
        {
            method: 'POST',
            path: '/token',
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: async (request) => {

                // Of two requests with the same token one gets a pair

                const found = await redis.getdel(`refresh:${request.headers['x-refresh-token']}`);
                if (found === null) {
                    throw Boom.unauthorized('Unknown refresh token');
                }

                const { subject, session } = request.auth.artifacts;
                return issue(subject, session ?? NodeCrypto.randomUUID());
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

            // 'both', once all clients send their refresh token as well

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
