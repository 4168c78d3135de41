import type { Request } from '@hapi/hapi';


// RFC 9110 §9.2.1

const safeMethods = ['get', 'head', 'options', 'trace'];


/** Whether a method is not meant to change anything. */
export const isSafe = function (method: string): boolean {

    return safeMethods.includes(method.toLowerCase());
};


/**
 * Whether a page of another origin may have made a browser send this request, cookies included.
 *
 * 1. An origin that is trusted may do anything.
 * 2. Sec-Fetch-Site says whose page it was, and no page can forge it. Only `same-origin`, and `none` for the user's own hand, are ours: a page of
 *    the same site can be another team's, or whoever took over a forgotten subdomain.
 * 3. Browsers without it (of 2022 and before, or where the connection is not secure) send Origin with each request of an unsafe method.
 *    It has to name the host that was asked. Its scheme is looked at where TLS ends here: in front of a proxy nobody knows it.
 * 4. Who sends neither with an unsafe method is no browser, and nobody else's cookies are in it. With a safe method one cannot know.
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

    // What an extension made of the method does not count: the browser knew the one that it sent

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
