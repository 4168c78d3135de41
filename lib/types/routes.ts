/**
 * Which tokens a route wants.
 *
 * @example
 * const tokens: Tokens = 'either';
 * server.route({ method: 'GET', path: '/page', options: { plugins: { 'hard-logout': { tokens } } }, handler: ({ auth }) => auth.credentials });
 */
export type Tokens = 'access' | 'refresh' | 'both' | 'either';


/**
 * What a logout ends: the tokens presented, their session, the subject's other sessions, or everything of the subject.
 *
 * @example
 * const revoke: Extent = 'others';
 * server.route({ method: 'POST', path: '/logout/others', options: { plugins: { 'hard-logout': { revoke } } }, handler: (request, h) => h.response().code(204) });
 */
export type Extent = 'token' | 'session' | 'others' | 'subject';


/**
 * What a route does while the store cannot be reached. `'reject'` responds with 503. `'serve'` accepts an access token that verifies and is not known to be
 * revoked: only for GET with tokens `'access'`, and not for a logout. Each such request is counted and logged.
 *
 * @example
 * const onOutage: OutagePolicy = 'serve';
 * server.route({ method: 'GET', path: '/news', options: { plugins: { 'hard-logout': { onOutage } } }, handler: () => 'news' });
 */
export type OutagePolicy = 'reject' | 'serve';


/**
 * Route settings: `options.plugins['hard-logout']`.
 *
 * @example
 * const settings: RouteOptions = { tokens: 'either', revoke: true };
 * server.route({ method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': settings } }, handler: (request, h) => h.response().code(204) });
 */
export interface RouteOptions {

    /** Defaults to `'both'` if the route revokes and the strategy has refresh tokens, else to `'access'`. */
    tokens?: Tokens;

    /** `true` is `'session'`. Defaults to `false`. */
    revoke?: boolean | Extent;

    /** Lets a route for GET or `*` revoke. Links, images and prefetching then log users out. Defaults to `false`. */
    allowSafeMethods?: boolean;

    /**
     * How long ago (ms) the user may have been authenticated, by the claim `auth_time`, and in which contexts, by the claim `acr`. Anyone else gets 401
     * `insufficient_user_authentication` (RFC 9470); the tokens stay valid. A token without such a claim is refused. Default to none.
     */
    maxAuthAge?: number;
    acr?: string | string[];

    /** Defaults to the strategy's. */
    onOutage?: OutagePolicy;
}
