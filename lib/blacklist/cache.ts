import { LRUCache } from 'lru-cache';

import { collect, cutoffAt, firstOf, indexIn, rowOf, untilAt, width } from './bucket';

import type { Bucket } from './bucket';
import type { Clock } from './clock';
import type { Revocation } from '../store/blacklist-contract';


// How many revocations are in a bucket of a full cache, at most

const depth = 32;


/**
 * The blacklist in memory, in an LRU cache of buckets. While all of it fits, the cache is *complete*: a missing key is clean. Beyond `max` revocations it is *partial*: the
 * bucket that was used least recently is dropped. A missing key is looked up then, and the result is cached, clean or not.
 */
export class RevocationCache {

    readonly max: number;
    readonly #buckets: LRUCache<number, Bucket>;
    readonly #clock: Clock;
    #size = 0;
    #generation = 0;
    #edition = 0;
    #isComplete = false;
    #hasEvicted = false;

    constructor(max: number, clock: Clock) {

        this.max = max;
        this.#buckets = new LRUCache({ max: Math.max(1024, 2 ** Math.ceil(Math.log2(max / depth))) });
        this.#clock = clock;
    }

    get size(): number {

        return this.#size;
    }

    get generation(): number {

        return this.#generation;
    }

    /** What is clean in an edition under a lease stays clean until the edition changes. */
    get edition(): number {

        return this.#edition;
    }

    get isComplete(): boolean {

        return this.#isComplete;
    }

    /** Whether an entry was dropped since `empty()`. */
    get hasEvicted(): boolean {

        return this.#hasEvicted;
    }

    /** After a gap in the news: what was revoked still is, perhaps with a later cut-off, and what was clean may not be. */
    begin(): void {

        ++this.#generation;
        ++this.#edition;
        this.empty();
        for (const bucket of this.#buckets.values()) {
            for (let i = 0; i < bucket.length; i += width) {
                bucket[i + cutoffAt] = -Math.abs(bucket[i + cutoffAt]!);
            }
        }
    }

    /** Makes room before the whole blacklist is read. */
    empty(): void {

        this.#isComplete = false;
        this.#hasEvicted = false;
        this.#drop((cutoff, until, now) => cutoff === 0 || until <= now);
    }

    /** After the whole blacklist was read. Returns whether all of it is cached. */
    complete(): boolean {

        this.#isComplete = !this.#hasEvicted;
        return this.#isComplete;
    }

    /** The latest known cut-off (ms) of a key; 0 for none. */
    cutoff(key: string): number {

        return Math.abs(this.#held(key) ?? 0);
    }

    /** Whether the cache equals the store for these keys. */
    areCurrent(keys: string[]): boolean {

        return this.#isComplete || keys.every((key) => (this.#held(key) ?? -1) >= 0);
    }

    /** Adds the store's reply about a key, which has no lifetime. Returns whether it is new. */
    learn(key: string, cutoff: number): boolean {

        return this.#put(key, cutoff, Infinity, true);
    }

    /** Adds news, or a page of the whole blacklist. Returns what is new. If newer news were dropped before the page came, its cut-off may not be the latest. */
    take(revocations: Revocation[], isPage = false): Revocation[] {

        const now = this.#clock.now();
        return revocations.filter(({ key, cutoff, ttl }) => this.#put(key, cutoff, now + ttl, !(isPage && this.#hasEvicted)));
    }

    /** Shortens a revocation to `ttl` (ms), unless there is a later cut-off. */
    shorten({ key, cutoff, ttl }: Revocation): void {

        const first = firstOf(key);
        const bucket = this.#bucket(first);
        const at = indexIn(bucket, first, key);
        if (at !== -1 && Math.abs(bucket[at + cutoffAt]!) === cutoff) {
            bucket[at + untilAt] = Math.min(bucket[at + untilAt]!, this.#clock.now() + ttl);
        }
    }

    prune(): void {

        this.#drop((_, until, now) => until <= now);
    }

    /** The revocations to write back to a store that has lost its data, by key. */
    revocations(): Map<string, Revocation> {

        const now = this.#clock.now();
        const found = new Map<string, Revocation>();
        for (const bucket of this.#buckets.values()) {
            collect(bucket, now, found);
        }

        return found;
    }

    #numberOf(first: number): number {

        return Math.floor(first / 2 ** 48 * this.#buckets.max);
    }

    /** The bucket of the names that begin with the same number. */
    #bucket(first: number): Bucket {

        return this.#buckets.get(this.#numberOf(first)) ?? none;
    }

    /** The cut-off as it is stored. Undefined for an unknown key. */
    #held(key: string): number | undefined {

        const first = firstOf(key);
        const bucket = this.#bucket(first);
        const at = indexIn(bucket, first, key);
        return at === -1 ? undefined : bucket[at + cutoffAt];
    }

    #drop(isNeedless: (cutoff: number, until: number, now: number) => boolean): void {

        const now = this.#clock.now();
        for (const [number, bucket] of this.#buckets.entries()) {
            let kept = 0;
            for (let i = 0; i < bucket.length; i += width) {
                if (isNeedless(bucket[i + cutoffAt]!, bucket[i + untilAt]!, now)) {
                    continue;
                }

                if (kept < i) {
                    bucket.copyWithin(kept, i, i + width);
                }

                kept += width;
            }

            this.#size -= (bucket.length - kept) / width;
            bucket.length = kept;
            if (kept === 0) {
                this.#buckets.delete(number);
            }
        }
    }

    // The greatest cut-off wins, in whatever order they come. Returns whether it has grown

    #put(key: string, cutoff: number, until: number, isLatest: boolean): boolean {

        if (cutoff > 0) {
            ++this.#edition;
        }

        const first = firstOf(key);
        const bucket = this.#bucket(first);
        const at = indexIn(bucket, first, key);
        if (at === -1) {
            this.#add(rowOf(key, isLatest ? cutoff : -cutoff, until));
            return cutoff > 0;
        }

        const stored = bucket[at + cutoffAt]!;
        const held = Math.abs(stored);
        const heldUntil = bucket[at + untilAt]!;
        const latest = Math.max(held, cutoff);
        bucket[at + cutoffAt] = isLatest || stored >= 0 ? latest : -latest;
        bucket[at + untilAt] = held === 0 || heldUntil === Infinity ? until : Math.max(heldUntil, until === Infinity ? 0 : until);
        return cutoff > held;
    }

    #add(revocation: Bucket): void {

        if (this.#size === this.max) {
            this.#isComplete = false;
            this.#hasEvicted = true;
            this.#size -= this.#buckets.pop()!.length / width;
        }

        const number = this.#numberOf(revocation[0]!);
        const bucket = this.#buckets.get(number);
        if (bucket) {
            bucket.push(...revocation);
        }
        else {
            this.#buckets.set(number, revocation);
        }

        ++this.#size;
    }
}


const none: Bucket = [];
