import { hash } from 'node:crypto';


/** What a blacklist key can stand for. */
export type Kind = 'token' | 'session' | 'subject' | 'everyone' | 'refresh' | 'family';


/**
 * The blacklist key of an identity: 128 bits of SHA-256, base64url, 22 characters.
 *
 * Bounded and opaque whatever a claim holds. `issuer` keeps equal subjects of two issuers apart (RFC 7519 §4.1.2).
 */
export const identify = function (kind: Kind, issuer: string, value = ''): string {

    return identifier(kind, issuer)(value);
};


/** `identify()` for many values of one issuer. */
export const identifier = function (kind: Kind, issuer: string): (value: string) => string {

    const start = JSON.stringify([kind, issuer]).slice(0, -1);
    return (value) => truncated(`${start},${JSON.stringify(value)}]`);
};


/** The blacklist key of a token by its `jti` (RFC 7519 §4.1.7). */
export const identifyToken = function (issuer: string, jti: string): string {

    return identify('token', issuer, byId(jti));
};


/** What stands for a `jti` among the names of tokens: one that has none goes by its text. */
export const byId = function (jti: string): string {

    return `jti ${jti}`;
};


/** How a secret of 128 bits or more is kept at rest: as many bits of its SHA-256, base64url. Nothing shorter can be told from them. */
export const digest = function (value: Uint8Array): string {

    return truncated(value);
};


// A hash that is asked for as a Buffer brings memory of its own, outside the heap, that is more work than the hash

const scratch = Buffer.alloc(32);

const truncated = function (input: string | Uint8Array): string {

    scratch.write(hash('sha256', input, 'binary'), 'latin1');
    return scratch.toString('base64url', 0, 16);
};
