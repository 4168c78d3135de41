'use strict';

// What stands above the blacklist in a process: one strategy with sessions, made as lib/scheme.ts makes it, and requests to it

const NodeCrypto = require('crypto');


const internals = {
    request: { method: 'get', query: {}, headers: {}, raw: { req: {} } },

    // Without a browser there are no cookies, and a refusal is the error itself

    cookies: { exist: false, isForeign: () => false, clear: () => undefined },
    challenges: { responseTo: (error) => error, missing: () => new Error('nothing was presented') },
    responses: { addTokens: () => undefined, addRefusal: () => undefined, addStranger: () => undefined },

    plans: {
        me: { tokens: 'access', revoke: false, isPlain: true },
        look: { tokens: 'refresh', revoke: false, isPlain: false },
        session: { tokens: 'either', revoke: 'session', isPlain: false },
        subject: { tokens: 'either', revoke: 'subject', isPlain: false }
    }
};


/** `jose` signs on another thread, whose time is not virtual. */
exports.jose = {
    ...require('jose'),
    SignJWT: class {

        constructor(payload) {

            this.payload = payload;
        }

        setProtectedHeader(header) {

            this.header = header;
            return this;
        }

        sign(key) {

            const input = [this.header, this.payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
            return Promise.resolve(`${input}.${NodeCrypto.createHmac('sha256', key).update(input).digest('base64url')}`);
        }
    }
};


/** The strategy of one process. `ended` is called with what was revoked, `noted(revocations, work)` with each revocation that begins. */
exports.App = class {

    #load;
    #tokens;
    #strategy;
    #logout;
    #sessions;
    #refreshTokens;

    constructor({ load, settings, store, blacklist: inner, ended, noted }) {

        const { AccessTokens } = load('jwt/jwt.js');
        const { Logout } = load('sessions/logout.js');
        const { SessionList } = load('sessions/session-list.js');
        const { Sessions } = load('sessions/sessions.js');
        const { SessionRefreshTokens } = load('sessions/refresh-tokens.js');
        const { Strategy } = load('request/strategy.js');

        const blacklist = {
            cutoff: (keys, memo) => inner.cutoff(keys, memo),
            known: (keys) => inner.known(keys),
            confirm: () => inner.confirm(),
            revoke: (revocations) => noted(revocations, inner.revoke(revocations))
        };

        const { jwt } = settings;
        const tokens = new AccessTokens(jwt, () => undefined);
        const list = new SessionList({ store, blacklist, issuer: '' });
        const stamp = (subject) => store.stamp(subject, settings.sessions.maxAge);
        const logout = new Logout({ blacklist, sessions: { issuer: '', store }, settings, stamp, ended, later: (work) => work.catch(() => undefined) });
        const sessions = new Sessions({ store, tokens, list, logout, settings: settings.sessions, jwt });
        const refreshTokens = new SessionRefreshTokens({ blacklist, sessions, list, logout, jwt, onReuse: () => undefined });
        const parts = { settings, tokens, blacklist, logout, refreshTokens, own: { sessions, list, refreshTokens }, ...internals };

        this.terms = logout.terms('');
        this.#load = load;
        this.#tokens = tokens;
        this.#logout = logout;
        this.#sessions = sessions;
        this.#refreshTokens = refreshTokens;
        this.#strategy = new Strategy(parts, { plan: (route) => ({ servesOutage: false, isLast: true, ...internals.plans[route.name] }) }, internals.responses);
    }

    get isRefusal() {

        const { Refusal } = this.#load('errors/refusal.js');
        return (error) => error instanceof Refusal;
    }

    issue(subject) {

        return this.#sessions.issue({ sub: subject });
    }

    /** A new pair, or the code of a refusal. */
    renew(refreshToken) {

        return this.#refreshTokens.renew(refreshToken, null);
    }

    /** A request to a route. Resolves with its artifacts. @throws a refusal, or an outage. */
    async request(name, { accessToken, refreshToken }) {

        const request = {
            ...internals.request,
            route: { name },
            headers: { ...accessToken && { authorization: `Bearer ${accessToken}` } },
            query: { ...refreshToken && { refreshToken } }
        };

        return await this.#strategy.authenticate(request, { authenticated: ({ artifacts }) => artifacts });
    }

    /** A request that logs out, as the hooks carry it out. */
    async logout(extent, presented) {

        const { RequestArtifacts } = this.#load('request/artifacts.js');
        const { tokens } = RequestArtifacts.authentication(await this.request(extent, presented));
        const { issuer, subject, session } = tokens;
        await this.#logout.end({ extent, issuer, subject, session, reason: 'logout', request: null, tokens });
    }
};
