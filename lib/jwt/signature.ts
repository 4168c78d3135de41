import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';

import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../types';


/**
 * Whether `signature` (base64url) is one over `input` by a key that fits `alg` (RFC 7515 §5.2). Only canonical base64url passes (RFC 4648 §3.5): otherwise a token would
 * have several spellings, each of them cached.
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

    // PKCS #1 v1.5 is Node's default for RSA. Naming it takes 1.5 times as long on Node 24

    if (family === 'RS') {
        return verify(hash, data, key, bytes);
    }

    // OpenSSL takes a PSS signature without its leading zeros as well: one in 256 would have a second spelling (RFC 8017 §8.1.2)

    if (family === 'PS') {
        return bytes.length === Math.ceil(key.asymmetricKeyDetails!.modulusLength! / 8) && verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, bytes);
    }

    return family === 'ES' ? verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, bytes) : verify(undefined, data, key, bytes);
};
