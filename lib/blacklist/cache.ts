import { LRUCache } from 'lru-cache';

import type { Clock } from './clock';
import type { Revocation } from '../store/blacklist-contract';


interface Entry {

    cutoff: number;

    /** Until when (monotonic, ms) the revocation is needed. Infinity if unknown. */
    until: number;

    /** In which generation the store said that this is the latest cut-off; 0 if it did not. In a later generation there may be a later one. */
    generation: number;
}


/**
 * The blacklist in memory, in an LRU cache. While all of it fits, the cache is *complete*: a missing key is clean. Beyond `max` it is *partial*: a missing key is looked
 * up, and the result is cached, clean or not.
 */
export class RevocationCache {

    readonly max: number;
    readonly #entries: LRUCache<string, Entry>;
    readonly #clock: Clock;
    #generation = 0;
    #edition = 0;
    #isComplete = false;
    #hasEvicted = false;

    constructor(max: number, clock: Clock) {

        this.max = max;
        this.#entries = new LRUCache({ max });
        this.#clock = clock;
    }

    get size(): number {

        return this.#entries.size;
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

    /** After a gap in the news: what was revoked still is, what was clean may not be. */
    begin(): void {

        ++this.#generation;
        ++this.#edition;
        this.empty();
    }

    /** Makes room before the whole blacklist is read. */
    empty(): void {

        this.#isComplete = false;
        this.#hasEvicted = false;
        this.#drop(({ cutoff, until }, now) => cutoff === 0 || until <= now);
    }

    /** After the whole blacklist was read. Returns whether all of it is cached. */
    complete(): boolean {

        this.#isComplete = !this.#hasEvicted;
        return this.#isComplete;
    }

    /** The latest known cut-off (ms) of a key; 0 for none. */
    cutoff(key: string): number {

        return this.#entries.get(key)?.cutoff ?? 0;
    }

    /** Whether the cache equals the store for these keys. */
    areCurrent(keys: string[]): boolean {

        return this.#isComplete || keys.every((key) => this.#entries.get(key)?.generation === this.#generation);
    }

    /** Adds the store's reply about a key, which has no lifetime. */
    learn(key: string, cutoff: number): void {

        this.#put(key, cutoff, Infinity, this.#generation);
    }

    /** Adds news, or a page of the whole blacklist. Returns what is new. If newer news were dropped before the page came, its cut-off may not be the latest. */
    take(revocations: Revocation[], isPage = false): Revocation[] {

        const now = this.#clock.now();
        return revocations.filter(({ key, cutoff, ttl }) => {

            return this.#put(key, cutoff, now + ttl, isPage && this.#hasEvicted ? 0 : this.#generation);
        });
    }

    /** Shortens a revocation to `ttl` (ms), unless there is a later cut-off. */
    shorten({ key, cutoff, ttl }: Revocation): void {

        const held = this.#entries.peek(key);
        if (held?.cutoff === cutoff) {
            held.until = Math.min(held.until, this.#clock.now() + ttl);
        }
    }

    prune(): void {

        this.#drop(({ until }, now) => until <= now);
    }

    /** The revocations to write back to a store that has lost its data, by key. */
    revocations(): Map<string, Revocation> {

        const now = this.#clock.now();
        const found = new Map<string, Revocation>();
        for (const [key, { cutoff, until }] of this.#entries.entries()) {
            if (cutoff > 0 && until > now && until !== Infinity) {
                found.set(key, { key, cutoff, ttl: until - now });
            }
        }

        return found;
    }

    #drop(isNeedless: (entry: Entry, now: number) => boolean): void {

        const now = this.#clock.now();
        for (const [key, entry] of this.#entries.entries()) {
            if (isNeedless(entry, now)) {
                this.#entries.delete(key);
            }
        }
    }

    // The greatest cut-off wins, in whatever order they come. Returns whether it has grown

    #put(key: string, cutoff: number, until: number, generation: number): boolean {

        if (cutoff > 0) {
            ++this.#edition;
        }

        const held = this.#entries.get(key);
        if (!held) {
            if (this.#entries.size === this.max) {
                this.#isComplete = false;
                this.#hasEvicted = true;
            }

            this.#entries.set(key, { cutoff, until, generation });
            return cutoff > 0;
        }

        const isNews = cutoff > held.cutoff;
        held.until = held.cutoff === 0 || held.until === Infinity ? until : Math.max(held.until, until === Infinity ? 0 : until);
        held.cutoff = Math.max(held.cutoff, cutoff);
        held.generation = Math.max(held.generation, generation);
        return isNews;
    }
}
