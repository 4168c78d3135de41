/**
 * Lets the log know soon what this member has applied, and no more often than it has to: what came in one piece in one, and nothing that the log knows
 * already, by a confirmation or by a write of this member.
 */
export class Acknowledgements {

    readonly #applied: () => number;
    readonly #send: (position: number) => void;
    #known = 0;
    #isDue = false;

    /** `applied` returns the position that the log should know; `send` is called where it does not. */
    constructor(applied: () => number, send: (position: number) => void) {

        this.#applied = applied;
        this.#send = send;
    }

    /** The log knows that everything up to a position was applied. */
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
