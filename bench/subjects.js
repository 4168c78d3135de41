'use strict';

const NodeCrypto = require('crypto');
const Path = require('path');

const Redis = require('ioredis');

const { audience, issuer } = require('./tokens');


const internals = {
    verifyOptions: (alg) => ({ algorithms: [alg], issuer, audience })
};


/** What is measured: each sets up the authentication of a server of its own. */
exports.subjects = {

    /** No authentication at all. */
    none: () => undefined,

    /** The least that an authenticated route costs in hapi. */
    noop: (server) => {

        const credentials = { user: { id: '42' } };
        server.auth.scheme('noop', () => ({ authenticate: (request, h) => h.authenticated({ credentials }) }));
        server.auth.strategy('strategy', 'noop');
    },

    /**
     * The same, with what hapi has to be given so that nothing can be answered before a logout is stored: two hooks, which do nothing here. `isFiltered`: on no route that is
     * measured, which hapi can only be told with the patch of proposal/.
     */
    hooked: (server, { isFiltered }) => {

        const credentials = { user: { id: '42' } };
        const none = () => false;
        server.auth.scheme('hooked', () => ({
            authenticate: (request, h) => h.authenticated({ credentials }),
            response: (request, h) => h.continue,
            ...isFiltered && { options: { response: none } }
        }));

        server.auth.strategy('strategy', 'hooked');
        server.ext('onPreResponse', (request, h) => h.continue, isFiltered && { filter: none });
        server.events.on('response', () => undefined);
    },

    /** This package: `store` is memory, lease or asked. */
    ours: async (server, { store, alg, keys, redis, cache, verified }) => {

        const { plugin } = require(Path.resolve(__dirname, process.env.PACKAGE ?? '../dist'));

        const options = store === 'memory' ? {} : { redis, ...store === 'asked' && { lease: false } };
        await server.register({ plugin, options: { ...options, cache } });
        server.auth.strategy('strategy', 'hard-logout', {
            jwt: { key: keys[alg].publicKey, algorithms: [alg], issuer, audience, ...verified && { cache: verified } },
            refreshToken: { header: 'x-refresh-token' },
            lookup: { find: (token) => ({ subject: token }), remove: () => undefined }
        });
    },

    /** hapi-auth-jwt2, which checks no blacklist unless the app asks one. */
    jwt2: async (server, { alg, keys, asText, redis }) => {

        await server.register(require('hapi-auth-jwt2'));
        const text = keys[alg].publicKey;
        const key = asText ? text : alg === 'HS256' ? NodeCrypto.createSecretKey(text, 'utf8') : NodeCrypto.createPublicKey(text);
        const blacklist = redis && internals.blacklist(server, redis, { enableAutoPipelining: true });
        server.auth.strategy('strategy', 'jwt', {
            key,
            verifyOptions: internals.verifyOptions(alg),
            validate: async (claims) => ({ isValid: blacklist === undefined || await blacklist(claims.jti) })
        });
    },

    /** @hapi/jwt, likewise. */
    hapijwt: async (server, { alg, keys, redis }) => {

        await server.register(require('@hapi/jwt'));
        const blacklist = redis && internals.blacklist(server, redis, { enableAutoPipelining: true });
        server.auth.strategy('strategy', 'jwt', {
            keys: { key: keys[alg].publicKey, algorithms: [alg] },
            verify: { aud: audience, iss: issuer, sub: false },
            validate: blacklist ? async ({ decoded }) => ({ isValid: await blacklist(decoded.payload.jti) }) : false
        });
    },

    /** The stack of a well-known tutorial: one blacklist in Redis, asked on each request. `both` is its route that reads both tokens. */
    tutorial: async (server, { alg, keys, redis, both }) => {

        await server.register([require('hapi-auth-jwt2'), require('@now-ims/hapi-now-auth'), require('hapi-auth-multiple-strategies')]);

        const blacklist = internals.blacklist(server, redis, {});
        server.auth.strategy('jwt', 'jwt', {
            key: keys[alg].publicKey,
            verifyOptions: internals.verifyOptions(alg),
            validate: async (claims) => ({ isValid: await blacklist(claims.jti) })
        });

        server.auth.strategy('refresh', 'hapi-now-auth', {
            accessTokenName: 'x-refresh-token',
            validate: (request, token) => ({ isValid: true, credentials: { token } })
        });

        server.auth.strategy('both', 'multiple-strategies', { strategies: ['jwt', 'refresh'] });
        return both ? 'both' : 'jwt';
    }
};


internals.blacklist = function (server, path, options) {

    const redis = new Redis({ path, ...options });
    server.ext('onPostStop', () => redis.quit());
    return async (jti) => await redis.get(`blacklist:${jti}`) === null;
};
