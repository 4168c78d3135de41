/** Which tokens a route wants. */
export type Tokens = 'access' | 'refresh' | 'both' | 'either';


/** What a logout ends: the tokens presented, their session, the subject's other sessions, or everything of the subject. */
export type Extent = 'token' | 'session' | 'others' | 'subject';


/**
 * What a route does while the blacklist cannot be asked: it responds with 503, or serves requests whose access token verifies and is not known to
 * be revoked. The second is only possible for GET with tokens `'access'`, and never for a logout; each such request is counted and logged.
 */
export type OutagePolicy = 'reject' | 'serve';


/** Route settings: `options.plugins['hard-logout']`. */
export interface RouteOptions {

    /** Defaults to `'both'` on a route that revokes where the strategy has refresh tokens, else to `'access'`. */
    tokens?: Tokens;

    /** `true` is `'session'`. Defaults to `false`. */
    revoke?: boolean | Extent;

    /** Lets a route for GET (or any method) revoke. Links, images and prefetching then log people out. Defaults to `false`. */
    allowSafeMethods?: boolean;

    /** Of this route, which must be one for GET with tokens `'access'` to serve. Defaults to the strategy's. */
    onOutage?: OutagePolicy;
}
