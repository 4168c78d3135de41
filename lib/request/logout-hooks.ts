import { setImmediate as nextTurn } from 'node:timers/promises';

import { RequestArtifacts } from './artifacts';
import { demandUnrevoked, demandUser } from './authentication';
import { PendingLogouts } from './pending-logouts';
import { isFailed, isSuccess, isUnanswered } from './response';
import { revokes } from './routes';

import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi';
import type { Authentication } from './authentication';
import type { Background } from './background';
import type { Responses } from './response';
import type { Routes } from './routes';
import type { Extent } from '../types';


/** Revokes the tokens of a request on a route with `revoke`, once, at the first of these points that the request comes to. */
export class LogoutHooks {

    readonly #routes: Routes;
    readonly #responses: Responses;
    readonly #background: Background;
    readonly #pending = new PendingLogouts();
    readonly #revoked = new WeakMap<Request, Promise<void>>();

    constructor(routes: Routes, responses: Responses, background: Background) {

        this.#routes = routes;
        this.#responses = responses;
        this.#background = background;
    }

    /** The lifecycle extension. @throws 503, or what the app's `onRevoke` and `remove` throw: it becomes the response. */
    readonly onPreResponse = (request: Request, h: ResponseToolkit): symbol | Promise<symbol> => {

        const work = this.#beforeResponse(request);
        return work ? work.then(() => this.#release(request, h)) : this.#release(request, h);
    };

    /** The scheme's `response`, right before the headers are sent: the same for a response that another extension took over. */
    atResponse(request: Request): Promise<void> | undefined {

        const work = this.#beforeResponse(request);
        return work ? work.then(() => this.#responses.appendCookies(request)) : this.#responses.appendCookies(request);
    }

    /** Has a request authenticated by a strategy. One that is to log out is waited for from now on, when the server stops. */
    authenticate<T>(request: Request, work: () => T | Promise<T>): T | Promise<T> {

        return revokes(request.route) ? this.#authenticate(request, work) : work();
    }

    /** The event `response`, for requests that got none: the client hung up, or the handler returned `h.abandon` or `h.close`. */
    readonly onResponse = (request: Request): void => {

        try {
            this.#afterResponse(request);
        }
        catch (error) {
            this.#background.track(Promise.reject(error));
        }

        this.#pending.responded(request);
        this.#responses.count(request);
    };

    /** When the server stops: waits for requests that it has cut off, and revokes for those whose handler, or whose body, takes too long. */
    async settle(): Promise<void> {

        for (const request of await this.#pending.settle()) {
            this.onResponse(request);
        }
    }

    async #authenticate<T>(request: Request, work: () => T | Promise<T>): Promise<T> {

        this.#pending.authenticate(request, true);
        try {
            const accepted = await work();

            // A client that has left meanwhile still wishes to log out, and hapi gives up a request without a client

            if (request.info.completed > 0) {
                this.#background.track(nextTurn().then(() => this.#afterResponse(request)));
            }

            return accepted;
        }
        finally {
            this.#pending.authenticate(request, false);
        }
    }

    #beforeResponse(request: Request): Promise<void> | undefined {

        this.#responses.complete(request);

        // An error response never revokes, so that status and state agree

        const authentication = isSuccess(request) ? this.#authenticationOf(request) : null;
        return authentication ? this.#logout(request, authentication) : undefined;
    }

    // Before the response says that it was done

    async #logout(request: Request, authentication: Authentication): Promise<void> {

        await authentication.strategy.challenges.settle(this.#revoke(request, authentication));

        const response = request.response as ResponseObject;
        response.header('cache-control', 'no-store');
        forget(authentication, this.#extent(request, authentication), request, response);
    }

    // The client has left, so no response can report a failure: the logout is tried again

    #afterResponse(request: Request): void {

        if (!isUnanswered(request) || isFailed(request) || !request.auth.isAuthenticated && this.#responses.isRefused(request)) {
            return;
        }

        const authentication = this.#authenticationOf(request);
        if (authentication && request.route.auth.access(request)) {
            this.#background.track(this.#background.insist(() => this.#revoke(request, authentication)));
        }
    }

    async #end(request: Request, authentication: Authentication): Promise<void> {

        // A web socket may have been authenticated long ago

        const { strategy, tokens } = authentication;
        const extent = this.#extent(request, authentication);
        demandUser(extent, tokens);
        if (request.auth.isInjected) {
            await demandUnrevoked(authentication).catch((error) => strategy.blacklist.confirm().then(() => Promise.reject(error)));
        }

        const { issuer, subject, session } = tokens;
        await strategy.logout.end({ extent, issuer, subject, session, reason: 'logout', request, tokens });
    }

    // By the route of the request. A web socket was authenticated on another route

    #extent({ route }: Request, { strategy }: Authentication): Extent {

        return this.#routes.plan(route, strategy.settings).revoke as Extent;
    }

    #release(request: Request, h: ResponseToolkit): symbol {

        this.#responses.applyCookies(request, h);
        return h.continue;
    }

    /**
     * The authentication of a request that is to log out. Null where there is none, and a success without a revocation is true:
     *
     * 1. on a route that does not revoke;
     * 2. for a request without credentials, where the route accepts that (mode 'optional' or 'try');
     * 3. for credentials that a test injects. Those that a web socket injects have tokens.
     *
     * @throws the refusal of the request, where mode 'try' lets it pass; `Error` where other code has replaced the artifacts.
     */
    #authenticationOf(request: Request): Authentication | null {

        const { auth, route } = request;
        if (!revokes(route)) {
            return null;
        }

        this.#routes.demand(route);

        const authentication = RequestArtifacts.authentication(auth.artifacts);
        if (auth.isAuthenticated && authentication) {
            return authentication;
        }

        const refusal = this.#responses.refusal(request);
        if (refusal !== undefined) {
            throw refusal;
        }

        if (auth.isAuthenticated && !(auth.isInjected && this.#routes.has(auth.strategy))) {
            throw new Error('hard-logout: there is nothing to revoke: request.auth.artifacts was replaced, or is of another scheme');
        }

        return null;
    }

    // Once for a request, and again where that failed

    #revoke(request: Request, authentication: Authentication): Promise<void> {

        const known = this.#revoked.get(request);
        if (known) {
            return known;
        }

        const revoked = this.#end(request, authentication);
        this.#revoked.set(request, revoked);
        this.#background.add(revoked.catch(() => this.#revoked.delete(request)));
        return revoked;
    }
}


// Clears the cookies of the tokens that were revoked, and of no other

const forget = function ({ tokens, strategy: { cookies, settings } }: Authentication, extent: Extent, request: Request, response: ResponseObject): void {

    const endsSession = extent === 'session' || extent === 'subject';
    if (endsSession || extent === 'token' && tokens.access) {
        cookies.access?.clear(request);
    }

    if (endsSession || extent === 'token' && tokens.refresh) {
        cookies.refresh?.clear(request);
    }

    if (extent !== 'others' && settings.clearSiteData.length > 0) {
        response.header('clear-site-data', settings.clearSiteData.map((directive) => `"${directive}"`).join(', '));
    }
};
