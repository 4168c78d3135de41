import { isRevoked } from '../blacklist/blacklist';
import { identify, identitiesOf, sessionId } from '../blacklist/identities';

import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { SessionAddress, SessionEntry, SessionPage, SessionStore } from '../store/session-contract';
import type { SessionInfo } from '../types';


export interface SessionListOptions {
    store: Pick<SessionStore, 'list'>;
    blacklist: Pick<Blacklist, 'cutoff'>;
    issuer: string;
}


/** A session, dead or alive. Moments are in milliseconds since the epoch. */
export interface StoredSession extends Pick<SessionEntry, 'id' | 'created' | 'renewed' | 'data'>, Pick<SessionInfo, 'expires' | 'ends'> {
    isDead: boolean;
}


/** The sessions of each subject. */
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

    /** A subject's live sessions, oldest first. */
    async live(subject: string): Promise<SessionInfo[]> {

        const identity = identify('subject', this.issuer, subject);
        const live = (await this.stored(identity)).filter(({ isDead }) => !isDead);
        return live.map(({ id, created, renewed, expires, ends, data }) => ({ id: sessionId({ subject: identity, id }), created, renewed, expires, ends, data: JSON.parse(data) ?? undefined }));
    }

    /** The sessions of a subject's identity, oldest first, with those that were revoked, and are not removed yet. */
    async stored(subject: string): Promise<StoredSession[]> {

        const { blacklist, store } = this.#options;
        const stored: StoredSession[] = [];
        let after: number | null = 0;
        while (after !== null) {
            const page: SessionPage = await store.list(subject, after);
            const cutoffs = await Promise.all(page.sessions.map(({ id }) => blacklist.cutoff(this.identities({ subject, id }))));
            const now = Date.now();
            page.sessions.forEach(({ remaining, longest, ...session }, i) => {

                stored.push({ ...session, expires: now + remaining, ends: now + longest, isDead: isRevoked(session.created, cutoffs[i]!) });
            });

            after = page.next;
        }

        return stored;
    }
}
