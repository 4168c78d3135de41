import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import * as Boom from '@hapi/boom';

import { isRevoked } from '../blacklist/blacklist';
import { isUnavailable, mark } from './challenge';
import { isFailed, isMissing, isScopeError, isUnanswered } from './response';
import { Outage } from '../errors/outage';
import { Proved } from './proof';

import type { Request, ResponseObject, ResponseToolkit, Server } from '@hapi/hapi';
import type { TokenCookie } from './cookie';
import type { Proof } from './proof';
import type { Routes } from './routes';
import type { Revocation as StoredRevocation } from '../store/contract';
import type { Artifacts, Extent } from '../types';


// A logout whose client is gone goes on trying for half a minute while the store is away

const attempts = 10;


/** Revokes what a request with `revoke` has proved: once, at whatever point of its life that can still be done. */
export class Revocation {

    readonly #settled = new WeakMap<Request, Promise<void>>();
    readonly #cookies = new Set<TokenCookie>();
    readonly #tokenResponses = new WeakSet<Request>();
    readonly #strangers = new WeakSet<Request>();
    readonly #pending = new Set<Promise<unknown>>();
    readonly #server: Server;
    readonly #routes: Routes;
    #stopping = stopper();

    constructor(server: Server, routes: Routes) {

        this.#server = server;
        this.#routes = routes;
    }

    addCookie(cookie: TokenCookie): void {

        this.#cookies.add(cookie);
    }

    /** A response that holds tokens, or answers a URL that does, is not stored by anyone (RFC 6749 §5.1). */
    addTokenResponse(request: Request): void {

        this.#tokenResponses.add(request);
    }

    /** Nothing was presented to a strategy of ours. */
    addStranger(request: Request): void {

        this.#strangers.add(request);
    }

    remember(artifacts: Artifacts, proof: Proof): void {

        new Proved(artifacts, proof);
    }

    proof(artifacts: unknown): Proof | undefined {

        return Proved.proof(artifacts);
    }

    /** Whether revocations end what artifacts of ours stand for. */
    isAffected(artifacts: unknown, revocations: StoredRevocation[]): boolean {

        const { access, refresh } = this.proof(artifacts)?.evidence ?? {};
        return [access, refresh].some((token) => token && revocations.some(({ key, cutoff }) => isRevoked(token.stamp, cutoff) && token.identities.includes(key)));
    }

    /** The lifecycle extension: before a good answer is given, what it says is made true. */
    readonly onPreResponse = (request: Request, h: ResponseToolkit): symbol | Promise<symbol> => {

        const work = this.beforeResponse(request);
        return work ? work.then(() => this.#release(request, h)) : this.#release(request, h);
    };

    /** The catch for requests that were never answered: a client that hung up, `h.abandon`, `h.close`. */
    readonly onResponse = (request: Request): void => {

        try {
            this.afterResponse(request);
        }
        catch (error) {
            this.track(Promise.reject(error));
        }
    };

    /** When the headers are about to go: the same for a response that another extension took over. @throws 503, or what the app's `revoke` throws. */
    atResponse(request: Request): Promise<void> | undefined {

        const work = this.beforeResponse(request);
        return work || this.#cookies.size > 0 ? this.#append(request, work) : undefined;
    }

    /** @throws 503, or what the app's `revoke` throws. */
    beforeResponse(request: Request): Promise<void> | undefined {

        const response = request.response as ResponseObject | Boom.Boom;

        if (Boom.isBoom(response)) {
            if (isScopeError(response)) {
                this.proof(request.auth.artifacts)?.strategy.challenges.decorate(response);
            }
            else if (this.#strangers.has(request) && isMissing(response, request)) {
                mark(response, 'credentials_missing');
            }

            return;
        }

        if (this.#tokenResponses.has(request)) {
            response.header('cache-control', 'no-store');
        }

        if (response.statusCode >= 400 || !this.#wishes(request)) {
            return;
        }

        return this.#end(request, response);
    }

    /** Nobody is left who could be told, so the wish to log out counts, and is insisted on. */
    afterResponse(request: Request): void {

        if (isUnanswered(request) && !isFailed(request) && this.#wishes(request) && request.route.auth.access(request)) {
            const proof = this.proof(request.auth.artifacts);
            this.track(proof ? this.#insist(request, proof) : Promise.reject(replaced()));
        }
    }

    /** Work that an answer need not wait for; the server does, when it stops. */
    track(work: Promise<void>): void {

        this.#hold(work.catch((error) => this.#server.log(['hard-logout', 'error'], error)));
    }

    /** Waits between attempts again, after a `drain()`. */
    resume(): void {

        this.#stopping = stopper();
    }

    /** Resolves when nothing is in flight any more. */
    async drain(): Promise<void> {

        this.#stopping.abort();
        while (this.#pending.size > 0) {
            await Promise.all(this.#pending);
        }
    }

    #release(request: Request, h: ResponseToolkit): symbol {

        for (const cookie of this.#cookies) {
            cookie.apply(request, h);
        }

        return h.continue;
    }

    async #append(request: Request, work: Promise<void> | undefined): Promise<void> {

        await work;
        await Promise.all(Array.from(this.#cookies, (cookie) => cookie.append(request)));
    }

    async #end(request: Request, response: ResponseObject): Promise<void> {

        const proof = this.proof(request.auth.artifacts);
        if (!proof) {
            throw replaced();
        }

        await proof.strategy.challenges.settle(this.#settle(request, proof));

        response.header('cache-control', 'no-store');
        forget(proof, request, response);
    }

    #hold(work: Promise<unknown>): void {

        const held: Promise<unknown> = work.finally(() => this.#pending.delete(held));
        this.#pending.add(held);
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

    #settle(request: Request, { strategy, plan, evidence }: Proof): Promise<void> {

        const held = this.#settled.get(request);
        if (held) {
            return held;
        }

        const { issuer, subject, session } = evidence;
        const settled = strategy.logout.end({ extent: plan.revoke as Extent, issuer, subject, session, reason: 'logout', request, evidence });
        this.#settled.set(request, settled);
        this.#hold(settled.catch(() => this.#settled.delete(request)));
        return settled;
    }

    async #insist(request: Request, proof: Proof): Promise<void> {

        const { signal } = this.#stopping;
        for (let i = 0; i < attempts && !signal.aborted; ++i) {
            try {
                return await this.#settle(request, proof);
            }
            catch (error) {
                if (!(error instanceof Outage)) {
                    throw error;
                }
            }

            await sleep(Math.min(100 * 2 ** i, 5000), undefined, { signal, ref: false }).catch(() => undefined);
        }

        await this.#settle(request, proof);
    }
}


// Any number of requests wait for it

const stopper = function (): AbortController {

    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    return controller;
};


const replaced = function (): Error {

    return new Error('hard-logout: request.auth.artifacts was replaced, which leaves nothing to revoke');
};


// What died is taken out of the browser; of a token that lives on it keeps the cookie

const forget = function ({ plan: { revoke }, evidence, strategy: { cookies, settings } }: Proof, request: Request, response: ResponseObject): void {

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
