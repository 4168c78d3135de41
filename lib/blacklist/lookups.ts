import type { Link, Revocation } from '../store/blacklist-contract';


interface Lookup {
    answer: Promise<number>;
    learn: (cutoff: number) => void;
    resolve: (cutoff: number) => void;
    reject: (error: Error) => void;

    /** News of the key since the lookup was sent. */
    news: number;
}


/**
 * Lookups in the store: one per key for all requests, and all of one turn in one command. News of a key mark its lookup: they may be applied before an older reply, and the
 * cache may have dropped them.
 */
export class Lookups {

    readonly #asked = new Map<string, Lookup>();
    #batch: string[] = [];

    /** @throws what the link throws; `learn` is called with the result. */
    ask(key: string, link: Link, learn: (cutoff: number) => void): Promise<number> {

        const asked = this.#asked.get(key);
        if (asked) {
            return asked.answer;
        }

        const lookup = { news: 0, learn } as Lookup;
        lookup.answer = new Promise((resolve, reject) => Object.assign(lookup, { resolve, reject }));
        this.#asked.set(key, lookup);

        if (this.#batch.length === 0) {
            queueMicrotask(() => void this.#send(link));
        }

        this.#batch.push(key);
        return lookup.answer;
    }

    mark({ key, cutoff }: Revocation): void {

        const lookup = this.#asked.get(key);
        if (lookup) {
            lookup.news = Math.max(lookup.news, cutoff);
        }
    }

    async #send(link: Link): Promise<void> {

        const keys = this.#batch;
        this.#batch = [];

        try {
            const cutoffs = await link.cutoffs(keys);
            keys.forEach((key, i) => {

                const { news, learn, resolve } = this.#take(key);
                const cutoff = Math.max(cutoffs[i] ?? 0, news);
                learn(cutoff);
                resolve(cutoff);
            });
        }
        catch (error) {
            keys.forEach((key) => this.#take(key).reject(error as Error));
        }
    }

    #take(key: string): Lookup {

        const lookup = this.#asked.get(key)!;
        this.#asked.delete(key);
        return lookup;
    }
}
