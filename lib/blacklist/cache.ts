import { LRUCache } from 'lru-cache';

import type { Clock } from './clock';
import type { Revocation } from '../store/blacklist-contract';


interface Entry {

    /** 0 for a key that has none. */
    cutoff: number;

    /** Moment (monotonic, ms) past which the revocation is not needed any more. Infinity where that is not known. */
    until: number;

    /** When the store said so; 0 where it did not say that this is the latest. An older generation proves that there is a cut-off, not that it is the latest. */
    generation: number;
}


/**
 * What this process knows of the blacklist, in an LRU cache.
 *
 * While all of it fits the cache is *complete*: a key that is absent is clean. Past `max` it is *partial*: a key that is absent has to be looked
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

    /** What is clean in one edition under a lease is clean under every lease for as long as this is the edition. */
    get edition(): number {

        return this.#edition;
    }

    get isComplete(): boolean {

        return this.#isComplete;
    }

    /** Whether something had to be dropped since `empty()`. */
    get hasEvicted(): boolean {

        return this.#hasEvicted;
    }

    /** After a gap in the news: what was clean may not be any more, what was revoked still is. */
    begin(): void {

        ++this.#generation;
        ++this.#edition;
        this.empty();
    }

    /** Makes room for the whole of the blacklist, which is about to be read. */
    empty(): void {

        this.#isComplete = false;
        this.#hasEvicted = false;
        this.prune();
        for (const [key, { cutoff }] of this.#entries.entries()) {
            if (cutoff === 0) {
                this.#entries.delete(key);
            }
        }
    }

    /** The whole of the blacklist has been read since `empty()`. Returns whether all of it is cached. */
    complete(): boolean {

        this.#isComplete = !this.#hasEvicted;
        return this.#isComplete;
    }

    /** The latest cut-off (ms) of a key that is known; 0 where none is. */
    cutoff(key: string): number {

        return this.#entries.get(key)?.cutoff ?? 0;
    }

    /** Whether the cache says the same as the store would. */
    areCurrent(keys: string[]): boolean {

        return this.#isComplete || keys.every((key) => this.#entries.get(key)?.generation === this.#generation);
    }

    /** What the store answered about a key: how long that counts it did not say. */
    learn(key: string, cutoff: number): void {

        this.#put(key, cutoff, Infinity, this.#generation);
    }

    /**
     * What news said, or a page of the whole. Returns what was not known before.
     *
     * News that came since a page was sent are taken in before it. Where they had to be dropped again, what the page says may not be the latest.
     */
    take(revocations: Revocation[], isPage = false): Revocation[] {

        const now = this.#clock.now();
        return revocations.filter(({ key, cutoff, ttl }) => {

            return this.#put(key, cutoff, now + ttl, isPage && this.#hasEvicted ? 0 : this.#generation);
        });
    }

    /** Drops a revocation after `ttl` (ms) already, unless a later cut-off has come. */
    shorten({ key, cutoff, ttl }: Revocation): void {

        const held = this.#entries.peek(key);
        if (held?.cutoff === cutoff) {
            held.until = Math.min(held.until, this.#clock.now() + ttl);
        }
    }

    /** Drops revocations that are not needed any more. */
    prune(): void {

        const now = this.#clock.now();
        for (const [key, { until }] of this.#entries.entries()) {
            if (until <= now) {
                this.#entries.delete(key);
            }
        }
    }

    /** What could be written back to a store that has lost it. */
    revocations(): Revocation[] {

        const now = this.#clock.now();
        const found: Revocation[] = [];
        for (const [key, { cutoff, until }] of this.#entries.entries()) {
            if (cutoff > 0 && until > now && until !== Infinity) {
                found.push({ key, cutoff, ttl: until - now });
            }
        }

        return found;
    }

    // Cut-offs only grow: whichever comes later, the greater one stays. Returns whether it has grown

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
