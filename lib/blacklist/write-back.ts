import { pause } from './timers';
import { Outage } from '../errors/outage';

import type { Clock } from './clock';
import type { Lease } from './lease';
import type { Link, Revocation } from '../store/blacklist-contract';


export interface WriteBackOptions {
    link: Link;
    epoch: string;
    clock: Clock;
    lease: Lease;
}


// Revocations per piece, far below the 32 MB by which a subscriber may lag

const pieceSize = 500;

// The first look at another member's progress is early (ms), the next ones later

const firstLook = 10;


/** One member writes back what a log has lost, in pieces, while the others wait. The log stores who does it; if there is no progress, another member takes over. */
export class WriteBack {

    readonly #options: WriteBackOptions;

    constructor(options: WriteBackOptions) {

        this.#options = options;
    }

    /** `read` reads the log, and returns what it lacks. Resolves when nothing is missing. @throws `Outage`. */
    async run(read: () => Promise<Revocation[]>): Promise<void> {

        const { link, epoch, lease } = this.#options;
        for (;;) {
            const seen = await this.#watch(lease.length / 2, ({ restoring }) => this.#isFree(restoring));
            const last = await this.#write(seen.restoring, await read());
            if (last !== null) {
                if (isOf(link, last)) {
                    current(await link.restored(epoch, last));
                }

                return;
            }
        }
    }

    /** Waits until each process that knows lost revocations has had time to come back, and marks the epoch as settled. Time without replies of the log does not count. */
    async settle(): Promise<void> {

        const { link, epoch, lease } = this.#options;
        const { isSettled } = await this.#watch(lease.absence, (state) => state.isSettled);
        if (!isSettled) {
            current(await link.settle(epoch));
        }
    }

    /** Resolves when the log has the wanted state, or makes no progress. */
    async #watch(time: number, isWanted: (state: { restoring: string; isSettled: boolean }) => boolean): Promise<{ restoring: string; isSettled: boolean }> {

        const { link, epoch, clock, lease } = this.#options;
        let state = current(await link.restoration(epoch));
        let since = clock.now();
        let look = firstLook;
        while (!isWanted(state)) {
            const remaining = since + time - clock.now();
            if (remaining <= 0) {
                break;
            }

            await pause(clock, Math.min(look, remaining, lease.length / 4));
            look *= 2;
            const next = current(await link.restoration(epoch));
            if (next.restoring !== state.restoring) {
                since = clock.now();
            }

            state = next;
        }

        return state;
    }

    #isFree(restoring: string): boolean {

        return restoring === '' || isOf(this.#options.link, restoring);
    }

    /** Resolves with the log's state of the write-back; null if another member was faster. */
    async #write(seen: string, missing: Revocation[]): Promise<string | null> {

        const { link, epoch } = this.#options;
        for (let i = 0; i < missing.length; i += pieceSize) {
            seen = current(await link.restore(epoch, seen, missing.slice(i, i + pieceSize)));
            if (seen === '') {
                return null;
            }
        }

        return seen;
    }
}


/** The reply of this epoch. @throws `Outage` if there is another one now. */
export function current<T>(reply: T | null | false): T {

    if (reply === null || reply === false) {
        throw begunAnew();
    }

    return reply;
}


export const begunAnew = function (): Outage {

    return new Outage('Redis: the blacklist was lost, and is begun anew');
};


const isOf = function ({ id }: Link, restoring: string): boolean {

    return restoring.startsWith(`${id} `);
};
