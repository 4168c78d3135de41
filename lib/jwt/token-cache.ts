import { LRUCache } from 'lru-cache';

import type { AccessToken } from './access-token';


// What an entry takes (bytes) besides its text and its claims: its object, its header, its identities, and its place in the cache

const overhead = 700;


/**
 * The access tokens of one strategy that were verified before, in an LRU cache.
 *
 * Only what verified is ever put in, so that no flood of forged tokens fills it. An entry proves nothing by itself: the key, the dates and the
 * blacklist are checked on each use.
 *
 * It is looked up by the end of the signature, which tells tokens apart as well as all of them does, and the text is then compared whole. To hash
 * all of a header of 450 characters, as a `Map` would, takes 0.5 µs more, and 0.9 µs of 750 (an RSA signature): 2 to 3 % of a warm request. Neither
 * takes constant time: to learn anything from that, a client has to present the end of a valid signature, and so has the token.
 *
 * The texts are in the memory of this process, and nowhere else, as are the requests that bring them and `jwt.key`. Who can read that memory, a heap
 * snapshot or a core dump has the tokens of the moment either way.
 */
export class TokenCache {

    readonly #entries: LRUCache<string, AccessToken>;

    constructor({ max, maxBytes }: { max: number; maxBytes: number }) {

        this.#entries = new LRUCache({ max, maxSize: maxBytes });
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


// The characters of 9 bytes. A text this short is a string of its own, where a longer one would refer to what it was cut from

const tail = function (token: string): string {

    return token.slice(-12);
};


// A text that was cut out of a header refers to all of that header, and keeps it

const flat = function (token: string): string {

    return Buffer.from(token, 'latin1').toString('latin1');
};


// The most (bytes) that what JSON can hold takes in memory. Small objects are the dearest: one with a key of its own, of 9 characters of text, takes 185.
// Claims as most tokens have them take a third of it

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

    return Object.entries(value).reduce((sum, [name, item]) => sum + 64 + 2 * name.length + weigh(item), 144);
};
