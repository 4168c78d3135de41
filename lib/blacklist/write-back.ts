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


// Revocations in one piece, far below the 32 MB that a subscriber may lag behind

const pieceSize = 500;

// The first look at what another member does comes soon (ms), the next ones later

const firstLook = 10;


/**
 * What a log has lost is written back by one member, in pieces. The others wait meanwhile, and then find that nothing is missing.
 *
 * The log says who does it, and that changes with each piece: a member that has come to a standstill is relieved.
 */
export class WriteBack {

    readonly #options: WriteBackOptions;

    constructor(options: WriteBackOptions) {

        this.#options = options;
    }

    /** `read` reads the whole log, and returns what it lacks. Resolves when it lacks nothing. @throws `Outage`. */
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

    /**
     * Resolves when each process that knows what the log has lost has had the time to come back and write it there; and marks the epoch for all.
     * The log has to reply meanwhile: while it stands still, no process can come back.
     */
    async settle(): Promise<void> {

        const { link, epoch, lease } = this.#options;
        const { isSettled } = await this.#watch(lease.absence, (state) => state.isSettled);
        if (!isSettled) {
            current(await link.settle(epoch));
        }
    }

    /** Resolves when the state of the log is as wanted, or has not changed for a time. */
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

    /** Resolves with what the log says in the end of who writes back; null if another member was faster. */
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


/** What the log of this epoch has replied. @throws `Outage` where it is another one's by now. */
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
