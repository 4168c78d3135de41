import { LRUCache } from 'lru-cache';

import { forever } from '../blacklist/blacklist';

import type { Blacklist } from '../blacklist/blacklist';
import type { Revocation } from '../store/blacklist-contract';


export type RevokingBlacklist = Pick<Blacklist, 'confirm' | 'known' | 'revoke'>;


// How many failed revocations are remembered: their repetition still has to be reported

const maxUncertain = 10_000;


/** Revocations of tokens and sessions that are under way or have failed. Each is written and reported once, however often it is requested. */
export class PendingRevocations {

    readonly #blacklist: RevokingBlacklist;
    readonly #underWay = new Map<string, Promise<void>>();
    readonly #uncertain = new LRUCache<string, true>({ max: maxUncertain });

    constructor(blacklist: RevokingBlacklist) {

        this.#blacklist = blacklist;
    }

    /**
     * Resolves when the revocations hold in every process, with whether they are new. A repetition waits for the first, and is not written again: that would
     * prolong the entry. @throws `Outage` when the write is not certain.
     */
    async revoke(revocations: Revocation[]): Promise<boolean> {

        const name = revocations.map(({ key }) => key).join(' ');
        const first = this.#underWay.get(name);
        if (first) {
            await first;
            return false;
        }

        const isNew = this.#uncertain.has(name) || revocations.some(({ key }) => this.#blacklist.known([key]) !== forever);
        const work = isNew ? this.#blacklist.revoke(revocations) : this.#blacklist.confirm();
        this.#underWay.set(name, work);

        try {
            await work;
            this.#uncertain.delete(name);
            return isNew;
        }
        catch (error) {
            this.#uncertain.set(name, true);
            throw error;
        }
        finally {
            this.#underWay.delete(name);
        }
    }
}
