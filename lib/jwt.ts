import { randomUUID } from 'node:crypto';

import * as Jose from 'jose';

import { identify, identifyToken } from './identity';
import { whyInvalid } from './invalid';
import { keyResolver, signingKey } from './keys';

import type { Challenges } from './challenge';
import type { KeyResolver, SigningKey } from './keys';
import type { JwtSettings } from './options';
import type { Claims } from './types';


/** A token whose signature and claims were verified. Moments are in milliseconds since the epoch. */
export interface AccessToken {
    claims: Claims;

    /** Whose `sub`, `sid` and `jti` they are: the `iss` where the strategy checks it, else empty. */
    issuer: string;
    session?: string;

    /** Blacklist key of the token itself, and of everything it falls with. */
    id: string;
    keys: string[];

    /** Dead under a cut-off at or after this moment. */
    stamp: number;

    /** Past this moment it is refused for its age. */
    expires: number;
    expired: boolean;
}


/** Claims that `issue()` sets itself. */
export const reservedClaims = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'auth_time'] as const;


// ECMA-262 §21.4.1.1: the last moment that a Date can hold, in seconds. Beyond it a date is a mistake or an attack

const lastDate = 8.64e12;


/** Verifies access tokens, and signs them where the strategy has a key that can. */
export class AccessTokens {

    readonly #settings: JwtSettings;
    readonly #ownSessions: boolean;
    readonly #challenges: Challenges;
    readonly #resolve: KeyResolver;
    readonly #signing: SigningKey | null;

    constructor(settings: JwtSettings, ownSessions: boolean, challenges: Challenges) {

        this.#settings = settings;
        this.#ownSessions = ownSessions;
        this.#challenges = challenges;
        this.#resolve = keyResolver(settings);
        this.#signing = signingKey(settings);
    }

    get canSign(): boolean {

        return this.#signing !== null;
    }

    /**
     * @throws 401 `access_token_invalid`, or `access_token_expired` unless `tolerateExpiry`; an `Outage` when a key set cannot be fetched.
     */
    async verify(token: string, { tolerateExpiry = false } = {}): Promise<AccessToken> {

        const { claims, typ, expired } = await this.#decode(token);

        if (!acceptable(typ, claims, this.#settings.sessionClaim)) {
            throw this.#challenges.refuse('access_token_invalid', 'one of its claims is missing or cannot be used');
        }

        if (expired && !tolerateExpiry) {
            throw this.#challenges.refuse('access_token_expired');
        }

        return this.#describe(token, claims, expired);
    }

    /** A token of a session of ours that began at `created` (ms); it lives for `lifetime` (ms). */
    sign(claims: Claims, created: number, lifetime: number): Promise<string> {

        const { alg, kid, key } = this.#signing!;
        const { issuer, audience } = this.#settings;
        const now = Date.now() / 1000;

        const payload: Claims = {
            ...claims,
            ...issuer.length > 0 && { iss: issuer[0] },
            ...audience && { aud: audience.length === 1 ? audience[0] : audience },
            jti: randomUUID(),
            iat: Math.floor(now),
            exp: Math.floor(now + lifetime / 1000),
            auth_time: created / 1000
        };

        return new Jose.SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT', ...kid !== undefined && { kid } }).sign(key);
    }

    async #decode(token: string): Promise<{ claims: Claims; typ: unknown; expired: boolean }> {

        const { algorithms, issuer, audience, clockTolerance, maxAge } = this.#settings;

        try {
            const { payload, protectedHeader } = await Jose.jwtVerify(token, this.#resolve as Jose.JWTVerifyGetKey, {
                algorithms,
                ...issuer.length > 0 && { issuer },
                ...audience && { audience },
                currentDate: new Date(Date.now()),
                clockTolerance: clockTolerance / 1000,
                maxTokenAge: maxAge / 1000
            });

            return { claims: payload as Claims, typ: protectedHeader.typ, expired: false };
        }
        catch (error) {

            // The error itself holds all claims and goes nowhere

            if (error instanceof Jose.errors.JWTExpired) {
                return { claims: error.payload as Claims, typ: Jose.decodeProtectedHeader(token).typ, expired: true };
            }

            if (error instanceof Jose.errors.JOSEError) {
                throw this.#challenges.refuse('access_token_invalid', whyInvalid(error));
            }

            throw error;
        }
    }

    #describe(token: string, claims: Claims, expired: boolean): AccessToken {

        const { clockTolerance, maxAge, sessionClaim } = this.#settings;
        const issuer = this.#settings.issuer.length > 0 ? claims.iss! : '';
        const session = claims[sessionClaim] as string | undefined;

        // One token has many spellings that verify, but one jti, and one signing input

        const id = claims.jti === undefined ?
            identify('token', issuer, `input ${token.slice(0, token.lastIndexOf('.'))}`) :
            identifyToken(issuer, claims.jti);

        const keys = [id, identify('subject', issuer, claims.sub), identify('everyone', issuer)];
        if (session !== undefined) {
            keys.push(identify('session', issuer, session));
        }

        // A token of our own session is as old as the session, to the millisecond; any other has an iat in seconds

        const began = this.#ownSessions && session !== undefined ? claims.auth_time : undefined;
        const stamp = began === undefined ? Math.floor(claims.iat! * 1000) : Math.round(began * 1000);
        const expires = Math.ceil(Math.min(claims.exp! * 1000, claims.iat! * 1000 + maxAge)) + clockTolerance;

        return { claims, issuer, session, id, keys, stamp, expires, expired };
    }
}


// What jose leaves open: it checks that a claim is present, not that it can serve

const acceptable = function (typ: unknown, claims: Claims, sessionClaim: string): boolean {

    return isAccessTokenType(typ) &&
        isShallow(claims) &&
        isText(claims.sub) &&
        isOptional(claims.iss, isText) &&
        isOptional(claims.jti, isText) &&
        isOptional(claims[sessionClaim], isText) &&
        isDate(claims.exp) &&
        isDate(claims.iat) &&
        isOptional(claims.nbf, isDate) &&
        isOptional(claims.auth_time, isDate) &&
        isOptional(claims.scope, isScope);
};


// Deeper than any claim is, and far from where a serializer runs out of stack: a handler that answers with its credentials is no way to a 500

const maxDepth = 64;


/** Whether claims are nested no deeper than what is accepted. */
export const isShallow = function (value: unknown, depth = 0): boolean {

    if (typeof value !== 'object' || value === null) {
        return true;
    }

    return depth < maxDepth && Object.values(value).every((item) => isShallow(item, depth + 1));
};


// RFC 8725 §3.11: an ID, logout or security event token of the same issuer is no access token (RFC 9068 §2.1)

const isAccessTokenType = function (typ: unknown): boolean {

    return typ === undefined || typeof typ === 'string' && /^(application\/)?(at\+)?jwt$/i.test(typ);
};


const isOptional = function (value: unknown, is: (value: unknown) => boolean): boolean {

    return value === undefined || is(value);
};


/** Whether a value can name somebody or something: control characters would only serve to forge lines in somebody's log. */
export const isText = function (value: unknown): value is string {

    return typeof value === 'string' && value !== '' && value.isWellFormed() && !/[\0-\x1f\x7f]/.test(value);
};


const isDate = function (value: unknown): value is number {

    return typeof value === 'number' && value >= 0 && value <= lastDate;
};


/** Whether a value can be the claim `scope`. */
export const isScope = function (value: unknown): boolean {

    return typeof value === 'string' || Array.isArray(value) && value.every((item) => typeof item === 'string');
};
