import type { OutageCode } from './refusal';


/** The store or a key set could not be reached in time. The response is 503. */
export class Outage extends Error {

    override readonly name: string = 'Outage';
    readonly code: OutageCode = 'store_unavailable';
}


/** The store was reached and cannot be used: waiting does not help. */
export class Unsupported extends Outage {

    override readonly name = 'Unsupported';
}


/** The store was reached and accepts no writes at the moment. */
export class WritesRefused extends Outage {

    override readonly name = 'WritesRefused';
}


export class KeySetOutage extends Outage {

    override readonly name = 'KeySetOutage';
    override readonly code = 'key_set_unavailable';
}
