import * as Boom from '@hapi/boom';
import * as Hoek from '@hapi/hoek';

import type { Request, ResponseObject, ResponseToolkit, Server, ServerStateCookieOptions } from '@hapi/hapi';
import type { ChallengeCode } from '../errors/refusal';
import type { CookieSettings } from '../options/settings';


/** What a response does to a cookie: set it for a time (ms), or clear it. */
type Change = { value: string; ttl: number; isRenewal: boolean } | null;


// RFC 6265bis §5.6: a browser drops a longer one without a word

const maxLength = 4096;


// What the server has for its other cookies, a signature or a time to live, is not for this one. hapi takes even undefined for an answer

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


/** A token's cookie. hapi knows its attributes, so that it is cleared as it was set (RFC 6265bis §5.7). */
export class TokenCookie {

    readonly name: string;
    readonly #server: Server;
    readonly #pending = new WeakMap<Request, Change>();
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
     * Sets it with the response to `request`. `ttl` is in milliseconds.
     *
     * An error response begins no session. It may come after a renewal, though, which has replaced what the browser holds.
     *
     * @throws `Error` where it is too long for a browser.
     */
    set(request: Request, value: string, ttl: number, isRenewal: boolean): void {

        Hoek.assert(this.name.length + value.length <= maxLength, `A token is too long for its cookie: the claims must leave it below ${maxLength} bytes`);
        this.#pending.set(request, { value, ttl, isRenewal });
    }

    /** Clears it with the response to `request`: once, however often that is said. */
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

    /** The same for a response that no lifecycle extension of ours has seen, once hapi has written its cookies. */
    async append(request: Request): Promise<void> {

        const change = this.#take(request);
        if (change === undefined) {
            return;
        }

        const { value, ttl } = change ?? { value: '', ttl: 0 };
        const lines = await this.#server.states.format({ name: this.name, value, options: { ttl } });
        (request.response as ResponseObject).header('set-cookie', lines, { append: true });
    }

    #take(request: Request): Change | undefined {

        const change = this.#pending.get(request);
        this.#pending.delete(request);
        return change && !change.isRenewal && isError(request.response) ? undefined : change;
    }
}


/** The cookies of one strategy, for those of its tokens that have one. */
export class Cookies {

    readonly access?: TokenCookie;
    readonly refresh?: TokenCookie;

    /** @throws `Error` naming the option whose cookie the server has already. */
    constructor(server: Server, { jwt, refreshToken }: { jwt: { cookie?: CookieSettings }; refreshToken?: { cookie?: CookieSettings } }) {

        this.access = jwt.cookie && new TokenCookie(server, 'jwt.cookie', jwt.cookie);
        this.refresh = refreshToken?.cookie && new TokenCookie(server, 'refreshToken.cookie', refreshToken.cookie);
    }

    /** Where a refresh token is refused as stolen, both are cleared with the response, whatever it is. */
    refused(code: ChallengeCode, request: Request): void {

        if (code === 'refresh_token_reused') {
            this.access?.clear(request);
            this.refresh?.clear(request);
        }
    }
}


const isError = function (response: Request['response']): boolean {

    return Boom.isBoom(response) || (response as ResponseObject).statusCode >= 400;
};
