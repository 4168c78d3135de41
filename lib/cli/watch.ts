import { randomUUID } from 'node:crypto';

import { systemClock } from '../blacklist/clock';
import { LeasedBlacklist } from '../blacklist/leased';
import { forever } from '../store/contract';
import { interruptible } from './failure';
import { namesOf } from './names';
import { Observer } from './observer';
import { date, quote } from './output';

import type { Revocation } from '../store/contract';
import type { Invocation } from './arguments';
import type { Context } from './context';
import type { Name } from './names';
import type { Output } from './output';


/** Tells of each revocation as it arrives, and of those that came while the connection was lost, until it is interrupted. */
export const watch = async function (invocation: Invocation, { output, store, terminal, onEnd }: Context): Promise<void> {

    const { plugin: { cache: { max }, lease, timeout }, target } = invocation;
    const feed = new Feed(output, namesOf(invocation), Object.values(target).every((value) => value === undefined));

    const id = randomUUID();
    const blacklist = new LeasedBlacklist({
        id,
        lease: lease as number,
        max,
        timeout,
        store,
        clock: systemClock,
        connect: async () => new Observer(await store.connect(id, lease as number), () => feed.connect()),
        report: (event, error) => event === 'failed' && feed.lose(error!),
        arrived: (revocations) => feed.take(revocations)
    });

    onEnd(() => blacklist.stop());
    await interruptible(blacklist.start(), terminal.signal, 'nothing was seen');
    await interruptible(new Promise<never>(() => undefined), terminal.signal, 'no longer watching');
};


/** What is said of the revocations, and of the connection by which they come. */
export class Feed {

    readonly #output: Output;
    readonly #names: Map<string, Name>;
    readonly #tellsAll: boolean;
    #hasBegun = false;
    #isConnected = false;

    constructor(output: Output, names: Map<string, Name>, tellsAll: boolean) {

        this.#output = output;
        this.#names = names;
        this.#tellsAll = tellsAll;
    }

    connect(): void {

        if (!this.#isConnected) {
            this.#output.event({ event: 'connected', at: Date.now() }, this.#hasBegun ? 'connected again: what was missed has been told' : 'watching');
            this.#hasBegun = true;
            this.#isConnected = true;
        }
    }

    lose({ message: reason }: Error): void {

        if (this.#isConnected) {
            this.#isConnected = false;
            this.#output.event({ event: 'lost', at: Date.now(), reason }, `the connection is lost: ${reason}`);
        }
    }

    take(revocations: Revocation[]): void {

        // What was there before is no news, and what has expired serves nobody

        for (const revocation of revocations) {
            const name = this.#names.get(revocation.key);
            if (this.#hasBegun && revocation.ttl > 0 && (name || this.#tellsAll)) {
                this.#tell(revocation, name);
            }
        }
    }

    #tell({ key, cutoff, ttl }: Revocation, { kind, id }: Name = { kind: null, id: null }): void {

        const at = Date.now();
        const before = cutoff === forever ? null : cutoff + 1;
        const who = id === null ? kind ?? 'something' : `${kind} ${quote(id)}`;
        const what = before === null ? 'revoked' : `revoked what was issued before ${date(before)}`;
        this.#output.result({ event: 'revoked', at, key, kind, id, before, ttl }, [`${date(at)}  ${key}  ${who}: ${what}`]);
    }
}
