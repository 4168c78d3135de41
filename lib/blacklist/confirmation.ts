interface Running {
    edition: number;
    work: Promise<void>;
}


/**
 * Waits until what this process knows to be revoked holds in every process. One wait at a time, however many callers need one: a caller joins
 * the wait that began after everything that it knows was known, or the one after that.
 *
 * `edition` changes with everything that this process learns; `wait` resolves when what was known as it began holds everywhere.
 */
export class Confirmation {

    readonly #edition: () => number;
    readonly #wait: () => Promise<void>;
    #confirmed = 0;
    #running: Running | null = null;
    #next: Promise<void> | null = null;

    constructor(edition: () => number, wait: () => Promise<void>) {

        this.#edition = edition;
        this.#wait = wait;
    }

    /** @throws what `wait` throws. */
    confirm(): Promise<void> {

        const edition = this.#edition();
        if (edition <= this.#confirmed) {
            return Promise.resolve();
        }

        if (!this.#running) {
            return this.#run(edition);
        }

        if (edition <= this.#running.edition) {
            return this.#running.work;
        }

        this.#next ??= this.#running.work.catch(() => undefined).then(() => {

            this.#next = null;
            return this.confirm();
        });

        return this.#next;
    }

    #run(edition: number): Promise<void> {

        const work = this.#wait().then(() => {

            this.#confirmed = edition;
        }).finally(() => {

            this.#running = null;
        });

        this.#running = { edition, work };
        return work;
    }
}
