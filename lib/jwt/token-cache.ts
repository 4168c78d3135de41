import { LRUCache } from 'lru-cache';

import type { AccessToken } from './access-token';


export interface VerifiedSettings {
    max: number;
    maxBytes: number;
}


// What an entry takes besides its text and its claims: their objects, and the keys of the blacklist

const overhead = 800;


// Characters of a signature: those of 9 bytes. A text this short is a string of its own, where a longer one would refer to what it was cut from

const tailLength = 12;


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
 * its memory, a heap snapshot or a core dump has the tokens of the moment either way. They are kept as most requests bring them, so that these
 * can be compared as they are.
 *
 * Of a token that is seen now and then all is out of the processor's caches by then, and to fetch it is most of what it costs: so there is
 * little of it, and as long as there is room for twice as many, it is not written down which was used last.
 */
export class VerifiedTokens {

    readonly #entries: LRUCache<string, AccessToken>;
    #isRoomy = true;

    constructor({ max, maxBytes }: VerifiedSettings) {

        this.#entries = new LRUCache({ max, maxSize: maxBytes });
    }

    get(token: string): AccessToken | undefined {

        const access = this.#find(token);
        return access && isBearer(access.authorization!, token) ? access : undefined;
    }

    /** By the whole of an Authorization header. */
    recognize(header: string): AccessToken | undefined {

        const access = this.#find(header);
        return access?.authorization === header ? access : undefined;
    }

    /** `header` is what may have brought it. */
    set(token: string, access: AccessToken, header?: string): void {

        access.authorization = header !== undefined && isBearer(header, token) ? header : flat(`${prefix}${token}`);
        this.#entries.set(token.slice(-tailLength), access, { size: token.length + claimsSize(token) + overhead });

        const { size, max, calculatedSize, maxSize } = this.#entries;
        this.#isRoomy = 2 * size <= max && 2 * calculatedSize <= maxSize;
    }

    delete(token: string): void {

        this.#entries.delete(token.slice(-tailLength));
    }

    #find(text: string): AccessToken | undefined {

        const tail = text.slice(-tailLength);
        return this.#isRoomy ? this.#entries.peek(tail) : this.#entries.get(tail);
    }
}


// RFC 6750 §2.1

const prefix = 'Bearer ';


// Whether it is the prefix and the token, without a text that is made of them

const isBearer = function (header: string, token: string): boolean {

    return header.length === prefix.length + token.length && header.startsWith(prefix) && header.endsWith(token);
};


// A text that was put together, or cut out, refers to those it is made of, and keeps them

const flat = function (text: string): string {

    return Buffer.from(text, 'latin1').toString('latin1');
};


// RFC 4648 §5: four characters hold three bytes

const claimsSize = function (token: string): number {

    return Math.ceil((token.lastIndexOf('.') - token.indexOf('.')) * 0.75);
};
