import { patience } from './lease';

import type { Clock } from './clock';
import type { Link, Peer } from '../store/contract';


interface Pause {
    reject: (error: Error) => void;
    cancel: () => void;
}


interface Wait extends Pause {
    sequence: number;
    pending: Map<string, Peer>;
    resolve: (silent: Peer[]) => void;
}


/** The other processes, as far as revocations wait for them. */
export class Peers {

    readonly #clock: Clock;
    readonly #waits = new Set<Wait>();
    readonly #pauses = new Set<Pause>();

    // An acknowledgement can be read before the registry's answer is

    readonly #acknowledged = new Map<string, number>();

    constructor(clock: Clock) {

        this.#clock = clock;
    }

    /** Resolves when each peer has acknowledged the news with this number, or its lease has run out: with the peers that were silent. */
    wait(sequence: number, peers: Peer[]): Promise<Peer[]> {

        const silent = peers.filter(({ id }) => (this.#acknowledged.get(id) ?? 0) < sequence);
        if (silent.length === 0) {
            return Promise.resolve([]);
        }

        return new Promise((resolve, reject) => {

            const cancel = this.#clock.after(Math.max(...silent.map(({ lease }) => patience(lease))), () => this.#end(wait));
            const wait = { sequence, pending: new Map(silent.map((peer) => [peer.id, peer])), resolve, reject, cancel };
            this.#waits.add(wait);
        });
    }

    /** Resolves at a moment of the monotonic clock. */
    until(moment: number): Promise<void> {

        const delay = moment - this.#clock.now();
        return delay <= 0 ? Promise.resolve() : new Promise((resolve, reject) => {

            const cancel = this.#clock.after(delay, () => {

                this.#pauses.delete(pause);
                resolve();
            });

            const pause = { reject, cancel };
            this.#pauses.add(pause);
        });
    }

    /** A peer has applied all news of this process up to this number: they reach it in one order. */
    acknowledge(id: string, sequence: number): void {

        this.#acknowledged.set(id, sequence);
        for (const wait of this.#waits) {
            if (wait.sequence <= sequence && wait.pending.delete(id) && wait.pending.size === 0) {
                this.#end(wait);
            }
        }
    }

    forget(peers: Peer[]): void {

        for (const { id } of peers) {
            this.#acknowledged.delete(id);
        }
    }

    /** No acknowledgement can arrive any more. */
    fail(error: Error): void {

        for (const { reject, cancel } of [...this.#waits, ...this.#pauses]) {
            cancel();
            reject(error);
        }

        this.#waits.clear();
        this.#pauses.clear();
    }

    #end(wait: Wait): void {

        this.#waits.delete(wait);
        wait.cancel();
        wait.resolve(Array.from(wait.pending.values()));
    }
}


/** What is acknowledged to other processes: news that came in one piece, in one. */
export class Acknowledgements {

    readonly #due = new Map<string, number>();

    /** All news of a process up to this number have been applied. */
    give(from: string, sequence: number, link: Link): void {

        if (this.#due.size === 0) {
            queueMicrotask(() => {

                this.#due.forEach((last, revoker) => link.acknowledge(revoker, last));
                this.#due.clear();
            });
        }

        this.#due.set(from, sequence);
    }
}
