import { isRevoked } from '../blacklist/blacklist';
import { identify, sessionId } from '../blacklist/identities';

import type { Blacklist } from '../blacklist/blacklist';
import type { SessionAddress, SessionEntry, SessionStore, Shortening } from '../store/contract';
import type { SessionInfo } from '../types';


export interface SessionListOptions {
    store: Pick<SessionStore, 'list' | 'remove' | 'stamp'>;
    blacklist: Pick<Blacklist, 'cutoff'>;
    issuer: string;

    /** How long (ms) a session lives at most. */
    maxAge: number;
}


/** The blacklist names of a session's refresh tokens, and of everything that ends them. */
export interface SessionIdentities {
    token: string;
    session: string;
    subject: string;
    everyone: string;
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

    identities(address: SessionAddress): SessionIdentities {

        const sid = sessionId(address);
        return {
            token: identify('refresh', this.#issuer, sid),
            session: identify('session', this.#issuer, sid),
            subject: address.subject,
            everyone: identify('everyone', this.#issuer)
        };
    }

    /** The stored sessions of a subject's identity, oldest first. Also those that were revoked, until they are removed. */
    list(subject: string): Promise<SessionEntry[]> {

        return this.#store.list(subject);
    }

    /** A subject's live sessions, oldest first. */
    async live(subject: string): Promise<SessionInfo[]> {

        const identity = identify('subject', this.#issuer, subject);
        const entries = await this.#store.list(identity);
        const cutoffs = await Promise.all(entries.map(({ id }) => this.#blacklist.cutoff(Object.values(this.identities({ subject: identity, id })))));
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
