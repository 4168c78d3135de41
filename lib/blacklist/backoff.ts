import type { Clock } from './clock';


const shortest = 50;

const longest = 500;


/** The pauses between attempts to connect: at first short, then longer, never longer than `most` (ms) allows. */
export class Backoff {

    readonly #clock: Clock;
    readonly #most: number;
    #failures = 0;
    #wake: () => void = () => undefined;

    constructor(clock: Clock, most: number) {

        this.#clock = clock;
        this.#most = Math.min(longest, most);
    }

    /** An attempt was good. */
    reset(): void {

        this.#failures = 0;
    }

    pause(): Promise<void> {

        const delay = Math.min(shortest * 2 ** this.#failures++, this.#most);
        return new Promise((resolve) => {

            this.#wake = resolve;
            this.#clock.after(delay, resolve);
        });
    }

    /** Ends the pause. */
    wake(): void {

        this.#wake();
    }
}
