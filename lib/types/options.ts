import type { AuthCredentials, Request, ResponseToolkit } from '@hapi/hapi';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { Client, Ending } from './events';
import type { OutagePolicy } from './routes';
import type { Algorithm, Claims, Jwk, JwtHeader, Key } from './tokens';


/**
 * Options of the plugin. Durations are in milliseconds.
 *
 * @example
 * const options: PluginOptions = { redis: process.env.REDIS_URL, prefix: 'shop' };
 * await Hapi.server().register({ plugin, options });
 */
export interface PluginOptions {

    /** A URL, ioredis options, or your own client, which is never closed. Without it everything is in the memory of this process. */
    redis?: string | RedisOptions | Redis | Cluster | undefined;

    /** The start of every Redis key. Applications that share a Redis each need their own. Defaults to `'hard-logout'`. */
    prefix?: string;

    /** How long the store may take to reply before the response is 503. Defaults to `400`. */
    timeout?: number;

    /**
     * How long after a confirmation this process may rely on its memory, in milliseconds. A logout waits about as long for a process that has crashed. It must be
     * the same in all processes. `false` asks Redis on every request. Defaults to `1500`.
     */
    lease?: number | false;

    /** Whether the server starts when Redis cannot be reached, and responds with 503 until it can. Defaults to `false`. */
    startWithoutStore?: boolean;

    cache?: {

        /** How many revocations this process caches. Defaults to `100000`. */
        max?: number;
    };

    events?: {

        /**
         * Whether events say from where a request came: address and user agent, which are personal data. `true` takes them from the connection and the header
         * `User-Agent`; a function returns them, behind a proxy, say. Each text is cut off after 256 characters. Defaults to `false`.
         */
        client?: boolean | ((request: Request) => Partial<Client>);
    };
}


/**
 * How access tokens are verified, and signed by `issue()`. Durations are in milliseconds.
 *
 * @example
 * const jwt: JwtOptions = { key: process.env.JWT_KEY!, algorithms: ['HS256'], issuer: 'https://shop.example', ttl: 5 * 60 * 1000 };
 * server.auth.strategy('access', 'hard-logout', { jwt } satisfies StrategyOptions);
 */
export interface JwtOptions {

    /** Verifies: a key, a key set (RFC 7517 §5), the `URL` of one, or a function that returns the key for a token's header, or null to refuse the token. */
    key: Key | { keys: Jwk[] } | URL | ((header: JwtHeader) => Key | null | Promise<Key | null>);

    /** The algorithms that are accepted (RFC 8725 §3.1). The first one signs. */
    algorithms: Algorithm[];

    /** Signs, if `key` cannot: a private key. The `kid` of a JWK goes into the header. */
    signingKey?: Key;

    /** The `iss` that a token must have. Subjects of different issuers are different users. `issue()` uses the first. */
    issuer?: string | string[];

    /** The `aud` of which a token must have one. `issue()` uses them all. */
    audience?: string | string[];

    /** How far clocks may disagree. Defaults to `5000`. */
    clockTolerance?: number;

    /** The greatest age of a token, by its `iat`, whatever its `exp`. Revocations of sessions that other code began are stored for this long. Defaults to 30 days. */
    maxAge?: number;

    /** How long the tokens of `issue()` live. Defaults to 15 minutes. */
    ttl?: number;

    /** The claim that names the session. Defaults to `'sid'`. */
    sessionClaim?: string;

    /**
     * Whether a token with `cnf` is accepted, which is bound to a key of its client (RFC 7800; DPoP, mutual TLS). Set it only where other code checks that the
     * client has the key. Defaults to `false`.
     */
    allowBoundTokens?: boolean;

    /** A cookie for access tokens, read in addition to the Authorization header, and set by `issue()` and `refresh()`. */
    cookie?: string | CookieOptions;

    /** The cache of verified access tokens, whose signature is not checked again. `false` checks it on every request. */
    cache?: false | {

        /** How many bytes of memory they may take. Defaults to 256 MiB. */
        maxBytes?: number;
    };
}


/**
 * The one place that refresh tokens are read from.
 *
 * @example
 * const browser: RefreshTokenPlace = { cookie: '__Host-refresh' };
 * const app: RefreshTokenPlace = { header: 'x-refresh-token' };
 */
export type RefreshTokenPlace =
    { query: string; cookie?: never; header?: never } |
    { cookie: string | CookieOptions; query?: never; header?: never } |
    { header: string; query?: never; cookie?: never };


/**
 * A token's cookie (RFC 6265bis §4.1.2), always `HttpOnly`.
 *
 * @example
 * const cookie: CookieOptions = { name: '__Secure-refresh', path: '/auth', isSameSite: 'Lax' };
 */
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


/**
 * Sessions in the store, whose refresh tokens are rotated (RFC 9700 §4.14.2). Durations are in milliseconds.
 *
 * @example
 * const sessions: SessionOptions = { maxIdle: 7 * 24 * 60 * 60 * 1000, max: ({ plan }) => (plan === 'family' ? 4 : 1) };
 */
export interface SessionOptions {

    /** How long a session lives without being renewed. Defaults to 30 days. */
    maxIdle?: number;

    /** How long a session lives at most, however often it is renewed. Defaults to 90 days. */
    maxAge?: number;

    /** Whether a renewal replaces the refresh token. Defaults to `true`. */
    rotate?: boolean;

    /** How long after its first use a replaced token can be renewed once more, with the same result. `0` switches it off. Defaults to 10 seconds. */
    grace?: number;

    /** How many sessions a subject may have, from 1 to 1000: a number, or a function of the claims of the login. Defaults to 100. */
    max?: number | ((claims: Claims) => number | Promise<number>);

    /** What a login does that would be one session more: it ends the oldest session, in every process, or it is refused with 409. Defaults to `'end-oldest'`. */
    whenFull?: 'end-oldest' | 'refuse';
}


/**
 * What `lookup.find` returns. Numbers are in milliseconds since the epoch.
 *
 * @example
 * const found: FoundRefreshToken = { subject: '42', session: 'a1', issued: new Date(), credentials: { scope: ['user'] } };
 */
export interface FoundRefreshToken {

    /** The user, as in the `sub` of the access token. */
    subject: string;

    /** The login, as in the session claim of the access token. */
    session?: string;

    /** When it was issued. Without it, a cut-off for its subject refuses it until the cut-off expires. */
    issued?: number | Date;

    /** When it expires. */
    expires?: number | Date;

    /** `request.auth.credentials` if no access token was read. Defaults to `{ sub, sid, user: { id } }`. */
    credentials?: AuthCredentials & Record<string, unknown>;
}


/**
 * Refresh tokens that the app issues and stores itself.
 *
 * @example
 * const rows = new Map<string, { subject: string; session: string; issued: number }>();
 * const lookup: LookupOptions = { find: (token) => rows.get(token), remove: (token) => rows.delete(token) };
 */
export interface LookupOptions {

    /** Finds a token; null refuses it. A stranger may have sent it: use it as data only. `request` is null if `revoke()` was called without one. */
    find: (token: string, request: Request | null) => FoundRefreshToken | null | undefined | Promise<FoundRefreshToken | null | undefined>;

    /** Removes a token from your store. Called after it was revoked. */
    remove: (token: string, request: Request | null) => unknown;

    /** How long such a token lives at most, in milliseconds. Defaults to 90 days. */
    maxAge?: number;
}


/**
 * What `validate` returns.
 *
 * @example
 * const validate = ({ sub }: Claims): Validation => ({ isValid: sub !== 'blocked' });
 */
export interface Validation {
    isValid: boolean;

    /** Replaces `request.auth.credentials`. */
    credentials?: AuthCredentials & Record<string, unknown>;
}


/**
 * Options of a strategy: `server.auth.strategy(name, 'hard-logout', options satisfies StrategyOptions)`.
 *
 * @example
 * server.auth.strategy('browser', 'hard-logout', {
 *     jwt: { key: process.env.JWT_KEY!, algorithms: ['HS256'] },
 *     refreshToken: { cookie: '__Host-refresh' }
 * } satisfies StrategyOptions);
 */
export interface StrategyOptions {
    jwt: JwtOptions;

    /** Where refresh tokens are read. Without it the strategy has none. */
    refreshToken?: RefreshTokenPlace;

    /** Sessions, which this package stores. On by default, if there is a `refreshToken` and no `lookup`. */
    sessions?: SessionOptions;

    /** In place of sessions: refresh tokens that the app issues and stores itself. */
    lookup?: LookupOptions;

    /** The app's own check, after all others. An error in it responds with 500. */
    validate?: (claims: Claims, request: Request, h: ResponseToolkit) => Validation | Promise<Validation>;

    /**
     * Called before anything is revoked. If it throws, nothing is revoked, and the client or the caller of `revoke()` gets the error. A repeated logout
     * calls it again. It is not called for a reused refresh token, `sessions.max` and the command line. `request` is null if `revoke()` was called without one.
     */
    onRevoke?: (ending: Ending, request: Request | null) => unknown;

    /** What reads do while the store cannot be reached. Defaults to `'reject'`. */
    onOutage?: OutagePolicy;

    /** The protection space of the challenges (RFC 9110 §11.5). Defaults to `'api'`. */
    realm?: string;

    /** The URL of your protected resource metadata, for the challenges (RFC 9728 §5.1): it says where a client gets a token. */
    resourceMetadata?: string;

    /**
     * Other origins (`https://app.example`, as in the header `Origin`) whose pages may log in and out, and change something with a token in a cookie. `'*'`
     * leaves the defence against cross-site requests to `SameSite` and to the app. Defaults to none.
     */
    origins?: string[] | '*';

    /** The directives of `Clear-Site-Data` (W3C Clear Site Data §3.1) in the response to a logout. Defaults to none. */
    clearSiteData?: ('cache' | 'cookies' | 'storage' | 'executionContexts' | 'clientHints' | 'prefetchCache' | 'prerenderCache' | '*')[];
}
