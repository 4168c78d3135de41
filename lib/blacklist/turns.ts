/** Work, one turn at a time. Calls during a turn share the next one: for each call, the work starts after it, and many calls need few turns. */
export class Turns<T> {

    readonly #work: () => Promise<T>;
    #current: Promise<T> | null = null;
    #next: Promise<T> | null = null;

    constructor(work: () => Promise<T>) {

        this.#work = work;
    }

    /** Settles with a turn that starts from now on. */
    run(): Promise<T> {

        this.#next ??= this.#begin();
        return this.#next;
    }

    /** Resolves when the turn that is under way has ended, if there is one. */
    async idle(): Promise<void> {

        await this.#current?.catch(() => undefined);
    }

    // Calls of one tick (from one batch of news, for example) share a turn

    async #begin(): Promise<T> {

        await (this.#current ?? Promise.resolve()).catch(() => undefined);
        this.#current = this.#next;
        this.#next = null;
        try {
            return await this.#work();
        }
        finally {
            this.#current = null;
        }
    }
}


/** Turns that are needed once per edition: done if work that started after the edition has succeeded. */
export class EditionTurns {

    readonly #edition: () => number;
    readonly #turns: Turns<void>;
    #done = 0;

    constructor(edition: () => number, work: () => Promise<void>) {

        this.#edition = edition;
        this.#turns = new Turns(async () => {

            const begun = edition();
            if (begun > this.#done) {
                await work();
                this.#done = begun;
            }
        });
    }

    /** Resolves when the work is done for this edition. @throws what the work throws. */
    async run(): Promise<void> {

        if (this.#edition() > this.#done) {
            await this.#turns.run();
        }
    }
}
