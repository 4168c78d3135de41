// The contract of each store of the blacklist, and of each connection to the log in Redis.


/** What is issued at or before `cutoff` (ms since the epoch) is dead. */
export interface Cutoff {
    key: string;
    cutoff: number;
}


/** The same, until the entry has lived for `ttl` (ms). */
export interface Revocation extends Cutoff {
    ttl: number;

    /** The terms behind `ttl`. If another strategy of the issuer accepts tokens for longer, the store adds the difference. */
    terms?: Pick<Terms, 'issuer' | 'tolerance'> & Partial<Terms>;
}


/** How long the strategies of an issuer accept its tokens. Durations are in milliseconds. */
export interface Terms {

    /** The blacklist key of everyone of the issuer. */
    issuer: string;

    /** The longest life of a token. Undefined for one token, whose end is known. */
    life: number;
    tolerance: number;
}


export interface RegisteredTerms extends Terms {
    name: string;

    /** Whether the strategy has sessions of this issuer, whose clock orders logins and revocations. */
    hasSessions?: boolean;
}


/** The progress of the log, for a process that is not a member. */
export interface Progress {

    /** The position published, and the one that all members have confirmed. */
    published: number;
    least: number;

    /** Whether the epoch is older than a lease. */
    isSettled: boolean;

    /** The longest lease (ms) of a member in this epoch; 0 for none. */
    lease: number;
}


/** The blacklist's half of a store, for a process without a lease. Cut-offs only grow. */
export interface BlacklistStore {

    /** The cut-off of each key, in one round trip. */
    cutoffs(keys: string[]): (number | null)[] | Promise<(number | null)[]>;

    /** Writes all of them in one atomic step. Resolves with their position, and the progress of the log. */
    revoke(revocations: Revocation[]): Promise<Progress & { epoch: string; position: number }>;

    /** The progress of the log; null in another epoch. */
    progress(epoch: string): Promise<Progress | null>;

    settle(epoch: string): Promise<void>;

    /** Suspects the members that have not confirmed a position. Resolves with the names of their suspicions; none in another epoch. */
    suspect(epoch: string, position: number): Promise<string[]>;

    /** Removes the members that are still under these suspicions. */
    strike(epoch: string, suspicions: string[]): Promise<void>;

    /** Registers terms; the greatest count. Resolves with the longest time (ms) for which any token is accepted. */
    register(terms: RegisteredTerms[]): Promise<number>;
}


/** Writes that were published together: the positions from `first` to `last`. */
export interface News {
    epoch: string;

    /** 0 for revocations that are only shortened. */
    first: number;
    last: number;
    revocations: Revocation[];
}


/** Messages of a connection. They come before the reply to any later command. */
export interface LinkListener {

    news(news: News): void;

    /** All members have confirmed this position, for which a write of this member waits. */
    told(epoch: string, position: number): void;

    /** The connection has ended: no message or reply will come. */
    closed(error: Error): void;
}


export interface Opened {
    epoch: string;
    head: number;
    isSettled: boolean;
    lease: number;
}


export interface Written {
    position: number;
    isPublished: boolean;
    least: number;
    isSettled: boolean;
    lease: number;

    /** Whether it counts as confirmed by its writer, which had confirmed everything before. */
    isConfirmed: boolean;
}


/** The position published before the confirmation, and the numbers of revocations and members. `least` is 0 unless requested. */
export interface Confirmed {
    published: number;
    least: number;
    lease: number;
    size: number;
    members: number;
}


/**
 * One member's connection to the log, with one order of replies and news (PROTOCOL.md). A method with an `epoch` does nothing in another one, and resolves with null or false.
 * Without a reply in time, a method throws an `Outage`.
 */
export interface Link {

    /** The member's id, a new one for each connection. */
    readonly id: string;

    /** No news is missed after this has resolved. */
    subscribe(listener: LinkListener): Promise<void>;
    register(terms: RegisteredTerms[]): Promise<number>;

    /** Opens the log, or makes one. Removes the member `old` ('' for none). */
    open(old: string): Promise<Opened>;

    cutoffs(keys: string[]): Promise<(number | null)[]>;

    /** All entries in force, in pages. An entry may come twice; none is missing that exists all the time. */
    pages(): AsyncIterable<Revocation[]>;

    /** Which member writes back what was lost ('' for none; changes with each piece), and whether the epoch is settled. */
    restoration(epoch: string): Promise<{ restoring: string; isSettled: boolean } | null>;

    /** Writes a piece back, if `restoring` is unchanged. Resolves with its new value; '' if it had changed. */
    restore(epoch: string, seen: string, revocations: Revocation[]): Promise<string | null>;

    /** Everything has been written back, if `restoring` is unchanged. */
    restored(epoch: string, seen: string): Promise<boolean>;

    settle(epoch: string): Promise<boolean>;

    /** This member has applied everything up to a position. Makes it a member. */
    confirm(epoch: string, position: number, wantsLeast: boolean): Promise<Confirmed | null>;

    /** The same for a member, without a reply, which saves waking this process. The next confirmation shows whether it worked. */
    acknowledge(epoch: string, position: number): void;

    write(epoch: string, revocations: Revocation[]): Promise<Written | null>;

    /** Suspects the members that have not confirmed a position. Resolves with the names of their suspicions: other members may have suspected some of them before. */
    suspect(epoch: string, position: number): Promise<string[] | null>;

    /** Removes the members that are still under these suspicions. */
    strike(epoch: string, suspicions: string[]): Promise<boolean>;

    leave(epoch: string): Promise<boolean>;

    close(): void;
}
