import { LRUCache } from 'lru-cache';

import { Confirmation } from './confirmation';
import { patience } from './lease';
import { pause } from './waits';
import { forever } from '../store/contract';

import type { Blacklist, BlacklistStatus } from './blacklist';
import type { Clock } from './clock';
import type { BlacklistStore, RegisteredTerms, Revocation } from '../store/contract';


export interface AskedOptions {

    /** How many revocations are cached at most. */
    max: number;
    clock: Clock;

    /** Is called with the revocations of this process. Those of other processes are not announced here. */
    arrived: (revocations: Revocation[]) => void;
}


/** The blacklist without a lease: each check asks the store. Only a revocation is final, and cached. */
export class AskedBlacklist implements Blacklist {

    readonly #store: BlacklistStore;
    readonly #options: AskedOptions;
    readonly #revoked: LRUCache<string, number>;
    readonly #confirmation: Confirmation;
    #unregistered: RegisteredTerms[] = [];
    #edition = 0;
    #hits = 0;
    #misses = 0;

    constructor(store: BlacklistStore, options: AskedOptions) {

        this.#store = store;
        this.#options = options;
        this.#revoked = new LRUCache({ max: options.max });
        this.#confirmation = new Confirmation(() => this.#edition, () => this.#write([]));
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

        await this.#write(revocations, () => this.#options.arrived(revocations));
    }

    confirm(): Promise<void> {

        return this.#confirmation.confirm();
    }

    register(terms: RegisteredTerms): void {

        this.#unregistered.push(terms);
    }

    async start(): Promise<void> {

        await this.#register();
    }

    async stop(): Promise<void> {}

    status(): BlacklistStatus {

        const { size, max } = this.#revoked;
        return { cache: { size, max, isComplete: false, hits: this.#hits, misses: this.#misses } };
    }

    async #write(revocations: Revocation[], written?: () => void): Promise<void> {

        await this.#register();
        const peers = await this.#store.revoke(revocations);
        this.#learn(revocations.map(({ key }) => key), revocations.map(({ cutoff }) => cutoff));
        written?.();

        // Processes with a lease send their acknowledgements to subscribers, and this process is none: it waits until their leases have ended

        if (peers.length > 0) {
            await pause(this.#options.clock, Math.max(...peers.map(({ lease }) => patience(lease))));
        }
    }

    async #register(): Promise<void> {

        const terms = [...this.#unregistered];
        if (terms.length > 0) {
            await this.#store.register(terms);
            this.#unregistered = this.#unregistered.filter((each) => !terms.includes(each));
        }
    }

    #learn(keys: string[], cutoffs: (number | null)[]): number {

        let latest = 0;
        keys.forEach((key, i) => {

            const known = this.#revoked.get(key) ?? 0;
            const cutoff = Math.max(cutoffs[i] ?? 0, known);
            latest = Math.max(latest, cutoff);
            if (cutoff > known) {
                ++this.#edition;
                this.#revoked.set(key, cutoff);
            }
        });

        return latest;
    }
}
