import { createHmac, sign } from 'node:crypto';

import { jwt, secret } from './server';

import type { KeyObject } from 'node:crypto';


/** Claims that the usual strategy accepts. */
export const goodClaims = function (): Record<string, unknown> {

    const now = Math.floor(Date.now() / 1000);
    return { sub: '42', iss: jwt.issuer, aud: jwt.audience, iat: now, exp: now + 900 };
};


/** A JWT whose header and claims are text as it stands: signed well, whatever is in it. */
export const forge = function (header: string | object, claims: string | object = goodClaims(), key: string | KeyObject = secret): string {

    const input = [header, claims].map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')).join('.');
    const signature = typeof key === 'string' ?
        createHmac('sha256', key).update(input).digest() :
        sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });

    return `${input}.${signature.toString('base64url')}`;
};


/** A JSON text of the good claims, with one more member that no serializer would write. */
export const withMember = function (member: string, { before = false } = {}): string {

    const claims = JSON.stringify(goodClaims()).slice(1, -1);
    return before ? `{${member},${claims}}` : `{${claims},${member}}`;
};
