import * as Boom from '@hapi/boom';
import * as Hoek from '@hapi/hoek';

import { isCrossOrigin } from './cross-origin';
import { Refusal } from '../errors/refusal';

import type { Request, ResponseObject, ResponseToolkit, Server, ServerStateCookieOptions } from '@hapi/hapi';
import type { CookieSettings, StrategySettings } from '../options/settings';


export interface CookieValue {
    value: string;

    /** How long (ms) a browser stores it. */
    ttl: number;

    /** Whether it replaces one in the browser. */
    isRenewal: boolean;

    isDead: () => boolean;
}


// RFC 6265bis §5.6: browsers silently drop a longer one

const maxLength = 4096;


// Overrides the server's defaults for cookies, such as a signature. hapi also uses undefined

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


/** A token's cookie. hapi stores its attributes, so it is cleared with those it was set with (RFC 6265bis §5.7). */
export class TokenCookie {

    readonly name: string;
    readonly #server: Server;
    readonly #pending = new WeakMap<Request, CookieValue | null>();
    readonly #cleared = new WeakSet<Request>();

    /** @throws `Error` naming `option` if the server already has a cookie of that name. */
    constructor(server: Server, option: string, { name, ...attributes }: CookieSettings) {

        this.name = name;
        this.#server = server;

        if (server.states.names.includes(name)) {
            throw new Error(`hard-logout: invalid strategy options: ${option} is the name of a cookie that is already defined. Choose another name`);
        }

        server.state(name, { ...others, ...attributes, domain: attributes.domain ?? null, isHttpOnly: true, strictHeader: true, ignoreErrors: true });
    }

    /**
     * Sets it with the response, or clears it if the session has ended by then. An error response sets it only after a renewal, which has replaced the browser's token.
     *
     * @throws `Error` if it is too long for a browser.
     */
    set(request: Request, value: CookieValue): void {

        Hoek.assert(this.name.length + value.value.length <= maxLength, `A token is too long for its cookie: the claims must leave it below ${maxLength} bytes`);
        this.#pending.set(request, value);
    }

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

    /** For a response that `onPreResponse` has not seen, after hapi has written its cookies. */
    async append(request: Request): Promise<void> {

        const change = this.#take(request);
        if (change === undefined) {
            return;
        }

        const { value, ttl } = change ?? { value: '', ttl: 0 };
        const lines = await this.#server.states.format({ name: this.name, value, options: { ttl } });
        (request.response as ResponseObject).header('set-cookie', lines, { append: true });
    }

    // Null: clear it. Undefined: no change

    #take(request: Request): CookieValue | null | undefined {

        const change = this.#pending.get(request);
        this.#pending.delete(request);
        if (change && !change.isRenewal && isError(request.response)) {
            return undefined;
        }

        return change?.isDead() ? null : change;
    }
}


/** The cookies of a strategy, and the origins whose requests may change them. */
export class Cookies {

    readonly access?: TokenCookie;
    readonly refresh?: TokenCookie;
    readonly #origins: string[] | '*';

    /** @throws `Error` naming the option whose cookie is already defined. */
    constructor(server: Server, { jwt, refreshToken, origins }: StrategySettings) {

        this.access = jwt.cookie && new TokenCookie(server, 'jwt.cookie', jwt.cookie);
        this.refresh = refreshToken?.cookie && new TokenCookie(server, 'refreshToken.cookie', refreshToken.cookie);
        this.#origins = origins;
    }

    get exist(): boolean {

        return this.access !== undefined || this.refresh !== undefined;
    }

    /** Whether a page of another origin may have caused the request. With origins '*', the app has to check. */
    isForeign(request: Request): boolean {

        return this.#origins !== '*' && isCrossOrigin(request, this.#origins);
    }

    /** For requests that set cookies. @throws `Refusal` for a page of another origin. */
    demandOwn(request: Request): void {

        if (this.exist && this.isForeign(request)) {
            throw new Refusal('cross_origin_refused');
        }
    }

    /** Clears both, also in an error response. A token that a page of another origin sent, and not in a cookie (`isAmbient`), clears nothing. */
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
