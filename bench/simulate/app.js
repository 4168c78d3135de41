'use strict';

// What stands above the blacklist in a process: the scheme of the built package with one strategy that has sessions, and requests to its routes. What hapi does
// with a request that needs no cookie is done here

const NodeCrypto = require('crypto');

const Boom = require('@hapi/boom');


const internals = {
    name: 'session',
    toolkit: { continue: Symbol('continue'), authenticated: (found) => found }
};


internals.route = function (method, path, settings) {

    return { method, path, settings: { plugins: { 'hard-logout': settings } } };
};


internals.routes = {
    me: internals.route('get', '/me', { tokens: 'access' }),
    refresh: internals.route('post', '/refresh', { tokens: 'refresh' }),
    session: internals.route('post', '/logout', { tokens: 'either', revoke: 'session' }),
    subject: internals.route('post', '/logout-everywhere', { tokens: 'either', revoke: 'subject' })
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

    #api;
    #background;
    #count = 0;
    #hooks;
    #isUnavailable;
    #scheme;
    #server;

    constructor({ load, options, store, blacklist: inner, ended, noted }) {

        const { Background } = load('request/background.js');
        const { isUnavailable } = load('request/challenge.js');
        const { LogoutHooks } = load('request/logout-hooks.js');
        const { Responses } = load('request/response.js');
        const { Routes } = load('request/routes.js');
        const { createScheme } = load('scheme.js');

        const server = internals.server();
        const routes = new Routes(server);
        const responses = new Responses();
        const background = new Background(server);
        const hooks = new LogoutHooks(routes, responses, background);

        const blacklist = {
            cutoff: (keys, memo) => inner.cutoff(keys, memo),
            known: (keys) => inner.known(keys),
            confirm: () => inner.confirm(),
            register: (terms) => inner.register(terms),
            revoke: (revocations) => noted(revocations, inner.revoke(revocations))
        };

        // What the app is told, and what an issuer orders, is not in it

        const events = { session: () => undefined, revoked: ({ ending }) => ended(ending) };
        const monitor = { serve: () => undefined };
        const receivers = { addStrategy: () => undefined };

        this.#scheme = createScheme({ blacklist, monitor, events, sessionStore: store, routes, responses, background, hooks, receivers })(server, options);
        this.#api = this.#scheme.api;
        server.auth.api[internals.name] = this.#api;

        this.#background = background;
        this.#hooks = hooks;
        this.#isUnavailable = isUnavailable;
        this.#server = server;
    }

    /** As the plugin does before a server starts. */
    start() {

        this.#background.resume();
    }

    /** As the plugin does before it stops its blacklist. */
    async stop() {

        await this.#hooks.settle();
        await this.#background.drain();
    }

    /** The code of a refusal; undefined for any other error. */
    refusalOf(error) {

        return error.isBoom && !this.#isUnavailable(error) ? error.data?.code : undefined;
    }

    isOutage(error) {

        return this.#isUnavailable(error);
    }

    async issue(subject) {

        return internals.pairOf(await this.#api.issue(null, { sub: subject }));
    }

    /** A new pair, by a request of the client or by a token that came in another way. @throws a refusal, or an outage. */
    async renew(refreshToken, isRequest) {

        return internals.pairOf(isRequest ?
            await this.#respond('refresh', { refreshToken }, (request) => this.#api.refresh(request)) :
            await this.#api.refresh(refreshToken));
    }

    /** A request to a route. @throws a refusal, or an outage. */
    async request(name, presented) {

        await this.#respond(name, presented, () => null);
    }

    // The steps of hapi from a request to its response

    async #respond(name, { accessToken, refreshToken }, handler) {

        const route = internals.routes[name];
        const request = {
            auth: { isAuthenticated: false, isInjected: false, strategy: null, mode: 'required', error: null, artifacts: null },
            headers: { ...accessToken && { authorization: `Bearer ${accessToken}` } },
            info: { id: String(++this.#count), completed: 0 },
            log: () => undefined,
            method: route.method,
            query: { ...refreshToken && { refreshToken } },
            raw: { req: { method: route.method }, res: { writableEnded: false } },
            response: null,
            route,
            server: this.#server
        };

        let result;
        try {
            Object.assign(request.auth, await this.#scheme.authenticate(request, internals.toolkit), { isAuthenticated: true, strategy: internals.name });
            result = await handler(request);
            request.response = { statusCode: 200, header: () => undefined };
        }
        catch (error) {
            request.response = Boom.boomify(error);
        }

        // An error of the extension takes the place of the response

        try {
            await this.#hooks.onPreResponse(request, internals.toolkit);
            await this.#scheme.response(request, internals.toolkit);
        }
        catch (error) {
            request.response = Boom.boomify(error);
        }

        request.raw.res.writableEnded = true;
        request.info.completed = 1;
        this.#hooks.onResponse(request);
        if (request.response instanceof Error) {
            throw request.response;
        }

        return result;
    }
};


// As much of a server as the package asks for

internals.server = function () {

    return {
        auth: { api: {}, lookup: () => ({ strategies: [internals.name], mode: 'required' }) },
        inject: () => undefined,
        log: () => undefined,
        state: () => undefined,
        states: { names: [] }
    };
};


internals.pairOf = function ({ access_token: accessToken, refresh_token: refreshToken }) {

    const { sid: session } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url'));
    return { accessToken, refreshToken, session };
};
