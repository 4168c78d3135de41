import { channel } from 'node:diagnostics_channel';

import { Outage } from '../errors/outage';

import type { Channel } from 'node:diagnostics_channel';
import type { Ending, Measurement } from '../types';


// A channel per metric, with names and units (seconds) of OpenTelemetry. Without a subscriber nothing is measured. A channel without a reference loses its subscribers

const revocationDuration = channel('hard_logout.revocation.duration');

const confirmationDuration = channel('hard_logout.confirmation.duration');

const refusals = channel('hard_logout.refusals');


/** How long a revocation takes, from the write until it holds in every process. */
export function measureRevocation<T>(extent: Ending['extent'], work: () => Promise<T>): Promise<T> {

    return revocationDuration.hasSubscribers ? measure(revocationDuration, { 'hard_logout.extent': extent }, work) : work();
}


/** How long a confirmation takes: a round trip to Redis. */
export function measureConfirmation<T>(work: () => Promise<T>): Promise<T> {

    return confirmationDuration.hasSubscribers ? measure(confirmationDuration, {}, work) : work();
}


const counted = new WeakSet<object>();

/** Counts a refused request, once. `find` returns its code, or null. */
export function countRefusal<R extends object>(request: R, find: (request: R) => string | null): void {

    if (!refusals.hasSubscribers || counted.has(request)) {
        return;
    }

    const code = find(request);
    if (code !== null) {
        counted.add(request);
        publish(refusals, 1, { 'hard_logout.code': code });
    }
}


async function measure<T>(metric: Channel, attributes: Measurement['attributes'], work: () => Promise<T>): Promise<T> {

    const began = performance.now();
    let failure = {};
    try {
        return await work();
    }
    catch (error) {
        failure = { 'error.type': error instanceof Outage ? error.code : (error as Error).name };
        throw error;
    }
    finally {
        publish(metric, (performance.now() - began) / 1000, { ...attributes, ...failure });
    }
}


const publish = function (metric: Channel, value: number, attributes: Measurement['attributes']): void {

    metric.publish({ value, attributes } satisfies Measurement);
};
