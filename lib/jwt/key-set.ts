import { KeyObject } from 'node:crypto';

import * as Jose from 'jose';

import { demand, family, fits, isJwk, isMeantFor, readKey } from './key';
import { KeySetOutage } from '../errors/outage';
import { Refusal } from '../errors/refusal';

import type { webcrypto } from 'node:crypto';
import type { Algorithm, Jwk } from '../types';


/** The header of an unverified token. `alg` is one of the strategy's. */
export interface TokenHeader {
    readonly alg: Algorithm;
    readonly kid?: unknown;
    readonly typ?: unknown;
}


/**
 * Finds the key for the header of a token: the same `KeyObject` while the key is the same, because the cache compares it.
 *
 * @throws `Refusal` if there is none.
 */
export type KeyResolver = (header: TokenHeader) => KeyObject | Promise<KeyObject>;


export const noKey = function (certainty?: { isCertain: boolean }): Refusal {

    return new Refusal('access_token_invalid', 'no key fits it', certainty);
};


export const isName = function (value: unknown): value is string | undefined {

    return value === undefined || typeof value === 'string';
};


// Unlike jose's local sets, this one has symmetric keys, and checks each key for its algorithm at registration

export const local = function (set: Jwk[], algorithms: Algorithm[]): KeyResolver {

    // By algorithm and kid. The kid `undefined` has all keys of an algorithm

    const table = new Map(algorithms.map((alg) => [alg, new Map<unknown, KeyObject[]>()]));

    set.forEach((jwk, index) => {

        for (const alg of algorithms.filter((name) => isJwk(jwk) && isMeantFor(jwk, name))) {
            const keys = table.get(alg)!;
            const key = readKey(jwk, alg, `jwt.key.keys[${index}]`);
            for (const kid of new Set([jwk.kid, undefined])) {
                keys.set(kid, [...keys.get(kid) ?? [], key]);
            }
        }
    });

    demand(Array.from(table.values()).some((keys) => keys.size > 0), 'jwt.key', 'holds no key for jwt.algorithms');

    return ({ alg, kid }) => {

        const fitting = table.get(alg)!.get(kid);
        if (fitting?.length !== 1) {
            throw noKey();
        }

        return fitting[0]!;
    };
};


/** For an unknown key, the set is fetched again only after `rest` (ms). */
export const remote = function ({ url, algorithms, onError, rest }: { url: URL; algorithms: Algorithm[]; onError: (error: Error) => void; rest: number }): KeyResolver {

    demand(/^https?:$/.test(url.protocol) && url.username === '' && url.password === '', 'jwt.key', 'is not an http(s) URL without credentials');
    demand(algorithms.every((alg) => family(alg) !== 'oct'), 'jwt.algorithms', 'names a symmetric algorithm, which no published key set can serve');

    const keys = new RemoteKeys(url, onError, rest);
    return (header) => keys.find(header);
};


// How long (ms) to wait after a failed fetch: as long as Retry-After of the response

const coolDown = 1000;


/** A key set that jose fetches, with its keys as KeyObjects, which stay the same until it is replaced. */
class RemoteKeys {

    readonly #cache: { jwks?: unknown } = {};
    readonly #set: ReturnType<typeof Jose.createRemoteJWKSet>;
    readonly #keys = new Map<string, KeyObject>();
    readonly #onError: (error: Error) => void;
    #read: unknown;
    #text?: string;

    /** When the latest fetch failed (ms), and why. A reason is logged when it changes. */
    #failed = -Infinity;
    #why?: string;

    constructor(url: URL, onError: (error: Error) => void, rest: number) {

        this.#onError = onError;
        this.#set = Jose.createRemoteJWKSet(url, { timeoutDuration: 2000, cooldownDuration: rest, [Jose.jwksCache]: this.#cache as Jose.JWKSCacheInput });
    }

    find({ alg, kid }: TokenHeader): KeyObject | Promise<KeyObject> {

        if (!isName(kid)) {
            throw noKey();
        }

        // jose first fetches an old set again

        const name = kid === undefined ? alg : `${alg} ${kid}`;
        const known = this.#set.fresh ? this.#current().get(name) : undefined;
        if (!known && this.#isCoolingDown) {
            throw unfetched();
        }

        return known ?? this.#look(name, alg, kid);
    }

    // Clients must not control how often the set is fetched. A clock that is set back must not prolong the wait

    get #isCoolingDown(): boolean {

        const since = Date.now() - this.#failed;
        return since >= 0 && since < coolDown;
    }

    async #look(name: string, alg: Algorithm, kid: string | undefined): Promise<KeyObject> {

        const found = await this.#ask({ alg, kid });
        const keys = this.#current();
        const known = keys.get(name) ?? KeyObject.from(found as webcrypto.CryptoKey);
        fits(known, alg, 'a key of jwt.key');
        keys.set(name, known);
        return known;
    }

    // The set may be replaced while jose searches it, by one without that key

    async #ask(header: { alg: Algorithm; kid?: string }): Promise<unknown> {

        let isRecent;

        try {
            let found;
            let before;
            do {
                before = this.#cache.jwks;
                isRecent = this.#set.coolingDown;
                found = await this.#set(header);
            } while (before !== this.#cache.jwks);

            return found;
        }
        catch (error) {
            // jose does not fetch a recent set again: the key may have been added since

            if (error instanceof Jose.errors.JWKSNoMatchingKey) {
                throw noKey({ isCertain: !isRecent });
            }

            if (error instanceof Jose.errors.JWKSMultipleMatchingKeys) {
                throw new Refusal('access_token_invalid', 'several keys fit it');
            }

            const why = reason(error as Error);
            if (why !== this.#why) {
                this.#why = why;
                this.#onError(new Error(`The key set cannot be fetched: ${why}`));
            }

            this.#failed = Date.now();
            throw unfetched(error);
        }
    }

    #current(): Map<string, KeyObject> {

        if (this.#read !== this.#cache.jwks) {
            const text = JSON.stringify(this.#cache.jwks);
            if (text !== this.#text) {
                this.#keys.clear();
            }

            this.#read = this.#cache.jwks;
            this.#text = text;
            this.#why = undefined;
        }

        return this.#keys;
    }
}


const unfetched = function (cause?: unknown): KeySetOutage {

    return new KeySetOutage('The key set cannot be fetched', { cause });
};


// No message quotes the URL. If a connection failed, the cause has the code

const reason = function (error: Error): string {

    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    return typeof code === 'string' ? code : error.message;
};
