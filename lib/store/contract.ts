import type { SessionAddress } from '../refresh-token';


/** The cut-off of what is dead whenever it was issued. */
export const forever = Number.MAX_SAFE_INTEGER;


/** What is issued at or before `cutoff` (ms since the epoch) is dead, until the entry has lived for `ttl` (ms). */
export interface Revocation {
    key: string;
    cutoff: number;
    ttl: number;
}


/** The blacklist's half of a store. Keys are identities, cut-offs only grow. */
export interface BlacklistStore {

    /** The cut-off of each key, in one round trip. */
    cutoffs(keys: string[]): Promise<(number | null)[]>;

    /** Writes all of them in one atomic step. */
    revoke(revocations: Revocation[]): Promise<void>;

    /** Lets an entry go earlier, provided that its cut-off is still this one. */
    shorten(revocation: Revocation): Promise<void>;

    /** Everything that is in force, in pages. An entry may come twice, none that stays is left out. */
    pages(): AsyncIterable<{ key: string; cutoff: number }[]>;
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
}


/** A refresh token that is presented. `next` renews the session; without it the session is only looked at. */
export interface Presentation {
    family: string;
    secret: string;
    grace: number;
    next?: { secret: string; nonce: string; ttl: number; accessTtl: number };
}


/** A live session. Moments are in milliseconds since the epoch, on the store's clock; what remains is relative. */
export interface Session {
    created: number;
    claims: string;
    data: string;

    /** Until it ends unless it is renewed, and until it ends in any case. */
    remaining: number;
    remainingAtMost: number;
}


/** `current` and `previous` (within the grace) are accepted; `superseded` was used up before. `nonce` leads from the previous to the current one. */
export type Presented =
    { state: 'unknown' } |
    { state: 'superseded' } |
    { state: 'current' | 'previous'; nonce: string; session: Session };


/** The sessions' half of a store. Each call is one atomic step and one round trip. Subjects' clocks never stand still or go back. */
export interface SessionStore {

    /** Answers when the session began: a moment after every one that this subject's calls have answered. */
    create(address: SessionAddress, session: NewSession): Promise<number>;

    present(address: SessionAddress, presentation: Presentation): Promise<Presented>;

    /** The ids of a subject's live sessions, oldest first. */
    list(subject: string): Promise<string[]>;

    /** Ends sessions. Answers how long (ms) the last access token of any of them lives on. */
    remove(subject: string, ids: string[]): Promise<number>;

    /** A moment that separates the sessions so far from those to come. */
    stamp(subject: string, maxAge: number): Promise<number>;
}


/** A store. A method that cannot reach it throws an `Outage` in bounded time; what it then left undone is unknown, and may be repeated. */
export interface Store extends BlacklistStore, SessionStore {
    readonly kind: 'memory' | 'redis';

    start(): Promise<void>;
    stop(): Promise<void>;
}
