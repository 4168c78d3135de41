import type { KeyObject } from 'node:crypto';


/**
 * The signature algorithms of RFC 7518 §3.1 and RFC 8037 that a strategy may name.
 *
 * @example
 * const algorithms: Algorithm[] = ['ES256', 'RS256'];
 */
export type Algorithm =
    'HS256' | 'HS384' | 'HS512' |
    'RS256' | 'RS384' | 'RS512' |
    'PS256' | 'PS384' | 'PS512' |
    'ES256' | 'ES384' | 'ES512' |
    'EdDSA' | 'Ed25519';


/**
 * A JSON Web Key (RFC 7517 §4).
 *
 * @example
 * const jwk: Jwk = { kty: 'oct', k: 'c2VjcmV0', kid: '2030-01', alg: 'HS256' };
 */
export interface Jwk {
    kty: string;
    kid?: string;
    alg?: string;
    [parameter: string]: unknown;
}


/**
 * One key: a shared secret, a PEM text, a `KeyObject`, or a JWK. A string, or the bytes of a file, is a PEM text if it starts like one, else a secret.
 *
 * @example
 * import { generateKeyPairSync } from 'node:crypto';
 *
 * const signingKey: Key = generateKeyPairSync('ed25519').privateKey;
 */
export type Key = string | Uint8Array | KeyObject | Jwk;


/**
 * The protected header of a token that has **not** been verified yet: use it to choose a key, for nothing else.
 *
 * @example
 * const keys: Record<string, string> = { '2030-01': process.env.JWT_KEY! };
 * const key = ({ kid }: JwtHeader) => keys[kid ?? ''] ?? null;
 */
export interface JwtHeader {
    readonly alg: string;
    readonly kid?: string;
    readonly typ?: string;
}


/**
 * `request.auth.credentials`, if `validate` returns no others: the claims of the access token or, if only the refresh token was read,
 * those that `issue()` was given and the session claim. `user`, `app` and `scope` are hapi's. Dates are in seconds since the epoch.
 *
 * @example
 * const { sub, scope, auth_time } = request.auth.credentials as Credentials & { scope?: string[] };
 */
export interface Credentials {
    sub: string;
    iss?: string;
    aud?: string | string[];
    exp?: number;
    nbf?: number;
    iat?: number;
    jti?: string;

    /** The session the token belongs to (OpenID Connect Front-Channel Logout 1.0 §3). */
    sid?: string;

    /** When the user authenticated last: at the login, or later (RFC 9068 §2.2.1). */
    auth_time?: number;

    /** How the user authenticated then: the context, and the methods (OpenID Connect Core 1.0 §2). */
    acr?: string;
    amr?: string[];

    /** Who acts with the token as its subject: a support agent, say. */
    act?: Act;

    [claim: string]: unknown;
}


/**
 * Who acts as the subject of a token (RFC 8693 §4.1). The token ends with the session and the subject that it names.
 *
 * @example
 * const { act }: { act?: Act } = request.auth.credentials;
 * const agent = act?.sub;
 */
export interface Act {
    sub: string;

    /** Left out if it is the issuer of the token. */
    iss?: string;

    /** The actor's own session, and when that began (in seconds since the epoch). */
    sid?: string;
    auth_time?: number;

    /** Who acted before. */
    act?: Act;

    [claim: string]: unknown;
}


/**
 * Who did something, or acts as a user.
 *
 * @example
 * const nameOf = ({ subject, session }: Party) => `${subject} in ${session ?? 'no session'}`;
 */
export interface Party {

    /** Empty if the strategy checks none. */
    issuer: string;
    subject: string;

    /** Null if the tokens name none. */
    session: string | null;
}


/**
 * Claims of an access token (RFC 7519 §4.1). Dates are in seconds since the epoch.
 *
 * @example
 * const validate = (claims: Claims) => ({ isValid: claims.email_verified === true });
 */
export interface Claims extends Credentials {

    /** Space-separated (RFC 8693 §4.2) or a list; becomes `credentials.scope`. */
    scope?: string | string[];
}
