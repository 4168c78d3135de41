import { setImmediate as nextTurn } from 'node:timers/promises';

import { RequestArtifacts } from './artifacts';
import { isUnavailable } from './challenge';
import { isFailed, isSuccess, isUnanswered } from './response';

import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi';
import type { Authentication } from './artifacts';
import type { Background } from './background';
import type { Responses } from './response';
import type { Routes } from './routes';
import type { Extent } from '../types';


export interface LogoutHooksOptions {
    routes: Routes;
    responses: Responses;
    background: Background;
}


/** Revokes what a request on a route with `revoke` has proved: once, at whatever point of its life that can still be done. */
export class LogoutHooks {

    readonly #routes: Routes;
    readonly #responses: Responses;
    readonly #background: Background;
    readonly #revoked = new WeakMap<Request, Promise<void>>();

    constructor({ routes, responses, background }: LogoutHooksOptions) {

        this.#routes = routes;
        this.#responses = responses;
        this.#background = background;
    }

    /** The lifecycle extension. @throws 503, or what the app's `onRevoke` and `remove` throw: it becomes the response. */
    readonly onPreResponse = (request: Request, h: ResponseToolkit): symbol | Promise<symbol> => {

        const work = this.#beforeResponse(request);
        return work ? work.then(() => this.#release(request, h)) : this.#release(request, h);
    };

    /** The scheme's `response`, when the headers are about to go: the same for a response that another extension took over. */
    atResponse(request: Request): Promise<void> | undefined {

        const work = this.#beforeResponse(request);
        return work ? work.then(() => this.#responses.appendCookies(request)) : this.#responses.appendCookies(request);
    }

    /**
     * Right after a request was authenticated, before hapi has it. A client that has left meanwhile still wishes to log out, and hapi gives up a request
     * without a client.
     */
    authenticated(request: Request): void {

        if (request.info.completed > 0) {
            this.#background.track(nextTurn().then(() => this.#afterResponse(request)));
        }
    }

    /** The event `response`, for requests that got none: the client hung up, or the handler returned `h.abandon` or `h.close`. */
    readonly onResponse = (request: Request): void => {

        try {
            this.#afterResponse(request);
        }
        catch (error) {
            this.#background.track(Promise.reject(error));
        }
    };

    #beforeResponse(request: Request): Promise<void> | undefined {

        this.#responses.complete(request);

        // An error response never revokes, so that status and state agree

        return isSuccess(request) && this.#wishes(request) ? this.#logout(request, authenticationOf(request)) : undefined;
    }

    // What the response says is made true

    async #logout(request: Request, authentication: Authentication): Promise<void> {

        await authentication.strategy.challenges.settle(this.#revoke(request, authentication));

        const response = request.response as ResponseObject;
        response.header('cache-control', 'no-store');
        forget(authentication, request, response);
    }

    // Without a client to tell, the wish to log out counts, and is insisted on

    #afterResponse(request: Request): void {

        if (isUnanswered(request) && !isFailed(request) && this.#wishes(request) && request.route.auth.access(request)) {
            const authentication = authenticationOf(request);
            this.#background.track(this.#background.insist(() => this.#revoke(request, authentication)));
        }
    }

    #release(request: Request, h: ResponseToolkit): symbol {

        this.#responses.applyCookies(request, h);
        return h.continue;
    }

    // Injected credentials have no tokens behind them. In mode 'try' a lost store looks like a stranger: a 2xx would then be a lie

    #wishes({ auth, route }: Request): boolean {

        if (!route.settings.plugins?.['hard-logout']?.revoke || auth.isInjected) {
            return false;
        }

        if (isUnavailable(auth.error)) {
            throw auth.error;
        }

        return auth.isAuthenticated && this.#routes.has(auth.strategy);
    }

    // Once, however many points of its life a request passes; again where that failed

    #revoke(request: Request, { strategy, plan, evidence }: Authentication): Promise<void> {

        const known = this.#revoked.get(request);
        if (known) {
            return known;
        }

        const { issuer, subject, session } = evidence;
        const revoked = strategy.logout.end({ extent: plan.revoke as Extent, issuer, subject, session, reason: 'logout', request, tokens: evidence });
        this.#revoked.set(request, revoked);
        this.#background.hold(revoked.catch(() => this.#revoked.delete(request)));
        return revoked;
    }
}


const authenticationOf = function ({ auth }: Request): Authentication {

    const authentication = RequestArtifacts.authentication(auth.artifacts);
    if (!authentication) {
        throw new Error('hard-logout: request.auth.artifacts was replaced, which leaves nothing to revoke');
    }

    return authentication;
};


// The browser forgets the cookies of what died; the cookie of a token that lives stays

const forget = function ({ plan: { revoke }, evidence, strategy: { cookies, settings } }: Authentication, request: Request, response: ResponseObject): void {

    const endsSession = revoke === 'session' || revoke === 'subject';
    if (endsSession || revoke === 'token' && evidence.access) {
        cookies.access?.clear(request);
    }

    if (endsSession || revoke === 'token' && evidence.refresh) {
        cookies.refresh?.clear(request);
    }

    if (revoke !== 'others' && settings.clearSiteData.length > 0) {
        response.header('clear-site-data', settings.clearSiteData.map((directive) => `"${directive}"`).join(', '));
    }
};
