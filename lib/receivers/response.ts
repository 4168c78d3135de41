import { Outage } from '../errors/outage';

import type { ResponseObject, ResponseToolkit } from '@hapi/hapi';


export type RequestError = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience' | 'authentication_failed' |
    'invalid_grant' | 'invalid_scope' | 'unsupported_grant_type' | 'unsupported_token_type';


/** A request that violates its standard. The sender gets `message`, which contains nothing of the request. */
export class InvalidRequest extends Error {

    override readonly name = 'InvalidRequest';
    readonly code: RequestError;

    constructor(code: RequestError, message: string) {

        super(message);
        this.code = code;
    }
}


/** The members of an error response: `error` and `error_description`, or `err` and `description`. */
export type ProblemNames = { code: string; text: string };


export const oauthNames: ProblemNames = { code: 'error', text: 'error_description' };


/** A response that no cache may store. It is not an error to hapi: error pages of the app do not replace it. */
export const respond = function (h: ResponseToolkit, statusCode: number, payload?: object): ResponseObject {

    return h.response(payload).code(statusCode).header('cache-control', 'no-store');
};


/** The response to an `InvalidRequest` or an `Outage`. @throws any other error. */
export const respondToError = function (h: ResponseToolkit, error: unknown, { code, text }: ProblemNames): ResponseObject {

    if (error instanceof Outage) {
        return respond(h, 503, { [code]: 'temporarily_unavailable', [text]: 'The request could not be carried out yet' }).header('retry-after', '1');
    }

    if (error instanceof InvalidRequest) {
        return respond(h, error.code === 'authentication_failed' ? 401 : 400, { [code]: error.code, [text]: error.message });
    }

    throw error;
};
