import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';

import * as Jose from 'jose';

import { Outage } from './outage';

import type { Algorithm, Jwk, JwtHeader, Key } from './types';
import type { JwtSettings } from './options';


/** From the header of a token to what verifies it. Throws a `JOSEError` where nothing does. */
export type KeyResolver = (header: Jose.JWTHeaderParameters, token: Jose.FlattenedJWSInput) => Promise<KeyObject | Jose.CryptoKey> | KeyObject;


export interface SigningKey {
    alg: Algorithm;
    kid?: string;
    key: KeyObject;
}


/** The resolver of a strategy. @throws `Error` naming `jwt.key` when it does not fit `jwt.algorithms`. */
export const keyResolver = function ({ key, algorithms }: JwtSettings): KeyResolver {

    if (typeof key === 'function') {
        return async ({ alg, kid, typ }) => {

            // Nothing is verified yet: into the app's lookup goes text, and nothing else

            if (![kid, typ].every((value) => value === undefined || typeof value === 'string')) {
                throw new Jose.errors.JWKSNoMatchingKey();
            }

            const found = await ask(key, { alg: alg as string, kid, typ });
            if (found === null || found === undefined) {
                throw new Jose.errors.JWKSNoMatchingKey();
            }

            try {
                return verifyingKey(found, alg as Algorithm, 'jwt.key()');
            }
            catch (error) {

                // A key for another of the algorithms: the token names the wrong one, the app made no mistake

                throw algorithms.some((other) => isKeyFor(found, other)) ? new Jose.errors.JWKSNoMatchingKey() : error;
            }
        };
    }

    if (key instanceof URL) {
        return remote(key, algorithms);
    }

    if (isKeySet(key)) {
        return local(key.keys, algorithms);
    }

    const keys = new Map(algorithms.map((alg) => [alg as string, verifyingKey(key, alg, 'jwt.key')]));
    return ({ alg }) => keys.get(alg as string)!;
};


/** What `issue()` signs with, or null where the strategy only verifies. @throws `Error` naming `jwt.signingKey` or `jwt.key`. */
export const signingKey = function ({ key, signingKey: own, algorithms }: JwtSettings): SigningKey | null {

    const alg = algorithms[0]!;
    if (own !== undefined) {
        const object = toKeyObject(own, alg, 'jwt.signingKey', true);
        fits(object, alg, 'jwt.signingKey');
        demand(object.type !== 'public', 'jwt.signingKey', 'must be a private key');
        return { alg, kid: kidOf(own), key: object };
    }

    if (typeof key === 'function' || key instanceof URL || isKeySet(key)) {
        return null;
    }

    const object = toKeyObject(key, alg, 'jwt.key', true);
    return object.type === 'public' ? null : { alg, kid: kidOf(key), key: object };
};


// A JOSEError of the app's says nothing about the token: it must not become a 401

const ask = async function (key: (header: JwtHeader) => Key | null | Promise<Key | null>, header: JwtHeader): Promise<Key | null> {

    try {
        return await key(header);
    }
    catch (error) {
        throw error instanceof Jose.errors.JOSEError ? new Error('hard-logout: jwt.key() failed', { cause: error }) : error;
    }
};


const isKeySet = function (key: unknown): key is { keys: Jwk[] } {

    return typeof key === 'object' && key !== null && 'keys' in key && Array.isArray(key.keys);
};


const kidOf = function (key: Key): string | undefined {

    return isJwk(key) ? key.kid : undefined;
};


// A set of our own rather than jose's, which has no symmetric keys. Each key meets its algorithm when the set is given

const local = function (set: Jwk[], algorithms: Algorithm[]): KeyResolver {

    const keys = set.flatMap((jwk, index) => {

        const own = algorithms.filter((alg) => isJwk(jwk) && isMeantFor(jwk, alg));
        return own.map((alg) => ({ alg, kid: jwk.kid, key: verifyingKey(jwk, alg, `jwt.key.keys[${index}]`) }));
    });

    demand(keys.length > 0, 'jwt.key', 'holds no key for jwt.algorithms');

    return ({ alg, kid }) => {

        const fitting = keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid));
        if (fitting.length !== 1) {
            throw new Jose.errors.JWKSNoMatchingKey();
        }

        return fitting[0]!.key;
    };
};


const remote = function (url: URL, algorithms: Algorithm[]): KeyResolver {

    demand(/^https?:$/.test(url.protocol) && url.username === '' && url.password === '', 'jwt.key', 'is not an http(s) URL without credentials');
    demand(algorithms.every((alg) => family(alg) !== 'oct'), 'jwt.algorithms', 'names a symmetric algorithm, which no published key set can serve');

    const keys = Jose.createRemoteJWKSet(url, { timeoutDuration: 2000 });
    return async (header, token) => {

        try {
            return await keys(header, token);
        }
        catch (error) {
            if (error instanceof Jose.errors.JWKSNoMatchingKey || error instanceof Jose.errors.JWKSMultipleMatchingKeys) {
                throw error;
            }

            throw new Outage('The key set cannot be fetched', { cause: error });
        }
    };
};


const verifyingKey = function (key: Key, alg: Algorithm, option: string): KeyObject {

    const object = toKeyObject(key, alg, option, false);
    fits(object, alg, option);
    return object;
};


const isKeyFor = function (key: Key, alg: Algorithm): boolean {

    try {
        return Boolean(verifyingKey(key, alg, 'jwt.key()'));
    }
    catch {
        return false;
    }
};


const toKeyObject = function (key: Key, alg: Algorithm, option: string, secret: boolean): KeyObject {

    const from = secret ? privateOrPublic : createPublicKey;
    try {
        if (key instanceof KeyObject) {
            return key.type === 'private' && !secret ? createPublicKey(key) : key;
        }

        // Read from a file a PEM text is bytes: taken for a secret, a public key would sign

        const text = key instanceof Uint8Array ? Buffer.from(key).toString() : key;
        if (typeof text === 'string' && text.trimStart().startsWith('-----BEGIN ')) {
            return from(text);
        }

        if (isJwk(key) && isMeantFor(key, alg)) {
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
        // Node's message can quote what was given
    }

    throw new Error(`hard-logout: ${option} is not a key for ${alg}`);
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

const fits = function (key: KeyObject, alg: Algorithm, option: string): void {

    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;

    if (family(alg) === 'oct') {
        demand(key.type === 'secret', option, `is not a key for ${alg}`);
        const bits = Number(alg.slice(2));
        demand(key.symmetricKeySize! * 8 >= bits, option, `is shorter than the ${bits} bits that ${alg} needs`);
    }
    else if (family(alg) === 'RSA') {
        demand(type === 'rsa', option, `is not a key for ${alg}`);
        demand(details!.modulusLength! >= 2048, option, `is shorter than the 2048 bits that ${alg} needs`);
    }
    else if (family(alg) === 'EC') {
        demand(type === 'ec' && details!.namedCurve === curves[alg]![1], option, `is not a key for ${alg}`);
    }
    else {
        demand(type === 'ed25519', option, `is not a key for ${alg}`);
    }
};


const curves: Record<string, [jwk: string, openssl: string]> = {
    ES256: ['P-256', 'prime256v1'],
    ES384: ['P-384', 'secp384r1'],
    ES512: ['P-521', 'secp521r1'],
    EdDSA: ['Ed25519', 'ed25519'],
    Ed25519: ['Ed25519', 'ed25519']
};


// RFC 7517 §4.2 and §4.4

const isMeantFor = function (jwk: Jwk, alg: Algorithm): boolean {

    const curve = curves[alg]?.[0] ?? jwk.crv;
    return family(alg) === jwk.kty && (jwk.alg ?? alg) === alg && (jwk.use ?? 'sig') === 'sig' && jwk.crv === curve;
};


const family = function (alg: Algorithm): 'oct' | 'RSA' | 'EC' | 'OKP' {

    const prefix = alg.slice(0, 2);
    return prefix === 'HS' ? 'oct' : prefix === 'ES' ? 'EC' : prefix === 'Ed' ? 'OKP' : 'RSA';
};


const isJwk = function (key: unknown): key is Jwk {

    return typeof key === 'object' && key !== null && 'kty' in key;
};


const demand = function (condition: boolean, option: string, problem: string): void {

    if (!condition) {
        throw new Error(`hard-logout: ${option} ${problem}`);
    }
};
