import type { IntrospectionOptions, MetadataOptions, RevocationOptions, TokenEndpointOptions } from './endpoints';
import type { Algorithm, JwtHeader, Jwk, Key } from './tokens';


/** Whose orders a route accepts, and what they end here. */
export interface SenderOptions {

    /** The strategy whose tokens end. */
    strategy: string;

    /** The `iss` of the sender. Defaults to the strategy's `jwt.issuer`, where it has one. */
    issuer?: string;

    /** What verifies the sender's signature, in the forms of the strategy's `jwt.key`, which is the default. */
    key?: Key | { keys: Jwk[] } | URL | ((header: JwtHeader) => Key | null | Promise<Key | null>);

    /** The algorithms that the sender may use. Defaults to the strategy's; a `key` needs its own. */
    algorithms?: Algorithm[];

    /**
     * How long (ms) a sender is kept waiting while Redis or the key set cannot be reached, before the response is 503. The order is carried out all the same once
     * they can. Defaults to `2000`.
     */
    maxWait?: number;

    /**
     * From whom or what an order names to what is revoked here: for an app with sessions of its own, and for identifiers that are no `sub`, such as an email
     * address. `null` where the app does not know them. Without it they are the `sub` and the session claim of the strategy's tokens.
     */
    find?: (named: Named) => Found | Found[] | null | Promise<Found | Found[] | null>;
}


/** Whom or what an order names. */
export interface Named {

    /** Who ordered it: the verified `iss`; null where the route's own authentication vouches for the sender. */
    issuer: string | null;

    /** The `sub`, where one is named. */
    subject?: string;

    /** The `sid`, where one is named. */
    session?: string;
}


/** What is revoked. `issuer` is needed where the strategy has several. */
export type Found = { subject: string; session?: never; issuer?: string } | { session: string; subject?: never; issuer?: string };


/** OpenID Connect Back-Channel Logout 1.0: a provider's POST of a logout token. */
export interface BackChannelOptions extends SenderOptions {
    receive: 'back-channel';

    /** The client id that the logout token is for: its `aud`. */
    client: string | string[];

    /** What a logout token with both `sid` and `sub` ends: this session (the default), or everything of the subject. */
    extent?: 'session' | 'subject';
}


/** Options of the handler type: `handler: { 'hard-logout': options }`. */
export type HandlerOptions = BackChannelOptions | RevocationOptions | IntrospectionOptions | TokenEndpointOptions | MetadataOptions;
