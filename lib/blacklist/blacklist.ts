// This room knows what is revoked, and when this process may trust its memory. This file has its contract, and the one rule.

import type { RegisteredTerms, Revocation } from '../store/blacklist-contract';
import type { Status } from '../types';


/** The edition of the blacklist in which the keys were clean. */
export interface Memo {
    clean?: number;
}


/** What is revoked. A token is dead when it was issued at or before any cut-off of its keys. Cut-offs only grow. */
export interface Blacklist {

    /**
     * The latest cut-off (ms) of the keys; 0 for none. Returned without a promise when memory may be trusted. With a `memo` of the same keys, nothing is looked up until
     * the next revocation. @throws `Outage` when it is unknown.
     */
    cutoff(keys: string[], memo?: Memo): number | Promise<number>;

    /** The latest cut-off in memory, trusted or not: for routes that serve during an outage. */
    known(keys: string[]): number;

    /** Resolves when the revocations hold in every process. @throws `Outage` when that is uncertain: repeat it. */
    revoke(revocations: Revocation[]): Promise<void>;

    /**
     * Resolves when all revocations that this process knows hold in every process. The response to a repeated logout has to wait for this (`revoke()` of a dead token, 401
     * of a logout): the call that revoked the token may still be waiting. Without new revocations it resolves at once. @throws `Outage` when that is uncertain: repeat it.
     */
    confirm(): Promise<void>;

    /** How long a strategy accepts tokens. Revocations are stored for the longest of all strategies of their issuer, in all processes. */
    register(terms: RegisteredTerms): void;

    start(): Promise<void>;
    stop(): Promise<void>;
    status(): BlacklistStatus;
}


/** The cut-off of what is dead whatever its date of issue. */
export const forever = Number.MAX_SAFE_INTEGER;


/** The one rule of the package: what was issued (ms) at or before the cut-off (ms) is dead; 0 is no cut-off. */
export const isRevoked = function (stamp: number, cutoff: number): boolean {

    return cutoff > 0 && stamp <= cutoff;
};


/** What decides whether a token is revoked: its keys, the moment from which it counts (ms), and both of each actor. */
export interface Revocable extends Memo {
    identities: string[];
    stamp: number;
    actors?: Revocable[];
}


/** The latest cut-off (ms) of a token; `forever` if one of its actors was logged out. @throws `Outage`. */
export const latestCutoff = function (blacklist: Pick<Blacklist, 'cutoff'>, token: Revocable): number | Promise<number> {

    const own = blacklist.cutoff(token.identities, token);
    return token.actors === undefined ? own : cutoffWithActors(blacklist, own, token.actors);
};


/** The same, from memory. */
export const knownCutoff = function (blacklist: Pick<Blacklist, 'known'>, { identities, actors = [] }: Revocable): number {

    return actors.some((actor) => isRevoked(actor.stamp, blacklist.known(actor.identities))) ? forever : blacklist.known(identities);
};


const cutoffWithActors = async function (blacklist: Pick<Blacklist, 'cutoff'>, own: number | Promise<number>, actors: Revocable[]): Promise<number> {

    const [latest, ...cutoffs] = await Promise.all([own, ...actors.map((actor) => blacklist.cutoff(actor.identities, actor))]);
    return actors.some(({ stamp }, i) => isRevoked(stamp, cutoffs[i]!)) ? forever : latest;
};


export type BlacklistStatus = Pick<Status, 'lease' | 'cache'>;


/** The lease was lost, or is valid again; something failed; the cache has no room for the whole blacklist. */
export type BlacklistEvent = 'lost' | 'held' | 'failed' | 'partial';


export type Report = (event: BlacklistEvent, error?: Error) => void;
