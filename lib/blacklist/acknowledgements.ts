/** Sends the log the position that this member has applied: once per batch of news, and not if a confirmation or a write has already sent it. */
export class Acknowledgements {

    readonly #applied: () => number;
    readonly #send: (position: number) => void;
    #known = 0;
    #isDue = false;

    /** `applied` returns the position to acknowledge; `send` sends it. */
    constructor(applied: () => number, send: (position: number) => void) {

        this.#applied = applied;
        this.#send = send;
    }

    /** The log knows the position by other means. */
    know(position: number): void {

        this.#known = Math.max(this.#known, position);
    }

    give(): void {

        const applied = this.#applied();
        if (applied > this.#known) {
            this.#send(applied);
        }
    }

    giveSoon(): void {

        if (!this.#isDue) {
            this.#isDue = true;
            queueMicrotask(() => {

                this.#isDue = false;
                this.give();
            });
        }
    }
}
