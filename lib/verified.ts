import { LRUCache } from 'lru-cache';

import type { AccessToken } from './jwt';


export interface VerifiedSettings {
    max: number;
    maxBytes: number;
}


interface Entry {
    readonly text: string;
    readonly access: AccessToken;
}


// What an entry takes besides its text and the texts of its claims, which are shorter

const overhead = 700;


// Characters of a signature: those of 16 bytes and more

const tailLength = 24;


/**
 * The access tokens of one strategy that were verified before, in an LRU cache.
 *
 * Only what verified is ever put in, so that no flood of forged tokens fills it. What it holds is good for nothing by itself: the key, the dates
 * and the blacklist are for each use to check.
 *
 * It is looked up by the end of the signature, which tells tokens apart as well as all of them does, and the text is then compared whole. To
 * hash the whole text, by a `Map` or by SHA-256, would cost more than all the rest of a check. Both can be done in variable time: who is to
 * learn anything from it has to present the end of a valid signature, and so has the token.
 *
 * So the texts are kept, in this process and nowhere else, where the requests that bring them are as well, and `jwt.key`. Whoever reads
 * its memory, a heap snapshot or a core dump has the tokens of the moment either way.
 */
export class VerifiedTokens {

    readonly #entries: LRUCache<string, Entry>;

    constructor({ max, maxBytes }: VerifiedSettings) {

        this.#entries = new LRUCache({ max, maxSize: maxBytes });
    }

    get(text: string): AccessToken | undefined {

        const entry = this.#entries.get(text.slice(-tailLength));
        return entry?.text === text ? entry.access : undefined;
    }

    set(text: string, access: AccessToken): void {

        this.#entries.set(text.slice(-tailLength), { text, access }, { size: 2 * text.length + overhead });
    }

    delete(text: string): void {

        this.#entries.delete(text.slice(-tailLength));
    }
}
