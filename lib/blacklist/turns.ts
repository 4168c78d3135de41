/**
 * One at a time. Who asks while a turn is under way shares the next one, which begins after it: so however many ask, what is done has begun
 * after each of them asked, and all that is waiting is done at once.
 */
export class Turns<T> {

    readonly #work: () => Promise<T>;
    #current: Promise<T> | null = null;
    #next: Promise<T> | null = null;

    constructor(work: () => Promise<T>) {

        this.#work = work;
    }

    /** Resolves, or rejects, with a turn that begins from now on. */
    run(): Promise<T> {

        this.#next ??= this.#begin();
        return this.#next;
    }

    /** Resolves when the turn that is under way has ended, if there is one. */
    async idle(): Promise<void> {

        await this.#current?.catch(() => undefined);
    }

    // What is asked for in one go (by news that came in one piece, say) is one turn

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


/** Turns that are needed only where something is new: what an edition has was done by work that began after it, and has succeeded. */
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
