import type { Revocation } from '../store/contract';


// Revocations in one command, far below the 32 MB that a subscriber may lag behind

const batchSize = 500;


/** What is written back to a store that has lost it: what this process knows, except what is found there. */
export class WriteBack {

    readonly #lost: Map<string, Revocation>;
    readonly #least: number;

    /**
     * `least` is how long (ms) it is stored at least. The store has lost more than what is missing from the blacklist: a session whose row was
     * removed is there again, and its revocation may have been shortened since to what its access tokens needed.
     */
    constructor(known: Revocation[], least: number) {

        this.#lost = new Map(known.map((revocation) => [revocation.key, revocation]));
        this.#least = least;
    }

    found({ key, cutoff }: Revocation): void {

        if (cutoff >= (this.#lost.get(key)?.cutoff ?? 0)) {
            this.#lost.delete(key);
        }
    }

    *batches(): Generator<Revocation[]> {

        const revocations = Array.from(this.#lost.values(), ({ ttl, ...revocation }) => ({ ...revocation, ttl: Math.max(ttl, this.#least) }));
        for (let i = 0; i < revocations.length; i += batchSize) {
            yield revocations.slice(i, i + batchSize);
        }
    }
}
