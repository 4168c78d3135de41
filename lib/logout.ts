import { identify } from './identity';
import { sessionAddress, sessionId } from './refresh-token';
import { forever } from './store/contract';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from './blacklist';
import type { Evidence } from './evidence';
import type { StrategySettings } from './options';
import type { SessionAddress } from './refresh-token';
import type { Sessions } from './sessions';
import type { Revocation } from './store/contract';
import type { Extent } from './types';


// Clocks of two servers, and the rounding of a date to seconds: no entry may go while a token is still accepted somewhere

const margin = 60_000;


/** From the wish to log out to what is written: which keys, with which cut-off, for how long. */
export class Logout {

    readonly #blacklist: Blacklist;
    readonly #sessions: Sessions | null;
    readonly #settings: StrategySettings;
    readonly #later: (work: Promise<void>) => void;

    /** `later` is handed work that the answer need not wait for, and that the server waits for when it stops. */
    constructor(blacklist: Blacklist, sessions: Sessions | null, settings: StrategySettings, later: (work: Promise<void>) => void) {

        this.#blacklist = blacklist;
        this.#sessions = sessions;
        this.#settings = settings;
        this.#later = later;
    }

    /**
     * Ends what a request wishes to end. One write covers all of it, so that nothing is ever half done; repeating it is harmless.
     *
     * @throws `Outage` when it is not certain that it was written; what the app's `revoke` throws, once it was.
     */
    async end(extent: Extent, evidence: Evidence, request: Request | null): Promise<void> {

        if (extent === 'others') {
            await this.#endOthers(evidence);
            return;
        }

        const { issuer, subject, session, access, refresh } = evidence;
        const accessTtl = access && tokenRevocation(access).ttl;

        if (extent === 'subject') {
            await this.endSubject(issuer, subject, this.#tokens(evidence), accessTtl);
        }
        else if (extent === 'session' && session !== undefined) {
            await this.endSession(issuer, session, this.#tokens(evidence, identify('session', issuer, session)), accessTtl);
        }
        else {
            await this.#blacklist.revoke(this.#tokens(evidence));
        }

        const { refreshToken } = this.#settings;
        if (refreshToken?.kind === 'app' && refresh) {
            await refreshToken.revoke(refresh.token, request);
        }
    }

    /** Ends one session. `also` is written in the same step; `accessTtl` (ms) is how long an access token at hand needs its revocation. */
    async endSession(issuer: string, session: string, also: Revocation[] = [], accessTtl = 0): Promise<void> {

        const revocations = [...also, this.#sessionRevocation(issuer, session)];
        await this.#blacklist.revoke(revocations);

        const address = this.#sessions && sessionAddress(session);
        if (address) {
            this.#later(this.#forget([address], revocations, accessTtl));
        }
    }

    /** Ends everything of a subject that was issued so far. The rest is as with `endSession`. */
    async endSubject(issuer: string, subject: string, also: Revocation[] = [], accessTtl = 0): Promise<void> {

        const { jwt, refreshToken } = this.#settings;
        const key = identify('subject', issuer, subject);
        const ttl = Math.max(jwt.maxAge, refreshToken?.maxAge ?? 0) + jwt.clockTolerance + margin;

        // The sessions come first: one that begins after the cut-off must not be among them

        const addresses = await this.#list(key);
        const cutoff = await this.#sessions?.stamp(key) ?? Date.now() + jwt.clockTolerance;
        await this.#blacklist.revoke([...also, { key, cutoff, ttl }]);
        this.#later(this.#forget(addresses, also, accessTtl));
    }

    // The tokens at hand. What falls with `session` need not be named, unless it is the app that says so, which may say otherwise tomorrow

    #tokens({ access, refresh }: Evidence, session = ''): Revocation[] {

        const { refreshToken } = this.#settings;
        const revocations: Revocation[] = [];

        if (access && !access.keys.includes(session)) {
            revocations.push(tokenRevocation(access));
        }

        if (refresh && refreshToken?.kind === 'app') {
            revocations.push(tokenRevocation(refresh));
        }

        // One of ours may be renewed meanwhile, and then lives for longer than was seen

        else if (refresh && !refresh.keys.includes(session)) {
            revocations.push(tokenRevocation(refresh, refreshToken!.maxAge));
        }

        return revocations;
    }

    async #endOthers({ issuer, subject, session }: Evidence): Promise<void> {

        const sessions = await this.#list(identify('subject', issuer, subject));
        const others = sessions.filter((address) => sessionId(address) !== session);
        const revocations = others.map((address) => this.#sessionRevocation(issuer, sessionId(address)));
        if (others.length > 0) {
            await this.#blacklist.revoke(revocations);
            this.#later(this.#forget(others, revocations));
        }
    }

    async #list(subject: string): Promise<SessionAddress[]> {

        const sessions = await this.#sessions?.list(subject) ?? [];
        return sessions.map(({ id }) => ({ subject, id }));
    }

    // As long as any token of the session could be presented

    #sessionRevocation(issuer: string, session: string): Revocation {

        const { jwt, refreshToken } = this.#settings;
        const own = refreshToken?.kind === 'session' && sessionAddress(session);
        const ttl = Math.max(own ? jwt.ttl : jwt.maxAge, refreshToken?.maxAge ?? 0);
        return { key: identify('session', issuer, session), cutoff: forever, ttl: ttl + jwt.clockTolerance + margin };
    }

    // Once its row is gone no token of a session can be renewed, and the blacklist need not outlive the access tokens. Without this it
    // would hold every logout of a month; with it, those of a quarter of an hour

    async #forget(addresses: SessionAddress[], revocations: Revocation[], accessTtl = 0): Promise<void> {

        if (addresses.length === 0) {
            return;
        }

        // A row that was gone already does not tell how long its access tokens live

        const remaining = await this.#sessions!.remove(addresses[0]!.subject, addresses.map(({ id }) => id));
        if (remaining === null) {
            return;
        }

        const ttl = Math.max(remaining + this.#settings.jwt.clockTolerance + margin, accessTtl);
        await Promise.all(revocations.map((revocation) => this.#blacklist.shorten({ ...revocation, ttl })));
    }
}


const tokenRevocation = function ({ id, expires }: { id: string; expires: number }, least = 0): Revocation {

    return { key: id, cutoff: forever, ttl: Math.max(expires - Date.now(), least) + margin };
};
