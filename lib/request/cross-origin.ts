import type { Request } from '@hapi/hapi';


// RFC 9110 §9.2.1

const safeMethods = ['get', 'head', 'options', 'trace'];


export const isSafe = function (method: string): boolean {

    return safeMethods.includes(method.toLowerCase());
};


/**
 * Whether a page of another origin may have made a browser send this request, cookies included.
 *
 * 1. `Origin` is trusted: it may not.
 * 2. `Sec-Fetch-Site` says whose page made the request, and no page can forge it. `same-origin` is this origin, and `none` is an address that the user
 *    typed. `same-site` is another origin: another team's page, or an attacker's on a forgotten subdomain.
 * 3. Browsers without `Sec-Fetch-Site` (from before 2023, or without TLS) send `Origin` with each request of an unsafe method. It must name the host of the
 *    request. Its scheme is compared where TLS ends at this server: behind a proxy the scheme is not known.
 * 4. A client that sends neither with an unsafe method is no browser, so no cookies were added. With a safe method it may be a browser.
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

    // By the method that the browser sent: an extension may have changed it

    return isSafe(request.raw.req.method!);
};


// Origins come without the default port, hosts perhaps with it

const isOwn = function (origin: unknown, { info, server }: Request): boolean {

    const [, scheme, host] = /^(https?):\/\/(.+)$/.exec(String(origin)) ?? [];
    if (scheme === undefined || server.info.protocol === 'https' && scheme === 'http') {
        return false;
    }

    return host === info.host.toLowerCase().replace(scheme === 'http' ? /:80$/ : /:443$/, '');
};
