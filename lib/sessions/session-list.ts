import { isRevoked } from '../blacklist/blacklist';
import { identify, identitiesOf, sessionId } from '../blacklist/identities';

import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { SessionAddress, SessionPage, SessionStore, Shortening } from '../store/session-contract';
import type { SessionInfo } from '../types';


export interface SessionListOptions {
    store: Pick<SessionStore, 'claims' | 'clear' | 'list' | 'remove' | 'stamp'>;
    blacklist: Pick<Blacklist, 'cutoff'>;
    issuer: string;

    /** How long (ms) a session lives at most. */
    maxAge: number;
}


/** The sessions of each subject, to list and to end: neither needs a key that signs. */
export class SessionList {

    readonly #options: SessionListOptions;

    constructor(options: SessionListOptions) {

        this.#options = options;
    }

    get issuer(): string {

        return this.#options.issuer;
    }

    /** Blacklist keys of a session's refresh tokens. */
    identities(address: SessionAddress): Identities {

        const { issuer } = this.#options;
        const sid = sessionId(address);
        return identitiesOf(identify('refresh', issuer, sid), address.subject, identify('everyone', issuer), identify('session', issuer, sid));
    }

    /** A page of the stored sessions of a subject's identity, oldest first. Revoked sessions are among them until they are removed. */
    page(subject: string, after?: number): Promise<SessionPage> {

        return this.#options.store.list(subject, after);
    }

    /** A subject's live sessions, oldest first. */
    async live(subject: string): Promise<SessionInfo[]> {

        const identity = identify('subject', this.issuer, subject);
        const live: SessionInfo[] = [];
        let after: number | null = 0;
        while (after !== null) {
            const page: SessionPage = await this.page(identity, after);
            const cutoffs = await Promise.all(page.sessions.map(({ id }) => this.#options.blacklist.cutoff(this.identities({ subject: identity, id }))));
            page.sessions.forEach(({ id, created, renewed, remaining, data }, i) => {

                if (!isRevoked(created, cutoffs[i]!)) {
                    live.push({ id: sessionId({ subject: identity, id }), created, renewed, expires: Date.now() + remaining, data: JSON.parse(data) ?? undefined });
                }
            });

            after = page.next;
        }

        return live;
    }

    /** The subject of a live session; null where there is none. */
    async owner(address: SessionAddress): Promise<string | null> {

        const claims = await this.#options.store.claims(address);
        return claims === null ? null : JSON.parse(claims).sub;
    }

    /** Removes a session that was revoked. The blacklist drops its entry once its access tokens have expired. */
    remove(address: SessionAddress, shortening: Shortening): Promise<void> {

        return this.#options.store.remove(address, shortening);
    }

    /** Removes a page of the sessions that a cut-off has ended. Returns how many: 0 when there are no more. */
    clear(subject: string, cutoff: number, margin: number): Promise<number> {

        return this.#options.store.clear(subject, cutoff, margin);
    }

    /** A cut-off (ms) after each of the subject's sessions so far and before all later ones. */
    stamp(subject: string): Promise<number> {

        const { store, maxAge } = this.#options;
        return store.stamp(subject, maxAge);
    }
}
