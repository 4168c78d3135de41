import type { OutageCode } from './refusal';


/** Something this package depends on, the store or a key set, could not be reached in time. The response is 503. */
export class Outage extends Error {

    override readonly name: string = 'Outage';
    readonly code: OutageCode = 'store_unavailable';
}


/** It was reached, and cannot be used: waiting does not help. */
export class Unsupported extends Outage {

    override readonly name = 'Unsupported';
}


/** It was reached, and takes no writes now. */
export class WritesRefused extends Outage {

    override readonly name = 'WritesRefused';
}


export class KeySetOutage extends Outage {

    override readonly name = 'KeySetOutage';
    override readonly code = 'key_set_unavailable';
}
