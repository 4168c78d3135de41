import { createHmac, hash, randomBytes } from 'node:crypto';

import { digest, identify } from '../blacklist/identities';


// A refresh token of ours is 76 bytes, base64url: subject (16) | session (12) | family (16) | secret (24) | checksum (8).
// The first two say where its session is kept, the family is equal in all tokens of the session (so that an older one is
// told from a forged one), and the secret is replaced at each renewal. The store holds digests of the last two only. The
// checksum is no secret: without it a token that was damaged on its way would pass for an older one, and end its session.

const sizes = { subject: 16, session: 12, family: 16, secret: 24, checksum: 8 };

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

    return describe(seal([Buffer.from(identify('subject', issuer, subject), 'base64url'), randomBytes(sizes.session + sizes.family + sizes.secret)]));
};


/** Reads a token, or answers null for what cannot be one of ours. Of its spellings only one is read. */
export const parse = function (token: string): RefreshToken | null {

    if (token.length !== characters) {
        return null;
    }

    const bytes = Buffer.from(token, 'base64url');
    const isWhole = bytes.toString('base64url') === token && seal([bytes.subarray(0, length - sizes.checksum)]).equals(bytes);
    return isWhole ? describe(bytes) : null;
};


/**
 * The token that follows: derived from the presented one and a nonce of the store's, so that the same successor can be answered twice while
 * neither an old token nor the store alone tells it.
 */
export const successor = function ({ bytes }: RefreshToken, nonce: string): RefreshToken {

    const start = sizes.subject + sizes.session + sizes.family;
    const secret = createHmac('sha256', bytes.subarray(start, start + sizes.secret)).update(nonce).digest();
    return describe(seal([bytes.subarray(0, start), secret.subarray(0, sizes.secret)]));
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


const seal = function (parts: Uint8Array[]): Buffer {

    const content = Buffer.concat(parts);
    return Buffer.concat([content, hash('sha256', content, 'buffer').subarray(0, sizes.checksum)]);
};


const describe = function (bytes: Buffer): RefreshToken {

    const family = sizes.subject + sizes.session;
    const secret = family + sizes.family;

    return {
        bytes,
        subject: bytes.toString('base64url', 0, sizes.subject),
        id: bytes.toString('base64url', sizes.subject, family),
        family: digest(bytes.subarray(family, secret)),
        secret: digest(bytes.subarray(secret, secret + sizes.secret))
    };
};
