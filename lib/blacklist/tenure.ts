import type { Clock } from './clock';
import type { Lease } from './lease';


/** Since when the lease has been held, as it is told to others: a join that takes its course within a lease is no break. */
export class Tenure {

    readonly #lease: Lease;
    readonly #clock: Clock;
    readonly #tell: (event: 'held' | 'lost') => void;
    #droppedAt = -Infinity;
    #wasHeld = false;
    #since: number | null = null;

    constructor(lease: Lease, clock: Clock, tell: (event: 'held' | 'lost') => void) {

        this.#lease = lease;
        this.#clock = clock;
        this.#tell = tell;
    }

    /** In ms since the epoch; null while the lease is not held. */
    get since(): number | null {

        return this.#lease.isHeld ? this.#since : null;
    }

    /** Gives the lease up for a join. Answers whether it was held until now. */
    suspend(): boolean {

        const { isHeld } = this.#lease;
        if (isHeld) {
            this.#droppedAt = this.#clock.now();
        }

        this.#lease.drop();
        return isHeld;
    }

    /** Gives the lease up for good, which is no news. */
    end(): void {

        this.#lease.drop();
        this.#wasHeld = false;
    }

    /** Tells what has changed. */
    update(): void {

        const { isHeld, length } = this.#lease;
        if (!isHeld && this.#clock.now() < this.#droppedAt + length || isHeld === this.#wasHeld) {
            return;
        }

        this.#wasHeld = isHeld;
        this.#since = Date.now();
        this.#tell(isHeld ? 'held' : 'lost');
    }
}
