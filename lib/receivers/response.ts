import { Outage } from '../errors/outage';

import type { ResponseObject, ResponseToolkit } from '@hapi/hapi';


/** Why a request is refused, in the words of its standard. */
export type RequestError = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience' | 'invalid_state' | 'authentication_failed' |
    'invalid_grant' | 'invalid_scope' | 'unsupported_grant_type' | 'unsupported_token_type';


/** A request that is not as its standard wants it. `message` is for its sender, and has nothing of the request in it. */
export class InvalidRequest extends Error {

    override readonly name = 'InvalidRequest';
    readonly code: RequestError;

    constructor(code: RequestError, message: string) {

        super(message);
        this.code = code;
    }
}


/** How a standard has a problem written: `error` and `error_description`, or `err` and `description`. */
export type ProblemNames = { code: string; text: string };


export const oauthNames: ProblemNames = { code: 'error', text: 'error_description' };


/** A response that no cache may store. It is no error to hapi, so that an app's error pages leave it as its standard has it. */
export const respond = function (h: ResponseToolkit, statusCode: number, payload?: object): ResponseObject {

    return h.response(payload).code(statusCode).header('cache-control', 'no-store');
};


/** The response to an `InvalidRequest` or an `Outage`. @throws any other error, as it is. */
export const respondToError = function (h: ResponseToolkit, error: unknown, { code, text }: ProblemNames): ResponseObject {

    if (error instanceof Outage) {
        return respond(h, 503, { [code]: 'temporarily_unavailable', [text]: 'It could not be carried out yet' }).header('retry-after', '1');
    }

    if (error instanceof InvalidRequest) {
        return respond(h, error.code === 'authentication_failed' ? 401 : 400, { [code]: error.code, [text]: error.message });
    }

    throw error;
};
