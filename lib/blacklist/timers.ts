import type { Clock } from './clock';


/** Resolves after a time (ms). */
export const pause = function (clock: Clock, delay: number): Promise<void> {

    return new Promise((resolve) => {

        clock.after(delay, resolve);
    });
};


/** What a promise resolves with. @throws `reason()` where that takes longer than `timeout` (ms). */
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


/** The next of something (a connection on which this process has joined), for those who need one. */
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

    /** There will be none. */
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


/** The pauses between attempts to connect: short at first, then longer, at most `most` (ms). A half of each is left to chance, so that not all come at once. */
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
