import type { Link, Revocation } from '../store/contract';


interface Question {
    answer: Promise<number>;
    learn: (cutoff: number) => void;
    resolve: (cutoff: number) => void;
    reject: (error: Error) => void;

    /** What news said while the question was on its way. */
    news: number;
}


/**
 * Questions to the store, one per key however many ask, all of one turn in one command.
 *
 * A question that is on its way is marked by news of its key: news and answers are read by different code, so that the order in which they
 * came is no protection, and the cache may have dropped what the news said.
 */
export class Questions {

    readonly #asked = new Map<string, Question>();
    #batch: string[] = [];

    /** @throws what the link throws; `learn` is given each answer. */
    ask(key: string, link: Link, learn: (cutoff: number) => void): Promise<number> {

        const asked = this.#asked.get(key);
        if (asked) {
            return asked.answer;
        }

        const question = { news: 0, learn } as Question;
        question.answer = new Promise((resolve, reject) => Object.assign(question, { resolve, reject }));
        this.#asked.set(key, question);

        if (this.#batch.length === 0) {
            queueMicrotask(() => void this.#send(link));
        }

        this.#batch.push(key);
        return question.answer;
    }

    mark({ key, cutoff }: Revocation): void {

        const question = this.#asked.get(key);
        if (question) {
            question.news = Math.max(question.news, cutoff);
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

    #take(key: string): Question {

        const question = this.#asked.get(key)!;
        this.#asked.delete(key);
        return question;
    }
}
