// This room stores revocations and sessions: in Redis or in memory, behind the one contract here.

import type { BlacklistStore } from './blacklist-contract';
import type { Durability } from './durability';
import type { SessionStore } from './session-contract';


/** A store. A method that cannot reach it throws an `Outage` in bounded time; what it then left undone is unknown, and may be repeated. */
export interface Store extends BlacklistStore, SessionStore {
    readonly kind: 'memory' | 'redis';

    start(): Promise<void>;
    stop(): Promise<void>;

    /** Whether it keeps what is written to it. @throws `Outage`. */
    examine(): Promise<Durability>;

    /** Stores a text under a name, for `ttl` (ms). Resolves with the one that another process, or an earlier one, has stored; null where there is none. */
    exchange(name: string, text: string, ttl: number): Promise<string | null>;
}
