import { performance } from 'node:perf_hooks';


/** Monotonic time (ms) and timers, so that tests can move them by hand. */
export interface Clock {
    now(): number;

    /** Calls back after `delay` (ms) unless the answer is called first. Keeps no process alive. */
    after(delay: number, callback: () => void): () => void;
}


/** How far (ms) the wall clock of a process may be from Redis's, ahead or behind: two processes may be twice as far apart. */
export const maxSkew = 60_000;


/**
 * For how long (ms) a revocation outlives what it covers: one process may be ahead of Redis and another behind it, and the clock of an issuer ahead by
 * the tolerance, for which a token is also accepted after its end.
 */
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


/** Whether something can have been issued before this moment (ms since the epoch): it is not in the future of any machine. */
export const isPast = function (moment: number): boolean {

    return moment > 0 && moment <= Date.now() + maxSkew;
};
