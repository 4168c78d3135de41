import { isRevoked } from '../blacklist/blacklist';
import { identify, identitiesOf, sessionId } from '../blacklist/identities';

import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { SessionAddress, SessionPage, SessionStore } from '../store/session-contract';
import type { SessionInfo } from '../types';


export interface SessionListOptions {
    store: Pick<SessionStore, 'list'>;
    blacklist: Pick<Blacklist, 'cutoff'>;
    issuer: string;
}


/** The live sessions of each subject. */
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

    /** A subject's live sessions, oldest first. Revoked ones are stored until they are removed. */
    async live(subject: string): Promise<SessionInfo[]> {

        const { blacklist, store } = this.#options;
        const identity = identify('subject', this.issuer, subject);
        const live: SessionInfo[] = [];
        let after: number | null = 0;
        while (after !== null) {
            const page: SessionPage = await store.list(identity, after);
            const cutoffs = await Promise.all(page.sessions.map(({ id }) => blacklist.cutoff(this.identities({ subject: identity, id }))));
            page.sessions.forEach(({ id, created, renewed, remaining, data }, i) => {

                if (!isRevoked(created, cutoffs[i]!)) {
                    live.push({ id: sessionId({ subject: identity, id }), created, renewed, expires: Date.now() + remaining, data: JSON.parse(data) ?? undefined });
                }
            });

            after = page.next;
        }

        return live;
    }
}
