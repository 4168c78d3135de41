'use strict';

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const HapiAuthJwt2 = require('hapi-auth-jwt2');
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

    await server.register(HapiAuthJwt2);

    server.auth.strategy('jwt', 'jwt', {
        key,
        verifyOptions: { algorithms: ['HS256'], issuer: internals.issuer },
        validate: async (claims, request) => {

            const isRevoked = await redis.exists(`blacklist:${request.headers.authorization}`);
            return { isValid: !isRevoked };
        }
    });

    server.auth.default('jwt');

    const issue = async (userId) => {

        const refreshToken = NodeCrypto.randomBytes(32).toString('hex');
        await redis.set(`refresh:${refreshToken}`, JSON.stringify({ userId }), 'EX', 30 * 24 * 60 * 60);

        const token = Jwt.sign({}, key, { subject: userId, issuer: internals.issuer, expiresIn: '2h' });
        return { token, refreshToken };
    };

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

                const found = await redis.getdel(`refresh:${request.headers['x-refresh-token']}`);
                if (found === null) {
                    throw Boom.unauthorized('Unknown refresh token');
                }

                return issue(JSON.parse(found).userId);
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

                await redis.set(`blacklist:${request.headers.authorization}`, '1', 'EX', 2 * 60 * 60);
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
