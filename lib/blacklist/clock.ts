import { performance } from 'node:perf_hooks';


/** Monotonic time (ms) and timers. Tests move them by hand. */
export interface Clock {
    now(): number;

    /** Calls back after `delay` (ms). Returns a function that cancels it. An unreferenced timer. */
    after(delay: number, callback: () => void): () => void;
}


/** How far (ms) a process's clock may be ahead of Redis's or behind: two processes may differ by twice as much. */
export const maxSkew = 60_000;


/** How long (ms) a revocation outlives its tokens: two processes may differ by twice the skew, an issuer's clock by the tolerance, and a token is accepted that much longer. */
export const marginOf = function (tolerance: number): number {

    return 2 * (maxSkew + tolerance);
};


export const systemClock: Clock = {

    now: () => performance.now(),

    after(delay, callback) {

        const timer = setTimeout(callback, delay).unref();
        return () => clearTimeout(timer);
    }
};


/** Whether a moment (ms since the epoch) is not in the future of any machine. */
export const isPast = function (moment: number): boolean {

    return moment > 0 && moment <= Date.now() + maxSkew;
};
