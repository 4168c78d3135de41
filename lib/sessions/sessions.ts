import * as Hoek from '@hapi/hoek';

import { identify, ownIssuer, sessionId } from '../blacklist/identities';
import { mint, nonce, successor } from './refresh-token';

import type { AccessTokens } from '../jwt/jwt';
import type { RefreshToken } from './refresh-token';
import type { SessionState, SessionStore } from '../store/contract';
import type { SessionSettings } from '../options/settings';
import type { Claims } from '../types';


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
}


/** What is known of the session of a refresh token. `pair` is there where it was renewed. */
export type Inspection =
    { state: 'unknown' } |
    { state: 'superseded'; created: number; subject: string } |
    { state: 'live'; session: LiveSession; pair?: Pair };


export interface SessionsOptions {
    store: Pick<SessionStore, 'create' | 'present'>;
    tokens: Pick<AccessTokens, 'sign'>;
    settings: SessionSettings;

    /** `ttl` is how long (ms) an access token lives. */
    jwt: { issuer: string[]; ttl: number; sessionClaim: string };
}


const maxData = 4096;


/** A session is one login on one device: it begins with `issue()`, and each renewal replaces its pair of tokens. */
export class Sessions {

    readonly #store: SessionsOptions['store'];
    readonly #tokens: SessionsOptions['tokens'];
    readonly #settings: SessionSettings;
    readonly #issuer: string;
    readonly #accessTtl: number;
    readonly #sessionClaim: string;

    constructor({ store, tokens, settings, jwt }: SessionsOptions) {

        this.#store = store;
        this.#tokens = tokens;
        this.#settings = settings;
        this.#issuer = ownIssuer(jwt.issuer);
        this.#accessTtl = jwt.ttl;
        this.#sessionClaim = jwt.sessionClaim;
    }

    /** Begins a session. */
    async issue(claims: Claims, data: unknown): Promise<Pair> {

        const token = mint(this.#issuer, claims.sub);
        const text = JSON.stringify(data ?? null);
        Hoek.assert(Buffer.byteLength(text) <= maxData, `data is longer than ${maxData} bytes of JSON`);

        const { ttl, maxAge } = this.#settings;
        const created = await this.#store.create(token, {
            family: this.#family(token),
            secret: token.secret,
            claims: JSON.stringify(claims),
            data: text,
            ttl,
            maxAge,
            accessTtl: this.#accessTtl
        });

        return this.#pair(token, { created, claims, remaining: Math.min(ttl, maxAge) });
    }

    /** Looks at the session of a token, without effects. */
    async inspect(token: RefreshToken): Promise<Inspection> {

        const found = await this.#present(token);
        return 'session' in found ? { state: 'live', session: liveSession(token, found) } : dead(found);
    }

    /** Renews the session of a token: the successor and a new access token, or why not. */
    async renew(token: RefreshToken): Promise<Inspection> {

        const fresh = nonce();
        const next = this.#settings.rotate ? successor(token, fresh) : token;
        const found = await this.#present(token, { secret: next.secret, nonce: fresh });
        if (!('session' in found)) {
            return dead(found);
        }

        // Within the grace the successor is the one that was returned first

        const current = found.state === 'current' ? next : successor(token, found.nonce);
        const session = liveSession(token, found);
        const pair = await this.#pair(current, { ...session, remaining: found.session.remaining });
        return { state: 'live', session, pair };
    }

    #present(token: RefreshToken, next?: { secret: string; nonce: string }): Promise<SessionState> {

        const { grace, ttl } = this.#settings;
        return this.#store.present(token, {
            family: this.#family(token),
            secret: token.secret,
            grace,
            next: next && { ...next, ttl, accessTtl: this.#accessTtl }
        });
    }

    // Strategies share a store: a token of one issuer is unknown to the users of another

    #family({ family }: RefreshToken): string {

        return identify('family', this.#issuer, family);
    }

    // No access token outlives its session: what is not in the subject's list any more is dead

    async #pair(token: RefreshToken, { created, claims, remaining }: { created: number; claims: Claims; remaining: number }): Promise<Pair> {

        const session = sessionId(token);
        const expiresIn = Math.min(this.#accessTtl, remaining);
        const accessToken = await this.#tokens.sign({ ...claims, [this.#sessionClaim]: session }, created, expiresIn);
        const refreshToken = token.bytes.toString('base64url');
        return { accessToken, refreshToken, expiresIn, remaining, issuer: this.#issuer, subject: claims.sub, session, created };
    }
}


const liveSession = function (token: RefreshToken, { session }: Extract<SessionState, { session: unknown }>): LiveSession {

    return {
        sid: sessionId(token),
        created: session.created,
        expires: Date.now() + session.remaining,
        claims: JSON.parse(session.claims),
        data: JSON.parse(session.data) ?? undefined
    };
};


const dead = function (found: Exclude<SessionState, { session: unknown }>): Inspection {

    if (found.state === 'unknown') {
        return found;
    }

    const { state, created, claims } = found;
    return { state, created, subject: JSON.parse(claims).sub };
};
