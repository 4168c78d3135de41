import { KeyObject, randomUUID } from 'node:crypto';

import * as Jose from 'jose';
import { LRUCache } from 'lru-cache';

import { acceptable } from './claims';
import { Template } from './credentials';
import { identify, identifyToken } from './identity';
import { whyInvalid } from './invalid';
import { keyResolver, signingKey } from './keys';
import { isSignature } from './signature';
import { VerifiedTokens } from './verified';

import type { Challenges } from './challenge';
import type { Evidence } from './evidence';
import type { KeyResolver, TokenHeader } from './key-set';
import type { SigningKey } from './keys';
import type { JwtSettings } from './options';
import type { Claims } from './types';


/**
 * A token whose signature and claims were verified. Moments are in milliseconds since the epoch.
 *
 * Later requests are given the same one: nothing of it, its claims least of all, goes into their hands.
 */
export interface AccessToken {
    readonly claims: Readonly<Claims>;

    /** What of its claims goes to each request. */
    readonly template: Template;

    /** What it was verified by. */
    readonly header: TokenHeader;
    readonly key: KeyObject;

    /** Whose `sub`, `sid` and `jti` they are: the `iss` where the strategy checks it, else empty. */
    readonly issuer: string;
    readonly session?: string;

    /** Blacklist key of the token itself, and of everything it falls with. */
    readonly id: string;
    readonly keys: string[];

    readonly issued: number;

    /** Dead under a cut-off at or after this moment. */
    readonly stamp: number;

    /** Before the one moment, and from the other on, it is refused for its dates. */
    readonly starts: number;
    readonly expires: number;
    readonly expired: boolean;

    /** What it proves by itself, once that was asked. */
    alone?: Evidence;
}


interface VerifyOptions {
    tolerateExpiry?: boolean;

    /** What `recall()` answered. */
    known?: AccessToken;
}


// A JWT that says it has no signature: what jose is given of a token that was verified

const unsecured = Buffer.from('{"alg":"none"}').toString('base64url');


/** Verifies access tokens, and signs them where the strategy has a key that can. */
export class AccessTokens {

    readonly #settings: JwtSettings;
    readonly #ownSessions: boolean;
    readonly #challenges: Challenges;
    readonly #resolve: KeyResolver;
    readonly #signing: SigningKey | null;
    readonly #verified: VerifiedTokens | null;
    readonly #headers = new LRUCache<string, TokenHeader>({ max: 100 });
    readonly #everyone: Map<string, string>;
    readonly #rules: Jose.JWTClaimVerificationOptions;

    /** `onError` is told why a key set cannot be fetched. */
    constructor(settings: JwtSettings, ownSessions: boolean, challenges: Challenges, onError: (error: Error) => void) {

        const { issuer, audience, clockTolerance, maxAge, cache } = settings;

        this.#settings = settings;
        this.#ownSessions = ownSessions;
        this.#challenges = challenges;
        this.#resolve = keyResolver(settings, onError);
        this.#signing = signingKey(settings);
        this.#verified = cache ? new VerifiedTokens(cache) : null;
        this.#everyone = new Map(['', ...issuer].map((name) => [name, identify('everyone', name)]));
        this.#rules = {
            ...issuer.length > 0 && { issuer },
            ...audience && { audience },
            clockTolerance: clockTolerance / 1000,
            maxTokenAge: maxAge / 1000
        };
    }

    get canSign(): boolean {

        return this.#signing !== null;
    }

    /** What this very text proved before. It is for `verify()` to say whether it still does. */
    recall(text: string): AccessToken | undefined {

        return this.#verified?.get(text);
    }

    /**
     * Answers at once, save where a key has to be waited for.
     *
     * 1. *Key.* What the token's header leads to now: a key that was rotated out ends what it had verified.
     * 2. *Signature*, unless this key has verified this very text before.
     * 3. *Dates*, on each use. A token that is remembered and out of its time is judged anew, which tells why.
     *
     * @throws 401 `access_token_invalid`, or `access_token_expired` unless `tolerateExpiry`; an `Outage` when a key set cannot be fetched.
     */
    verify(token: string, { tolerateExpiry = false, known }: VerifyOptions = {}): AccessToken | Promise<AccessToken> {

        try {
            const header = known?.header ?? this.#parse(token);
            const key = this.#resolve(header);
            return key instanceof KeyObject ?
                this.#judge(token, header, key, known, tolerateExpiry) :
                this.#wait(token, header, key, known, tolerateExpiry);
        }
        catch (error) {
            throw this.#refusal(error);
        }
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

    async #wait(token: string, header: TokenHeader, key: Promise<KeyObject>, known: AccessToken | undefined, tolerateExpiry: boolean): Promise<AccessToken> {

        try {
            return this.#judge(token, header, await key, known, tolerateExpiry);
        }
        catch (error) {
            throw this.#refusal(error);
        }
    }

    #judge(token: string, header: TokenHeader, key: KeyObject, known: AccessToken | undefined, tolerateExpiry: boolean): AccessToken {

        const now = Date.now();
        if (known?.key === key && known.starts <= now && now < known.expires) {
            return known;
        }

        if (known) {
            this.#verified!.delete(token);
        }

        const access = this.#prove(token, header, key, now);
        if (access.expired && !tolerateExpiry) {
            throw this.#challenges.refuse('access_token_expired');
        }

        if (!access.expired) {
            this.#verified?.set(token, access);
        }

        return access;
    }

    #prove(token: string, header: TokenHeader, key: KeyObject, now: number): AccessToken {

        const dot = token.lastIndexOf('.');
        const input = token.slice(0, dot);
        if (!isSignature(header.alg, key, input, token.slice(dot + 1))) {
            throw new Jose.errors.JWSSignatureVerificationFailed();
        }

        // The texts of headers are few, as long as it is the issuer who writes them

        const text = input.slice(0, input.indexOf('.'));
        this.#headers.set(text, header);

        const { claims, expired } = this.#claims(input.slice(text.length + 1), now);
        if (!acceptable(header.typ, claims, this.#settings.sessionClaim)) {
            throw this.#challenges.refuse('access_token_invalid', 'one of its claims is missing or cannot be used');
        }

        return this.#describe(input, header, key, claims, expired);
    }

    #parse(token: string): TokenHeader {

        const parts = token.split('.');
        if (parts.length !== 3) {
            throw new Jose.errors.JWSInvalid();
        }

        return this.#headers.get(parts[0]!) ?? this.#read(token);
    }

    #read(token: string): TokenHeader {

        let header;
        try {
            header = Jose.decodeProtectedHeader(token);
        }
        catch {
            throw new Jose.errors.JWSInvalid();
        }

        // RFC 7515 §4.1.11: no extension is understood here. RFC 8725 §3.1: the algorithm is ours to choose

        const { alg, kid, typ, crit } = header;
        const named = this.#settings.algorithms.find((name) => name === alg);
        if (named === undefined) {
            throw new Jose.errors.JOSEAlgNotAllowed();
        }

        if (crit !== undefined) {
            throw new Jose.errors.JOSENotSupported();
        }

        return { alg: named, kid, typ };
    }

    // Past its signature a token is judged by jose, as one that has none (RFC 7519 §7.2)

    #claims(payload: string, now: number): { claims: Claims; expired: boolean } {

        try {
            const { payload: claims } = Jose.UnsecuredJWT.decode<Claims>(`${unsecured}.${payload}.`, { ...this.#rules, currentDate: new Date(now) });
            return { claims, expired: false };
        }
        catch (error) {

            // The error itself holds all claims and goes nowhere

            if (error instanceof Jose.errors.JWTExpired) {
                return { claims: error.payload as Claims, expired: true };
            }

            throw error;
        }
    }

    #refusal(error: unknown): unknown {

        return error instanceof Jose.errors.JOSEError ? this.#challenges.refuse('access_token_invalid', whyInvalid(error)) : error;
    }

    #describe(input: string, header: TokenHeader, key: KeyObject, claims: Claims, expired: boolean): AccessToken {

        const { clockTolerance, maxAge, sessionClaim } = this.#settings;
        const issuer = this.#settings.issuer.length > 0 ? claims.iss! : '';
        const session = claims[sessionClaim] as string | undefined;

        // One token has many spellings that verify, but one jti, and one signing input

        const id = claims.jti === undefined ?
            identify('token', issuer, `input ${input}`) :
            identifyToken(issuer, claims.jti);

        const keys = [id, identify('subject', issuer, claims.sub), this.#everyone.get(issuer)!];
        if (session !== undefined) {
            keys.push(identify('session', issuer, session));
        }

        // A token of our own session is as old as the session, to the millisecond. Any other has an iat in seconds, by a clock that may be
        // ahead: one that was issued before a cut-off must not look younger than it

        const began = this.#ownSessions && session !== undefined ? claims.auth_time : undefined;
        const issued = began === undefined ? Math.floor(claims.iat! * 1000) : Math.round(began * 1000);
        const stamp = began === undefined ? issued - clockTolerance : issued;
        const starts = Math.max(claims.nbf ?? 0, claims.iat!) * 1000 - clockTolerance;
        const expires = Math.ceil(Math.min(claims.exp! * 1000, claims.iat! * 1000 + maxAge)) + clockTolerance;

        return { claims, template: new Template(claims), header, key, issuer, session, id, keys, issued, stamp, starts, expires, expired, alone: undefined };
    }
}
