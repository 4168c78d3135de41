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


/** SHA-256, base64url: how a secret is kept at rest. */
export const digest = function (value: Uint8Array): string {

    return hash('sha256', value, 'base64url');
};
