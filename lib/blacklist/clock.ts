import { performance } from 'node:perf_hooks';


/** Monotonic time (ms) and timers, so that tests can move them by hand. */
export interface Clock {
    now(): number;

    /** Calls back after `delay` (ms) unless the answer is called first. Keeps no process alive. */
    after(delay: number, callback: () => void): () => void;
}


export const systemClock: Clock = {

    now: () => performance.now(),

    after(delay, callback) {

        const timer = setTimeout(callback, delay).unref();
        return () => clearTimeout(timer);
    }
};
