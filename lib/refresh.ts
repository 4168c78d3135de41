import * as Hoek from '@hapi/hoek';

import { identify } from './identity';
import { parse } from './refresh-token';
import { forever } from './store/contract';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from './blacklist';
import type { ChallengeCode } from './challenge';
import type { Presented } from './evidence';
import type { Logout } from './logout';
import type { AppSettings, JwtSettings } from './options';
import type { Sessions } from './sessions';
import type { AppRefreshOptions } from './types';


export interface RefreshTokens {

    /** What a token proves, or why it is refused. `issuer` is whose access token came with it. @throws `Outage`. */
    present(token: string, request: Request | null, issuer?: string): Promise<Presented | ChallengeCode>;
}


/** Refresh tokens of our own. */
export class SessionRefreshTokens implements RefreshTokens {

    readonly #blacklist: Blacklist;
    readonly #sessions: Sessions;
    readonly #logout: Logout;
    readonly #issuer: string;
    readonly #sessionClaim: string;

    constructor(blacklist: Blacklist, sessions: Sessions, logout: Logout, { issuer, sessionClaim }: JwtSettings) {

        this.#blacklist = blacklist;
        this.#sessions = sessions;
        this.#logout = logout;
        this.#issuer = issuer[0] ?? '';
        this.#sessionClaim = sessionClaim;
    }

    present(token: string): Promise<Presented | ChallengeCode> {

        return this.#resolve(token, false);
    }

    /** Renews the session of a token. */
    renew(token: string): Promise<Presented | ChallengeCode> {

        return this.#resolve(token, true);
    }

    // A token of a session that was ended is looked up, or even renewed, at the same time as the blacklist is asked: what comes of it is dead

    async #resolve(token: string, renew: boolean): Promise<Presented | ChallengeCode> {

        const parsed = parse(token);
        if (!parsed) {
            return 'refresh_token_invalid';
        }

        const keys = this.#sessions.keys(parsed);
        const [cutoff, found] = await Promise.all([
            this.#blacklist.cutoff(keys),
            renew ? this.#sessions.renew(parsed) : this.#sessions.inspect(parsed)
        ]);

        if (cutoff === forever || found.state === 'live' && found.session.created <= cutoff) {
            return 'refresh_token_revoked';
        }

        if (found.state === 'unknown') {
            return 'refresh_token_invalid';
        }

        // RFC 9700 §4.14.2: one of the two who hold it is a thief

        if (found.state === 'superseded') {
            await this.#logout.endSession(this.#issuer, this.#sessions.sid(parsed));
            return 'refresh_token_reused';
        }

        const { sid, claims, created, expires, data } = found.session;
        return {
            held: { id: keys[0]!, keys, stamp: created, expires, token },
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
    readonly #sessionClaim: string;

    constructor(blacklist: Blacklist, { find, maxAge }: AppSettings, { issuer, sessionClaim }: JwtSettings) {

        this.#blacklist = blacklist;
        this.#find = find;
        this.#maxAge = maxAge;
        this.#issuer = issuer[0] ?? '';
        this.#sessionClaim = sessionClaim;
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
        const keys = [id, identify('subject', issuer, subject), identify('everyone', issuer)];
        if (session !== undefined) {
            keys.push(identify('session', issuer, session));
        }

        // Without its moment of issue a token falls under every cut-off

        const stamp = issued ?? 0;
        const cutoff = await this.#blacklist.cutoff(keys);
        if (cutoff > 0 && stamp <= cutoff) {
            return 'refresh_token_revoked';
        }

        const claims = { sub: subject, ...session !== undefined && { [this.#sessionClaim]: session } };
        return { held: { id, keys, stamp, expires, token }, issuer, subject, session, claims, credentials };
    }
}


const moment = function (value: number | Date | undefined, name: string): number | undefined {

    const time = value instanceof Date ? value.getTime() : value;
    Hoek.assert(time === undefined || Number.isFinite(time), `refreshToken.find() must answer ${name} as a date or in milliseconds`);
    return time;
};
