/** What the endpoints of OAuth have in common. */
interface EndpointOptions {

    /** The strategy whose tokens they are. */
    strategy: string;
}


/**
 * Token revocation (RFC 7009): a client posts one of its tokens in a form, and the response is 200 once the token is dead in every process, with its session. A token
 * that is unknown, or dead already, is a success.
 *
 * @example
 * server.route({ method: 'POST', path: '/oauth/revoke', handler: { 'hard-logout': { endpoint: 'revocation', strategy: 'session' } } });
 */
export interface RevocationOptions extends EndpointOptions {
    endpoint: 'revocation';
}


/**
 * Token introspection (RFC 7662): a service posts an access token in a form, and learns whether the strategy accepts it, with its claims: `scope` as a text, and an `exp` that
 * `jwt.maxAge` may shorten. Any other token is `{ active: false }`. The route needs its own `auth`, in mode `'required'`.
 *
 * @example
 * server.route({ method: 'POST', path: '/oauth/introspect', options: { auth: 'services' }, handler: { 'hard-logout': { endpoint: 'introspection', strategy: 'session' } } });
 */
export interface IntrospectionOptions extends EndpointOptions {
    endpoint: 'introspection';
}


/**
 * The token endpoint, for renewals (RFC 6749 §6): a client posts `grant_type=refresh_token` and its refresh token in a form. Needs a strategy with sessions.
 *
 * @example
 * server.route({ method: 'POST', path: '/oauth/token', handler: { 'hard-logout': { endpoint: 'token', strategy: 'session' } } });
 */
export interface TokenEndpointOptions extends EndpointOptions {
    endpoint: 'token';
}


/**
 * Authorization server metadata (RFC 8414): a document that names the server's endpoints of the strategy. The route is `GET /.well-known/oauth-authorization-server`, with the
 * path of the issuer behind it. Of several endpoints of one kind, the last one is named.
 *
 * @example
 * server.route({ method: 'GET', path: '/.well-known/oauth-authorization-server', handler: { 'hard-logout': { endpoint: 'metadata', strategy: 'session' } } });
 */
export interface MetadataOptions extends EndpointOptions {
    endpoint: 'metadata';

    /** What precedes the paths of the routes, seen from outside: `https://api.example`, or with a path where a proxy adds one. Defaults to the origin of the issuer. */
    url?: string;
}
