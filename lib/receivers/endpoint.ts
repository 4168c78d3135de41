import * as Boom from '@hapi/boom';

import { Outage } from '../errors/outage';
import { Refusal } from '../errors/refusal';
import { textOf } from '../request/challenge';
import { InvalidRequest, oauthNames, respond, respondToError } from './response';

import type { Lifecycle, Request, ResponseObject, ResponseToolkit } from '@hapi/hapi';
import type { Claims } from '../types';


/** The value of a parameter that the form must have. @throws `InvalidRequest`. */
export const required = function (form: Map<string, string>, name: string): string {

    const value = form.get(name);
    if (value === undefined) {
        throw new InvalidRequest('invalid_request', `The parameter ${name} is missing`);
    }

    return value;
};


/**
 * A client may renew and revoke only its own tokens, if they have a `client_id` (RFC 6749 §6, RFC 7009 §2.1). The client's own is in the credentials of the route or,
 * for public clients, in the form (RFC 6749 §3.2.1). @throws `InvalidRequest`.
 */
export const demandOwnClient = function ({ client_id: owner }: Claims, { auth }: Request, form: Map<string, string>): void {

    const client: unknown = auth.isAuthenticated ? auth.credentials.client_id : form.get('client_id');
    if (owner !== undefined && client !== undefined && client !== owner) {
        throw new InvalidRequest('invalid_grant', 'The token belongs to another client');
    }
};


/** The handler of an OAuth endpoint. Errors become responses of RFC 6749 §5.2. */
export const endpoint = function (handle: (request: Request, h: ResponseToolkit) => Promise<ResponseObject>): Lifecycle.Method {

    return async (request, h) => {

        try {
            return await handle(request, h);
        }
        catch (error) {
            return refuse(h, error);
        }
    };
};


const refuse = function (h: ResponseToolkit, error: unknown): ResponseObject {

    if (error instanceof Refusal) {
        return respond(h, 400, { error: 'invalid_grant', error_description: textOf(error.code), code: error.code });
    }

    if (error instanceof Outage) {
        return respond(h, 503, { error: 'temporarily_unavailable', error_description: textOf(error.code), code: error.code }).header('retry-after', '1');
    }

    return respondToError(h, error, oauthNames);
};


/** Gives error responses of hapi, the route's `auth` or the app the form of RFC 6749 §5.2. */
export const reshape = function ({ response }: Request, h: ResponseToolkit): symbol {

    if (Boom.isBoom(response)) {
        const { statusCode, payload, headers } = response.output;
        const { message, code } = payload as { message: string; code?: string };
        response.output.payload = { error: errorOf(statusCode), error_description: message, ...code !== undefined && { code } } as unknown as Boom.Payload;
        headers['cache-control'] = 'no-store';
    }

    return h.continue;
};


const errorOf = function (statusCode: number): string {

    const errors: Record<number, string> = { 401: 'invalid_client', 403: 'access_denied', 503: 'temporarily_unavailable' };
    return errors[statusCode] ?? (statusCode < 500 ? 'invalid_request' : 'server_error');
};
