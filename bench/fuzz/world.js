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
            await server.initialize();

            this.servers[name] = { server, api: hardLogout(server), victim: await hardLogout(server).issue(null, { sub: 'victim' }) };
        }

        return this;
    }

    async stop() {

        this.#release();
        for (const { server } of Object.values(this.servers)) {
            await server.stop();
        }
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
    async verify(token) {

        try {
            const { algorithms, issuer, audience } = internals;
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

        return true;
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
