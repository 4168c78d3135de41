import { isRevoked, latestCutoff } from '../blacklist/blacklist';
import { actorsOf } from '../jwt/actor';
import { partyOf } from '../status/events';
import { identify, identitiesOf, sessionId } from '../blacklist/identities';

import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { SessionAddress, SessionEntry, SessionPage, SessionStore } from '../store/session-contract';
import type { ActingParty } from '../jwt/actor';
import type { Claims, SessionInfo } from '../types';


export interface SessionListOptions {
    store: Pick<SessionStore, 'list'>;
    blacklist: Pick<Blacklist, 'cutoff'>;
    issuer: string;
    clockTolerance: number;
}


/** A stored session, dead or alive. Moments are in milliseconds since the epoch. */
export interface StoredSession extends Pick<SessionEntry, 'id' | 'created' | 'renewed' | 'data'>, Pick<SessionInfo, 'actor' | 'expires' | 'ends'> {
    isDead: boolean;
}


export class SessionList {

    readonly #options: SessionListOptions;

    constructor(options: SessionListOptions) {

        this.#options = options;
    }

    get issuer(): string {

        return this.#options.issuer;
    }

    identities(address: SessionAddress): Identities {

        const { issuer } = this.#options;
        const sid = sessionId(address);
        return identitiesOf(identify('refresh', issuer, sid), address.subject, identify('everyone', issuer), identify('session', issuer, sid));
    }

    /** The actors in a session that began at `created` (ms); undefined without any. */
    actors(claims: Pick<Claims, 'act'>, created: number): ActingParty[] | undefined {

        const { issuer, clockTolerance } = this.#options;
        return actorsOf({ claims, issuer, issued: created, stamp: created, clockTolerance });
    }

    async live(subject: string): Promise<SessionInfo[]> {

        const identity = identify('subject', this.issuer, subject);
        const live = (await this.stored(identity)).filter(({ isDead }) => !isDead);
        return live.map(({ id, created, renewed, expires, ends, data, actor }) => {

            return { id: sessionId({ subject: identity, id }), created, renewed, expires, ends, data: JSON.parse(data) ?? undefined, ...actor && { actor } };
        });
    }

    /** The sessions of a subject's blacklist key, oldest first, with those that are revoked but not removed yet. */
    async stored(subject: string): Promise<StoredSession[]> {

        const { blacklist, store } = this.#options;
        const stored: StoredSession[] = [];
        let after: number | null = 0;
        while (after !== null) {
            const page: SessionPage = await store.list(subject, after);
            const actors = page.sessions.map(({ claims, created }) => (claims === '' ? undefined : this.actors(JSON.parse(claims), created)));
            const cutoffs = await Promise.all(page.sessions.map(({ id, created }, i) => {

                return latestCutoff(blacklist, { identities: this.identities({ subject, id }), stamp: created, actors: actors[i] });
            }));

            const now = Date.now();
            page.sessions.forEach(({ remaining, longest, ...session }, i) => {

                const actor = actors[i]?.[0];
                stored.push({ ...session, expires: now + remaining, ends: now + longest, isDead: isRevoked(session.created, cutoffs[i]!), ...actor && { actor: partyOf(actor) } });
            });

            after = page.next;
        }

        return stored;
    }
}
