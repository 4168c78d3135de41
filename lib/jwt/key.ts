import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';

import type { Algorithm, Jwk, Key } from '../types';


export type Operation = 'verify' | 'sign';


export const isKeyFor = function (key: Key, alg: Algorithm): boolean {

    try {
        return Boolean(readKey(key, alg, 'jwt.key()'));
    }
    catch {
        return false;
    }
};


/** Reads a key that verifies (the public half of a private key) or signs. @throws `Error` naming the option if it does not fit the algorithm. */
export const readKey = function (key: Key, alg: Algorithm, option: string, operation: Operation = 'verify'): KeyObject {

    const object = toKeyObject(key, alg, option, operation);
    fits(object, alg, option);
    return object;
};


const toKeyObject = function (key: Key, alg: Algorithm, option: string, operation: Operation): KeyObject {

    // The bytes of a file with a public key must not become a secret

    const text = key instanceof Uint8Array ? Buffer.from(key).toString() : key;
    demand(typeof text !== 'string' || !/^\s*https?:\/\//i.test(text), option, 'is the text of a URL, which is not a secret: pass the URL of a key set as new URL()');
    demand(!(key instanceof KeyObject) || hasKey(key), option, 'is a copy of a KeyObject, which does not contain the key: pass the KeyObject itself');
    demand(!isEmpty(key), option, 'is an empty object, which is what JSON and some copies make of a KeyObject or a URL: pass the KeyObject or the URL itself');

    const from = operation === 'sign' ? privateOrPublic : createPublicKey;
    try {
        if (key instanceof KeyObject) {
            return key.type === 'private' && operation === 'verify' ? createPublicKey(key) : key;
        }

        if (typeof text === 'string' && text.trimStart().startsWith('-----BEGIN ')) {
            return from(text);
        }

        if (isJwk(key) && isMeantFor(key, alg, operation)) {
            return key.kty === 'oct' ? createSecretKey(String(key.k), 'base64url') : from({ key, format: 'jwk' });
        }

        if (typeof key === 'string') {
            return createSecretKey(key, 'utf8');
        }

        if (key instanceof Uint8Array) {
            return createSecretKey(key);
        }
    }
    catch {
        // Node's error may quote the key
    }

    throw new Error(`hard-logout: ${option} is not a key for ${alg}`);
};


// A copy of Hoek.clone() has no key, and can crash Node 20

const hasKey = function (key: KeyObject): boolean {

    try {
        return key.equals(key);
    }
    catch {
        return false;
    }
};


// What confidence, JSON and object spread make of a KeyObject

const isEmpty = function (key: unknown): boolean {

    return typeof key === 'object' && key !== null && !(key instanceof KeyObject) && !ArrayBuffer.isView(key) && Object.keys(key).length === 0;
};


const privateOrPublic = function (key: Parameters<typeof createPublicKey>[0]): KeyObject {

    try {
        return createPrivateKey(key as Parameters<typeof createPrivateKey>[0]);
    }
    catch {
        return createPublicKey(key);
    }
};


// RFC 7518 §3.2 to §3.5, RFC 8037 §3.1, RFC 8725 §3.5

export const fits = function (key: KeyObject, alg: Algorithm, option: string): void {

    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;

    if (family(alg) === 'oct') {
        demand(key.type === 'secret', option, `is not a key for ${alg}`);
        const bits = Number(alg.slice(2));
        const shorter = `is shorter than the ${bits} bits that ${alg} needs`;
        demand(key.symmetricKeySize! * 8 >= bits, option, shorter);
        demand(!isPadded(key), option, shorter);
    }
    else if (family(alg) === 'RSA') {
        demand(type === 'rsa', option, `is not a key for ${alg}`);
        demand(details!.modulusLength! >= 2048, option, `is shorter than the 2048 bits that ${alg} needs`);

        // RFC 8017 §3.1. With the exponent 1, the signature is the signed text itself

        demand(details!.publicExponent! >= 3n, option, 'has the public exponent 1: anybody can sign with it');
    }
    else if (family(alg) === 'EC') {
        demand(type === 'ec' && details!.namedCurve === curves[alg]![1], option, `is not a key for ${alg}`);
    }
    else {
        demand(type === 'ed25519', option, `is not a key for ${alg}`);
    }
};


// RFC 2104 §2 pads a key with zeros, so zeros at its end add no length. One in 2^64 random keys ends with eight

const isPadded = function (key: KeyObject): boolean {

    return key.export().subarray(-8).every((byte) => byte === 0);
};


const curves: Record<string, [jwk: string, openssl: string]> = {
    ES256: ['P-256', 'prime256v1'],
    ES384: ['P-384', 'secp384r1'],
    ES512: ['P-521', 'secp521r1'],
    EdDSA: ['Ed25519', 'ed25519'],
    Ed25519: ['Ed25519', 'ed25519']
};


// RFC 7517 §4.2 to §4.4

export const isMeantFor = function (jwk: Jwk, alg: Algorithm, operation: Operation = 'verify'): boolean {

    const curve = curves[alg]?.[0] ?? jwk.crv;
    return family(alg) === jwk.kty && (jwk.alg ?? alg) === alg && (jwk.use ?? 'sig') === 'sig' && isAllowed(jwk, operation) && jwk.crv === curve;
};


// A private key that may sign has a public half that may verify

const isAllowed = function ({ key_ops: operations, d }: Jwk, operation: Operation): boolean {

    return operations === undefined || Array.isArray(operations) && (operations.includes(operation) || d !== undefined && operations.includes('sign'));
};


export const family = function (alg: Algorithm): 'oct' | 'RSA' | 'EC' | 'OKP' {

    const prefix = alg.slice(0, 2);
    return prefix === 'HS' ? 'oct' : prefix === 'ES' ? 'EC' : prefix === 'Ed' ? 'OKP' : 'RSA';
};


export const isJwk = function (key: unknown): key is Jwk {

    return typeof key === 'object' && key !== null && 'kty' in key;
};


export const demand = function (condition: boolean, option: string, problem: string): void {

    if (!condition) {
        throw new Error(`hard-logout: ${option} ${problem}`);
    }
};
