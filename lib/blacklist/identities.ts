import { hash } from 'node:crypto';

import type { SessionAddress } from '../store/session-contract';


export type IdentityKind = 'token' | 'session' | 'subject' | 'everyone' | 'refresh' | 'family';


/** The blacklist key of an identity: 128 bits of SHA-256, base64url, 22 characters. Equal subjects of two issuers have different keys (RFC 7519 §4.1.2). */
export const identify = function (kind: IdentityKind, issuer: string, value = ''): string {

    return identifier(kind, issuer)(value);
};


/** `identify()` for many values of one issuer. */
export const identifier = function (kind: IdentityKind, issuer: string): (value: string) => string {

    const start = JSON.stringify([kind, issuer]).slice(0, -1);
    return (value) => truncated(`${start},${JSON.stringify(value)}]`);
};


/** The blacklist keys of a token: its own, and of everything that ends it. Always in this order. */
export type Identities = [token: string, subject: string, everyone: string] | [token: string, subject: string, everyone: string, session: string];


export const identitiesOf = function (token: string, subject: string, everyone: string, session: string | undefined): Identities {

    // Written out: an array that grows would reserve more memory

    return session === undefined ? [token, subject, everyone] : [token, subject, everyone, session];
};


export const named = function ([token, subject, everyone, session]: Identities): { token: string; subject: string; everyone: string; session?: string } {

    return { token, subject, everyone, session };
};


/** The blacklist key of a token by its `jti` (RFC 7519 §4.1.7). */
export const identifyToken = function (issuer: string, jti: string): string {

    return identify('token', issuer, byId(jti));
};


/** The name of a token with a `jti`. Without one, its text is its name. */
export const byId = function (jti: string): string {

    return `jti ${jti}`;
};


/** The issuer of tokens that a strategy issues: the first of its `jwt.issuer`, or ''. */
export const ownIssuer = function (issuers: string[]): string {

    return issuers[0] ?? '';
};


/** The issuers that a strategy accepts: its `jwt.issuer`, or '' if it checks none. */
export const issuersOf = function (issuers: string[]): string[] {

    return issuers.length > 0 ? issuers : [''];
};


// A session id is 28 bytes, base64url: the blacklist key of its subject (16), and a unique part (12)

export const sessionIdSizes = { subject: 16, unique: 12 };


/** The id of a session in tokens: the claim `sid`. */
export const sessionId = function ({ subject, id }: SessionAddress): string {

    return Buffer.concat([Buffer.from(subject, 'base64url'), Buffer.from(id, 'base64url')]).toString('base64url');
};


/** Where the session of a `sid` is stored; null if `issue()` did not begin it. */
export const sessionAddress = function (sid: string): SessionAddress | null {

    const bytes = Buffer.from(sid, 'base64url');
    if (bytes.length !== sessionIdSizes.subject + sessionIdSizes.unique || bytes.toString('base64url') !== sid) {
        return null;
    }

    return { subject: bytes.toString('base64url', 0, sessionIdSizes.subject), id: bytes.toString('base64url', sessionIdSizes.subject) };
};


/** The stored digest of a secret: 128 bits of SHA-256, base64url. The secret must have as many bits, or it could be guessed. */
export const digest = function (value: Uint8Array): string {

    return truncated(value);
};


// As a Buffer, the hash would need memory outside the heap, which takes longer than the hash

const scratch = Buffer.alloc(32);

const truncated = function (input: string | Uint8Array): string {

    scratch.write(hash('sha256', input, 'binary'), 'latin1');
    return scratch.toString('base64url', 0, 16);
};
