import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../lib/blacklist/clock';


interface Timer {
    due: number;
    callback: () => void;
}


const start = Date.UTC(2030, 0, 1);

const systemNow = Date.now;

const systemRandom = Math.random;


/** Time that is moved by hand. */
export class FakeClock implements Clock {

    readonly #timers = new Set<Timer>();
    #now = 0;
    #wall = start;

    now(): number {

        return this.#now;
    }

    after(delay: number, callback: () => void): () => void {

        const timer = { due: this.#now + delay, callback };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
    }

    /** Makes Date.now() go with this clock, and leaves nothing to chance, until `release()`. */
    freeze(): this {

        Date.now = () => this.#wall;
        Math.random = () => 0.5;
        return this;
    }

    release(): void {

        Date.now = systemNow;
        Math.random = systemRandom;
    }

    /** How many timers wait. */
    get timers(): number {

        return this.#timers.size;
    }

    /** Lets time (ms) go by: calls back what becomes due, in order, and each time waits for what follows from it. */
    async advance(time: number): Promise<void> {

        const end = this.#now + time;
        await settle();
        let timer = this.#next(end);
        while (timer) {
            this.#move(timer.due);
            this.#timers.delete(timer);
            timer.callback();
            await settle();
            timer = this.#next(end);
        }

        this.#move(end);
    }

    /** This process stands still for a time (ms): what became due meanwhile is late. */
    stall(time: number): void {

        this.#move(this.#now + time);
    }

    /** Sets the time of day only. */
    jump(time: number): void {

        this.#wall += time;
    }

    #next(end: number): Timer | undefined {

        const [next] = Array.from(this.#timers).sort((a, b) => a.due - b.due);
        return next && next.due <= end ? next : undefined;
    }

    #move(to: number): void {

        if (to > this.#now) {
            this.#wall += to - this.#now;
            this.#now = to;
        }
    }
}


const { setTimeout: systemTimeout } = globalThis;


/** Lets the timers that are set from now on run so many times as fast, until `unhurried()`: for what waits where nothing comes. */
export const hurry = function (times = 50): void {

    globalThis.setTimeout = ((work: () => void, delay = 0) => systemTimeout(work, delay / times)) as typeof setTimeout;
};


export const unhurried = function (): void {

    globalThis.setTimeout = systemTimeout;
};


/** Lets everything happen that needs no time. */
export const settle = function (): Promise<void> {

    return setImmediate();
};


/** What has become of a promise so far: its answer or its error, null while there is neither. */
export function watch<T>(promise: Promise<T>): { outcome: T | Error | null } {

    const watched: { outcome: T | Error | null } = { outcome: null };
    promise.then((answer) => {

        watched.outcome = answer;
    }, (error) => {

        watched.outcome = error;
    });

    return watched;
}
