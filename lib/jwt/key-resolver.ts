import { createPublicKey, KeyObject } from 'node:crypto';

import * as Hoek from '@hapi/hoek';
import { LRUCache } from 'lru-cache';

import { digest } from '../blacklist/identities';
import { demand, fits, isJwk, isKeyFor, isMeantFor, readKey } from './key';
import { isName, local, noKey, remote } from './key-set';

import type { KeyResolver } from './key-set';
import type { JwtSettings } from '../options/settings';
import type { Algorithm, Jwk, JwtHeader, Key } from '../types';


export interface SigningKey {
    alg: Algorithm;
    kid?: string;
    key: KeyObject;
}


/**
 * The resolver of a strategy. `onError` is called with the reason why a key set cannot be fetched. For an unknown key, a set is fetched again only after `rest` (ms):
 * clients must not control how often.
 *
 * @throws `Error` naming `jwt.key` when it does not fit `jwt.algorithms`.
 */
export const keyResolver = function ({ key, algorithms }: JwtSettings, onError: (error: Error) => void, rest = 30_000): KeyResolver {

    if (typeof key === 'function') {
        return asked(key, algorithms);
    }

    if (key instanceof URL) {
        return remote({ url: key, algorithms, onError, rest });
    }

    if (isKeySet(key)) {
        return local(key.keys, algorithms);
    }

    const keys = new Map(algorithms.map((alg) => [alg, readKey(key, alg, 'jwt.key')]));
    return ({ alg }) => keys.get(alg)!;
};


/** The key that `issue()` signs with, or null if the strategy only verifies. @throws `Error` naming `jwt.signingKey` or `jwt.key`. */
export const signingKey = function (settings: JwtSettings): SigningKey | null {

    const { key, signingKey: own, algorithms } = settings;
    const alg = algorithms[0]!;
    if (own !== undefined) {
        const object = readKey(own, alg, 'jwt.signingKey', 'sign');
        demand(object.type !== 'public', 'jwt.signingKey', 'must be a private key');
        const signing = { alg, kid: kidOf(own), key: object };
        demand(isAsked(key) || verifies(keyResolver(settings, Hoek.ignore), signing), 'jwt.signingKey', 'signs what jwt.key does not verify');
        return signing;
    }

    if (isAsked(key) || isKeySet(key) || isJwk(key) && !isMeantFor(key, alg, 'sign')) {
        return null;
    }

    const object = readKey(key, alg, 'jwt.key', 'sign');
    return object.type === 'public' ? null : { alg, kid: kidOf(key), key: object };
};


/** Whether the keys are still unknown when the strategy is registered. */
export const isAsked = function (key: JwtSettings['key']): key is URL | KeyFunction {

    return typeof key === 'function' || key instanceof URL;
};


const verifies = function (resolve: KeyResolver, { alg, kid, key }: SigningKey): boolean {

    try {
        const found = resolve({ alg, kid }) as KeyObject;
        return found.equals(key.type === 'secret' ? key : createPublicKey(key));
    }
    catch {
        return false;
    }
};


type KeyFunction = Extract<JwtSettings['key'], (header: JwtHeader) => unknown>;


// The function is called each time, because only the app knows when a key is not valid any more. Each key is parsed once

const asked = function (key: KeyFunction, algorithms: Algorithm[]): KeyResolver {

    const parsed = new ParsedKeys();

    const read = (found: Key | null | undefined, alg: Algorithm): KeyObject => {

        if (found === null || found === undefined) {
            throw noKey();
        }

        try {
            return parsed.get(found, alg);
        }
        catch (error) {

            // A key for another algorithm of the strategy is not an error of the app: the token has the wrong alg

            throw algorithms.some((other) => isKeyFor(found, other)) ? noKey() : error;
        }
    };

    return ({ alg, kid, typ }) => {

        // The token is not verified yet, so only text is passed to the app

        if (!isName(kid) || !isName(typ)) {
            throw noKey();
        }

        const found = key({ alg, kid, typ });
        return isThenable(found) ? Promise.resolve(found).then((later) => read(later, alg)) : read(found, alg);
    };
};


const isThenable = function (value: unknown): value is Promise<Key | null> {

    return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
};


/** Caches keys by value: the app may return a new object each time, or change the same one. */
class ParsedKeys {

    readonly #publicKeys = new WeakMap<KeyObject, KeyObject>();
    readonly #keys = new LRUCache<string, KeyObject>({ max: 1000 });

    get(key: Key, alg: Algorithm): KeyObject {

        if (key instanceof KeyObject) {
            const known = this.#publicKeys.get(key) ?? readKey(key, alg, 'jwt.key()');
            fits(known, alg, 'jwt.key()');
            this.#publicKeys.set(key, known);
            return known;
        }

        // With its form: the same text is one key as a string, and another as a JWK

        const bytes = key instanceof Uint8Array ? key : Buffer.from(typeof key === 'string' ? key : String(JSON.stringify(key)));
        const value = `${alg} ${key instanceof Uint8Array ? 'bytes' : typeof key} ${digest(bytes)}`;
        const known = this.#keys.get(value) ?? readKey(key, alg, 'jwt.key()');
        this.#keys.set(value, known);
        return known;
    }
}


export const isKeySet = function (key: unknown): key is { keys: Jwk[] } {

    return typeof key === 'object' && key !== null && 'keys' in key && Array.isArray(key.keys);
};


const kidOf = function (key: Key): string | undefined {

    return isJwk(key) ? key.kid : undefined;
};
