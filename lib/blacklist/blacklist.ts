import { LRUCache } from 'lru-cache';

import { patience } from './lease';
import { forever } from '../store/contract';

import type { Clock } from './clock';
import type { BlacklistStore, Revocation } from '../store/contract';
import type { Status } from '../types';


/** What was found of some keys: in which edition of the blacklist they were clean. */
export interface Memo {
    clean?: number;
}


/** What is revoked. A token is dead when it was issued at or before any cut-off of its keys. Cut-offs only grow. */
export interface Blacklist {

    /**
     * The latest cut-off (ms) of any of the keys; 0 where there is none. Answered at once where memory may be trusted. With a `memo` of the
     * same keys they are not even looked up while nothing has been revoked.
     *
     * @throws `Outage` when it cannot be told.
     */
    cutoff(keys: string[], memo?: Memo): number | Promise<number>;

    /** The latest cut-off that memory knows, trusted or not: for those who choose to serve during an outage. */
    known(keys: string[]): number;

    /** Resolves when the revocations hold in every process. @throws `Outage` when that is not certain: repeat it. */
    revoke(revocations: Revocation[]): Promise<void>;

    /** How long (ms) any revocation is needed at most, by one of those who write them: what a store had lost is kept for so long. */
    bound(ttl: number): void;

    start(): Promise<void>;
    stop(): Promise<void>;
    status(): BlacklistStatus;
}


/** The one rule of the package: dead is what was issued (ms) at or before the cut-off (ms); 0 is no cut-off. */
export const isRevoked = function (stamp: number, cutoff: number): boolean {

    return cutoff > 0 && stamp <= cutoff;
};


/** What a blacklist tells of itself. */
export type BlacklistStatus = Pick<Status, 'lease' | 'cache'>;


/** The blacklist without a lease: each check asks the store. A revocation is an answer for good, and kept. */
export class AskedBlacklist implements Blacklist {

    readonly #store: BlacklistStore;
    readonly #clock: Clock;
    readonly #revoked: LRUCache<string, number>;
    readonly #arrived: (revocations: Revocation[]) => void;
    #hits = 0;
    #misses = 0;

    /** `arrived` is told of the revocations of this process: nobody tells of the others'. */
    constructor(store: BlacklistStore, { max, clock, arrived }: { max: number; clock: Clock; arrived: (revocations: Revocation[]) => void }) {

        this.#store = store;
        this.#clock = clock;
        this.#arrived = arrived;
        this.#revoked = new LRUCache({ max });
    }

    cutoff(keys: string[]): number | Promise<number> {

        const known = this.known(keys);
        if (known === forever) {
            ++this.#hits;
            return known;
        }

        ++this.#misses;
        const answer = this.#store.cutoffs(keys);
        return answer instanceof Promise ? answer.then((cutoffs) => this.#learn(keys, cutoffs)) : this.#learn(keys, answer);
    }

    known(keys: string[]): number {

        return Math.max(...keys.map((key) => this.#revoked.get(key) ?? 0));
    }

    async revoke(revocations: Revocation[]): Promise<void> {

        const peers = await this.#store.revoke(revocations);
        this.#learn(revocations.map(({ key }) => key), revocations.map(({ cutoff }) => cutoff));
        this.#arrived(revocations);

        // Processes that hold a lease tell their acknowledgements to those who listen, which here is nobody

        if (peers.length > 0) {
            await new Promise<void>((resolve) => this.#clock.after(Math.max(...peers.map(({ lease }) => patience(lease))), resolve));
        }
    }

    // What the store has lost is lost here

    bound(): void {}

    async start(): Promise<void> {}

    async stop(): Promise<void> {}

    status(): BlacklistStatus {

        const { size, max } = this.#revoked;
        return { cache: { size, max, isComplete: false, hits: this.#hits, misses: this.#misses } };
    }

    #learn(keys: string[], cutoffs: (number | null)[]): number {

        let latest = 0;
        keys.forEach((key, i) => {

            const cutoff = Math.max(cutoffs[i] ?? 0, this.#revoked.get(key) ?? 0);
            latest = Math.max(latest, cutoff);
            if (cutoff > 0) {
                this.#revoked.set(key, cutoff);
            }
        });

        return latest;
    }
}
