import { collect, rowOf } from './bucket';

import type { Bucket } from './bucket';
import type { Clock } from './clock';
import type { Revocation } from '../store/blacklist-contract';


// Until (ms) Redis has it on its replicas and its disk, if it is configured as docs/redis.md has it

const span = 10_000;


/**
 * The latest news, however many they are. In a failover Redis can lose writes of its last seconds. Processes write them back, though their caches may have dropped them by
 * then. News are remembered for 10 to 20 seconds in which the log confirms: an outage does not count.
 */
export class RecentNews {

    readonly #clock: Clock;
    #news: Bucket = [];
    #older: Bucket = [];
    #turnsAt: number | null = null;

    constructor(clock: Clock) {

        this.#clock = clock;
    }

    add(revocations: Revocation[]): void {

        const now = this.#clock.now();
        revocations.forEach(({ key, cutoff, ttl }) => this.#news.push(...rowOf(key, cutoff, now + ttl)));
    }

    /** With each new connection: nothing is let go before a span has passed since the log has confirmed there. */
    begin(): void {

        this.#turnsAt = null;
    }

    /** With each confirmation. */
    confirmed(): void {

        const now = this.#clock.now();
        this.#turnsAt ??= now + span;
        if (now >= this.#turnsAt) {
            this.#older = this.#news;
            this.#news = [];
            this.#turnsAt = now + span;
        }
    }

    /** Adds them to what the cache has. */
    addTo(found: Map<string, Revocation>): void {

        const now = this.#clock.now();
        collect(this.#older, now, found);
        collect(this.#news, now, found);
    }
}
