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


/** Revokes the tokens of a request on a route with `revoke`, once, at the first of these points that it reaches. */
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

    /** The lifecycle extension. @throws 503, or what `onRevoke` and `remove` throw, which becomes the response. */
    readonly onPreResponse = (request: Request, h: ResponseToolkit): symbol | Promise<symbol> => {

        const work = this.#beforeResponse(request);
        return work ? work.then(() => this.#release(request, h)) : this.#release(request, h);
    };

    /** The scheme's `response`, right before the headers are sent: for a response that another extension took over. */
    atResponse(request: Request): Promise<void> | undefined {

        const work = this.#beforeResponse(request);
        return work ? work.then(() => this.#responses.appendCookies(request)) : this.#responses.appendCookies(request);
    }

    /** The event `response`, for requests without a response: the client left, or the handler returned `h.abandon` or `h.close`. */
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

    /** When the server stops: waits for requests that were cut off, and revokes for those whose handler or body takes too long. */
    async settle(): Promise<void> {

        for (const request of await this.#pending.settle()) {
            this.onResponse(request);
        }
    }

    /** Authenticates a request that is to log out. From now on, a stopping server waits for it. */
    async authenticate<T>(request: Request, work: () => T | Promise<T>): Promise<T> {

        this.#pending.authenticate(request, true);
        try {
            const accepted = await work();

            // A client that has left still wants to log out, but hapi abandons its request

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

        // An error response never revokes: status and state agree

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

    // No response can report a failure, so the logout is repeated

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

        // The authentication of a web socket may be old

        const { strategy, tokens } = authentication;
        const extent = this.#extent(request, authentication);
        demandUser(extent, tokens);
        if (request.auth.isInjected) {
            await demandUnrevoked(authentication).catch((error) => strategy.blacklist.confirm().then(() => Promise.reject(error)));
        }

        const { issuer, subject, session } = tokens;
        await strategy.logout.end({ extent, issuer, subject, session, reason: 'logout', request, tokens });
    }

    // Of the request's route: a web socket was authenticated on another one

    #extent({ route }: Request, { strategy }: Authentication): Extent {

        return strategy.planOf(route).revoke as Extent;
    }

    #release(request: Request, h: ResponseToolkit): symbol {

        this.#responses.applyCookies(request, h);
        return h.continue;
    }

    /**
     * The authentication of a request that is to log out. Null if there is nothing to revoke, and a success is true:
     *
     * 1. the route does not revoke;
     * 2. the request has no credentials, and the route accepts that (mode 'optional' or 'try');
     * 3. a test injected the credentials. Those that a web socket injects have tokens.
     *
     * @throws the refusal that mode 'try' let pass; `Error` if other code has replaced the artifacts.
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
            throw new Error('hard-logout: nothing can be revoked: request.auth.artifacts was replaced, or is from another scheme');
        }

        return null;
    }

    // Once for a request, and again after a failure

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


// Clears only the cookies of revoked tokens

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
