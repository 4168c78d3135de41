import { patience } from './lease';

import type { Clock } from './clock';
import type { Peer } from '../store/contract';


interface Wait {
    sequence: number;
    pending: Map<string, Peer>;
    resolve: (silent: Peer[]) => void;
    reject: (error: Error) => void;
}


/** The other processes, as far as revocations wait for them. */
export class Peers {

    readonly #clock: Clock;
    readonly #waits = new Set<Wait>();

    // An acknowledgement can be read before the registry's answer is

    readonly #acknowledged = new Map<string, number>();

    constructor(clock: Clock) {

        this.#clock = clock;
    }

    /** Resolves when each peer has acknowledged the news with this number, or its lease has run out. Answers the peers that were silent. */
    wait(sequence: number, peers: Peer[]): Promise<Peer[]> {

        const silent = peers.filter(({ id }) => (this.#acknowledged.get(id) ?? 0) < sequence);
        if (silent.length === 0) {
            return Promise.resolve([]);
        }

        return new Promise((resolve, reject) => {

            const wait = { sequence, pending: new Map(silent.map((peer) => [peer.id, peer])), resolve, reject };
            this.#waits.add(wait);
            this.#clock.after(Math.max(...silent.map(({ lease }) => patience(lease))), () => this.#end(wait));
        });
    }

    /** Resolves at a moment of the monotonic clock. */
    until(moment: number): Promise<void> {

        const delay = moment - this.#clock.now();
        return delay <= 0 ? Promise.resolve() : new Promise((resolve) => this.#clock.after(delay, resolve));
    }

    /** A peer has taken in all news of ours up to this number: they reach it in one order. */
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

        for (const { reject } of this.#waits) {
            reject(error);
        }

        this.#waits.clear();
    }

    #end(wait: Wait): void {

        this.#waits.delete(wait);
        wait.resolve(Array.from(wait.pending.values()));
    }
}
