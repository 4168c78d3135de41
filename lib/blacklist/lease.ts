import type { Clock } from './clock';


/**
 * The time for which memory may be trusted.
 *
 * It runs from the moment a heartbeat was **sent**, on the monotonic clock. A machine that was suspended may have stopped that clock, so a
 * lease also ends when the wall clock has moved on by its length.
 */
export class Lease {

    readonly length: number;
    readonly #clock: Clock;
    #until = -Infinity;
    #wallUntil = -Infinity;

    constructor(length: number, clock: Clock) {

        this.length = length;
        this.#clock = clock;
    }

    get isHeld(): boolean {

        return this.#clock.now() < this.#until && Date.now() < this.#wallUntil;
    }

    /** A moment to renew from: taken before a heartbeat is sent. */
    mark(): Mark {

        return { at: this.#clock.now(), wall: Date.now() };
    }

    renew({ at, wall }: Mark): void {

        this.#until = Math.max(this.#until, at + this.length);
        this.#wallUntil = wall + this.length;
    }

    drop(): void {

        this.#until = -Infinity;
    }
}


export interface Mark {
    at: number;
    wall: number;
}


/** How long (ms) to wait until the lease of another process has surely run out: clock rates may differ by 2 %. */
export const patience = function (lease: number): number {

    return lease * 1.02 + 10;
};
