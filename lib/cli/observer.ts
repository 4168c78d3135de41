import type { Link, LinkListener, Peer, Revocation } from '../store/contract';


/** A link of a process that only listens. It trusts nothing, so that nobody need wait for it, and writes nothing. */
export class Observer implements Link {

    readonly #link: Link;
    readonly #heard: () => void;

    /** `heard` is called with each answer to a heartbeat. */
    constructor(link: Link, heard: () => void) {

        this.#link = link;
        this.#heard = heard;
    }

    subscribe(listener: LinkListener): Promise<void> {

        return this.#link.subscribe(listener);
    }

    cutoffs(keys: string[]): Promise<(number | null)[]> {

        return this.#link.cutoffs(keys);
    }

    pages(): AsyncIterable<Revocation[]> {

        return this.#link.pages();
    }

    /** Asks instead of registering: a connection that is gone is noticed all the same. */
    async beat(): Promise<{ isKnown: boolean; size: number }> {

        await this.#link.cutoffs(['-']);
        this.#heard();
        return { isKnown: true, size: 0 };
    }

    /** To mark the data as whole is for those who wait. */
    async isSettled(): Promise<boolean> {

        return true;
    }

    async settle(): Promise<void> {}

    async revoke(): Promise<Peer[]> {

        return [];
    }

    acknowledge(): void {}

    async strike(): Promise<void> {}

    async leave(): Promise<void> {}

    close(): void {

        this.#link.close();
    }
}
