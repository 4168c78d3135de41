import type { Link, Revocation } from '../store/blacklist-contract';


interface Lookup {
    answer: Promise<number>;
    learn: (cutoff: number) => void;
    resolve: (cutoff: number) => void;
    reject: (error: Error) => void;

    /** What news said while the lookup was on its way. */
    news: number;
}


/**
 * Lookups in the store: one per key, however many requests need it, and all of one turn in one command.
 *
 * A lookup that is on its way is marked by news of its key: news and answers are read by different code, so that the order in which they
 * came is no protection, and the cache may have dropped what the news said.
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
