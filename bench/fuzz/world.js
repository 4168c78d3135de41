'use strict';

// Servers with the store in memory, one for each place of a refresh token, and people who are logged in there

const NodeCrypto = require('crypto');
const Path = require('path');

const Hapi = require('@hapi/hapi');
const Jose = require('jose');


const internals = {
    issuer: 'https://futureflix.example',
    audience: 'api',
    algorithms: ['ES256', 'HS256', 'EdDSA'],
    places: {
        query: { query: 'refreshToken' },
        cookie: { cookie: 'refresh' },
        header: { header: 'x-refresh-token' }
    },
    receivers: {
        '/back-channel': { receive: 'back-channel', option: 'client', type: 'application/x-www-form-urlencoded' },
        '/revocation': { receive: 'global-token-revocation', option: 'audience', type: 'application/json' },
        '/events': { receive: 'security-events', option: 'audience', type: 'application/secevent+jwt' }
    }
};


/** `library` is the folder of the compiled library, or of its sources where something compiles them. */
exports.World = class {

    statuses = {};

    async start(library) {

        const { hardLogout, plugin } = require(Path.join(library, 'index'));

        const { MemoryStore } = require(Path.join(library, 'store/memory'));

        this.#watch(MemoryStore);

        const ec = NodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const ed = NodeCrypto.generateKeyPairSync('ed25519');
        this.secret = NodeCrypto.randomBytes(32);
        this.signing = { ES256: ec.privateKey, HS256: NodeCrypto.createSecretKey(this.secret), EdDSA: ed.privateKey };
        this.verifying = { ES256: ec.publicKey, HS256: NodeCrypto.createSecretKey(this.secret), EdDSA: ed.publicKey };

        const keys = [
            { ...ec.publicKey.export({ format: 'jwk' }), alg: 'ES256' },
            { ...ed.publicKey.export({ format: 'jwk' }), alg: 'EdDSA' },
            { kty: 'oct', k: this.secret.toString('base64url'), alg: 'HS256' }
        ];

        this.servers = {};
        for (const [name, place] of Object.entries(internals.places)) {
            const server = Hapi.server({ debug: false });
            await server.register(plugin);

            const { issuer, audience, algorithms } = internals;
            server.auth.strategy('session', 'hard-logout', {
                jwt: { key: { keys }, signingKey: ec.privateKey, algorithms, issuer, audience, ttl: 24 * 60 * 60 * 1000, cookie: 'jwt' },
                refreshToken: place,
                sessions: { grace: 0 }
            });

            server.auth.default('session');
            const route = (method, path, settings) => server.route({ method, path, options: { plugins: { 'hard-logout': settings } }, handler: () => null });
            route('GET', '/me', {});
            route('GET', '/look', { tokens: 'either' });
            route('POST', '/refresh', { tokens: 'refresh' });
            route('POST', '/logout', { revoke: true });
            route('POST', '/either', { tokens: 'either', revoke: true });

            server.auth.scheme('anybody', () => ({ authenticate: (request, h) => h.authenticated({ credentials: {} }) }));
            server.auth.strategy('anybody', 'anybody');
            for (const endpoint of ['token', 'revocation', 'introspection']) {
                server.route({ method: 'POST', path: `/${endpoint}`, options: { auth: 'anybody' }, handler: { 'hard-logout': { endpoint, strategy: 'session' } } });
            }

            await server.initialize();

            this.servers[name] = { server, api: hardLogout(server), victim: await hardLogout(server).issue(null, { sub: 'victim' }) };
        }

        await this.#startReceivers(Hapi.server({ debug: false }), plugin, keys);
        return this;
    }

    async stop() {

        this.#release();
        for (const { server } of Object.values(this.servers)) {
            await server.stop();
        }

        await this.receivers.stop();
    }

    login(place) {

        return this.servers[place].api.issue(null, { sub: '42' });
    }

    /** Claims that are accepted. */
    claims() {

        const now = Math.floor(Date.now() / 1000);
        return { sub: '42', iss: internals.issuer, aud: internals.audience, iat: now, exp: now + 3600 };
    }

    mint(alg, claims) {

        return new Jose.SignJWT({ ...this.claims(), ...claims }).setProtectedHeader({ alg }).sign(this.signing[alg]);
    }

    /** A JWT whose header and claims are text as it stands, signed well. */
    forge(alg, header, claims) {

        const input = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
        const signature = alg === 'HS256' ?
            NodeCrypto.createHmac('sha256', this.secret).update(input).digest() :
            NodeCrypto.sign(alg === 'ES256' ? 'sha256' : null, Buffer.from(input), { key: this.signing[alg], dsaEncoding: 'ieee-p1363' });

        return `${input}.${signature.toString('base64url')}`;
    }

    /** What jose says of a token by itself: its claims, or null. */
    async verify(token, audience = internals.audience) {

        try {
            const { algorithms, issuer } = internals;
            const { payload } = await Jose.jwtVerify(token, ({ alg }) => this.verifying[alg], { algorithms, issuer, audience, clockTolerance: 5 });
            return payload;
        }
        catch {
            return null;
        }
    }

    /** Sends something, and counts what it was answered. @throws `Error` for a 5xx. */
    async send(place, method, path, { jwt, authorization = jwt === undefined ? undefined : `Bearer ${jwt}`, cookie, query, refreshToken, headers = {} }) {

        const own = refreshToken === undefined ? {} : {
            query: { query: `refreshToken=${encodeURIComponent(refreshToken)}` },
            cookie: { cookie: `refresh=${refreshToken}` },
            header: { headers: { 'x-refresh-token': refreshToken } }
        }[place];

        const sent = { cookie, query, ...own };
        const { statusCode } = await this.servers[place].server.inject({
            method,
            url: sent.query === undefined ? path : `${path}?${sent.query}`,
            headers: {
                ...authorization !== undefined && { authorization },
                ...sent.cookie !== undefined && { cookie: sent.cookie },
                ...headers,
                ...sent.headers
            }
        });

        this.statuses[statusCode] = (this.statuses[statusCode] ?? 0) + 1;
        if (statusCode >= 500) {
            throw new Error(`${method} ${path} was answered ${statusCode}`);
        }

        return statusCode;
    }

    /** Claims of an order that is carried out: of a logout token, of the JWT of a sender, or of a security event. */
    order(path) {

        const { sub, exp, ...claims } = this.claims();
        const named = {
            '/back-channel': { exp, sub, sid: 'fuzz', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
            '/revocation': { exp, sub: 'sender' },
            '/events': { sub_id: { format: 'iss_sub', iss: claims.iss, sub }, events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} } }
        }[path];

        return { ...claims, aud: path, jti: NodeCrypto.randomUUID(), ...named };
    }

    /** Sends an order: its status. @throws `Error` for a 5xx. */
    async sendOrder(path, { payload, type = internals.receivers[path].type, authorization }) {

        const headers = { 'content-type': type, ...authorization !== undefined && { authorization } };
        const { statusCode } = await this.receivers.inject({ method: 'POST', url: path, payload, headers });
        this.statuses[statusCode] = (this.statuses[statusCode] ?? 0) + 1;
        if (statusCode >= 500) {
            throw new Error(`POST ${path} was answered ${statusCode}`);
        }

        return statusCode;
    }

    /** Sends the token of an order as its standard has it. */
    async sendToken(path, token, subject = { format: 'iss_sub', iss: internals.issuer, sub: '42' }) {

        return path === '/revocation' ?
            await this.sendOrder(path, { payload: JSON.stringify({ sub_id: subject }), authorization: `Bearer ${token}` }) :
            await this.sendOrder(path, { payload: path === '/events' ? token : new URLSearchParams({ logout_token: token }).toString() });
    }

    /** Posts a form to an endpoint of OAuth. @throws `Error` for a 5xx, and for an error that is not in OAuth's shape. */
    async post(place, endpoint, payload, headers = {}) {

        const { statusCode, result } = await this.servers[place].server.inject({
            method: 'POST',
            url: `/${endpoint}`,
            payload,
            headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }
        });

        this.statuses[statusCode] = (this.statuses[statusCode] ?? 0) + 1;
        if (statusCode >= 500 || statusCode >= 400 && (typeof result.error !== 'string' || result.statusCode !== undefined)) {
            throw new Error(`POST /${endpoint} was answered ${statusCode}: ${JSON.stringify(result)}`);
        }

        return { statusCode, result };
    }

    /** Whether both tokens of a pair are good still. */
    async isAlive(place, { access_token: jwt, refresh_token: refreshToken }) {

        return await this.send(place, 'GET', '/me', { jwt }) < 300 && await this.send(place, 'POST', '/refresh', { refreshToken }) < 300;
    }

    /** Whether nobody was logged out who did not ask for it. */
    async victimsLive() {

        for (const [place, { victim }] of Object.entries(this.servers)) {
            if (!await this.isAlive(place, victim)) {
                return false;
            }
        }

        const { statusCode } = await this.receivers.inject({ url: '/me', headers: { authorization: `Bearer ${this.victim}` } });
        return statusCode < 300;
    }

    // An API that has its tokens from a provider, and its orders

    async #startReceivers(server, plugin, keys) {

        const { issuer, audience, algorithms } = internals;
        await server.register(plugin);
        server.auth.strategy('provider', 'hard-logout', { jwt: { key: { keys }, algorithms, issuer, audience } });
        server.route({ method: 'GET', path: '/me', options: { auth: 'provider' }, handler: () => null });
        for (const [path, { receive, option }] of Object.entries(internals.receivers)) {
            server.route({ method: 'POST', path, handler: { 'hard-logout': { receive, strategy: 'provider', [option]: path } } });
        }

        await server.initialize();
        this.receivers = server;
        this.victim = await this.mint('ES256', { sub: 'victim', sid: 'victim' });
    }

    // How often the store was asked and told

    questions = 0;
    writes = 0;
    #release;

    #watch(store) {

        const self = this;
        const { cutoffs, present, revoke } = store.prototype;
        const counted = function (original, count) {

            return function (...args) {

                count();
                return original.apply(this, args);
            };
        };

        Object.assign(store.prototype, {
            cutoffs: counted(cutoffs, () => ++self.questions),
            present: counted(present, () => ++self.questions),
            revoke: counted(revoke, () => ++self.writes)
        });

        this.#release = () => Object.assign(store.prototype, { cutoffs, present, revoke });
    }
};


exports.places = Object.keys(internals.places);

exports.algorithms = internals.algorithms;

exports.receivers = Object.keys(internals.receivers);
