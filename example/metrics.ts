import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { Server } from '@hapi/hapi';
import type { Measurement, Status } from 'hapi-auth-hard-logout';


const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];


/**
 * What happens to tokens, for Prometheus: from the channels, the events and the status of hard-logout. No metric has a subject or a session as its label: each
 * would be a time series of its own, and a list of who was here.
 */
export const createMetrics = function (server: Server): Registry {

    const registry = new Registry();
    const registers = [registry];

    // Channels: of all servers of this process

    const listen = function (name: string, observe: (measurement: Measurement) => void): void {

        const listener = (message: unknown) => observe(message as Measurement);
        subscribe(name, listener);
        server.ext('onPostStop', () => unsubscribe(name, listener) as unknown as void);
    };

    const revocation = new Histogram({ name: 'hard_logout_revocation_duration_seconds', help: 'Time from the write of a revocation until every process has it', labelNames: ['extent', 'error'], buckets, registers });
    listen('hard_logout.revocation.duration', ({ value, attributes }) => {

        revocation.observe({ extent: attributes['hard_logout.extent'], error: attributes['error.type'] ?? '' }, value);
    });

    const confirmation = new Histogram({ name: 'hard_logout_confirmation_duration_seconds', help: 'Time that Redis takes to confirm the lease', labelNames: ['error'], buckets, registers });
    listen('hard_logout.confirmation.duration', ({ value, attributes }) => confirmation.observe({ error: attributes['error.type'] ?? '' }, value));

    const refusals = new Counter({ name: 'hard_logout_refusals_total', help: 'Refused requests, by the code of the error', labelNames: ['code'], registers });
    listen('hard_logout.refusals', ({ value, attributes }) => refusals.inc({ code: attributes['hard_logout.code'] }, value));

    // Events: of this server

    const sessions = new Counter({ name: 'hard_logout_sessions_total', help: 'What happened to sessions', labelNames: ['event', 'strategy'], registers });
    for (const channels of ['issued', 'refreshed', 'reauthenticated', 'reuse-detected'] as const) {
        server.events.on({ name: 'hard-logout', channels }, ({ strategy }) => sessions.inc({ event: channels, strategy }));
    }

    const revocations = new Counter({ name: 'hard_logout_revocations_total', help: 'What this process has revoked', labelNames: ['extent', 'strategy'], registers });
    server.events.on({ name: 'hard-logout', channels: 'revoked' }, ({ extent, strategy }) => revocations.inc({ extent, strategy }));

    // Status: the plugin counts, and the numbers are read when Prometheus asks

    const read = function (Metric: typeof Counter | typeof Gauge, name: string, help: string, value: (status: Status) => number | boolean | undefined): void {

        const metric: Counter | Gauge = new Metric({
            name: `hard_logout_${name}`,
            help,
            registers,
            collect() {

                metric.reset();
                metric.inc(Number(value(server.plugins['hard-logout'].status())));
            }
        });
    };

    read(Counter, 'outages_total', 'Times that the lease was lost', ({ outages }) => outages);
    read(Counter, 'served_total', 'Requests that were served although Redis could not be reached', ({ served }) => served);
    read(Counter, 'cache_hits_total', 'Checks of tokens for which memory was enough', ({ cache }) => cache.hits);
    read(Counter, 'cache_misses_total', 'Checks of tokens that needed more', ({ cache }) => cache.misses);
    read(Gauge, 'cache_entries', 'Entries in the cache', ({ cache }) => cache.size);
    read(Gauge, 'cache_complete', 'Whether the whole blacklist is in memory', ({ cache }) => cache.isComplete);
    read(Gauge, 'lease_held', 'Whether this process has the lease', ({ lease }) => typeof lease?.heldSince === 'number');
    read(Gauge, 'processes', 'Processes that share the blacklist', ({ lease }) => lease?.processes);

    return registry;
};
