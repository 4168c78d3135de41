'use strict';

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiNowAuth = require('@now-ims/hapi-now-auth');
const HapiAuthJwt2 = require('hapi-auth-jwt2');
const MultipleStrategies = require('hapi-auth-multiple-strategies');
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

    await server.register([HapiAuthJwt2, HapiNowAuth, MultipleStrategies]);

    server.auth.strategy('jwt', 'jwt', {
        key,
        verifyOptions: { algorithms: ['HS256'] },
        validate: async (claims) => {

            const user = internals.users.find(({ id }) => id === claims.sub);
            const isRevoked = await redis.exists(`blacklist:${claims.jti}`);
            return { isValid: user !== undefined && !isRevoked, credentials: user };
        }
    });

    server.auth.strategy('refresh', 'hapi-now-auth', {
        accessTokenName: 'refreshToken',
        allowQueryToken: true,
        validate: async (request, token) => {

            const userId = await redis.get(`refresh:${token}`);
            return { isValid: userId !== null, credentials: { userId, token } };
        }
    });

    server.auth.strategy('jwt-and-refresh-token', 'multiple-strategies', { strategies: ['jwt', 'refresh'] });

    server.auth.default('jwt');

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
            options: { auth: 'refresh' },
            handler: (request) => ({ token: internals.token(request.auth.credentials.userId, key) })
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => ({ name: request.auth.credentials.name })
        },
        {
            method: 'GET',
            path: '/logout',
            options: { auth: 'jwt-and-refresh-token' },
            handler: async (request, h) => {

                const { jti } = request.auth.artifacts.jwt.decoded;
                await redis.set(`blacklist:${jti}`, '1', 'EX', 15 * 60);
                await redis.del(`refresh:${request.auth.credentials.refresh.token}`);
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


internals.token = function (userId, key) {

    return Jwt.sign({}, key, { subject: userId, jwtid: NodeCrypto.randomUUID(), expiresIn: '15m' });
};
