import type { Link } from '../store/contract';


/** What is acknowledged to others: news that came in one piece, in one. */
export class Acknowledgements {

    readonly #due = new Map<string, number>();

    /** All news of a process up to this number have been taken in. */
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
