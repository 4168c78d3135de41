// This room knows what is revoked, and why this process may answer that from memory. Here is its contract, and the one rule.

import type { RegisteredTerms, Revocation } from '../store/blacklist-contract';
import type { Status } from '../types';


/** What was found of some keys: the edition of the blacklist in which they were clean. */
export interface Memo {
    clean?: number;
}


/** What is revoked. A token is dead when it was issued at or before any cut-off of its keys. Cut-offs only grow. */
export interface Blacklist {

    /**
     * The latest cut-off (ms) of any of the keys; 0 where there is none. It is returned at once where memory may be trusted. With a `memo` of
     * the same keys they are not even looked up while nothing has been revoked.
     *
     * @throws `Outage` when it is not known.
     */
    cutoff(keys: string[], memo?: Memo): number | Promise<number>;

    /** The latest cut-off that memory knows, trusted or not: for routes that serve during an outage. */
    known(keys: string[]): number;

    /** Resolves when the revocations hold in every process. @throws `Outage` when that is not certain: repeat it. */
    revoke(revocations: Revocation[]): Promise<void>;

    /**
     * Resolves when everything that this process knows to be revoked holds in every process. Another call, or another process, may have revoked
     * it just now, and may still be waiting for a process that has not heard of it.
     *
     * What responds "it is revoked" to a repeated logout has to wait for this: `revoke()` of a token that is dead already, and the 401 of a
     * route that logs out. It costs nothing when nothing has been revoked since the last time, and one wait at a time otherwise.
     *
     * @throws `Outage` when that is not certain: repeat it.
     */
    confirm(): Promise<void>;

    /**
     * For how long a strategy accepts tokens. Revocations are kept for as long as any strategy of their issuer does, in whichever process it is, from
     * the moment when that process has started. What a store had lost is kept for as long as any strategy accepts a token.
     */
    register(terms: RegisteredTerms): void;

    start(): Promise<void>;
    stop(): Promise<void>;
    status(): BlacklistStatus;
}


/** The cut-off of what is dead whenever it was issued. */
export const forever = Number.MAX_SAFE_INTEGER;


/** The one rule of the package: dead is what was issued (ms) at or before the cut-off (ms); 0 is no cut-off. */
export const isRevoked = function (stamp: number, cutoff: number): boolean {

    return cutoff > 0 && stamp <= cutoff;
};


/** What decides whether a token is revoked: its keys, and the moment from which it counts (ms); and the same of each who acts with it. */
export interface Revocable extends Memo {
    identities: string[];
    stamp: number;
    actors?: Revocable[];
}


/** The latest cut-off (ms) of a token; `forever` where one who acts with it has been logged out. @throws `Outage`. */
export const latestCutoff = function (blacklist: Pick<Blacklist, 'cutoff'>, token: Revocable): number | Promise<number> {

    const own = blacklist.cutoff(token.identities, token);
    return token.actors === undefined ? own : cutoffWithActors(blacklist, own, token.actors);
};


/** The same, by what memory knows. */
export const knownCutoff = function (blacklist: Pick<Blacklist, 'known'>, { identities, actors = [] }: Revocable): number {

    return actors.some((actor) => isRevoked(actor.stamp, blacklist.known(actor.identities))) ? forever : blacklist.known(identities);
};


const cutoffWithActors = async function (blacklist: Pick<Blacklist, 'cutoff'>, own: number | Promise<number>, actors: Revocable[]): Promise<number> {

    const [latest, ...cutoffs] = await Promise.all([own, ...actors.map((actor) => blacklist.cutoff(actor.identities, actor))]);
    return actors.some(({ stamp }, i) => isRevoked(stamp, cutoffs[i]!)) ? forever : latest;
};


export type BlacklistStatus = Pick<Status, 'lease' | 'cache'>;


/** The lease was lost, and why; it is held again. Something failed, and why. The cache has no room for the whole blacklist. */
export type BlacklistEvent = 'lost' | 'held' | 'failed' | 'partial';


export type Report = (event: BlacklistEvent, error?: Error) => void;
