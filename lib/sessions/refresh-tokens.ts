import * as Hoek from '@hapi/hoek';

import { isRevoked } from '../blacklist/blacklist';
import { identify } from '../blacklist/identities';
import { parse } from './refresh-token';
import { forever } from '../store/contract';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from '../blacklist/blacklist';
import type { ChallengeCode } from '../errors/refusal';
import type { Presented } from './evidence';
import type { Logout } from './logout';
import type { Inspection, Sessions } from './sessions';
import type { AppSettings, JwtSettings } from '../options/settings';
import type { AppRefreshOptions } from '../types';


export interface RefreshTokens {

    /** What a token proves, or why it is refused. `issuer` is whose access token came with it. @throws `Outage`. */
    present(token: string, request: Request | null, issuer?: string): Promise<Presented | ChallengeCode>;

    /** The same, and nothing follows from it. */
    look(token: string): Promise<Presented | ChallengeCode>;
}


/** Whose session it is. */
export interface SessionIdentity {
    issuer: string;
    subject: string;
    session: string;
}


/** Is told whose session was ended because a token was used before. */
export type Reused = (session: SessionIdentity, request: Request | null) => void;


interface Reuse extends SessionIdentity {
    isReuse: true;
}


/** Refresh tokens of our own. */
export class SessionRefreshTokens implements RefreshTokens {

    readonly #blacklist: Blacklist;
    readonly #sessions: Sessions;
    readonly #logout: Logout;
    readonly #reused: Reused;
    readonly #issuer: string;
    readonly #sessionClaim: string;

    constructor(blacklist: Blacklist, sessions: Sessions, logout: Logout, reused: Reused, { issuer, sessionClaim }: JwtSettings) {

        this.#blacklist = blacklist;
        this.#sessions = sessions;
        this.#logout = logout;
        this.#reused = reused;
        this.#issuer = issuer[0] ?? '';
        this.#sessionClaim = sessionClaim;
    }

    present(token: string, request: Request | null): Promise<Presented | ChallengeCode> {

        return this.#accept(this.#resolve(token, false), request);
    }

    /** Renews the session of a token. */
    renew(token: string, request: Request | null): Promise<Presented | ChallengeCode> {

        return this.#accept(this.#resolve(token, true), request);
    }

    async look(token: string): Promise<Presented | ChallengeCode> {

        const resolved = await this.#resolve(token, false);
        return isReuse(resolved) ? 'refresh_token_reused' : resolved;
    }

    // RFC 9700 §4.14.2: one of the two who hold it is a thief

    async #accept(resolving: Promise<Presented | ChallengeCode | Reuse>, request: Request | null): Promise<Presented | ChallengeCode> {

        const resolved = await resolving;
        if (!isReuse(resolved)) {
            return resolved;
        }

        await this.#logout.endSession(resolved.issuer, resolved.session);
        this.#reused(resolved, request);
        return 'refresh_token_reused';
    }

    // A token of a session that was ended is looked up, or even renewed, at the same time as the blacklist is asked: what comes of it is dead

    async #resolve(token: string, renew: boolean): Promise<Presented | ChallengeCode | Reuse> {

        const parsed = parse(token);
        if (!parsed) {
            return 'refresh_token_invalid';
        }

        const identities = this.#sessions.keys(parsed);
        const [cutoff, found] = await Promise.all([
            this.#blacklist.cutoff(identities),
            renew ? this.#sessions.renew(parsed) : this.#sessions.inspect(parsed)
        ]);

        // A row can outlive the session it belongs to. No token of such a session can be stolen any more. A session that is unknown was ended
        // only by what ends it whenever it began

        if (isRevoked(found.state === 'unknown' ? forever : beginning(found), cutoff)) {
            return 'refresh_token_revoked';
        }

        if (found.state === 'unknown') {
            return 'refresh_token_invalid';
        }

        if (found.state === 'superseded') {
            return { isReuse: true, issuer: this.#issuer, subject: found.subject, session: this.#sessions.sid(parsed) };
        }

        const { sid, claims, created, expires, data } = found.session;
        return {
            held: { id: identities[0]!, identities, issued: created, stamp: created, expires, token },
            issuer: this.#issuer,
            subject: claims.sub,
            session: sid,
            claims: { ...claims, [this.#sessionClaim]: sid },
            data,
            pair: found.pair
        };
    }
}


/** Refresh tokens of the app's. */
export class AppRefreshTokens implements RefreshTokens {

    readonly #blacklist: Blacklist;
    readonly #find: AppRefreshOptions['find'];
    readonly #maxAge: number;
    readonly #issuer: string;
    readonly #clockTolerance: number;
    readonly #sessionClaim: string;

    constructor(blacklist: Blacklist, { find, maxAge }: AppSettings, { issuer, clockTolerance, sessionClaim }: JwtSettings) {

        this.#blacklist = blacklist;
        this.#find = find;
        this.#maxAge = maxAge;
        this.#issuer = issuer[0] ?? '';
        this.#clockTolerance = clockTolerance;
        this.#sessionClaim = sessionClaim;
    }

    look(token: string): Promise<Presented | ChallengeCode> {

        return this.present(token, null);
    }

    async present(token: string, request: Request | null, issuer = this.#issuer): Promise<Presented | ChallengeCode> {

        const found = await this.#find(token, request);
        if (found === null || found === undefined) {
            return 'refresh_token_invalid';
        }

        const { subject, session, credentials } = found;
        Hoek.assert(typeof subject === 'string' && subject !== '', 'refreshToken.find() must answer a subject');
        Hoek.assert(session === undefined || typeof session === 'string' && session !== '', 'refreshToken.find() must answer session as a string');

        // No cut-off is kept for longer than a token lives at most

        const issued = moment(found.issued, 'issued');
        const expires = Math.min(moment(found.expires, 'expires') ?? Infinity, (issued ?? Date.now()) + this.#maxAge);
        if (expires <= Date.now()) {
            return 'refresh_token_expired';
        }

        // Its own key must not depend on the access token that may come with it

        const id = identify('refresh', this.#issuer, token);
        const identities = [id, identify('subject', issuer, subject), identify('everyone', issuer)];
        if (session !== undefined) {
            identities.push(identify('session', issuer, session));
        }

        // Without its moment of issue a token falls under every cut-off. The clock it was issued by may be ahead

        const stamp = (issued ?? 0) - this.#clockTolerance;
        const cutoff = await this.#blacklist.cutoff(identities);
        if (isRevoked(stamp, cutoff)) {
            return 'refresh_token_revoked';
        }

        const claims = { sub: subject, ...session !== undefined && { [this.#sessionClaim]: session } };
        return { held: { id, identities, issued: issued ?? 0, stamp, expires, token }, issuer, subject, session, claims, credentials };
    }
}


const beginning = function (found: Exclude<Inspection, { state: 'unknown' }>): number {

    return found.state === 'live' ? found.session.created : found.created;
};


const isReuse = function (resolved: Presented | ChallengeCode | Reuse): resolved is Reuse {

    return typeof resolved === 'object' && 'isReuse' in resolved;
};


const moment = function (value: number | Date | undefined, name: string): number | undefined {

    const time = value instanceof Date ? value.getTime() : value;
    Hoek.assert(time === undefined || Number.isFinite(time), `refreshToken.find() must answer ${name} as a date or in milliseconds`);
    return time;
};
