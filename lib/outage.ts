/** Something this package depends on, the store or a key set, could not be reached in time: answered 503. */
export class Outage extends Error {

    override readonly name = 'Outage';
}
