// The contract of each store of sessions.

import type { Revocation } from './blacklist-contract';


/** Where a session is stored: all sessions of a subject together. */
export interface SessionAddress {

    subject: string;

    id: string;
}


/** A session that begins. Lifetimes are in milliseconds. */
export interface NewSession {
    family: string;
    secret: string;
    claims: string;
    data: string;

    /** Without renewal, at most, and of the first access token. */
    ttl: number;
    maxAge: number;
    accessTtl: number;

    /** How many sessions its subject may have, and whether a login beyond that is refused. */
    max: number;
    refuses?: boolean;
}


/** The oldest sessions of a subject with too many. `isPartial` if there may be more. */
export interface Surplus {
    ids: string[];
    isPartial: boolean;
}


/** A refresh token presented. `next` renews its session; without it nothing changes. */
export interface Presentation {
    family: string;
    secret: string;
    grace: number;
    next?: {
        secret: string;

        /** Empty if the next token cannot be derived from this one: then this one is `ended`, and not accepted within the grace. */
        nonce: string;
        ttl: number;
        accessTtl: number;

        /** New claims of the session; with them, the token is always replaced. */
        claims?: string;
    };
}


/** A live session. Moments are in milliseconds since the epoch, on the store's clock; what remains is relative. */
export interface Session {
    created: number;
    claims: string;
    data: string;

    /** Until it ends unless it is renewed. With a previous token: as it was before the renewal. */
    remaining: number;
}


export interface SessionEntry {
    id: string;
    created: number;
    renewed: number;

    /** Until it ends unless it is renewed, and until it ends in any case. */
    remaining: number;
    longest: number;
    data: string;

    /** Only of a session with an actor (they have `act`), otherwise empty. */
    claims: string;
}


/** A page of a subject's live sessions, oldest first. `next` is the start of the next page, null after the last. */
export interface SessionPage {
    sessions: SessionEntry[];
    next: number | null;
}


/**
 * Revocations to shorten when a session is removed: to `margin` (ms) after its last access token, but not below their own `ttl`. If another strategy of the issuer has a
 * greater tolerance than their `terms`, the store adds the difference.
 */
export interface Shortening {
    revocations: Revocation[];
    margin: number;
}


/**
 * The state of a refresh token. `current` and `previous` (within the grace) are accepted; `superseded` was replaced earlier; `ended` belongs to a session that was removed
 * recently. `nonce` derives the current token from the previous one.
 */
export type SessionState =
    { state: 'unknown' | 'ended' } |
    { state: 'superseded'; created: number; claims: string } |
    { state: 'current' | 'previous'; nonce: string; session: Session };


/** The sessions' half of a store. Each call is one atomic step and one round trip, with bounded work. A subject's clock never stands still or goes back. */
export interface SessionStore {

    /** Resolves with the start of the session, later than any moment given to this subject before, and the surplus. Null if it is refused. */
    create(address: SessionAddress, session: NewSession): Promise<{ created: number; surplus: Surplus } | null>;

    surplus(subject: string, max: number): Promise<Surplus>;

    present(address: SessionAddress, presentation: Presentation): Promise<SessionState>;

    /** The claims of a live session, as JSON; null where there is none. */
    claims(address: SessionAddress): Promise<string | null>;

    /** A subject's live sessions, oldest first: a page of those that began after a moment. */
    list(subject: string, after?: number): Promise<SessionPage>;

    /** Treats the tokens of a live session as valid for `life` (ms) from now on. Resolves with false if it has ended. */
    prolong(address: SessionAddress, life: number): Promise<boolean>;

    /**
     * Removes a session and, in the same step, shortens and publishes revocations with an unchanged cut-off; without the row, they stay. Until its last access token has
     * expired, and `margin` longer, the store knows that the session was ended.
     */
    remove(address: SessionAddress, shortening: Shortening): Promise<void>;

    /** Removes a page of the sessions that began at or before `cutoff`, as `remove()` does, without revocations. Resolves with how many; 0 at the end. */
    clear(subject: string, cutoff: number, margin: number): Promise<number>;

    /** A moment after the sessions so far and before those to come. */
    stamp(subject: string, maxAge: number): Promise<number>;
}
