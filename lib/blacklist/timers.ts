import type { Clock } from './clock';


export const pause = function (clock: Clock, delay: number): Promise<void> {

    return new Promise((resolve) => {

        clock.after(delay, resolve);
    });
};


/** The result of a promise. @throws `reason()` after `timeout` (ms). */
export function within<T>(promise: Promise<T>, timeout: number, clock: Clock, reason: () => Error): Promise<T> {

    return new Promise((resolve, reject) => {

        const cancel = clock.after(timeout, () => reject(reason()));
        promise.finally(cancel).then(resolve, reject);
    });
}


interface Waiter<T> {
    resolve: (value: T) => void;
    reject: (error: Error) => void;
    cancel: () => void;
}


/** Lets callers wait for the next value, such as a connection on which this process has joined. */
export class Next<T> {

    readonly #clock: Clock;
    readonly #waiters = new Set<Waiter<T>>();

    constructor(clock: Clock) {

        this.#clock = clock;
    }

    /** Resolves with the next one. @throws `reason()` after `timeout` (ms). */
    wait(timeout: number, reason: () => Error): Promise<T> {

        return new Promise((resolve, reject) => {

            const cancel = this.#clock.after(timeout, () => {

                this.#waiters.delete(waiter);
                reject(reason());
            });

            const waiter = { resolve, reject, cancel };
            this.#waiters.add(waiter);
        });
    }

    resolve(value: T): void {

        this.#take().forEach((waiter) => waiter.resolve(value));
    }

    reject(error: Error): void {

        this.#take().forEach((waiter) => waiter.reject(error));
    }

    #take(): Waiter<T>[] {

        const waiters = Array.from(this.#waiters);
        this.#waiters.clear();
        waiters.forEach(({ cancel }) => cancel());
        return waiters;
    }
}


const shortest = 50;

const longest = 500;


/** Pauses between attempts to connect: longer each time, up to `most` (ms), half of each random, so that processes do not come at once. */
export class Backoff {

    readonly #clock: Clock;
    readonly #most: number;
    #failures = 0;
    #wake: () => void = () => undefined;

    constructor(clock: Clock, most: number) {

        this.#clock = clock;
        this.#most = Math.min(longest, most);
    }

    reset(): void {

        this.#failures = 0;
    }

    pause(): Promise<void> {

        const most = Math.min(shortest * 2 ** this.#failures++, this.#most);
        const delay = most * (1 + Math.random()) / 2;
        return new Promise((resolve) => {

            const cancel = this.#clock.after(delay, resolve);
            this.#wake = () => {

                cancel();
                resolve();
            };
        });
    }

    wake(): void {

        this.#wake();
    }
}
