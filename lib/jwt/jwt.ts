import { KeyObject, randomUUID } from 'node:crypto';

import * as Jose from 'jose';
import { LRUCache } from 'lru-cache';

import { reader } from './access-token';
import { acceptable } from './claims';
import { whyInvalid } from './invalid';
import { isAsked, keyResolver, signingKey } from './key-resolver';
import { isSignature } from './signature';
import { VerifiedTokens } from './token-cache';
import { Refusal } from '../errors/refusal';

import type { AccessToken, Reader } from './access-token';
import type { KeyResolver, TokenHeader } from './key-set';
import type { SigningKey } from './key-resolver';
import type { JwtSettings } from '../options/settings';
import type { Claims } from '../types';


interface VerifyOptions {
    tolerateExpiry?: boolean;

    /** What `recall()` answered. */
    known?: AccessToken;

    /** The Authorization header that may have brought it. */
    authorization?: string;
}


// A JWT that says it has no signature: what jose is given of a token that was verified

const unsecured = Buffer.from('{"alg":"none"}').toString('base64url');


/** Verifies access tokens, and signs them where the strategy has a key that can. */
export class AccessTokens {

    readonly #settings: JwtSettings;
    readonly #resolve: KeyResolver;
    readonly #isFixed: boolean;
    readonly #read: Reader;
    readonly #signing: SigningKey | null;
    readonly #verified: VerifiedTokens | null;
    readonly #headers = new LRUCache<string, TokenHeader>({ max: 100 });
    readonly #rules: Jose.JWTClaimVerificationOptions;

    /** `onError` is told why a key set cannot be fetched. */
    constructor(settings: JwtSettings, ownSessions: boolean, onError: (error: Error) => void) {

        const { issuer, audience, clockTolerance, maxAge, cache } = settings;

        this.#settings = settings;
        this.#resolve = keyResolver(settings, onError);
        this.#isFixed = !isAsked(settings.key);
        this.#read = reader(settings, ownSessions);
        this.#signing = signingKey(settings);
        this.#verified = cache ? new VerifiedTokens(cache) : null;
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
    recall(token: string): AccessToken | undefined {

        return this.#verified?.get(token);
    }

    /** What the whole of an Authorization header proved before, and still does: by a key that cannot be rotated, and in its time. */
    recognize(header: unknown): AccessToken | undefined {

        const known = this.#isFixed && typeof header === 'string' ? this.#verified?.recognize(header) : undefined;
        return known && isTimely(known, Date.now()) ? known : undefined;
    }

    /**
     * Answers at once, save where a key has to be waited for.
     *
     * 1. *Key.* What the token's header leads to now: a key that was rotated out ends what it had verified.
     * 2. *Signature*, unless this key has verified this very text before.
     * 3. *Dates*, on each use. A token that is remembered and out of its time is judged anew, which tells why.
     *
     * @throws `Refusal`: `access_token_invalid`, or `access_token_expired` unless `tolerateExpiry`. @throws `Outage` when a key set cannot be fetched.
     */
    verify(token: string, options: VerifyOptions = {}): AccessToken | Promise<AccessToken> {

        try {
            const header = options.known?.header ?? this.#parseHeader(token);
            const key = this.#resolve(header);
            return key instanceof KeyObject ? this.#judge(token, header, key, options) : this.#wait(token, header, key, options);
        }
        catch (error) {
            throw refusal(error);
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

    async #wait(token: string, header: TokenHeader, key: Promise<KeyObject>, options: VerifyOptions): Promise<AccessToken> {

        try {
            return this.#judge(token, header, await key, options);
        }
        catch (error) {
            throw refusal(error);
        }
    }

    #judge(token: string, header: TokenHeader, key: KeyObject, { tolerateExpiry, known, authorization }: VerifyOptions): AccessToken {

        const now = Date.now();
        if (known?.key === key && isTimely(known, now)) {
            return known;
        }

        if (known) {
            this.#verified!.delete(token);
        }

        const access = this.#prove(token, header, key, now);
        if (access.expired && !tolerateExpiry) {
            throw new Refusal('access_token_expired');
        }

        if (!access.expired) {
            this.#verified?.set(token, access, authorization);
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
        if (this.#headers.peek(text) === undefined) {
            this.#headers.set(text, header);
        }

        const { claims, expired } = this.#claims(input.slice(text.length + 1), now);
        if (!acceptable(header.typ, claims, this.#settings.sessionClaim)) {
            throw new Refusal('access_token_invalid', 'one of its claims is missing or cannot be used');
        }

        return this.#read(input, { header, key, claims, expired });
    }

    #parseHeader(token: string): TokenHeader {

        const [first, last] = [token.indexOf('.'), token.lastIndexOf('.')];
        if (first === last || token.indexOf('.', first + 1) !== last) {
            throw new Jose.errors.JWSInvalid();
        }

        return this.#headers.get(token.slice(0, first)) ?? this.#readHeader(token);
    }

    #readHeader(token: string): TokenHeader {

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
}


const refusal = function (error: unknown): unknown {

    return error instanceof Jose.errors.JOSEError ? new Refusal('access_token_invalid', whyInvalid(error)) : error;
};


const isTimely = function ({ starts, expires }: AccessToken, now: number): boolean {

    return starts <= now && now < expires;
};
