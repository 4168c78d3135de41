import { createHmac, randomBytes } from 'node:crypto';

import { digest, identify } from './identity';


// A refresh token of ours is 76 bytes, base64url: subject (16) | session (12) | family (16) | secret (32).
// The first two say where its session is kept, the family is equal in all tokens of the session (so that an older one is
// told from a forged one), and the secret is replaced at each renewal. The store holds digests of the last two only.

const sizes = { subject: 16, session: 12, family: 16, secret: 32 };

const length = 76;

const characters = 102;


/** Where the store keeps a session: all sessions of a subject side by side. */
export interface SessionAddress {

    /** The subject's blacklist key. */
    subject: string;

    /** Unique among the subject's sessions. */
    id: string;
}


export interface RefreshToken extends SessionAddress {
    bytes: Buffer;
    family: string;
    secret: string;
}


/** The first refresh token of a new session. */
export const mint = function (issuer: string, subject: string): RefreshToken {

    return describe(Buffer.concat([
        Buffer.from(identify('subject', issuer, subject), 'base64url'),
        randomBytes(length - sizes.subject)
    ]));
};


/** Reads a token, or answers null for what cannot be one of ours. Of its spellings only one is read. */
export const parse = function (token: string): RefreshToken | null {

    if (token.length !== characters) {
        return null;
    }

    const bytes = Buffer.from(token, 'base64url');
    return bytes.toString('base64url') === token ? describe(bytes) : null;
};


/**
 * The token that follows: derived from the presented one and a nonce of the store's, so that the same successor can be answered twice while
 * neither an old token nor the store alone tells it.
 */
export const successor = function ({ bytes }: RefreshToken, nonce: string): RefreshToken {

    const kept = bytes.subarray(0, length - sizes.secret);
    const secret = createHmac('sha256', bytes.subarray(length - sizes.secret)).update(nonce).digest();
    return describe(Buffer.concat([kept, secret]));
};


export const nonce = function (): string {

    return randomBytes(12).toString('base64url');
};


/** The name of a session outside the store: the `sid` claim. */
export const sessionId = function ({ subject, id }: SessionAddress): string {

    return Buffer.concat([Buffer.from(subject, 'base64url'), Buffer.from(id, 'base64url')]).toString('base64url');
};


/** Where the session of a `sid` is kept, or null for what cannot be one of ours. */
export const sessionAddress = function (sid: string): SessionAddress | null {

    const bytes = Buffer.from(sid, 'base64url');
    if (bytes.length !== sizes.subject + sizes.session || bytes.toString('base64url') !== sid) {
        return null;
    }

    return { subject: bytes.toString('base64url', 0, sizes.subject), id: bytes.toString('base64url', sizes.subject) };
};


const describe = function (bytes: Buffer): RefreshToken {

    const family = sizes.subject + sizes.session;
    const secret = family + sizes.family;

    return {
        bytes,
        subject: bytes.toString('base64url', 0, sizes.subject),
        id: bytes.toString('base64url', sizes.subject, family),
        family: digest(bytes.subarray(family, secret)),
        secret: digest(bytes.subarray(secret))
    };
};
