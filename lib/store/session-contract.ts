// What each store of sessions does.

import type { Revocation } from './blacklist-contract';


/** Where a session is stored: all sessions of a subject side by side. */
export interface SessionAddress {

    /** The identity of the subject. */
    subject: string;

    /** Unique among the subject's sessions. */
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

    /** How many sessions its subject may have, and whether it does not begin where the subject has as many. */
    max: number;
    refuses?: boolean;
}


/** The oldest sessions of a subject beyond the newest ones that it may have. `isPartial` where there may be more. */
export interface Surplus {
    ids: string[];
    isPartial: boolean;
}


/** A refresh token that is presented. `next` renews the session; without it the session is only looked at. */
export interface Presentation {
    family: string;
    secret: string;
    grace: number;
    next?: {
        secret: string;

        /** Empty where nothing leads from the previous to the next token: then the previous one is `ended`, instead of accepted within the grace. */
        nonce: string;
        ttl: number;
        accessTtl: number;

        /** The session's claims from now on; with them the token is replaced in any case. */
        claims?: string;
    };
}


/** A live session. Moments are in milliseconds since the epoch, on the store's clock; what remains is relative. */
export interface Session {
    created: number;
    claims: string;
    data: string;

    /** Until it ends unless it is renewed. To a look with a previous token it is what it was before the renewal. */
    remaining: number;
}


/** A live session in its subject's list. */
export interface SessionEntry {
    id: string;
    created: number;
    renewed: number;

    /** Until it ends unless it is renewed, and until it ends in any case. */
    remaining: number;
    longest: number;
    data: string;

    /** Those of a session in which somebody acts as the subject (they have `act`), else empty. */
    claims: string;
}


/** A page of a subject's live sessions, oldest first. `next` is where the following page begins, null after the last. */
export interface SessionPage {
    sessions: SessionEntry[];
    next: number | null;
}


/**
 * What need not be revoked for as long once a session is gone: until `margin` (ms) after its last access token, and for its own `ttl` at least. Where another
 * strategy of the issuer has a greater tolerance than the `terms` of a revocation say, the store adds the difference.
 */
export interface Shortening {
    revocations: Revocation[];
    margin: number;
}


/**
 * What a refresh token leads to. `current` and `previous` (within the grace) are accepted; `superseded` was used up before; `ended` is a token of a
 * session that was removed not long ago. `nonce` leads from the previous to the current token.
 */
export type SessionState =
    { state: 'unknown' | 'ended' } |
    { state: 'superseded'; created: number; claims: string } |
    { state: 'current' | 'previous'; nonce: string; session: Session };


/**
 * The sessions' half of a store. Each call is one atomic step and one round trip, and its work is bounded whatever a subject has. Subjects' clocks never
 * stand still or go back.
 */
export interface SessionStore {

    /**
     * Returns when the session began, a moment after every one that was given to this subject before; and which sessions it has too many now. Null where
     * it `refuses`, and the subject has no room for it.
     */
    create(address: SessionAddress, session: NewSession): Promise<{ created: number; surplus: Surplus } | null>;

    /** Which sessions a subject has beyond `max`. */
    surplus(subject: string, max: number): Promise<Surplus>;

    present(address: SessionAddress, presentation: Presentation): Promise<SessionState>;

    /** The claims of a live session, as JSON; null where there is none. */
    claims(address: SessionAddress): Promise<string | null>;

    /** A subject's live sessions, oldest first: a page of those that began after a moment. */
    list(subject: string, after?: number): Promise<SessionPage>;

    /** Has a live session count as one whose tokens can be presented for `life` (ms) from now on. Returns false where it has ended. */
    prolong(address: SessionAddress, life: number): Promise<boolean>;

    /**
     * Ends a session, and in the same step shortens revocations whose cut-off is still this one, and publishes that. Where the session is not there
     * to say how long its access tokens live, they stay as they are. Of an ended session is known for that long, and `margin`, that it was ended.
     */
    remove(address: SessionAddress, shortening: Shortening): Promise<void>;

    /** Ends a page of the sessions that began at or before `cutoff`, as `remove()` does without revocations. Returns how many: 0 when there are no more. */
    clear(subject: string, cutoff: number, margin: number): Promise<number>;

    /** A moment that separates the sessions so far from those to come. */
    stamp(subject: string, maxAge: number): Promise<number>;
}
