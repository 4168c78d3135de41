'use strict';

// What is usually built: a blacklist in Redis, and a cache in front of it whose entries live for a second or two. The routes are those of server.js

const { randomUUID } = require('crypto');

const Boom = require('@hapi/boom');
const Hapi = require('@hapi/hapi');
const { Redis } = require('ioredis');
const Jose = require('jose');
const { LRUCache } = require('lru-cache');


const internals = {
    ttl: 1500
};


internals.main = async function ({ key, redis: address }) {

    const secret = Buffer.from(key);
    const redis = new Redis(address);
    redis.on('error', () => undefined);

    const cache = new LRUCache({ max: 100_000, ttl: internals.ttl });
    const figures = { hits: 0, misses: 0 };

    const isRevoked = async (jti) => {

        const cached = cache.get(jti);
        if (cached !== undefined) {
            ++figures.hits;
            return cached;
        }

        ++figures.misses;
        const found = await redis.get(jti) !== null;
        cache.set(jti, found);
        return found;
    };

    const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
    server.listener.keepAliveTimeout = 0;

    server.auth.scheme('naive', () => ({

        authenticate: async (request, h) => {

            const { payload } = await Jose.jwtVerify(request.headers.authorization.slice('Bearer '.length), secret, { algorithms: ['HS256'] });
            if (await isRevoked(payload.jti)) {
                throw Boom.unauthorized('The access token was revoked', 'Bearer');
            }

            return h.authenticated({ credentials: payload });
        }
    }));

    server.auth.strategy('naive', 'naive');
    server.auth.default('naive');

    const login = async ({ query: { sub } }) => {

        const jti = randomUUID();
        const token = await new Jose.SignJWT({ sub, jti }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('15m').sign(secret);
        return { access_token: token, refresh_token: jti };
    };

    const logout = async ({ auth: { credentials: { jti } } }, h) => {

        await redis.set(jti, '1', 'EX', 3600);
        cache.set(jti, true);
        return h.response().code(204);
    };

    server.route([
        { method: 'POST', path: '/login', options: { auth: false }, handler: login },
        { method: 'POST', path: '/token', options: { auth: false }, handler: () => Boom.unauthorized('The refresh token is invalid') },
        { method: 'GET', path: '/me', handler: ({ auth }) => auth.credentials },
        { method: 'POST', path: '/logout', handler: logout },
        { method: 'GET', path: '/status', options: { auth: false }, handler: () => ({ cache: { ...figures, size: cache.size, isComplete: false } }) }
    ]);

    await server.start();
    process.send({ port: server.info.port });
};


process.on('disconnect', () => process.exit());

internals.main(JSON.parse(process.argv[2])).catch((error) => {

    process.send({ failed: error.message }, () => process.exit(1));
});
