import * as Hoek from '@hapi/hoek';

import { Refusal } from '../errors/refusal';
import { bounds } from '../options/schema';
import { identify, ownIssuer, sessionId } from '../blacklist/identities';
import { mint, nonce, replacement, successor } from './refresh-token-format';

import type { Request } from '@hapi/hapi';
import type { AccessTokens } from '../jwt/jwt';
import type { ActingParty } from '../jwt/actor';
import type { Logout } from './logout';
import type { SessionList } from './session-list';
import type { RefreshToken } from './refresh-token-format';
import type { NewSession, SessionAddress, SessionState, SessionStore, Surplus } from '../store/session-contract';
import type { SessionSettings } from '../options/settings';
import type { Act, Claims, ReauthenticateOptions } from '../types';


/** The session that a refresh token belongs to. Moments are in milliseconds since the epoch. */
export interface LiveSession {
    sid: string;
    created: number;
    expires: number;
    claims: Claims;
    data: unknown;
}


/** The pair of tokens that a login or a renewal returns. `expiresIn` is in milliseconds. */
export interface Pair {
    accessToken: string;
    refreshToken: string;
    expiresIn: number;

    /** For how long (ms) the refresh token can be used. */
    remaining: number;
    issuer: string;
    subject: string;
    session: string;

    /** When the session began (ms). */
    created: number;

    actors?: ActingParty[];
}


export interface LoginOptions {

    request?: Request | null;

    /** How long (ms) it may live, if it has an actor: no longer than the actor's own session. */
    limit?: number;
}


/** The state of a refresh token's session. `pair` is set after a renewal. */
export type Inspection =
    { state: 'unknown' } |
    { state: 'ended' } |
    { state: 'superseded'; created: number; subject: string; act?: Act } |
    { state: 'live'; session: LiveSession; pair?: Pair };


export interface SessionsOptions {
    store: Pick<SessionStore, 'create' | 'present' | 'prolong' | 'remove' | 'surplus'>;
    tokens: Pick<AccessTokens, 'sign'>;
    list: Pick<SessionList, 'actors' | 'stored'>;
    logout: Pick<Logout, 'endSession' | 'endSurplus' | 'margin'>;
    settings: SessionSettings;

    /** `ttl` is how long (ms) an access token lives. */
    jwt: { issuer: string[]; ttl: number; sessionClaim: string };
}


const maxData = 4096;

// How often a login tries to find room among concurrent logins. A damaged row takes up room and is in no list

const maxRounds = 10;

const unlimited = 2 ** 31;


/** A session is one login on one device: it begins with `issue()`, and each renewal replaces its pair of tokens. */
export class Sessions {

    readonly #options: SessionsOptions;
    readonly #issuer: string;

    constructor(options: SessionsOptions) {

        this.#options = options;
        this.#issuer = ownIssuer(options.jwt.issuer);
    }

    /** Begins a session. If the subject then has too many, the oldest end. @throws `Refusal` if it must not have one more; `Outage`. */
    async issue(claims: Claims, data: unknown, { request = null, limit }: LoginOptions = {}): Promise<Pair> {

        const token = mint(this.#issuer, claims.sub);
        const text = JSON.stringify(data ?? null);
        Hoek.assert(Buffer.byteLength(text) <= maxData, `data is longer than ${maxData} bytes of JSON`);

        // The login of an actor ends none of the user's own sessions

        const { jwt, settings } = this.#options;
        const { maxIdle: ttl, whenFull } = settings;
        const maxAge = Math.min(settings.maxAge, limit ?? Infinity);
        const max = limit === undefined ? await this.#max(claims) : unlimited;
        const stamped = { ...claims, auth_time: authTime(claims) };
        const { issued, created, surplus } = await this.#begin(token, claims, {
            family: this.#family(token),
            secret: token.secret,
            claims: JSON.stringify(stamped),
            data: text,
            ttl,
            maxAge,
            accessTtl: jwt.ttl,
            max,
            refuses: whenFull === 'refuse'
        });

        await this.#endSurplus({ token, subject: claims.sub, surplus, max, request });
        return this.#pair(token, { issued, created, claims: stamped, remaining: Math.min(ttl, maxAge) });
    }

    /** Makes the store remember the end of a live session for `life` (ms). Returns false if it has ended. */
    prolong(address: SessionAddress, life: number): Promise<boolean> {

        return this.#options.store.prolong(address, life);
    }

    /** The state of a token's session, without changing it. */
    async inspect(token: RefreshToken): Promise<Inspection> {

        const found = await this.#present(token);
        return 'session' in found ? { state: 'live', session: liveSession(token, found) } : dead(found);
    }

    /** Renews a token's session: the next token and a new access token, or why not. */
    async renew(token: RefreshToken): Promise<Inspection> {

        const fresh = nonce();
        return await this.#renew(token, this.#options.settings.rotate ? successor(token, fresh) : token, { nonce: fresh });
    }

    /** Renews a token's session after its user was authenticated again, and stores how. Older tokens cannot get the result: a thief was not authenticated. */
    async reauthenticate(token: RefreshToken, how: ReauthenticateOptions): Promise<Inspection> {

        const found = await this.#present(token);
        if (!('session' in found)) {
            return dead(found);
        }

        // All three claims describe the last authentication

        const claims = { ...JSON.parse(found.session.claims), acr: undefined, amr: undefined, ...how, auth_time: authTime(how) };
        return await this.#renew(token, replacement(token), { nonce: '', claims: JSON.stringify(claims) });
    }

    async #renew(token: RefreshToken, next: RefreshToken, how: { nonce: string; claims?: string }): Promise<Inspection> {

        const issued = Date.now();
        const found = await this.#present(token, { secret: next.secret, ...how });
        if (!('session' in found)) {
            return dead(found);
        }

        // Within the grace, the same successor is returned again

        const current = found.state === 'current' || how.claims !== undefined ? next : successor(token, found.nonce);
        const session = liveSession(token, found);
        const pair = await this.#pair(current, { ...session, issued, remaining: found.session.remaining });
        return { state: 'live', session, pair };
    }

    #present(token: RefreshToken, next?: { secret: string; nonce: string; claims?: string }): Promise<SessionState> {

        const { store, jwt, settings: { grace, maxIdle: ttl } } = this.#options;
        return store.present(token, {
            family: this.#family(token),
            secret: token.secret,
            grace,
            next: next && { ...next, ttl, accessTtl: jwt.ttl }
        });
    }

    // Strategies share a store: a token of one issuer must find nothing under another

    #family({ family }: RefreshToken): string {

        return identify('family', this.#issuer, family);
    }

    async #max(claims: Claims): Promise<number> {

        const { max } = this.#options.settings;
        const number = typeof max === 'function' ? await max(claims) : max;
        const { min: least, max: most } = bounds.sessions;
        Hoek.assert(Number.isInteger(number) && number >= least && number <= most, `sessions.max() must return a whole number from ${least} to ${most}`);
        return number;
    }

    // The store counts a session until it is removed, which may be shortly after the response to its logout

    async #begin(token: RefreshToken, claims: Claims, session: NewSession): Promise<{ issued: number; created: number; surplus: Surplus }> {

        const { store, list, logout } = this.#options;
        const { subject } = token;
        for (let i = 0; i < maxRounds; ++i) {
            const issued = Date.now();
            const begun = await store.create(token, session);
            if (begun) {
                return { issued, ...begun };
            }

            const stored = await list.stored(subject);
            const dead = stored.filter(({ isDead }) => isDead);
            await Promise.all(dead.map(async ({ id }) => {

                // If only the refresh token was revoked, an access token may live: end the session before it leaves the list

                await logout.endSession({ issuer: this.#issuer, subject: claims.sub, session: sessionId({ subject, id }) });
                await store.remove({ subject, id }, { revocations: [], margin: logout.margin });
            }));

            if (stored.length - dead.length >= session.max) {
                break;
            }
        }

        throw new Refusal('too_many_sessions');
    }

    // Page by page: the limit may have become lower

    async #endSurplus({ token, subject, surplus, max, request }: { token: RefreshToken; subject: string; surplus: Surplus; max: number; request: Request | null }): Promise<void> {

        const { store, logout } = this.#options;
        let page: Surplus | null = surplus;
        while (page !== null) {
            if (page.ids.length > 0) {
                await logout.endSurplus({ issuer: this.#issuer, subject, surplus: page, request });
            }

            page = page.isPartial ? await store.surplus(token.subject, max) : null;
        }
    }

    // No access token outlives its session. Its life counts from before the command to the store, which stores that life: the process may pause in between

    async #pair(token: RefreshToken, { issued, created, claims, remaining }: { issued: number; created: number; claims: Claims; remaining: number }): Promise<Pair> {

        const session = sessionId(token);
        const { tokens, jwt } = this.#options;
        const expiresIn = Math.min(jwt.ttl, remaining);
        const accessToken = await tokens.sign({ ...claims, [jwt.sessionClaim]: session }, { created, issued, lifetime: expiresIn });
        const refreshToken = token.bytes.toString('base64url');
        return { accessToken, refreshToken, expiresIn, remaining, issuer: this.#issuer, subject: claims.sub, session, created, actors: this.#options.list.actors(claims, created) };
    }
}


const liveSession = function (token: RefreshToken, { session }: Extract<SessionState, { session: unknown }>): LiveSession {

    return {
        sid: sessionId(token),
        created: session.created,
        expires: Date.now() + session.remaining,
        claims: { auth_time: Math.floor(session.created / 1000), ...JSON.parse(session.claims) },
        data: JSON.parse(session.data) ?? undefined
    };
};


// When the user was authenticated: now, unless another issuer did it before

const authTime = function ({ auth_time: given = Infinity }: Pick<Claims, 'auth_time'>): number {

    return Math.min(given, Math.floor(Date.now() / 1000));
};


const dead = function (found: Exclude<SessionState, { session: unknown }>): Inspection {

    if (found.state !== 'superseded') {
        return found;
    }

    const { state, created, claims } = found;
    const { sub: subject, act } = JSON.parse(claims) as Claims;
    return { state, created, subject, ...act && { act } };
};
