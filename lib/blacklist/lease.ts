import type { Clock } from './clock';


/**
 * The time for which memory may be trusted.
 *
 * It runs from the moment a confirmation was **sent**, on the monotonic clock. A machine that was suspended may have stopped that clock, so a
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
    #given: Mark | null = null;
    #longest: number;
    #suspendedAt = -Infinity;
    #since: number | null = null;

    constructor(length: number, clock: Clock, report: (event: 'held' | 'lost') => void) {

        this.length = length;
        this.#longest = length;
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

    /** How long (ms) to wait until each lease of a member that was given by now has surely run out. */
    get patience(): number {

        return patience(this.#longest);
    }

    /** How long (ms) to wait until each member that knows what a log has lost has had the time to come back. */
    get absence(): number {

        return absence(this.#longest);
    }

    /** Members have leases as long as this, in this epoch or in an earlier one. */
    hear(length: number): void {

        this.#longest = Math.max(this.#longest, length);
    }

    /** A moment to renew from: taken before a confirmation is sent. */
    mark(): Mark {

        return { at: this.#clock.now(), wall: Date.now() };
    }

    renew({ at, wall }: Mark): void {

        this.#until = Math.max(this.#until, at + this.length);
        this.#wallUntil = wall + this.length;
        this.#given = { at: this.#until, wall: this.#wallUntil };
        this.update();
    }

    /** Ends all trust, for a join. */
    suspend(): void {

        if (this.isHeld) {
            this.#suspendedAt = this.#clock.now();
        }

        this.#until = -Infinity;
    }

    /**
     * The lease as it was given last, trusted or not: whether it has not run out yet. Each can be claimed once: behind a claim that came to nothing, a loss
     * may have been waited out that this process knows nothing of.
     */
    claim(): () => boolean {

        const given = this.#given;
        this.#given = null;
        return () => given !== null && this.#clock.now() < given.at && Date.now() < given.wall;
    }

    /** Gives the lease up for good, without a report. */
    end(): void {

        this.#until = -Infinity;
        this.#given = null;
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


/** How long (ms) to wait until the lease of another process has surely run out: clock rates may differ by 10 %. */
export const patience = function (lease: number): number {

    return lease * 1.1 + 10;
};


/**
 * How long (ms) a member can be away whose server has gone silent: up to a quarter of a lease until its next confirmation, a lease without a reply, and
 * the time that it takes to connect to the next one.
 */
export const absence = function (lease: number): number {

    return patience(1.5 * lease);
};
