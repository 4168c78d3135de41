import * as Boom from '@hapi/boom';
import * as Hoek from '@hapi/hoek';

import { isCrossOrigin } from './cross-origin';
import { Refusal } from '../errors/refusal';

import type { Request, ResponseObject, ResponseToolkit, Server, ServerStateCookieOptions } from '@hapi/hapi';
import type { CookieSettings, StrategySettings } from '../options/settings';


/** What a response sets a cookie to. */
export interface CookieValue {
    value: string;

    /** For how long (ms) a browser keeps it. */
    ttl: number;

    /** Whether it replaces one that the browser holds. */
    isRenewal: boolean;

    /** Whether its session has ended meanwhile. */
    isDead: () => boolean;
}


// RFC 6265bis §5.6: a browser drops a longer one, and reports nothing

const maxLength = 4096;


// The server's defaults for cookies, such as a signature, do not apply to this one. hapi uses each of these, undefined as well

const others: ServerStateCookieOptions = {
    encoding: 'none',
    ttl: null,
    isPartitioned: false,
    sign: undefined,
    iron: undefined,
    password: undefined,
    contextualize: undefined,
    clearInvalid: false,
    autoValue: undefined,
    passThrough: undefined
};


/** A token's cookie. hapi has its attributes, so that it is cleared as it was set (RFC 6265bis §5.7). */
export class TokenCookie {

    readonly name: string;
    readonly #server: Server;
    readonly #pending = new WeakMap<Request, CookieValue | null>();
    readonly #cleared = new WeakSet<Request>();

    /** `option` is where it is configured. @throws `Error` naming it when the server has a cookie of that name. */
    constructor(server: Server, option: string, { name, ...attributes }: CookieSettings) {

        this.name = name;
        this.#server = server;

        if (server.states.names.includes(name)) {
            throw new Error(`hard-logout: invalid strategy options: ${option} is the name of a cookie that is defined already; each needs its own`);
        }

        server.state(name, { ...others, ...attributes, domain: attributes.domain ?? null, isHttpOnly: true, strictHeader: true, ignoreErrors: true });
    }

    /**
     * Sets it with the response to `request`, or clears it where the session has ended by then. An error response sets it after a renewal only, which has
     * replaced the browser's token.
     *
     * @throws `Error` where it is too long for a browser.
     */
    set(request: Request, value: CookieValue): void {

        Hoek.assert(this.name.length + value.value.length <= maxLength, `A token is too long for its cookie: the claims must leave it below ${maxLength} bytes`);
        this.#pending.set(request, value);
    }

    /** Clears it with the response to `request`, once. */
    clear(request: Request): void {

        if (!this.#cleared.has(request)) {
            this.#pending.set(request, null);
        }
    }

    apply(request: Request, h: ResponseToolkit): void {

        const change = this.#take(request);
        if (change === null) {
            this.#cleared.add(request);
            h.unstate(this.name);
        }
        else if (change) {
            h.state(this.name, change.value, { ttl: change.ttl });
        }
    }

    /** The same for a response that this plugin's `onPreResponse` has not seen, once hapi has written its cookies. */
    async append(request: Request): Promise<void> {

        const change = this.#take(request);
        if (change === undefined) {
            return;
        }

        const { value, ttl } = change ?? { value: '', ttl: 0 };
        const lines = await this.#server.states.format({ name: this.name, value, options: { ttl } });
        (request.response as ResponseObject).header('set-cookie', lines, { append: true });
    }

    // Null: it is to be cleared. Undefined: it stays as it is

    #take(request: Request): CookieValue | null | undefined {

        const change = this.#pending.get(request);
        this.#pending.delete(request);
        if (change && !change.isRenewal && isError(request.response)) {
            return undefined;
        }

        return change?.isDead() ? null : change;
    }
}


/** The cookies of one strategy, and the origins whose pages may have them changed. */
export class Cookies {

    readonly access?: TokenCookie;
    readonly refresh?: TokenCookie;
    readonly #origins: string[] | '*';

    /** @throws `Error` naming the option whose cookie the server has already. */
    constructor(server: Server, { jwt, refreshToken, origins }: StrategySettings) {

        this.access = jwt.cookie && new TokenCookie(server, 'jwt.cookie', jwt.cookie);
        this.refresh = refreshToken?.cookie && new TokenCookie(server, 'refreshToken.cookie', refreshToken.cookie);
        this.#origins = origins;
    }

    get exist(): boolean {

        return this.access !== undefined || this.refresh !== undefined;
    }

    /** Whether a page of another origin may have made a browser send the request. Where `origins` is '*', the app looks at that. */
    isForeign(request: Request): boolean {

        return this.#origins !== '*' && isCrossOrigin(request, this.#origins);
    }

    /** @throws `Refusal`, before cookies are set with the response to a request that a page of another origin made. */
    demandOwn(request: Request): void {

        if (this.exist && this.isForeign(request)) {
            throw new Refusal('cross_origin_refused');
        }
    }

    /** Clears both with the response, also where that is an error. A token from a page of another origin, that was not in a cookie (`isAmbient`), clears nothing. */
    clear(request: Request, isAmbient: boolean): void {

        if (isAmbient || !this.isForeign(request)) {
            this.access?.clear(request);
            this.refresh?.clear(request);
        }
    }
}


const isError = function (response: Request['response']): boolean {

    return Boom.isBoom(response) || (response as ResponseObject).statusCode >= 400;
};
