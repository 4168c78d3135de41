import type { Request } from '@hapi/hapi';


// RFC 9110 §9.2.1

const safeMethods = ['get', 'head', 'options', 'trace'];


export const isSafe = function (method: string): boolean {

    return safeMethods.includes(method.toLowerCase());
};


/**
 * Whether a page of another origin may have made a browser send this request, with cookies.
 *
 * 1. No, if `Origin` is trusted.
 * 2. No page can forge `Sec-Fetch-Site`. `same-origin` is this origin, `none` an address that the user typed. `same-site` is another origin: of another team or an attacker.
 * 3. Browsers without it (before 2023, or without TLS) send `Origin` with each unsafe method: it must be the host of the request. The scheme is compared only if TLS
 *    ends at this server: behind a proxy it is unknown.
 * 4. A client that sends neither with an unsafe method is not a browser. With a safe method it may be one.
 */
export const isCrossOrigin = function (request: Request, trusted: readonly string[]): boolean {

    const { 'sec-fetch-site': site, origin } = request.headers as Record<string, unknown>;

    if (typeof origin === 'string' && trusted.includes(origin)) {
        return false;
    }

    if (site !== undefined) {
        return site !== 'same-origin' && site !== 'none';
    }

    if (origin !== undefined) {
        return !isOwn(origin, request);
    }

    // The method that the browser sent: an extension may have changed request.method

    return isSafe(request.raw.req.method!);
};


// An origin has no default port, a host may have it

const isOwn = function (origin: unknown, { info, server }: Request): boolean {

    const [, scheme, host] = /^(https?):\/\/(.+)$/.exec(String(origin)) ?? [];
    if (scheme === undefined || server.info.protocol === 'https' && scheme === 'http') {
        return false;
    }

    return host === info.host.toLowerCase().replace(scheme === 'http' ? /:80$/ : /:443$/, '');
};
