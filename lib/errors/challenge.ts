import * as Boom from '@hapi/boom';

import { KeySetOutage, Outage } from './outage';


// status, error code of RFC 6750 §3.1 (null where new credentials are no way out), what the client may know (its characters are limited to those of §3)

const reasons = {
    access_token_malformed: [400, 'invalid_request', 'The access token is malformed'],
    access_token_repeated: [400, 'invalid_request', 'The access token is repeated'],
    refresh_token_malformed: [400, 'invalid_request', 'The refresh token is malformed'],
    refresh_token_repeated: [400, 'invalid_request', 'The refresh token is repeated'],
    access_token_missing: [401, 'invalid_token', 'The access token is missing'],
    access_token_invalid: [401, 'invalid_token', 'The access token is invalid'],
    access_token_expired: [401, 'invalid_token', 'The access token expired'],
    access_token_revoked: [401, 'invalid_token', 'The access token was revoked'],
    refresh_token_missing: [401, 'invalid_token', 'The refresh token is missing'],
    refresh_token_invalid: [401, 'invalid_token', 'The refresh token is invalid'],
    refresh_token_expired: [401, 'invalid_token', 'The refresh token expired'],
    refresh_token_revoked: [401, 'invalid_token', 'The refresh token was revoked'],
    refresh_token_reused: [401, 'invalid_token', 'The refresh token was used before'],
    tokens_mismatched: [401, 'invalid_token', 'The access token and the refresh token do not belong together'],
    credentials_refused: [401, 'invalid_token', 'The credentials were refused'],
    cross_origin_refused: [403, null, 'The request came from another origin']
} as const;


/** Stable codes, carried as `error.data.code`. */
export type ChallengeCode = keyof typeof reasons;


/** What makes one of hapi's own refusals one of ours. */
type OwnCode = 'credentials_missing' | 'insufficient_scope';


/** Every `error.data.code` of this package. */
export type ErrorCode = ChallengeCode | OwnCode | UnavailableCode;


/** Every refusal of one protection space. `realm` must be free of quotes and backslashes. */
export class Challenges {

    readonly #realm: string;

    constructor(realm: string) {

        this.#realm = realm;
    }

    /** No credentials: no error code (RFC 6750 §3), and hapi goes on to the route's next strategy. */
    missing(): Boom.Boom {

        return Boom.unauthorized(null as unknown as string, 'Bearer', { realm: this.#realm });
    }

    /** Credentials that are not accepted. `detail` is for the app's own eyes, and holds nothing of the token. */
    refuse(code: ChallengeCode, detail?: string): Boom.Boom<{ code: ChallengeCode; detail?: string }> {

        const [statusCode, error, description] = reasons[code];
        const refusal = new Boom.Boom(description, { statusCode, data: { code, ...detail !== undefined && { detail } } });
        refusal.output.headers['cache-control'] = 'no-store';
        if (error !== null) {
            refusal.output.headers['WWW-Authenticate'] = this.#header(error, `error_description="${description}"`);
        }

        return refusal;
    }

    /** Adds the challenge to hapi's own 403 (RFC 6750 §3.1, `insufficient_scope`). */
    decorate(forbidden: Boom.Boom): void {

        forbidden.output.headers['WWW-Authenticate'] = this.#header('insufficient_scope', 'error_description="The access token lacks a scope"');
        mark(forbidden, 'insufficient_scope');
    }

    #header(error: string, description: string): string {

        return `Bearer realm="${this.#realm}", error="${error}", ${description}`;
    }
}


/** Makes hapi's own refusal one of ours: a code for the app, and nothing that is kept (RFC 9111 §5.2.2.5). */
export const mark = function (refusal: Boom.Boom, code: OwnCode): void {

    refusal.data = { ...refusal.data, code };
    refusal.output.headers['cache-control'] = 'no-store';
};


/** The store, or a key set, could not be asked or told: nothing is known, nothing is lost, try again. */
export const unavailable = function (code: UnavailableCode = 'store_unavailable'): Boom.Boom<{ code: UnavailableCode }> {

    const refusal = new Boom.Boom(outages[code], { statusCode: 503, data: { code } });
    refusal.output.headers['Retry-After'] = 1;
    refusal.output.headers['cache-control'] = 'no-store';
    return refusal;
};


const outages = {
    store_unavailable: 'The token store cannot be reached',
    key_set_unavailable: 'The key set cannot be fetched'
} as const;


type UnavailableCode = keyof typeof outages;


/** Whether an error is one of these. */
export const isUnavailable = function (error: unknown): boolean {

    return Boom.isBoom(error) && Object.hasOwn(outages, String(error.data?.code));
};


/** The result of work that needs the store. @throws 503 in place of an `Outage`. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {

    try {
        return await work;
    }
    catch (error) {
        throw error instanceof Outage ? unavailable(error instanceof KeySetOutage ? 'key_set_unavailable' : 'store_unavailable') : error;
    }
}
