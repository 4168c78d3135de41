import { LRUCache } from 'lru-cache';

import type { AccessToken } from './access-token';


// Bytes of an entry without its text and claims: its object, header, identities, credentials, and its place in the cache

const overhead = 950;


/**
 * The access tokens of one strategy that were verified before, in an LRU cache.
 *
 * It has only verified tokens, so forged ones cannot fill it. Key, dates and blacklist are checked on each use.
 *
 * The key of an entry is the end of the signature, which is as unique as the whole; the whole text is then compared. To hash a text of 450 characters, as a `Map`
 * does, takes 0.5 µs more, and 0.9 µs for 750 (an RSA signature): 2 to 3 % of a warm request. The comparison does not take constant time: to learn from that, a
 * client must present the end of a valid signature, and so has the token.
 *
 * The texts are only in the memory of this process, like the requests that bring them: code that can read it has the tokens anyway.
 */
export class TokenCache {

    readonly #entries: LRUCache<string, AccessToken>;

    constructor({ maxBytes }: { maxBytes: number }) {

        this.#entries = new LRUCache({ maxSize: maxBytes });
    }

    get(token: string): AccessToken | undefined {

        const access = this.#entries.get(tail(token));
        return access?.token === token ? access : undefined;
    }

    set(token: string, access: AccessToken): void {

        access.token = flat(token);
        this.#entries.set(tail(token), access, { size: token.length + weigh(access.claims) + overhead });
    }

    delete(token: string): void {

        this.#entries.delete(tail(token));
    }
}


// 9 bytes. V8 copies a slice this short; a longer one would pin the whole text in memory

const tail = function (token: string): string {

    return token.slice(-12);
};


/** A copy of a slice of text. The slice itself would pin the whole text in memory. */
export const flat = function (token: string): string {

    return Buffer.from(token, 'latin1').toString('latin1');
};


// An upper bound of the bytes of a JSON value in memory: 185 for an object with one key of 9 characters. Usual claims take a third

const weigh = function (value: unknown): number {

    if (typeof value === 'string') {
        return 24 + value.length * (/[^\0-\xff]/.test(value) ? 2 : 1);
    }

    if (typeof value !== 'object' || value === null) {
        return 16;
    }

    if (Array.isArray(value)) {
        return value.reduce((sum: number, item) => sum + 8 + weigh(item), 56);
    }

    let sum = 144;
    for (const name of Object.keys(value)) {
        sum += 64 + 2 * name.length + weigh((value as Record<string, unknown>)[name]);
    }

    return sum;
};
