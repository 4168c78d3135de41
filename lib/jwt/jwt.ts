// This room has access tokens: keys, signature, claims, and the cache of verified tokens. This file verifies and signs them.

import { isUtf8 } from 'node:buffer';

import * as Jose from 'jose';

import { accessTokenMaker } from './access-token';
import { claimsProblem, sessionJti } from './claims';
import { isAsked, keyResolver, signingKey } from './key-resolver';
import { isSignature } from './signature';
import { flat, TokenCache } from './token-cache';
import { Refusal } from '../errors/refusal';

import type { KeyObject } from 'node:crypto';
import type { AccessToken } from './access-token';
import type { KeyResolver, TokenHeader } from './key-set';
import type { SigningKey } from './key-resolver';
import type { JwtSettings } from '../options/settings';
import type { Claims } from '../types';


/** Verifies access tokens, and signs them if the strategy has a key for that. */
export class AccessTokens {

    readonly #settings: JwtSettings;
    readonly #resolve: KeyResolver;
    readonly #isFixed: boolean;
    readonly #make: ReturnType<typeof accessTokenMaker>;
    readonly #signing: SigningKey | null;
    readonly #cache: TokenCache | null;

    // The latest header. Most tokens have the same one, and share it in memory

    #last: { text: string; header: TokenHeader } | undefined;

    /** `onError` is called with the reason why a key set cannot be fetched. */
    constructor(settings: JwtSettings, onError: (error: Error) => void) {

        this.#settings = settings;
        this.#resolve = keyResolver(settings, onError);
        this.#isFixed = !isAsked(settings.key);
        this.#make = accessTokenMaker(settings);
        this.#signing = signingKey(settings);
        this.#cache = settings.cache ? new TokenCache(settings.cache) : null;
    }

    get canSign(): boolean {

        return this.#signing !== null;
    }

    /** The cached token of an Authorization header, if its dates are good and its key cannot have been rotated. */
    recognize(header: unknown): AccessToken | undefined {

        const known = this.#isFixed && typeof header === 'string' && header.startsWith('Bearer ') ? this.#cache?.get(header.slice(7)) : undefined;
        return known && isTimely(known, Date.now()) ? known : undefined;
    }

    /**
     * Returns at once unless a key has to be waited for.
     *
     * 1. *Key.* The one of the token's header, as of now: a key that was rotated out is not found.
     * 2. *Cache.* A token that the same key has verified before only needs its dates checked.
     * 3. *Signature*, by that key, in the one algorithm of the header.
     * 4. *Claims.* It is an access token, and for this strategy.
     * 5. *Dates.*
     *
     * @throws `Refusal`: `access_token_invalid`, or `access_token_expired` unless `tolerateExpiry`. @throws `Outage` when a key set cannot be fetched.
     */
    verify(token: string, { tolerateExpiry = false } = {}): AccessToken | Promise<AccessToken> {

        const known = this.#cache?.get(token);
        const header = known?.header ?? this.#parseHeader(token);
        const key = this.#resolve(header);
        return key instanceof Promise ?
            key.then((later) => this.#judge(token, header, later, known, tolerateExpiry)) :
            this.#judge(token, header, key, known, tolerateExpiry);
    }

    /** Signs a token of a session that began at `created`. It is issued at `issued` and lives for `lifetime` (all in ms). */
    sign(claims: Claims, { created, issued, lifetime }: { created: number; issued: number; lifetime: number }): Promise<string> {

        const { alg, kid, key } = this.#signing!;
        const { issuer, audience } = this.#settings;
        const exp = Math.floor((issued + lifetime) / 1000);

        const payload: Claims = {
            ...claims,
            ...issuer.length > 0 && { iss: issuer[0] },
            ...audience && { aud: audience.length === 1 ? audience[0] : audience },
            jti: sessionJti(created, exp),
            iat: Math.floor(issued / 1000),
            exp
        };

        return new Jose.SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT', ...kid !== undefined && { kid } }).sign(key);
    }

    // RFC 7515 §4.1.11: extensions are not supported. RFC 8725 §3.1: the strategy chooses the algorithms

    #parseHeader(token: string): TokenHeader {

        const parts = token.split('.', 4);
        if (parts.length !== 3) {
            throw invalid(unreadable);
        }

        if (parts[0] === this.#last?.text) {
            return this.#last!.header;
        }

        const header = parse(decode(parts[0]!));
        if (!header || header.crit !== undefined) {
            throw invalid(unreadable);
        }

        const alg = this.#settings.algorithms.find((name) => name === header.alg);
        if (alg === undefined) {
            throw invalid('its algorithm is not one that the strategy accepts');
        }

        return { alg, kid: header.kid, typ: header.typ };
    }

    #judge(token: string, header: TokenHeader, key: KeyObject, known: AccessToken | undefined, tolerateExpiry: boolean): AccessToken {

        const now = Date.now();
        if (known?.key === key && isTimely(known, now)) {
            return known;
        }

        if (known) {
            this.#cache!.delete(token);
        }

        const access = this.#make(this.#prove(token, header, key), now);
        if (this.#last?.header !== header) {
            this.#last = { text: flat(token.slice(0, token.indexOf('.'))), header };
        }

        if (now < access.starts) {
            throw unfit('it is not valid yet');
        }

        if (access.expired && !tolerateExpiry) {
            throw new Refusal('access_token_expired');
        }

        if (!access.expired) {
            this.#cache?.set(token, access);
        }

        return access;
    }

    #prove(token: string, header: TokenHeader, key: KeyObject) {

        const dot = token.lastIndexOf('.');
        const input = token.slice(0, dot);
        if (!isSignature(header.alg, key, input, token.slice(dot + 1))) {
            throw invalid('its signature is wrong');
        }

        const bytes = decode(input.slice(input.indexOf('.') + 1));
        const claims = parse(bytes);
        const problem = claims ? claimsProblem(claims, header.typ, this.#settings) : bytes ? 'its claims are not a JSON object' : unreadable;
        if (problem !== null) {
            throw unfit(problem);
        }

        return { input, header, key, claims: claims as Claims };
    }
}


/** Whether a token could be a JWT, by its three parts. */
export const hasJwtForm = function (token: string): boolean {

    return token.split('.', 4).length === 3;
};


const isTimely = function ({ starts, expires }: AccessToken, now: number): boolean {

    return starts <= now && now < expires;
};


const invalid = function (detail: string): Refusal {

    return new Refusal('access_token_invalid', detail);
};


// Signed by a key of the strategy, but not accepted now. Another strategy may accept it, or this one later

const unfit = function (detail: string): Refusal {

    return new Refusal('access_token_invalid', detail, { isCertain: false });
};


const unreadable = 'it cannot be read as a JWT';


// A part of a token, in its only canonical base64url (RFC 7515 §2)

const decode = function (part: string): Buffer | null {

    const bytes = Buffer.from(part, 'base64url');
    return bytes.toString('base64url') === part ? bytes : null;
};


// RFC 7519 §7.2

const parse = function (bytes: Buffer | null): Record<string, unknown> | null {

    if (!bytes || !isUtf8(bytes)) {
        return null;
    }

    try {
        const value: unknown = JSON.parse(bytes.toString());
        return typeof value === 'object' && !Array.isArray(value) ? value as Record<string, unknown> | null : null;
    }
    catch {
        return null;
    }
};
