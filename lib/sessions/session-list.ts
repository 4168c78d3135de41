import { isRevoked } from '../blacklist/blacklist';
import { identify, identitiesOf, sessionId } from '../blacklist/identities';

import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { SessionAddress, SessionEntry, SessionStore, Shortening } from '../store/contract';
import type { SessionInfo } from '../types';


export interface SessionListOptions {
    store: Pick<SessionStore, 'list' | 'remove' | 'stamp'>;
    blacklist: Pick<Blacklist, 'cutoff'>;
    issuer: string;

    /** How long (ms) a session lives at most. */
    maxAge: number;
}


/** The sessions of each subject, to be seen and to be ended: neither needs a key that signs. */
export class SessionList {

    readonly #store: SessionListOptions['store'];
    readonly #blacklist: SessionListOptions['blacklist'];
    readonly #issuer: string;
    readonly #maxAge: number;

    constructor({ store, blacklist, issuer, maxAge }: SessionListOptions) {

        this.#store = store;
        this.#blacklist = blacklist;
        this.#issuer = issuer;
        this.#maxAge = maxAge;
    }

    /** Blacklist keys of a session's refresh tokens. */
    identities(address: SessionAddress): Identities {

        const sid = sessionId(address);
        const token = identify('refresh', this.#issuer, sid);
        return identitiesOf(token, address.subject, identify('everyone', this.#issuer), identify('session', this.#issuer, sid));
    }

    /** The stored sessions of a subject's identity, oldest first. Also those that were revoked, until they are removed. */
    list(subject: string): Promise<SessionEntry[]> {

        return this.#store.list(subject);
    }

    /** A subject's live sessions, oldest first. */
    async live(subject: string): Promise<SessionInfo[]> {

        const identity = identify('subject', this.#issuer, subject);
        const entries = await this.#store.list(identity);
        const cutoffs = await Promise.all(entries.map(({ id }) => this.#blacklist.cutoff(this.identities({ subject: identity, id }))));
        return entries
            .filter(({ created }, i) => !isRevoked(created, cutoffs[i]!))
            .map(({ id, created, renewed, remaining, data }) => ({
                id: sessionId({ subject: identity, id }),
                created,
                renewed,
                expires: Date.now() + remaining,
                data: JSON.parse(data) ?? undefined
            }));
    }

    /** Removes sessions that were revoked, and lets the blacklist forget them once their access tokens have expired. */
    remove(subject: string, ids: string[], shortening: Shortening): Promise<void> {

        return this.#store.remove(subject, ids, shortening);
    }

    /** A cut-off (ms) after each of the subject's sessions so far and before those to come. */
    stamp(subject: string): Promise<number> {

        return this.#store.stamp(subject, this.#maxAge);
    }
}
