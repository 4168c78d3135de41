import type { Clock } from './clock';
import type { Link } from '../store/contract';


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


interface Waiter {
    resolve: (link: Link) => void;
    reject: (error: Error) => void;
    cancel: () => void;
}


/** The next connection, for those who need one. */
export class NextLink {

    readonly #clock: Clock;
    readonly #waiters = new Set<Waiter>();

    constructor(clock: Clock) {

        this.#clock = clock;
    }

    /** Resolves with the next connection. @throws `reason()` after `timeout` (ms). */
    wait(timeout: number, reason: () => Error): Promise<Link> {

        return new Promise((resolve, reject) => {

            const cancel = this.#clock.after(timeout, () => {

                this.#waiters.delete(waiter);
                reject(reason());
            });

            const waiter = { resolve, reject, cancel };
            this.#waiters.add(waiter);
        });
    }

    resolve(link: Link): void {

        this.#take().forEach((waiter) => waiter.resolve(link));
    }

    /** There will be no connection. */
    reject(error: Error): void {

        this.#take().forEach((waiter) => waiter.reject(error));
    }

    #take(): Waiter[] {

        const waiters = Array.from(this.#waiters);
        this.#waiters.clear();
        waiters.forEach(({ cancel }) => cancel());
        return waiters;
    }
}


const shortest = 50;

const longest = 500;


/** The pauses between attempts to connect: short at first, then longer, never longer than `most` (ms). */
export class Backoff {

    readonly #clock: Clock;
    readonly #most: number;
    #failures = 0;
    #wake: () => void = () => undefined;

    constructor(clock: Clock, most: number) {

        this.#clock = clock;
        this.#most = Math.min(longest, most);
    }

    /** An attempt succeeded. */
    reset(): void {

        this.#failures = 0;
    }

    pause(): Promise<void> {

        const delay = Math.min(shortest * 2 ** this.#failures++, this.#most);
        return new Promise((resolve) => {

            const cancel = this.#clock.after(delay, resolve);
            this.#wake = () => {

                cancel();
                resolve();
            };
        });
    }

    /** Ends the pause. */
    wake(): void {

        this.#wake();
    }
}


const steps = 4;


/**
 * Resolves when every process that knows what a server has lost has had a lease's time to come back and write it there again.
 *
 * A server that was restarted or promoted, or whose data was deleted, does not have the mark of its history. The first process that has waited
 * sets it for all. In each step the server has to respond: while it stands still, no process can come back.
 *
 * @throws `Outage` when it does not respond in time.
 */
export const waitForWriteBack = async function (link: Link, lease: number, clock: Clock): Promise<void> {

    for (let i = 0; i < steps; ++i) {
        if (await link.isSettled()) {
            return;
        }

        await pause(clock, lease / steps);
    }

    await link.settle();
};
