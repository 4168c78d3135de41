import type { Request, ResponseToolkit, Server, ServerStateCookieOptions } from '@hapi/hapi';
import type { CookieSettings } from './options';


/** The refresh token's cookie. hapi knows its attributes, so that it is cleared as it was set (RFC 6265bis §5.7). */
export class RefreshCookie {

    readonly #name: string;
    readonly #pending = new WeakMap<Request, { value: string; ttl: number } | null>();

    constructor(server: Server, { name, ...attributes }: CookieSettings) {

        this.#name = name;

        const options: ServerStateCookieOptions = {
            ...attributes,
            domain: attributes.domain ?? null,
            isHttpOnly: true,
            encoding: 'none',
            strictHeader: true,
            ignoreErrors: true
        };

        server.state(name, options);
    }

    /** Sets it with the response to `request`. `ttl` is in milliseconds. */
    set(request: Request, value: string, ttl: number): void {

        this.#pending.set(request, { value, ttl });
    }

    /** Clears it with the response to `request`. */
    clear(request: Request): void {

        this.#pending.set(request, null);
    }

    apply(request: Request, h: ResponseToolkit): void {

        const pending = this.#pending.get(request);
        if (pending === null) {
            h.unstate(this.#name);
        }
        else if (pending) {
            h.state(this.#name, pending.value, { ttl: pending.ttl });
        }
    }
}
