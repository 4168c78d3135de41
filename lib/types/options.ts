import type { AuthCredentials, Request, ResponseToolkit } from '@hapi/hapi';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { Ending } from './events';
import type { OutagePolicy } from './routes';
import type { Algorithm, Claims, Jwk, JwtHeader, Key } from './tokens';


/** Options of the plugin. Durations are in milliseconds. */
export interface PluginOptions {

    /** A URL, ioredis options, or a client of your own, which is used as it is and never closed. Left out: one process, in its memory. */
    redis?: string | RedisOptions | Redis | Cluster | undefined;

    /** What every Redis key starts with. Applications that share a Redis each need their own. Defaults to `'hard-logout'`. */
    prefix?: string;

    /** How long one question to the store may take before the request is answered 503. Defaults to `400`. */
    timeout?: number;

    /**
     * How long this process may trust its memory after a heartbeat, in milliseconds: about as long as a logout waits for a process that has
     * crashed. The same in all processes. `false` asks Redis on every request. Defaults to `1500`.
     */
    lease?: number | false;

    /** Whether the server starts, and answers 503 for a while, when Redis cannot be reached. Defaults to `false`. */
    startWithoutStore?: boolean;

    cache?: {

        /** How many revocations are kept in this process. Defaults to `100000`. */
        max?: number;
    };
}


/** How access tokens are verified, and signed by `issue()`. Durations are in milliseconds. */
export interface JwtOptions {

    /** What verifies: one key, a key set (RFC 7517 §5), the `URL` of one, or a function from the token's header to a key (or to null: 401). */
    key: Key | { keys: Jwk[] } | URL | ((header: JwtHeader) => Key | null | Promise<Key | null>);

    /** The algorithms that are accepted (RFC 8725 §3.1). The first one signs. */
    algorithms: Algorithm[];

    /** What signs, where `key` cannot: a private key, whose `kid` (if a JWK) goes into the header. */
    signingKey?: Key;

    /** The `iss` a token must have. It also keeps the subjects of two issuers apart. The first one goes into our own tokens. */
    issuer?: string | string[];

    /** The `aud` a token must have one of. It goes into our own tokens. */
    audience?: string | string[];

    /** How far clocks may disagree. Defaults to `5000`. */
    clockTolerance?: number;

    /** The age, by `iat`, past which a token is refused whatever its `exp`; cut-offs are kept this long. Defaults to 30 days. */
    maxAge?: number;

    /** How long the tokens of `issue()` live. Defaults to 15 minutes. */
    ttl?: number;

    /** The claim that names the session. Defaults to `'sid'`. */
    sessionClaim?: string;

    /**
     * Whether a token with `cnf` is accepted, which is bound to a key of its client (RFC 7800; DPoP, mutual TLS): only where something else checks that the
     * client has that key. Defaults to `false`.
     */
    allowBoundTokens?: boolean;

    /** A cookie that access tokens are read from besides the Authorization header, and that `issue()` and `refresh()` set. */
    cookie?: string | CookieOptions;

    /** Access tokens that were verified before are kept in this process, so that their signature is not checked again. `false` checks it on every request. */
    cache?: false | {

        /** How many of them are kept. Defaults to `100000`. */
        max?: number;

        /** How much memory they may take at most, in bytes. Defaults to 256 MiB. */
        maxBytes?: number;
    };
}


/** The one place a refresh token is read from. */
export type RefreshTokenPlace =
    { query: string; cookie?: never; header?: never } |
    { cookie: string | CookieOptions; query?: never; header?: never } |
    { header: string; query?: never; cookie?: never };


/** A token's cookie (RFC 6265bis §4.1.2), always `HttpOnly`. */
export interface CookieOptions {
    name: string;

    /** Defaults to `true`. */
    isSecure?: boolean;

    /** Defaults to `'Strict'`. */
    isSameSite?: 'Strict' | 'Lax' | 'None';

    /** Defaults to `'/'`. */
    path?: string;

    /** Defaults to the host that set it. */
    domain?: string;
}


/** Sessions in the store, whose refresh tokens are rotated (RFC 9700 §4.14.2). Durations are in milliseconds. */
export interface SessionOptions {

    /** How long a session lives without being renewed. Defaults to 30 days. */
    ttl?: number;

    /** How long a session lives at most. Defaults to 90 days. */
    maxAge?: number;

    /** Whether a renewal replaces the refresh token. Defaults to `true`. */
    rotate?: boolean;

    /** How long after its first use a replaced token still yields the same successor. `0` switches it off. Defaults to 10 seconds. */
    grace?: number;

    /** How many sessions a subject may have. A login that is one more ends the oldest. At most 1000. Defaults to 100. */
    max?: number;
}


/** What `lookup.find` returns of a refresh token. Dates are in milliseconds since the epoch. */
export interface FoundRefreshToken {

    /** Whom the token belongs to, as the `sub` of the access token. */
    subject: string;

    /** The login it belongs to, as the access token's session claim. */
    session?: string;

    /** When it was issued. Without it, a cut-off for its subject refuses it until the cut-off expires. */
    issued?: number | Date;

    /** When it expires. */
    expires?: number | Date;

    /** `request.auth.credentials` where no access token was read. Defaults to `{ sub, sid, user: { id } }`. */
    credentials?: AuthCredentials & Record<string, unknown>;
}


/** Refresh tokens that the app issues and stores itself. */
export interface LookupOptions {

    /** The token, or null when it is unknown, expired, or no longer valid. It comes from a stranger: look it up as data only. `request` is null where `revoke()` was called by hand. */
    find: (token: string, request: Request | null) => FoundRefreshToken | null | undefined | Promise<FoundRefreshToken | null | undefined>;

    /** Removes the token from where the app stores it. Called once it is on the blacklist. */
    remove: (token: string, request: Request | null) => unknown;

    /** How long such a token lives at most, in milliseconds. Defaults to 90 days. */
    maxAge?: number;
}


/** What `validate` returns. */
export interface Validation {
    isValid: boolean;

    /** Replaces `request.auth.credentials`. */
    credentials?: AuthCredentials & Record<string, unknown>;
}


/** Options of a strategy: `server.auth.strategy(name, 'hard-logout', options satisfies StrategyOptions)`. */
export interface StrategyOptions {
    jwt: JwtOptions;

    /** The one place that refresh tokens are read from. Without it the strategy has none. */
    refreshToken?: RefreshTokenPlace;

    /** Sessions, which are on by default where there is a `refreshToken`: their lifetimes, and how their refresh tokens are renewed. */
    sessions?: SessionOptions;

    /** In place of sessions: refresh tokens that the app issues and stores itself. */
    lookup?: LookupOptions;

    /** The app's own check, after every other. An exception in it is a 500. */
    validate?: (claims: Claims, request: Request, h: ResponseToolkit) => Validation | Promise<Validation>;

    /**
     * Called before anything is revoked, other than for theft: what it throws goes to whoever asked, and nothing is revoked. It is called again
     * when the same is asked again. `request` is null where `revoke()` was not given one.
     */
    onRevoke?: (ending: Ending, request: Request | null) => unknown;

    /** What a read does while the blacklist cannot be asked. Defaults to `'reject'`. */
    onOutage?: OutagePolicy;

    /** The protection space of the challenges (RFC 9110 §11.5). Defaults to `'api'`. */
    realm?: string;

    /** The URL of the app's protected resource metadata, which each challenge then names (RFC 9728 §5.1): from there a client finds where to get a token. */
    resourceMetadata?: string;

    /**
     * Other origins (`https://app.example`, as browsers say it in `Origin`) whose pages may change something with a token in a cookie, log in and log
     * out. `'*'` leaves the defence against cross-site requests to `SameSite` and to the app. Defaults to none.
     */
    origins?: string[] | '*';

    /** What a logout tells the browser to forget: the directives of `Clear-Site-Data`. Defaults to nothing. */
    clearSiteData?: ClearSiteData[];
}


/** A directive of Clear-Site-Data (W3C Clear Site Data §3.1). */
export type ClearSiteData = 'cache' | 'cookies' | 'storage' | 'executionContexts' | 'clientHints' | 'prefetchCache' | 'prerenderCache' | '*';
