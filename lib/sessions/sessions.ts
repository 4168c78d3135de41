import * as Hoek from '@hapi/hoek';

import * as RefreshTokens from './refresh-token';
import { identify } from '../blacklist/identities';
import { SessionList } from './session-list';

import type { Blacklist } from '../blacklist/blacklist';
import type { AccessTokens } from '../jwt/jwt';
import type { RefreshToken, SessionAddress } from './refresh-token';
import type { Presented, SessionStore } from '../store/contract';
import type { SessionSettings } from '../options/settings';
import type { Claims } from '../types';


/** A session that a refresh token of ours leads to. Moments are in milliseconds since the epoch. */
export interface LiveSession {
    sid: string;
    address: SessionAddress;
    created: number;
    expires: number;
    claims: Claims;
    data: unknown;
}


/** The pair that a login or a renewal answers. `expiresIn` is in milliseconds. */
export interface Pair {
    accessToken: string;
    refreshToken: string;
    expiresIn: number;

    /** For how long (ms) the refresh token can be used. */
    remaining: number;
    issuer: string;
    subject: string;
    session: string;
}


/** What a refresh token turned out to be. `pair` is there once it was renewed. */
export type Inspection =
    { state: 'unknown' } |
    { state: 'superseded'; created: number; subject: string } |
    { state: 'live'; session: LiveSession; pair?: Pair };


/** What the access tokens of sessions have in common. `ttl` is in milliseconds. */
export interface SessionClaims {
    issuer: string[];
    ttl: number;
    sessionClaim: string;
}


const maxData = 4096;


/** Logins of our own: each a session in the store, the family of its refresh tokens and of the access tokens minted from them. */
export class Sessions extends SessionList {

    readonly #store: SessionStore;
    readonly #tokens: AccessTokens;
    readonly #settings: SessionSettings;
    readonly #issuer: string;
    readonly #accessTtl: number;
    readonly #sessionClaim: string;

    constructor(store: SessionStore, blacklist: Blacklist, tokens: AccessTokens, settings: SessionSettings, jwt: SessionClaims) {

        const issuer = jwt.issuer[0] ?? '';
        super(store, blacklist, issuer, settings.maxAge);

        this.#store = store;
        this.#tokens = tokens;
        this.#settings = settings;
        this.#issuer = issuer;
        this.#accessTtl = jwt.ttl;
        this.#sessionClaim = jwt.sessionClaim;
    }

    async issue(claims: Claims, data: unknown): Promise<Pair> {

        const token = RefreshTokens.mint(this.#issuer, claims.sub);
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

        return this.#pair(token, claims, created, Math.min(ttl, maxAge));
    }

    /** Looks at the session of a token, without effects. */
    async inspect(token: RefreshToken): Promise<Inspection> {

        const presented = await this.#present(token);
        return 'session' in presented ? { state: 'live', session: this.#live(token, presented) } : dead(presented);
    }

    /** Renews the session of a token: the successor and a new access token, or what is wrong with it. */
    async renew(token: RefreshToken): Promise<Inspection> {

        const nonce = RefreshTokens.nonce();
        const next = this.#settings.rotate ? RefreshTokens.successor(token, nonce) : token;
        const presented = await this.#present(token, { secret: next.secret, nonce });
        if (!('session' in presented)) {
            return dead(presented);
        }

        // Within the grace the successor is the one that was answered first

        const answered = presented.state === 'current' ? next : RefreshTokens.successor(token, presented.nonce);
        const { created, claims, remaining } = presented.session;
        const pair = await this.#pair(answered, JSON.parse(claims), created, remaining);
        return { state: 'live', session: this.#live(token, presented), pair };
    }

    #present(token: RefreshToken, next?: { secret: string; nonce: string }): Promise<Presented> {

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

    #live(token: RefreshToken, { session }: Extract<Presented, { session: unknown }>): LiveSession {

        return {
            sid: this.sid(token),
            address: { subject: token.subject, id: token.id },
            created: session.created,
            expires: Date.now() + session.remaining,
            claims: JSON.parse(session.claims),
            data: JSON.parse(session.data) ?? undefined
        };
    }

    // No access token outlives its session: what is not in the subject's list any more is dead

    async #pair(token: RefreshToken, claims: Claims, created: number, remaining: number): Promise<Pair> {

        const session = this.sid(token);
        const expiresIn = Math.min(this.#accessTtl, remaining);
        const accessToken = await this.#tokens.sign({ ...claims, [this.#sessionClaim]: session }, created, expiresIn);
        const refreshToken = token.bytes.toString('base64url');
        return { accessToken, refreshToken, expiresIn, remaining, issuer: this.#issuer, subject: claims.sub, session };
    }
}


const dead = function (presented: Exclude<Presented, { session: unknown }>): Inspection {

    if (presented.state === 'unknown') {
        return presented;
    }

    const { state, created, claims } = presented;
    return { state, created, subject: JSON.parse(claims).sub };
};
