import { hash } from 'node:crypto';

import type { SessionAddress } from '../store/session-contract';


/** What a blacklist key can stand for. */
export type IdentityKind = 'token' | 'session' | 'subject' | 'everyone' | 'refresh' | 'family';


/**
 * The blacklist key of an identity: 128 bits of SHA-256, base64url, 22 characters.
 *
 * Bounded and opaque whatever a claim holds. `issuer` keeps equal subjects of two issuers apart (RFC 7519 §4.1.2).
 */
export const identify = function (kind: IdentityKind, issuer: string, value = ''): string {

    return identifier(kind, issuer)(value);
};


/** `identify()` for many values of one issuer. */
export const identifier = function (kind: IdentityKind, issuer: string): (value: string) => string {

    const start = JSON.stringify([kind, issuer]).slice(0, -1);
    return (value) => truncated(`${start},${JSON.stringify(value)}]`);
};


/** Blacklist keys of a token: of itself, and of everything that ends it. This is their order everywhere. */
export type Identities = [token: string, subject: string, everyone: string] | [token: string, subject: string, everyone: string, session: string];


export const identitiesOf = function (token: string, subject: string, everyone: string, session: string | undefined): Identities {

    // Written out: an array that grows leaves itself room to grow on

    return session === undefined ? [token, subject, everyone] : [token, subject, everyone, session];
};


/** Which of them is which. */
export const named = function ([token, subject, everyone, session]: Identities): { token: string; subject: string; everyone: string; session?: string } {

    return { token, subject, everyone, session };
};


/** The blacklist key of a token by its `jti` (RFC 7519 §4.1.7). */
export const identifyToken = function (issuer: string, jti: string): string {

    return identify('token', issuer, byId(jti));
};


/** What stands for a `jti` among the names of tokens: one that has none goes by its text. */
export const byId = function (jti: string): string {

    return `jti ${jti}`;
};


/** The issuer of what a strategy issues itself: the first of its `jwt.issuer`, or '' where it has none. */
export const ownIssuer = function (issuers: string[]): string {

    return issuers[0] ?? '';
};


/** The issuers that tokens of a strategy can have: those of its `jwt.issuer`, or '' where it checks none. */
export const issuersOf = function (issuers: string[]): string[] {

    return issuers.length > 0 ? issuers : [''];
};


// A session id is 28 bytes, base64url: the identity of its subject (16), and what is unique among the subject's sessions (12)

export const sessionIdSizes = { subject: 16, unique: 12 };


/** The name of a session outside the store: the `sid` claim. */
export const sessionId = function ({ subject, id }: SessionAddress): string {

    return Buffer.concat([Buffer.from(subject, 'base64url'), Buffer.from(id, 'base64url')]).toString('base64url');
};


/** Where the session of a `sid` is stored, or null for what is not the id of one of `issue()`'s sessions. */
export const sessionAddress = function (sid: string): SessionAddress | null {

    const bytes = Buffer.from(sid, 'base64url');
    if (bytes.length !== sessionIdSizes.subject + sessionIdSizes.unique || bytes.toString('base64url') !== sid) {
        return null;
    }

    return { subject: bytes.toString('base64url', 0, sessionIdSizes.subject), id: bytes.toString('base64url', sessionIdSizes.subject) };
};


/** What is stored of a secret of 128 bits or more: as many bits of its SHA-256, base64url. A shorter secret could be guessed from them. */
export const digest = function (value: Uint8Array): string {

    return truncated(value);
};


// A hash that is asked for as a Buffer brings memory of its own, outside the heap, that is more work than the hash

const scratch = Buffer.alloc(32);

const truncated = function (input: string | Uint8Array): string {

    scratch.write(hash('sha256', input, 'binary'), 'latin1');
    return scratch.toString('base64url', 0, 16);
};
