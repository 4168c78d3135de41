import { createHmac, hash, randomBytes } from 'node:crypto';

import { digest, identify, sessionIdSizes } from '../blacklist/identities';

import type { SessionAddress } from '../store/session-contract';


// The refresh token of a session is 76 bytes, base64url: subject (16) | session (12) | family (16) | secret (24) | checksum (8).
// Subject and session are the address of the row. All tokens of a session have the same family, which distinguishes a replaced token from a forged one. Each renewal
// replaces the secret. The store has only digests of both. The checksum (not secret) prevents that a damaged token looks like a replaced one and ends the session.

const familyStart = sessionIdSizes.subject + sessionIdSizes.unique;
const secretStart = familyStart + 16;
const checksumStart = secretStart + 24;

const checksumSize = 8;

const characters = 102;


export interface RefreshToken extends SessionAddress {
    bytes: Buffer;
    family: string;
    secret: string;
}


export const mint = function (issuer: string, subject: string): RefreshToken {

    const name = Buffer.from(identify('subject', issuer, subject), 'base64url');
    return read(seal([name, randomBytes(checksumStart - name.length)]));
};


/** Reads a token. Returns null for any other text, and for another spelling of a token. */
export const parse = function (token: string): RefreshToken | null {

    if (token.length !== characters) {
        return null;
    }

    const bytes = Buffer.from(token, 'base64url');
    const isWhole = bytes.toString('base64url') === token && seal([bytes.subarray(0, checksumStart)]).equals(bytes);
    return isWhole ? read(bytes) : null;
};


/** The next token, derived from this one and a nonce in the store: it can be returned twice, and neither an old token nor the store alone reveals it. */
export const successor = function ({ bytes }: RefreshToken, nonce: string): RefreshToken {

    const secret = createHmac('sha256', bytes.subarray(secretStart, checksumStart)).update(nonce).digest();
    return read(seal([bytes.subarray(0, secretStart), secret.subarray(0, checksumStart - secretStart)]));
};


/** The next token, which cannot be derived from this one. */
export const replacement = function ({ bytes }: RefreshToken): RefreshToken {

    return read(seal([bytes.subarray(0, secretStart), randomBytes(checksumStart - secretStart)]));
};


export const nonce = function (): string {

    return randomBytes(12).toString('base64url');
};


const seal = function (parts: Uint8Array[]): Buffer {

    const content = Buffer.concat(parts);
    return Buffer.concat([content, hash('sha256', content, 'buffer').subarray(0, checksumSize)]);
};


const read = function (bytes: Buffer): RefreshToken {

    return {
        bytes,
        subject: bytes.toString('base64url', 0, sessionIdSizes.subject),
        id: bytes.toString('base64url', sessionIdSizes.subject, familyStart),
        family: digest(bytes.subarray(familyStart, secretStart)),
        secret: digest(bytes.subarray(secretStart, checksumStart))
    };
};
