/** What `server.plugins['hard-logout'].status()` returns. Moments are in milliseconds since the epoch. */
export interface Status {
    store: 'memory' | 'redis';

    /** Present on Redis, unless `lease` is false. */
    lease?: {

        /** Since when it has been held without a break; null while it is not. */
        heldSince: number | null;

        /** How often the process has joined: once, and again after each lost connection. */
        generation: number;

        /** Processes that share the blacklist, this one included, as of its last revocation. */
        processes: number;
    };

    cache: {
        size: number;
        max: number;

        /** Whether all of the blacklist is cached, so that nothing has to be asked. */
        isComplete: boolean;

        /** Checks that were answered from memory, and those that were not. */
        hits: number;
        misses: number;
    };

    /** How often the lease was lost, and when that was last; `ended` is null while it is. */
    outages: number;
    lastOutage: { began: number; ended: number | null; reason: string } | null;

    /** Requests that were served although the blacklist could not be asked. */
    served: number;
}


/** All is served; only reads are, by a strategy with `onOutage: 'serve'`, while the store is away; nothing is. */
export type HealthState = 'ready' | 'degraded' | 'unavailable';


/** What `server.plugins['hard-logout'].health()` resolves with. It is safe to publish: it has neither addresses nor reasons. */
export interface Health {

    /** Of a route for readiness: 503 while any strategy lets nobody in. */
    statusCode: 200 | 503;

    /** The worst of the strategies'. */
    state: HealthState;
    store: 'memory' | 'redis';

    /** By their names. */
    strategies: Record<string, HealthState>;
}
