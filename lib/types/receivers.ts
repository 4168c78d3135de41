import type { Algorithm, JwtHeader, Jwk, Key } from './tokens';


/**
 * Whose orders a route accepts, and what they end here.
 *
 * @example
 * const sender: SenderOptions = {
 *     strategy: 'session',
 *     issuer: 'https://login.example',
 *     key: new URL('https://login.example/keys'),
 *     algorithms: ['RS256']
 * };
 */
export interface SenderOptions {

    /** The strategy whose tokens end. */
    strategy: string;

    /** The `iss` of the sender. Defaults to the strategy's `jwt.issuer`, if it has exactly one. */
    issuer?: string;

    /** What verifies the sender's signature, in the forms of the strategy's `jwt.key`, which is the default. */
    key?: Key | { keys: Jwk[] } | URL | ((header: JwtHeader) => Key | null | Promise<Key | null>);

    /** The algorithms that the sender may use. Defaults to the strategy's; a `key` needs its own. */
    algorithms?: Algorithm[];

    /**
     * How long (ms) a sender has to wait while Redis or the key set cannot be reached, before the response is 503. The order is carried out all the same once
     * they can. Defaults to `2000`.
     */
    maxWait?: number;

    /**
     * From what an order names to what is revoked here: for an app with its own sessions, and for identifiers that are no `sub`, such as an email
     * address. `null` if the app does not know them. Without `find` they are the `sub` and the session claim of the strategy's tokens.
     */
    find?: (named: Named) => Found | Found[] | null | Promise<Found | Found[] | null>;
}


/**
 * Whom an order is about, in the words of its sender (RFC 9493). The members depend on `format`: `{ format: 'email', email }`.
 *
 * @example
 * const identifier: SubjectIdentifier = { format: 'email', email: 'ada@shop.example' };
 */
export interface SubjectIdentifier {
    format: string;
    [member: string]: unknown;
}


/**
 * Whom or what an order names.
 *
 * @example
 * const find = ({ subject, identifier }: Named) => ({ subject: subject ?? String(identifier!.email) });
 */
export interface Named {

    /** The verified `iss` of the sender; null if the route's own `auth` authenticates the sender. */
    issuer: string | null;

    /** The `sub`, if the order names one. */
    subject?: string;

    /** The `sid`, if the order names one. */
    session?: string;

    /** The subject identifier, if the order has one. */
    identifier?: SubjectIdentifier;
}


/**
 * What is revoked. `issuer` is needed if the strategy has several.
 *
 * @example
 * const found: Found[] = [{ session: 'a1' }, { session: 'b2' }];
 */
export type Found = { subject: string; session?: never; issuer?: string } | { session: string; subject?: never; issuer?: string };


/**
 * OpenID Connect Back-Channel Logout 1.0: a provider's POST of a logout token.
 *
 * @example
 * const options: BackChannelOptions = { receive: 'back-channel', strategy: 'session', client: 'shop' };
 * server.route({ method: 'POST', path: '/backchannel-logout', handler: { 'hard-logout': options } });
 */
export interface BackChannelOptions extends SenderOptions {
    receive: 'back-channel';

    /** The client id that the logout token is for: its `aud`. */
    client: string | string[];

    /** What a logout token with both `sid` and `sub` ends: this session (the default), or everything of the subject. */
    extent?: 'session' | 'subject';

    /**
     * Whether tokens of the session that the provider issues after the logout are accepted: those for `offline_access`, which normally outlive it (§2.7), unless the
     * logout token says `revoke_offline_access`. Defaults to `false`: a session that has ended is refused for good.
     */
    keepOfflineAccess?: boolean;
}


/**
 * Global Token Revocation (draft-parecki-oauth-global-token-revocation-06), which is Okta's Universal Logout: everything of a user ends.
 *
 * @example
 * const options: GlobalTokenRevocationOptions = {
 *     receive: 'global-token-revocation',
 *     strategy: 'session',
 *     audience: 'https://api.shop.example/universal-logout'
 * };
 * server.route({ method: 'POST', path: '/universal-logout', handler: { 'hard-logout': options } });
 */
export interface GlobalTokenRevocationOptions extends SenderOptions {
    receive: 'global-token-revocation';

    /** The URL of this route as the sender knows it: the `aud` of the JWT by which it authenticates itself. Left out if the route has its own `auth`. */
    audience?: string | string[];

    /** The `sub` of that JWT: what the sender calls this integration. Any by default. */
    client?: string | string[];
}


/**
 * An event that ends what its subject has.
 *
 * @example
 * const events: SecurityEvent[] = ['session-revoked', 'account-disabled'];
 */
export type SecurityEvent = 'session-revoked' | 'credential-change' | 'account-disabled' | 'account-purged' | 'sessions-revoked';


/**
 * Security Event Tokens (RFC 8417) by push (RFC 8935): the events of CAEP 1.0 and RISC 1.0.
 *
 * @example
 * const options: SecurityEventsOptions = { receive: 'security-events', strategy: 'session', audience: 'https://api.shop.example/events' };
 * server.route({ method: 'POST', path: '/events', handler: { 'hard-logout': options } });
 */
export interface SecurityEventsOptions extends SenderOptions {
    receive: 'security-events';

    /** The `aud` of the tokens: what the stream was created with. */
    audience: string | string[];

    /** The events that end something. Others are accepted, and logged. Defaults to all of them. */
    events?: SecurityEvent[];
}


/**
 * The OAuth endpoints, for clients in other languages: renewals (`'token'`, RFC 6749 §6), revocation (RFC 7009), introspection (RFC 7662), and the metadata that names
 * them (RFC 8414).
 *
 * @example
 * const options: EndpointOptions = { endpoint: 'revocation', strategy: 'session' };
 * server.route({ method: 'POST', path: '/oauth/revoke', handler: { 'hard-logout': options } });
 */
export interface EndpointOptions {

    /** `'token'` needs a strategy with sessions, `'introspection'` its own `auth` in mode `'required'`, `'metadata'` an issuer that is a URL. */
    endpoint: 'token' | 'revocation' | 'introspection' | 'metadata';

    /** The strategy whose tokens they are. */
    strategy: string;

    /** Of `'metadata'`: what precedes the paths of the routes, seen from outside: `https://api.example`, or with a path where a proxy adds one. Defaults to the origin of the issuer. */
    url?: string;
}


/**
 * Options of the handler type: `handler: { 'hard-logout': options }`.
 *
 * @example
 * const options: HandlerOptions = { endpoint: 'revocation', strategy: 'session' };
 * server.route({ method: 'POST', path: '/oauth/revoke', handler: { 'hard-logout': options } });
 */
export type HandlerOptions = BackChannelOptions | GlobalTokenRevocationOptions | SecurityEventsOptions | EndpointOptions;
