/** Something this package depends on, the store or a key set, could not be reached in time: answered 503. */
export class Outage extends Error {

    override readonly name: string = 'Outage';
}


/** It was reached, and cannot do what is asked of it: waiting does not help. */
export class Unsupported extends Outage {

    override readonly name = 'Unsupported';
}


/** It is the key set that could not be fetched. */
export class KeySetOutage extends Outage {

    override readonly name = 'KeySetOutage';
}
