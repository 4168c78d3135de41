// What each store of the blacklist does, and each connection to the log in Redis.


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

    /** Whether the strategy has sessions of this issuer: their clock separates a login from a revocation. */
    hasSessions?: boolean;
}


/** How far the log is, for a process that is no member. */
export interface Progress {

    /** What has been published, and what all members have confirmed of it. */
    published: number;
    least: number;

    /** Whether the epoch is older than a lease. */
    isSettled: boolean;

    /** The longest lease (ms) of a member in this epoch; 0 where none has had one. */
    lease: number;
}


/** The blacklist's half of a store, for a process without a lease. Keys are identities, cut-offs only grow. */
export interface BlacklistStore {

    /** The cut-off of each key, in one round trip. */
    cutoffs(keys: string[]): (number | null)[] | Promise<(number | null)[]>;

    /** Writes all of them in one atomic step. Resolves with where they are in the log, and how far that is. */
    revoke(revocations: Revocation[]): Promise<Progress & { epoch: string; position: number }>;

    /** How far the log is; null where it is not that epoch's any more. */
    progress(epoch: string): Promise<Progress | null>;

    /** Marks an epoch as older than a lease. */
    settle(epoch: string): Promise<void>;

    /** Registers terms, of which the greatest count from then on. Resolves with the longest time (ms) that a token of any issuer is accepted for. */
    register(terms: RegisteredTerms[]): Promise<number>;
}


/** Writes that were published together: the positions from `first` to `last`. */
export interface News {
    epoch: string;

    /** 0 where no position is concerned: these revocations are only kept for less long. */
    first: number;
    last: number;
    revocations: Revocation[];
}


/** What a connection brings by itself: before any reply to what was sent after it happened. */
export interface LinkListener {

    news(news: News): void;

    /** All members have confirmed this position, for which this member has a write that waits. */
    told(epoch: string, position: number): void;

    /** The connection is gone: nothing more will come, and no reply either. */
    closed(error: Error): void;
}


/** The log, as a member finds it. */
export interface Opened {
    epoch: string;
    head: number;
    isSettled: boolean;
    lease: number;
}


/** Where a write is in the log. */
export interface Written {
    position: number;
    isPublished: boolean;
    least: number;
    isSettled: boolean;
    lease: number;

    /** Whether it counts as confirmed by its writer, which had confirmed all before. */
    isConfirmed: boolean;
}


/** What was published before the confirmation, how many revocations there are, and how many members. `least` is 0 where it was not asked for. */
export interface Confirmed {
    published: number;
    least: number;
    lease: number;
    size: number;
    members: number;
}


/**
 * One connection to the log, of one member, with one order for replies and news: PROTOCOL.md says what each script does. What takes an epoch
 * does nothing in another one: it resolves with null, or false. A method that gets no reply in time throws an `Outage`.
 */
export interface Link {

    /** The member: another one for each connection. */
    readonly id: string;

    /** From when this resolves no news is missed. */
    subscribe(listener: LinkListener): Promise<void>;
    register(terms: RegisteredTerms[]): Promise<number>;

    /** The log, which is made where there is none. Removes the member `old` ('' for none). */
    open(old: string): Promise<Opened>;

    cutoffs(keys: string[]): Promise<(number | null)[]>;

    /** Everything that is in force, in pages. An entry may come twice, none that stays is left out. */
    pages(): AsyncIterable<Revocation[]>;

    /** Which member writes back what was lost ('' for none), which changes with each piece; and whether the epoch is settled. */
    restoration(epoch: string): Promise<{ restoring: string; isSettled: boolean } | null>;

    /** Writes a piece back, if `restoring` is still what it was. Resolves with what it is then, '' where it was something else. */
    restore(epoch: string, seen: string, revocations: Revocation[]): Promise<string | null>;

    /** Everything has been written back, if `restoring` is still what it was. */
    restored(epoch: string, seen: string): Promise<boolean>;

    settle(epoch: string): Promise<boolean>;

    /** This member has applied everything up to a position. Makes it a member. */
    confirm(epoch: string, position: number, wantsLeast: boolean): Promise<Confirmed | null>;

    /** The same of who is a member, without a reply: whether the log has taken it shows with the next confirmation. Wakes this process once less. */
    acknowledge(epoch: string, position: number): void;

    /** Writes the revocations, and announces that this member waits for them. */
    write(epoch: string, revocations: Revocation[]): Promise<Written | null>;

    /** Suspects the members that have not confirmed a position. Resolves with a name for this suspicion. */
    suspect(epoch: string, position: number): Promise<string | null>;

    /** Removes the members that have been under this suspicion ever since. */
    strike(epoch: string, suspicion: string): Promise<boolean>;

    leave(epoch: string): Promise<boolean>;

    close(): void;
}
