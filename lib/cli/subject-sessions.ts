import { SessionList } from '../sessions/session-list';

import type { Blacklist } from '../blacklist/blacklist';
import type { SessionEntry, SessionStore } from '../store/contract';
import type { Invocation } from './arguments';


/** The sessions that a revocation from outside the app ends: not even whether there are any is known before. */
export class SubjectSessions extends SessionList {

    readonly #invocation: Invocation;
    #count = 0;

    constructor(store: SessionStore, blacklist: Blacklist, issuer: string, invocation: Invocation) {

        super(store, blacklist, issuer, invocation.maxAge);
        this.#invocation = invocation;
    }

    /** Sessions in the last list. */
    get count(): number {

        return this.#count;
    }

    override async list(subject: string): Promise<SessionEntry[]> {

        const sessions = await super.list(subject);
        this.#count = sessions.length;
        return sessions;
    }

    /** Also for tokens from elsewhere, after what may have been issued so far by a clock that is ahead. The sessions have been listed by then. */
    override async stamp(subject: string): Promise<number> {

        const { tokens, clockTolerance } = this.#invocation;
        const moment = await super.stamp(subject);
        return (tokens ?? (this.#count > 0 ? 'ours' : 'elsewhere')) === 'ours' ? moment : Math.max(moment, Date.now()) + clockTolerance;
    }
}
