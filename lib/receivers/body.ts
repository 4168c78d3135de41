import { isUtf8 } from 'node:buffer';

import { isShallow } from '../jwt/claims';
import { InvalidRequest } from './response';

import type { Request } from '@hapi/hapi';


/** The text of a body that hapi has not parsed. @throws `InvalidRequest` for another media type, or if it is not UTF-8. */
export const bodyText = function ({ headers, payload }: Request, type: string): string {

    const [given] = String(headers['content-type']).split(';', 1);
    if (given!.trim().toLowerCase() !== type) {
        throw new InvalidRequest('invalid_request', `The content type must be ${type}`);
    }

    if (!Buffer.isBuffer(payload) || !isUtf8(payload)) {
        throw new InvalidRequest('invalid_request', 'The body is not text in UTF-8');
    }

    return payload.toString();
};


/** The parameters of a form (RFC 6749 appendix B). @throws `InvalidRequest` if one is repeated (§3.2). */
export const formOf = function (request: Request): Map<string, string> {

    const form = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(bodyText(request, 'application/x-www-form-urlencoded'))) {
        if (form.has(name)) {
            throw new InvalidRequest('invalid_request', 'A parameter is repeated');
        }

        // RFC 6749 §3.2: a parameter without a value counts as omitted

        if (value !== '') {
            form.set(name, value);
        }
    }

    return form;
};


/** The object of a JSON body (RFC 8259). @throws `InvalidRequest`. */
export const jsonOf = function (request: Request): Record<string, unknown> {

    const text = bodyText(request, 'application/json');
    try {
        const value: unknown = JSON.parse(text);
        if (isObject(value) && isShallow(value)) {
            return value;
        }
    }
    catch {
        // The message would quote the text
    }

    throw new InvalidRequest('invalid_request', 'The body is not a JSON object');
};


export const isObject = function (value: unknown): value is Record<string, unknown> {

    return typeof value === 'object' && value !== null && !Array.isArray(value);
};
