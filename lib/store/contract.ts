// This room stores revocations and sessions: in Redis or in memory, behind the one contract here.

import type { Durability } from './durability';


/** The cut-off of what is dead whenever it was issued. */
export const forever = Number.MAX_SAFE_INTEGER;


/** What is issued at or before `cutoff` (ms since the epoch) is dead, until the entry has lived for `ttl` (ms). */
export interface Revocation {
    key: string;
    cutoff: number;
    ttl: number;

    /** By what the strategy that revokes reckoned `ttl`. Where another strategy of the issuer accepts tokens for longer, the store adds the difference. */
    terms?: Pick<Terms, 'issuer' | 'tolerance'> & Partial<Terms>;
}


/** For how long the strategies of an issuer accept its tokens. Durations are in milliseconds. */
export interface Terms {

    /** The identity of everyone of the issuer. */
    issuer: string;

    /** From when a token is issued until it ends at most. A revocation of one token, whose end is known, has none. */
    life: number;
    tolerance: number;
}


/** The terms of one strategy, with the issuer as tokens name it. */
export interface RegisteredTerms extends Terms {
    name: string;
}


/** A process in the registry. */
export interface Peer {
    id: string;

    /** Its last heartbeat as it was written, and for how long (ms) it may trust its memory from then. */
    beat: string;
    lease: number;
}


/** The blacklist's half of a store. Keys are identities, cut-offs only grow. */
export interface BlacklistStore {

    /** The cut-off of each key, in one round trip. */
    cutoffs(keys: string[]): (number | null)[] | Promise<(number | null)[]>;

    /** Writes all of them and publishes the news in one atomic step. Resolves with the processes that trust their memory. */
    revoke(revocations: Revocation[]): Promise<Peer[]>;

    /** Registers terms, of which the greatest count from then on. Resolves with the longest time (ms) that a token of any issuer is accepted for. */
    register(terms: RegisteredTerms[]): Promise<number>;
}


/** Revocations that were written. */
export interface News {

    /** By whom, and with which number of theirs: to be acknowledged. Without a number they only let revocations go earlier. */
    from: string;
    sequence: number | null;
    revocations: Revocation[];
}


/** What a connection brings by itself: before any answer to what was sent after it happened. */
export interface LinkListener {

    news(news: News): void;

    /** A process has applied the news of this process up to this number. */
    acknowledged(id: string, sequence: number): void;

    /** The connection is gone: nothing more will come, and no answer either. */
    closed(error: Error): void;
}


/** One connection to the blacklist, with one order for questions, heartbeats and news. A method that gets no answer in time throws an `Outage`. */
export interface Link {

    /** From when this resolves no news is missed. */
    subscribe(listener: LinkListener): Promise<void>;

    /** As `BlacklistStore` has it. */
    register(terms: RegisteredTerms[]): Promise<number>;

    /** Whether the data have been this server's, without a break, since `settle()` was called. */
    isSettled(): Promise<boolean>;

    /** Marks the data as whole, as far as they can be. */
    settle(): Promise<void>;

    /** Writes "I am alive". Resolves with whether the registry knew this process already, and how many revocations the blacklist holds. */
    beat(): Promise<{ isKnown: boolean; size: number }>;

    cutoffs(keys: string[]): Promise<(number | null)[]>;

    /** Everything that is in force, in pages. An entry may come twice, none that stays is left out. */
    pages(): AsyncIterable<Revocation[]>;

    /** In this order: writes the revocations, publishes the news, reads the registry. Resolves with the processes in it. */
    revoke(revocations: Revocation[], sequence: number): Promise<Peer[]>;

    /** Lets a process know that its news up to this number have been applied. */
    acknowledge(from: string, sequence: number): void;

    /** Removes processes from the registry, unless they have sent a heartbeat since. */
    strike(peers: Peer[]): Promise<void>;

    /** Removes this process from the registry. */
    leave(): Promise<void>;

    close(): void;
}


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

    /** How many sessions its subject may have. */
    max: number;
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
    next?: { secret: string; nonce: string; ttl: number; accessTtl: number };
}


/** A live session. Moments are in milliseconds since the epoch, on the store's clock; what remains is relative. */
export interface Session {
    created: number;
    claims: string;
    data: string;

    /** Until it ends unless it is renewed. Who looks with a previous token is told what the look before the renewal would have been told. */
    remaining: number;
}


/** A live session in its subject's list. */
export interface SessionEntry {
    id: string;
    created: number;
    renewed: number;
    remaining: number;
    data: string;
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

    /** Returns when the session began, a moment after every one that was given to this subject before; and which sessions it has too many now. */
    create(address: SessionAddress, session: NewSession): Promise<{ created: number; surplus: Surplus }>;

    /** Which sessions a subject has beyond `max`. */
    surplus(subject: string, max: number): Promise<Surplus>;

    present(address: SessionAddress, presentation: Presentation): Promise<SessionState>;

    /** The claims of a live session, as JSON; null where there is none. */
    claims(address: SessionAddress): Promise<string | null>;

    /** A subject's live sessions, oldest first: a page of those that began after a moment. */
    list(subject: string, after?: number): Promise<SessionPage>;

    /**
     * Ends a session, and in the same step lets revocations go earlier whose cut-off is still this one, and tells it. Where the session is not there
     * to say how long its access tokens live, they stay as they are. Of an ended session is known for that long, and `margin`, that it was ended.
     */
    remove(address: SessionAddress, shortening: Shortening): Promise<void>;

    /** Ends a page of the sessions that began at or before `cutoff`, as `remove()` does without revocations. Returns how many: 0 when there are no more. */
    clear(subject: string, cutoff: number, margin: number): Promise<number>;

    /** A moment that separates the sessions so far from those to come. */
    stamp(subject: string, maxAge: number): Promise<number>;
}


/** A store. A method that cannot reach it throws an `Outage` in bounded time; what it then left undone is unknown, and may be repeated. */
export interface Store extends BlacklistStore, SessionStore {
    readonly kind: 'memory' | 'redis';

    start(): Promise<void>;
    stop(): Promise<void>;

    /** Whether it keeps what it is told. @throws `Outage`. */
    examine(): Promise<Durability>;

    /** Stores a text under a name, for `ttl` (ms). Resolves with the one that another process, or an earlier one, has stored; null where there is none. */
    exchange(name: string, text: string, ttl: number): Promise<string | null>;
}
