import type { Clock } from './clock';
import type { Link } from '../store/contract';


interface Arrival {
    resolve: (link: Link) => void;
    reject: (error: Error) => void;
}


/** Those who wait for a connection. */
export class Arrivals {

    readonly #clock: Clock;
    readonly #waiting = new Set<Arrival>();

    constructor(clock: Clock) {

        this.#clock = clock;
    }

    /** Resolves with the next connection. @throws `reason()` after `timeout` (ms). */
    wait(timeout: number, reason: () => Error): Promise<Link> {

        return new Promise((resolve, reject) => {

            const arrival = { resolve, reject };
            this.#waiting.add(arrival);
            this.#clock.after(timeout, () => {

                this.#waiting.delete(arrival);
                reject(reason());
            });
        });
    }

    arrive(link: Link): void {

        this.#waiting.forEach(({ resolve }) => resolve(link));
        this.#waiting.clear();
    }

    /** There will be no connection. */
    fail(error: Error): void {

        this.#waiting.forEach(({ reject }) => reject(error));
        this.#waiting.clear();
    }
}
