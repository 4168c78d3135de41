import type { Clock } from './clock';


/**
 * The time during which memory may be trusted. It runs from the moment when a confirmation was **sent**, on the monotonic clock; a suspended machine may stop that clock, so
 * it also ends by the wall clock. `report` is called when the lease is lost, and when it is valid again; a join of less than a lease is not reported.
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

    /** Since when (ms since the epoch) it has been valid, ignoring joins; null while it is not. */
    get heldSince(): number | null {

        return this.isHeld ? this.#since : null;
    }

    /** How long (ms) until each lease that a member has now has certainly ended. */
    get patience(): number {

        return patience(this.#longest);
    }

    /** How long (ms) a member needs at most to come back after a loss. */
    get absence(): number {

        return absence(this.#longest);
    }

    /** The longest lease (ms) of members, in this or an earlier epoch. */
    hear(length: number): void {

        this.#longest = Math.max(this.#longest, length);
    }

    /** The start of a renewal: taken before a confirmation is sent. */
    mark(): Mark {

        return { at: this.#clock.now(), wall: Date.now() };
    }

    renew({ at, wall }: Mark): void {

        this.#until = Math.max(this.#until, at + this.length);
        this.#wallUntil = wall + this.length;
        this.#given = { at: this.#until, wall: this.#wallUntil };
        this.update();
    }

    /** Ends all trust, before a join. */
    suspend(): void {

        if (this.isHeld) {
            this.#suspendedAt = this.#clock.now();
        }

        this.#until = -Infinity;
    }

    /** Whether the latest lease has not ended yet, trusted or not. Each can be claimed once: after a failed claim there may have been a loss unknown to this process. */
    claim(): () => boolean {

        const given = this.#given;
        this.#given = null;
        return () => given !== null && this.#clock.now() < given.at && Date.now() < given.wall;
    }

    /** Ends the lease for good, without a report. */
    end(): void {

        this.#until = -Infinity;
        this.#given = null;
        this.#since = null;
    }

    /** Reports that the lease has ended by time. */
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


/** How long (ms) to wait until the lease of another process has certainly ended: clock rates may differ by 10 %. */
export const patience = function (lease: number): number {

    return lease * 1.1 + 10;
};


/** How long (ms) a member may be away after its server went silent: a quarter of a lease until its next confirmation, a lease without a reply, and a new connection. */
export const absence = function (lease: number): number {

    return patience(1.5 * lease);
};
