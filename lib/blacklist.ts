import { LRUCache } from 'lru-cache';

import { forever } from './store/contract';

import type { BlacklistStore, Revocation } from './store/contract';


/**
 * What is revoked: the store, with an LRU cache of revocations in front.
 *
 * Every key (of a token, a session, a subject, everyone) has a cut-off that only grows; a token is dead when it was issued at or before any
 * of its cut-offs. So a cached revocation is an answer for good, and anything else has to be asked.
 */
export class Blacklist {

    readonly #store: BlacklistStore;
    readonly #cache: LRUCache<string, number>;

    constructor(store: BlacklistStore, { max }: { max: number }) {

        this.#store = store;
        this.#cache = new LRUCache({ max });
    }

    /**
     * The latest cut-off (ms) of any of the keys: what was issued at or before it is dead. 0 where there is none.
     *
     * @throws `Outage` when the store cannot be asked.
     */
    async cutoff(keys: string[]): Promise<number> {

        if (keys.some((key) => this.#cache.get(key) === forever)) {
            return forever;
        }

        const cutoffs = await this.#store.cutoffs(keys);
        return Math.max(...cutoffs.map((cutoff, i) => this.#learn(keys[i]!, cutoff)));
    }

    /** Resolves when the revocations hold in every process. @throws `Outage` when that is not certain: repeat it. */
    async revoke(revocations: Revocation[]): Promise<void> {

        await this.#store.revoke(revocations);
        for (const { key, cutoff } of revocations) {
            this.#learn(key, cutoff);
        }
    }

    /** Lets a revocation go earlier: what could have outlived it is gone. */
    shorten(revocation: Revocation): Promise<void> {

        return this.#store.shorten(revocation);
    }

    // Cut-offs only grow: whichever of two answers comes later, the greater one stays

    #learn(key: string, cutoff: number | null): number {

        const latest = Math.max(cutoff ?? 0, this.#cache.get(key) ?? 0);
        if (latest > 0) {
            this.#cache.set(key, latest);
        }

        return latest;
    }
}
