import { hash } from 'node:crypto';


/** What a blacklist key can stand for. */
export type Kind = 'token' | 'session' | 'subject' | 'everyone' | 'refresh' | 'family';


/**
 * The blacklist key of an identity: 128 bits of SHA-256, base64url, 22 characters.
 *
 * Bounded and opaque whatever a claim holds. `issuer` keeps equal subjects of two issuers apart (RFC 7519 §4.1.2).
 */
export const identify = function (kind: Kind, issuer: string, value = ''): string {

    return hash('sha256', JSON.stringify([kind, issuer, value]), 'buffer').toString('base64url', 0, 16);
};


/** The blacklist key of a token by its `jti` (RFC 7519 §4.1.7). */
export const identifyToken = function (issuer: string, jti: string): string {

    return identify('token', issuer, `jti ${jti}`);
};


/** How a secret of 128 bits or more is kept at rest: as many bits of its SHA-256, base64url. Nothing shorter can be told from them. */
export const digest = function (value: Uint8Array): string {

    return hash('sha256', value, 'buffer').toString('base64url', 0, 16);
};
