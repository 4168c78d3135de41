import * as Boom from '@hapi/boom';

import { Outage } from '../errors/outage';
import { InsufficientAuthentication, Refusal } from '../errors/refusal';

import type { ChallengeCode, ErrorCode, OutageCode } from '../errors/refusal';
import type { StrategySettings } from '../options/settings';


// status, error code of RFC 6750 §3.1 or RFC 9470 §3 (null if new credentials do not help), text for the client (in the characters of §3)

const refusals: Record<ChallengeCode, [400 | 401 | 403 | 409, 'invalid_request' | 'invalid_token' | 'insufficient_user_authentication' | null, string]> = {
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
    insufficient_user_authentication: [401, 'insufficient_user_authentication', 'A more recent or a stronger authentication is required'],
    cross_origin_refused: [403, null, 'The request came from another origin'],
    actor_refused: [403, null, 'An actor cannot end the other sessions of the user'],
    too_many_sessions: [409, null, 'The user has too many sessions']
};


const outages: Record<OutageCode, string> = {
    store_unavailable: 'The token store cannot be reached',
    key_set_unavailable: 'The key set cannot be fetched'
};


export const textOf = function (code: ChallengeCode | OutageCode): string {

    return Object.hasOwn(outages, code) ? outages[code as OutageCode] : refusals[code as ChallengeCode][2];
};


/** The responses to refusals. Both settings must be free of quotes and backslashes. */
export class Challenges {

    readonly #space: { realm: string; resource_metadata?: string };

    constructor({ realm, resourceMetadata }: Pick<StrategySettings, 'realm' | 'resourceMetadata'>) {

        this.#space = { realm, ...resourceMetadata !== undefined && { resource_metadata: resourceMetadata } };
    }

    /** Without credentials: no error code (RFC 6750 §3), and hapi continues with the route's next strategy. */
    missing(): Boom.Boom {

        return Boom.unauthorized(null as unknown as string, 'Bearer', this.#space);
    }

    /** The response to a `Refusal` or an `Outage`. Any other error is returned as it is. */
    responseTo(error: unknown): unknown {

        return error instanceof Refusal ? this.#refused(error) : error instanceof Outage ? unavailable(error) : error;
    }

    /** The result of work. @throws the response instead of a `Refusal` or an `Outage`. */
    async settle<T>(work: Promise<T>): Promise<T> {

        try {
            return await work;
        }
        catch (error) {
            throw this.responseTo(error);
        }
    }

    /** Adds the challenge to hapi's own 403 (RFC 6750 §3.1, `insufficient_scope`). */
    decorate(forbidden: Boom.Boom): void {

        forbidden.output.headers['WWW-Authenticate'] = this.#header('insufficient_scope', 'The access token lacks a scope');
        mark(forbidden, 'insufficient_scope');
    }

    #refused(refusal: Refusal): Boom.Boom {

        const { code, detail } = refusal;
        const [statusCode, error, description] = refusals[code];
        const refused = new Boom.Boom(description, { statusCode, data: detail === undefined ? {} : { detail } });
        if (error !== null) {
            refused.output.headers['WWW-Authenticate'] = this.#header(error, description, refusal instanceof InsufficientAuthentication ? paramsOf(refusal) : {});
        }

        return mark(refused, code);
    }

    #header(error: string, description: string, more: Record<string, string> = {}): string {

        const params = { ...this.#space, error, error_description: description, ...more };
        return `Bearer ${Object.entries(params).map(([name, value]) => `${name}="${value}"`).join(', ')}`;
    }
}


// Parameters that the client passes on to the authorization server (RFC 9470 §3), in whole seconds

const paramsOf = function ({ wanted: { maxAuthAge, acr } }: InsufficientAuthentication): Record<string, string> {

    return {
        ...acr && { acr_values: acr.join(' ') },
        ...maxAuthAge !== undefined && { max_age: String(Math.floor(maxAuthAge / 1000)) }
    };
};


/** Gives a response its code, for the app and for the client. No cache may store it (RFC 9111 §5.2.2.5). */
export const mark = function (response: Boom.Boom, code: ErrorCode): Boom.Boom {

    response.data = { ...response.data, code };
    response.output.payload.code = code;
    response.output.headers['cache-control'] = 'no-store';
    return response;
};


// The client's tokens may be good: it may try again

const unavailable = function ({ code }: Outage): Boom.Boom {

    const response = new Boom.Boom(outages[code], { statusCode: 503 });
    response.output.headers['Retry-After'] = 1;
    return mark(response, code);
};


/** Whether a value is a code of this package. Errors of the app may have one, too. */
export const isCode = function (value: unknown): value is ErrorCode {

    return typeof value === 'string' && (Object.hasOwn(refusals, value) || Object.hasOwn(outages, value) || value === 'credentials_missing' || value === 'insufficient_scope');
};


export const isUnavailable = function (error: unknown): boolean {

    return Boom.isBoom(error) && Object.hasOwn(outages, String(error.data?.code));
};
