// This room stores revocations and sessions in Redis or in memory. This file has the contract of both.

import type { BlacklistStore } from './blacklist-contract';
import type { Durability } from './durability';
import type { SessionStore } from './session-contract';


/** A store. A method that cannot reach it throws an `Outage` within a time limit; the result is then unknown, and the call may be repeated. */
export interface Store extends BlacklistStore, SessionStore {
    readonly kind: 'memory' | 'redis';

    start(): Promise<void>;
    stop(): Promise<void>;

    /** Whether writes to it are durable. @throws `Outage`. */
    examine(): Promise<Durability>;

    /** Stores a text under a name, for `ttl` (ms). Resolves with the text stored before, or null. */
    exchange(name: string, text: string, ttl: number): Promise<string | null>;
}
