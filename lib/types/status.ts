/**
 * What `server.plugins['hard-logout'].status()` returns. Moments are in milliseconds since the epoch.
 *
 * @example
 * const { lease, cache, served }: Status = server.plugins['hard-logout'].status();
 */
export interface Status {
    store: 'memory' | 'redis';

    /** Present on Redis, unless `lease` is false. */
    lease?: {

        /** Since when it has been valid without a break; null while it is not. */
        heldSince: number | null;

        /** How often the process has joined: once, and again after each lost connection. */
        generation: number;

        /** How many processes share the blacklist, this one included, as of its last confirmation. */
        processes: number;
    };

    cache: {
        size: number;
        max: number;

        /** Whether the whole blacklist is cached, so that no request has to ask the store. */
        isComplete: boolean;

        /** Checks from memory, and those that had to ask the store. */
        hits: number;
        misses: number;
    };

    /** How often the lease was lost, and when last. `ended` is null while the outage lasts. */
    outages: number;
    lastOutage: { began: number; ended: number | null; reason: string } | null;

    /** Requests that were served although the store could not be reached. */
    served: number;
}


/**
 * The message of each channel of `node:diagnostics_channel`, which has the name of its metric: `hard_logout.revocation.duration` and `hard_logout.confirmation.duration`, in
 * seconds, and `hard_logout.refusals`, 1 for each.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 *
 * subscribe('hard_logout.refusals', (message) => {
 *
 *     const { attributes } = message as Measurement;
 *     console.log(attributes['hard_logout.code']);
 * });
 */
export interface Measurement {
    value: number;

    /** With the names of OpenTelemetry's conventions. Each has few values. */
    attributes: Record<string, string>;
}


/**
 * What `server.plugins['hard-logout'].health()` resolves with. It is safe to publish: it has neither addresses nor reasons. A key set
 * that cannot be fetched does not count: no other process could fetch it either.
 *
 * @example
 * server.route({
 *     method: 'GET',
 *     path: '/ready',
 *     options: { auth: false },
 *     handler: async (request, h) => {
 *
 *         const health: Health = await server.plugins['hard-logout'].health();
 *         return h.response(health).code(health.statusCode);
 *     }
 * });
 */
export interface Health {

    /** For a readiness probe: 503 while any strategy is unavailable. */
    statusCode: 200 | 503;

    /** The worst of all strategies. `'degraded'`: the store is away, and a strategy with `onOutage: 'serve'` serves reads only. */
    state: 'ready' | 'degraded' | 'unavailable';

    /** By their names. */
    strategies: Record<string, Health['state']>;
}
