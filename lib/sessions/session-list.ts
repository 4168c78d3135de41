import { isRevoked } from '../blacklist/blacklist';
import { identify } from '../blacklist/identities';
import { sessionId } from './refresh-token';

import type { Blacklist } from '../blacklist/blacklist';
import type { SessionAddress } from './refresh-token';
import type { SessionEntry, SessionStore, Shortening } from '../store/contract';
import type { SessionInfo } from '../types';


/** Sessions of ours, as far as they are seen and ended: for that nobody needs a key. */
export class SessionList {

    readonly #store: Pick<SessionStore, 'list' | 'remove' | 'stamp'>;
    readonly #blacklist: Pick<Blacklist, 'cutoff'>;
    readonly #issuer: string;
    readonly #maxAge: number;

    /** `maxAge` (ms) is how long a session lives at most. */
    constructor(store: Pick<SessionStore, 'list' | 'remove' | 'stamp'>, blacklist: Pick<Blacklist, 'cutoff'>, issuer: string, maxAge: number) {

        this.#store = store;
        this.#blacklist = blacklist;
        this.#issuer = issuer;
        this.#maxAge = maxAge;
    }

    sid(address: SessionAddress): string {

        return sessionId(address);
    }

    /** Blacklist keys of a session's refresh tokens, and of all that they fall with. */
    keys(address: SessionAddress): string[] {

        const sid = this.sid(address);
        return [identify('refresh', this.#issuer, sid), identify('session', this.#issuer, sid), address.subject, identify('everyone', this.#issuer)];
    }

    /** The sessions in the list of a subject's key, oldest first. */
    list(subject: string): Promise<SessionEntry[]> {

        return this.#store.list(subject);
    }

    /** A subject's live sessions, oldest first. */
    async live(subject: string): Promise<SessionInfo[]> {

        const key = identify('subject', this.#issuer, subject);
        const entries = await this.#store.list(key);
        const cutoffs = await Promise.all(entries.map(({ id }) => this.#blacklist.cutoff(this.keys({ subject: key, id }))));
        return entries
            .filter(({ created }, i) => !isRevoked(created, cutoffs[i]!))
            .map(({ id, created, renewed, remaining, data }) => ({
                id: this.sid({ subject: key, id }),
                created,
                renewed,
                expires: Date.now() + remaining,
                data: JSON.parse(data) ?? undefined
            }));
    }

    /** Forgets sessions whose end the blacklist holds, and lets it hold that for no longer than their access tokens can be presented. */
    remove(subject: string, ids: string[], shortening: Shortening): Promise<void> {

        return this.#store.remove(subject, ids, shortening);
    }

    /** A cut-off (ms) after each of the subject's sessions so far and before those to come. */
    stamp(subject: string): Promise<number> {

        return this.#store.stamp(subject, this.#maxAge);
    }
}
