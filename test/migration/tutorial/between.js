'use strict';

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { plugin: HardLogout } = require('hapi-auth-hard-logout');
const Redis = require('ioredis');
const Jwt = require('jsonwebtoken');


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
        lookup: {
            find: async (token) => {

                const userId = await redis.get(`refresh:${token}`);
                return userId === null ? null : { subject: userId };
            },
            remove: (token) => redis.del(`refresh:${token}`)
        },
        validate: async (claims) => {

            // What old processes have revoked

            const user = internals.users.find(({ id }) => id === claims.sub);
            const isRevoked = await redis.exists(`blacklist:${claims.jti}`);
            return { isValid: user !== undefined && !isRevoked, credentials: user };
        },
        onRevoke: async (ending, request) => {

            // So that old processes refuse what this one revokes. What is thrown here ends the logout with a 500, and it can be repeated. Without a request,
            // as with revoke(), there is no jti: old processes accept the JWT until it expires

            const jti = request?.auth.artifacts.jti;
            if (jti !== undefined) {
                await redis.set(`blacklist:${jti}`, '1', 'EX', 15 * 60);
            }
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
                const refreshToken = NodeCrypto.randomBytes(32).toString('hex');
                await redis.set(`refresh:${refreshToken}`, user.id, 'EX', 30 * 24 * 60 * 60);
                return { token: internals.token(user.id, key), refreshToken };
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: (request) => ({ token: internals.token(request.auth.artifacts.subject, key) })
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.name })
        },
        {
            method: ['GET', 'POST'],
            path: '/logout',
            options: { plugins: { 'hard-logout': { revoke: true, allowSafeMethods: true } } },
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


internals.token = function (userId, key) {

    return Jwt.sign({}, key, { subject: userId, jwtid: NodeCrypto.randomUUID(), expiresIn: '15m' });
};
