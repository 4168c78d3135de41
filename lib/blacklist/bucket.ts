import { alphabet } from '../store/blocks';

import type { Revocation } from '../store/blacklist-contract';


/**
 * Revocations whose names begin alike, five numbers each: three are the name, then its cut-off, and until when (monotonic, ms) it is needed, Infinity if that is unknown. The
 * cut-off (ms) is negative if there may be a later one: the store did not say in this generation that it is the latest.
 *
 * With an object for each revocation the cache would take three times the memory, and a process that joins would read for twice as long.
 */
export type Bucket = number[];


export const width = 5;

export const cutoffAt = 3;

export const untilAt = 4;


// A name is 22 characters of base64url, 8 to a number: 48 bits, of which the last number has 36. One in another form counts as one in this form: more is refused then, never
// less

const codes = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, alphabet.indexOf(String.fromCharCode(code))));


/** The first number of a name, 0 to 2 ** 48 - 1. */
export const firstOf = (key: string) => partOf(key, 0) * 2 ** 24 + partOf(key, 4);

const secondOf = (key: string) => partOf(key, 8) * 2 ** 24 + partOf(key, 12);

const thirdOf = (key: string) => partOf(key, 16) * 2 ** 24 + partOf(key, 20);


/** The five numbers of a revocation. */
export const rowOf = (key: string, cutoff: number, until: number): Bucket => [firstOf(key), secondOf(key), thirdOf(key), cutoff, until];


/** Where a revocation is in a bucket; -1 if it is not there. `first` is the first number of its name. */
export const indexIn = function (bucket: Bucket, first: number, key: string): number {

    for (let i = 0; i < bucket.length; i += width) {
        if (bucket[i] === first && bucket[i + 1] === secondOf(key) && bucket[i + 2] === thirdOf(key)) {
            return i;
        }
    }

    return -1;
};


/** Adds what is needed for a known time to `found`, where that does not have it, or not as late. */
export const collect = function (bucket: Bucket, now: number, found: Map<string, Revocation>): void {

    for (let i = 0; i < bucket.length; i += width) {
        const cutoff = Math.abs(bucket[i + cutoffAt]!);
        const until = bucket[i + untilAt]!;
        if (until <= now || until === Infinity) {
            continue;
        }

        const key = keyIn(bucket, i);
        if (cutoff > (found.get(key)?.cutoff ?? 0)) {
            found.set(key, { key, cutoff, ttl: until - now });
        }
    }
};


// The name of the revocation at a place

const keyIn = function (bucket: Bucket, i: number): string {

    return `${textOf(bucket[i]!)}${textOf(bucket[i + 1]!)}${textOf(bucket[i + 2]!)}`.slice(0, 22);
};


// Four characters. Bits of small integers take a fraction of the time of sums. What is behind the end of a name has no bits

const partOf = function (key: string, start: number): number {

    return codes[key.charCodeAt(start)]! << 18 | codes[key.charCodeAt(start + 1)]! << 12 | codes[key.charCodeAt(start + 2)]! << 6 | codes[key.charCodeAt(start + 3)]!;
};


const textOf = function (number: number): string {

    let text = '';
    let rest = number;
    while (text.length < 8) {
        text = alphabet[rest % 64]! + text;
        rest = Math.floor(rest / 64);
    }

    return text;
};
