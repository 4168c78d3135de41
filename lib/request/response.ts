import { isBoom } from '@hapi/boom';

import { RequestArtifacts } from './artifacts';
import { countRefusal } from '../status/metrics';
import { isCode, isUnavailable, mark } from './challenge';

import type { Boom } from '@hapi/boom';
import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi';
import type { Cookies, TokenCookie } from './cookie';
import type { Pair } from '../sessions/sessions';
import type { TokenResponse } from '../types';


/** What the plugin adds to responses: codes and challenges, `no-store`, cookies. */
export class Responses {

    readonly #cookies: TokenCookie[] = [];
    readonly #withTokens = new WeakSet<Request>();
    readonly #strangers = new WeakSet<Request>();
    readonly #refusals = new WeakMap<Request, unknown>();

    addCookies({ access, refresh }: Cookies): void {

        [access, refresh].forEach((cookie) => cookie && this.#cookies.push(cookie));
    }

    /** The response, or the URL, has tokens: no cache may store it (RFC 6749 §5.1, RFC 6750 §5.3). */
    addTokens(request: Request): void {

        this.#withTokens.add(request);
    }

    /** The request has no tokens for a strategy of this scheme. */
    addStranger(request: Request): void {

        this.#strangers.add(request);
    }

    /** A strategy of this scheme has refused the request. hapi lets it pass in mode 'try', or if the route has another strategy. */
    addRefusal(request: Request, error: unknown): void {

        this.#refusals.set(request, error);
    }

    refusal(request: Request): unknown {

        return this.#refusals.get(request);
    }

    /** Whether it was refused for good. After an outage, its credentials may be right. */
    isRefused(request: Request): boolean {

        return this.#refusals.has(request) && !isUnavailable(this.#refusals.get(request));
    }

    /** Gives hapi's own refusals their code, and responses with tokens `no-store`. */
    complete(request: Request): void {

        const response = request.response as ResponseObject | Boom;

        if (!isBoom(response)) {
            if (this.#withTokens.has(request)) {
                response.header('cache-control', 'no-store');
            }
        }
        else if (isScopeError(response)) {
            RequestArtifacts.authentication(request.auth.artifacts)?.strategy.challenges.decorate(response);
        }
        else if (this.#strangers.has(request) && isMissing(response, request)) {
            mark(response, 'credentials_missing');
        }

        // Now, because the app may replace the error by a page

        if (isBoom(response)) {
            this.count(request);
        }
    }

    count(request: Request): void {

        countRefusal(request, codeOf);
    }

    applyCookies(request: Request, h: ResponseToolkit): void {

        for (const cookie of this.#cookies) {
            cookie.apply(request, h);
        }
    }

    /** Sets and clears the cookies of a response that `onPreResponse` has not seen. */
    appendCookies(request: Request): Promise<void> | undefined {

        return this.#cookies.length > 0 ? appendAll(request, this.#cookies) : undefined;
    }
}


/** A response of RFC 6749 §5.1, without the tokens that go into HttpOnly cookies. */
export const tokenResponse = function ({ accessToken, refreshToken, expiresIn, remaining }: Pair, { access, refresh }: Partial<Pick<Cookies, 'access' | 'refresh'>> = {}): TokenResponse {

    return {
        ...!access && { access_token: accessToken },
        token_type: 'Bearer',
        expires_in: Math.floor(expiresIn / 1000),
        ...!refresh && { refresh_token: refreshToken },
        refresh_token_expires_in: Math.floor(remaining / 1000)
    };
};


export const isSuccess = function ({ response }: Request): boolean {

    return !isBoom(response) && response.statusCode < 400;
};


/** Whether the client got no response. `h.close` ends the raw one without it. */
export const isUnanswered = function (request: Request): boolean {

    return typeof request.response === 'symbol' || !request.raw.res.writableEnded;
};


/** Whether the handler, or a step before it, has failed. An error because the client left, or of the store, does not count. */
export const isFailed = function (request: Request): boolean {

    const { route } = request;
    const response = request.response as Request['response'] | null;
    if (response === null) {
        return false;
    }

    if (!isBoom(response)) {
        return response.statusCode >= 400;
    }

    return !isUnavailable(response) && response.output.statusCode !== route.settings.response?.disconnectStatusCode;
};


// A Boom until hapi makes a response of it. Null for the symbols of a request that got none

const codeOf = function (request: Request): string | null {

    const response = request.response as Boom | ResponseObject | null;
    if (isBoom(response)) {
        return isCode(response.output.payload.code) ? response.output.payload.code : null;
    }

    const code = (response?.source as { code?: unknown } | null | undefined)?.code;
    return isCode(code) && response!.statusCode >= 400 ? code : null;
};


const appendAll = async function (request: Request, cookies: TokenCookie[]): Promise<void> {

    await Promise.all(cookies.map((cookie) => cookie.append(request)));
};


// hapi's own 401, with the challenges of all strategies: none has refused a token

const isMissing = function ({ output }: Boom, { auth }: Request): boolean {

    return output.statusCode === 401 && auth.mode === 'required' && !auth.isAuthenticated && auth.error === null;
};


// hapi's own 403, for credentials without the scope of the route

const isScopeError = function (error: Boom): boolean {

    return error.output.statusCode === 403 && Boolean(error.data?.need);
};
