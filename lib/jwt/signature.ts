import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';

import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../types';


/**
 * Whether `signature`, as base64url, is one over `input` by a key that fits `alg` (RFC 7515 §5.2).
 *
 * Of the texts that decode to the same bytes only the canonical one passes (RFC 4648 §3.5): what has padding, spare bits or foreign characters
 * is another spelling of a token, and each would be verified and remembered by itself.
 */
export const isSignature = function (alg: Algorithm, key: KeyObject, input: string, signature: string): boolean {

    const family = alg.slice(0, 2);
    const hash = `sha${alg.slice(2)}`;

    if (family === 'HS') {
        const code = Buffer.from(createHmac(hash, key).update(input).digest('base64url'));
        const given = Buffer.from(signature);
        return code.length === given.length && timingSafeEqual(code, given);
    }

    const bytes = Buffer.from(signature, 'base64url');
    if (bytes.toString('base64url') !== signature) {
        return false;
    }

    const data = Buffer.from(input);

    // By PKCS #1 v1.5, as any key of the type rsa unless it is said otherwise: to say it costs Node 24 half as much as the rest

    if (family === 'RS') {
        return verify(hash, data, key, bytes);
    }

    if (family === 'PS') {
        return verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, bytes);
    }

    return family === 'ES' ? verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, bytes) : verify(undefined, data, key, bytes);
};
