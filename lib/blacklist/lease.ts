import type { Clock } from './clock';


/**
 * The time for which memory may be trusted.
 *
 * It runs from the moment a heartbeat was **sent**, on the monotonic clock. A machine that was suspended may have stopped that clock, so a
 * lease also ends when the wall clock has moved on by its length.
 *
 * `report` is called when the lease is lost, and when it is held again. A join that takes less than a lease is not reported.
 */
export class Lease {

    readonly length: number;
    readonly #clock: Clock;
    readonly #report: (event: 'held' | 'lost') => void;
    #until = -Infinity;
    #wallUntil = -Infinity;
    #suspendedAt = -Infinity;
    #since: number | null = null;

    constructor(length: number, clock: Clock, report: (event: 'held' | 'lost') => void) {

        this.length = length;
        this.#clock = clock;
        this.#report = report;
    }

    get isHeld(): boolean {

        return this.#clock.now() < this.#until && Date.now() < this.#wallUntil;
    }

    /** Since when (ms since the epoch) it has been held, joins left aside; null while it is not. */
    get heldSince(): number | null {

        return this.isHeld ? this.#since : null;
    }

    /** A moment to renew from: taken before a heartbeat is sent. */
    mark(): Mark {

        return { at: this.#clock.now(), wall: Date.now() };
    }

    renew({ at, wall }: Mark): void {

        this.#until = Math.max(this.#until, at + this.length);
        this.#wallUntil = wall + this.length;
        this.update();
    }

    /** Gives the lease up for a join. Returns whether it was held until now. */
    suspend(): boolean {

        const { isHeld } = this;
        if (isHeld) {
            this.#suspendedAt = this.#clock.now();
        }

        this.#until = -Infinity;
        return isHeld;
    }

    /** Gives the lease up for good, without a report. */
    end(): void {

        this.#until = -Infinity;
        this.#since = null;
    }

    /** Reports what has changed with time. */
    update(): void {

        const { isHeld } = this;
        const isJoining = !isHeld && this.#clock.now() < this.#suspendedAt + this.length;
        if (isJoining || isHeld === (this.#since !== null)) {
            return;
        }

        this.#since = isHeld ? Date.now() : null;
        this.#report(isHeld ? 'held' : 'lost');
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
