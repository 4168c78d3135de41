import * as Jose from 'jose';

import { KeySetOutage } from '../errors/outage';
import { Refusal } from '../errors/refusal';
import { isShallow, isText } from '../jwt/claims';
import { keyResolver } from '../jwt/key-resolver';
import { fail } from '../request/routes';
import { InvalidRequest } from './response';

import type { KeyResolver } from '../jwt/key-set';
import type { JwtSettings, SenderSettings } from '../options/settings';
import type { Algorithm } from '../types';
import type { HandlerContext } from './contract';
import type { RequestError } from './response';


/** Claims that every order has, and checked names. Dates are in seconds since the epoch. */
export interface OrderClaims {
    iss: string;
    jti: string;
    iat: number;
    sub?: string;
    sid?: string;
    [claim: string]: unknown;
}


export interface OrderTokensOptions {
    issuer: string;
    audience: string[];

    /** The `typ` values accepted, in lower case and without `application/`. */
    types: (string | undefined)[];

    /** Claims required in addition to `iss`, `aud`, `iat` and `jti`. */
    required: string[];
    jwt: JwtSettings;

    key?: JwtSettings['key'];
    algorithms?: Algorithm[];
}


// A key set is not fetched again within this time (ms). It is short, because a provider may sign with a new key at once, and sends an order only once

const rest = 1000;


export class OrderTokens {

    readonly #options: OrderTokensOptions;
    readonly #algorithms: Algorithm[];
    readonly #isRemote: boolean;
    readonly #resolve: KeyResolver;

    /** `onError` is called with the reason why a key set cannot be fetched. @throws `Error` when the key does not fit the algorithms. */
    constructor(options: OrderTokensOptions, onError: (error: Error) => void) {

        const { jwt, key = jwt.key, algorithms = jwt.algorithms } = options;
        this.#options = options;
        this.#algorithms = algorithms;
        this.#isRemote = key instanceof URL;
        this.#resolve = keyResolver({ ...jwt, key, algorithms }, onError, rest);
    }

    /** The claims of a token that arrived at `now` (ms). @throws `InvalidRequest`; `Outage` when a key set cannot be fetched. */
    async verify(token: string, now: number): Promise<OrderClaims> {

        const { protectedHeader: { typ }, payload } = await this.#prove(token, now);

        const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
        if (!this.#options.types.includes(type)) {
            throw new InvalidRequest('invalid_request', 'The typ of the token is not accepted');
        }

        // jose has checked that they exist, and the dates; not that iat is in the past, and not the names

        const { iat, jti, sub, sid } = payload;
        const isUsable = isShallow(payload) && iat! > 0 && iat! * 1000 <= now + this.#options.jwt.clockTolerance && isText(jti) && [sub, sid].every((name) => name === undefined || isText(name));
        if (!isUsable) {
            throw new InvalidRequest('invalid_request', 'A claim of the token cannot be used');
        }

        return payload as OrderClaims;
    }

    async #prove(token: string, now: number): Promise<Jose.JWTVerifyResult> {

        const { issuer, audience, required, jwt: { clockTolerance } } = this.#options;
        try {
            return await Jose.jwtVerify(token, ({ alg, kid, typ }) => this.#resolve({ alg: alg as Algorithm, kid, typ }), {
                algorithms: this.#algorithms,
                issuer,
                audience,
                requiredClaims: ['iat', 'jti', ...required],
                clockTolerance: clockTolerance / 1000,
                currentDate: new Date(now)
            });
        }
        catch (error) {
            // A new key may be published just now: the order is tried again after the next fetch

            if (this.#isRemote && error instanceof Refusal && Date.now() - now <= 2 * rest) {
                throw new KeySetOutage('The key set does not have the key, and was fetched just now');
            }

            throw reasonOf(error);
        }
    }
}


/** Whose orders a route accepts, and how they are verified. @throws `Error` naming the route, if the issuer is not clear or its orders could end nothing. */
export const senderOf = function (settings: SenderSettings, { server, route, strategy }: Pick<HandlerContext, 'server' | 'route' | 'strategy'>, terms: Pick<OrderTokensOptions, 'audience' | 'required' | 'types'>) {

    const { jwt } = strategy.settings;
    const { find, key, algorithms, issuer = jwt.issuer[0] } = settings;
    if (issuer === undefined || settings.issuer === undefined && jwt.issuer.length > 1) {
        return fail(route, 'needs the issuer whose orders it accepts: its strategy has none, or several');
    }

    if (!find && jwt.issuer.length > 0 && !jwt.issuer.includes(issuer)) {
        return fail(route, 'needs find: its strategy accepts no tokens of the issuer, so nothing would end');
    }

    try {
        const tokens = new OrderTokens({ ...terms, issuer, key, algorithms, jwt }, (error) => server.log(['hard-logout', 'keys', 'error'], error));
        return { issuer, tokens };
    }
    catch (error) {
        return fail(route, `cannot verify orders with these algorithms and this key, or its strategy's. ${(error as Error).message}`);
    }
};


// Errors of jose contain the claims

const reasonOf = function (error: unknown): unknown {

    if (error instanceof Jose.errors.JWTClaimValidationFailed || error instanceof Jose.errors.JWTExpired) {
        const code = ({ iss: 'invalid_issuer', aud: 'invalid_audience' } as Record<string, RequestError>)[error.claim] ?? 'invalid_request';
        return new InvalidRequest(code, error instanceof Jose.errors.JWTExpired ? 'The token has expired' : 'A claim of the token is missing or wrong');
    }

    const isOfKey = error instanceof Refusal || error instanceof Jose.errors.JOSEAlgNotAllowed || error instanceof Jose.errors.JWSSignatureVerificationFailed;
    if (isOfKey) {
        return new InvalidRequest('invalid_key', 'The signature of the token is not by a key of the sender');
    }

    return error instanceof Jose.errors.JOSEError ? new InvalidRequest('invalid_request', 'The token cannot be read') : error;
};
