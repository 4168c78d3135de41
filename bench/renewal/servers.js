'use strict';

const NodeCrypto = require('crypto');
const Http = require('http');
const Path = require('path');

const Hapi = require('@hapi/hapi');
const Redis = require('ioredis');

const { audience, issuer } = require('../tokens');


const internals = {
    user: { sub: '42', name: 'Ada Lovelace' },
    month: 30 * 24 * 3600,
    client: 'bench'
};


/** What keeps a user logged in, each on the same Redis, on a server of its own that has `POST /login` and `POST /renew`, or what it calls them. Each returns its port. */
exports.servers = {

    /** This package. Each renewal replaces both tokens, and an old one that comes again ends the session. */
    ours: async ({ redis, alg, keys }) => {

        const { hardLogout, plugin } = require(Path.resolve(__dirname, process.env.PACKAGE ?? '../../dist'));

        const server = Hapi.server({ port: 0, host: '127.0.0.1' });
        await server.register({ plugin, options: { redis } });
        server.auth.strategy('session', 'hard-logout', {
            jwt: { key: keys[alg].publicKey, ...alg !== 'HS256' && { signingKey: keys[alg].privateKey }, algorithms: [alg], issuer, audience },
            refreshToken: { header: 'x-refresh-token' }
        });

        server.route([
            { method: 'POST', path: '/login', handler: (request) => hardLogout(server).issue(request, { ...internals.user, sub: NodeCrypto.randomUUID() }) },
            { method: 'POST', path: '/renew', handler: (request) => hardLogout(server).refresh(request.payload.refresh_token, request) }
        ]);

        await server.start();
        return server.info.port;
    },

    /** The same as an OAuth server does it: the refresh grant, with rotation. It leaves the login to the app, so its logins are not measured. */
    oidc: async ({ redis, alg, keys }) => {

        const { Provider } = await import('oidc-provider');

        const client = new Redis(redis);
        const jwk = { ...NodeCrypto.createPrivateKey(keys[alg].privateKey).export({ format: 'jwk' }), alg, use: 'sig', kid: 'bench' };
        const provider = new Provider(issuer, {
            adapter: internals.adapter(client),
            clients: [{ client_id: internals.client, client_secret: internals.client, redirect_uris: ['https://app.example'], grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: alg }],
            jwks: { keys: [jwk] },
            cookies: { keys: ['bench'] },
            findAccount: (ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
            rotateRefreshToken: true,
            ttl: { Grant: internals.month, RefreshToken: internals.month, AccessToken: 900, IdToken: 900 },
            features: {
                devInteractions: { enabled: false },
                resourceIndicators: {
                    enabled: true,
                    defaultResource: () => 'https://api.example',
                    useGrantedResource: () => true,
                    getResourceServerInfo: () => ({ scope: 'read', accessTokenFormat: 'jwt', jwt: { sign: { alg } } })
                }
            }
        });

        const login = async function () {

            const accountId = NodeCrypto.randomUUID();
            const grant = new provider.Grant({ accountId, clientId: internals.client });
            grant.addOIDCScope('openid offline_access');
            grant.addResourceScope('https://api.example', 'read');
            const grantId = await grant.save();
            const token = new provider.RefreshToken({ accountId, client: await provider.Client.find(internals.client), grantId, scope: 'openid offline_access read', resource: 'https://api.example', gty: 'authorization_code', rotations: 0 });
            return { refresh_token: await token.save() };
        };

        const callback = provider.callback();
        return internals.listen(async (request, response) => (request.url === '/login' ? response.end(JSON.stringify(await login())) : callback(request, response)));
    },

    /** Sessions of one opaque token in a cookie, whose row is written again when it is renewed. Its password hash is left out: it would be nearly all of a login. */
    better: async ({ redis }) => {

        const { betterAuth } = await import('better-auth');
        const { memoryAdapter } = await import('better-auth/adapters/memory');
        const { toNodeHandler } = await import('better-auth/node');

        const client = new Redis(redis);
        const tables = { user: [], session: [], account: [], verification: [] };
        const auth = betterAuth({
            baseURL: 'http://127.0.0.1',
            secret: NodeCrypto.randomBytes(32).toString('base64'),
            database: memoryAdapter(tables),
            secondaryStorage: {
                get: (key) => client.get(key),
                set: (key, value, ttl) => (ttl ? client.set(key, value, 'EX', ttl) : client.set(key, value)),
                delete: (key) => client.del(key)
            },
            session: { expiresIn: internals.month, updateAge: 0 },
            rateLimit: { enabled: false },
            telemetry: { enabled: false },
            advanced: { disableCSRFCheck: true, disableOriginCheck: true },
            emailAndPassword: { enabled: true, password: { hash: (text) => text, verify: ({ hash, password }) => hash === password } }
        });

        await auth.api.signUpEmail({ body: { email: 'ada@example.com', password: 'analytical', name: internals.user.name } });
        return internals.listen(toNodeHandler(auth));
    },

    /** hapi's own sessions in a cookie: what is in them is written again. */
    yar: async ({ redis }) => {

        const { Engine } = require('@hapi/catbox-redis');

        const server = Hapi.server({ port: 0, host: '127.0.0.1', cache: [{ name: 'redis', provider: { constructor: Engine, options: { socket: redis } } }] });
        await server.register({
            plugin: require('@hapi/yar'),
            options: { storeBlank: false, maxCookieSize: 0, cache: { cache: 'redis', expiresIn: internals.month * 1000 }, cookieOptions: { password: 'bench'.repeat(8), isSecure: false } }
        });

        server.route([
            { method: 'POST', path: '/login', handler: (request) => internals.set(request, internals.user) },
            { method: 'POST', path: '/renew', handler: (request) => internals.set(request, request.yar.get('user')) }
        ]);

        await server.start();
        return server.info.port;
    }
};


internals.set = function ({ yar }, user) {

    yar.set('user', { ...user, at: Date.now() });
    return { sub: user.sub };
};


internals.listen = async function (listener) {

    const server = Http.createServer(listener);
    await new Promise((resolve) => {

        server.listen(0, '127.0.0.1', resolve);
    });

    return server.address().port;
};


// What oidc-provider asks of a store, for the models that a renewal touches

internals.adapter = function (client) {

    return class {

        #name;

        constructor(name) {

            this.#name = name;
        }

        async upsert(id, payload, expiresIn) {

            const batch = client.multi().set(this.#key(id), JSON.stringify(payload), 'EX', expiresIn ?? internals.month);
            if (payload.grantId && this.#name !== 'Grant') {
                batch.rpush(`grant:${payload.grantId}`, this.#key(id)).expire(`grant:${payload.grantId}`, internals.month);
            }

            await batch.exec();
        }

        async find(id) {

            const [text, consumed] = await client.mget(this.#key(id), `${this.#key(id)}:consumed`);
            return text ? { ...JSON.parse(text), ...consumed && { consumed: Number(consumed) } } : undefined;
        }

        async consume(id) {

            await client.set(`${this.#key(id)}:consumed`, Math.floor(Date.now() / 1000), 'EX', internals.month);
        }

        async destroy(id) {

            await client.del(this.#key(id));
        }

        async revokeByGrantId(grantId) {

            await client.del(...await client.lrange(`grant:${grantId}`, 0, -1), `grant:${grantId}`);
        }

        #key(id) {

            return `${this.#name}:${id}`;
        }
    };
};
