import type { Request } from '@hapi/hapi';

import type { Challenges } from './challenge';
import type { Place } from './options';


// RFC 6750 §2.1; RFC 9110 §11.1 makes the scheme's name case-insensitive

const bearer = /^bearer +([\w.~+/-]+=*) *$/i;

const scheme = /^bearer(?: |$)/i;


// Far above any token that fits into Node's header limit (16 KiB), far below what is costly

const maxLength = 16_384;


/** The JWT: from the Authorization header, and from nowhere else. */
export const accessToken = function (request: Request, challenges: Challenges): string | null {

    const header: unknown = request.headers.authorization;

    // Node keeps the first of repeated lines; under inject() the header can be anything

    const lines = request.raw.req.headersDistinct?.authorization;
    if (Array.isArray(header) || lines !== undefined && lines.length > 1) {
        throw challenges.refuse('access_token_repeated');
    }

    if (header === undefined) {
        return null;
    }

    if (typeof header !== 'string' || header.length > maxLength) {
        throw challenges.refuse('access_token_malformed');
    }

    if (!scheme.test(header)) {
        return null;
    }

    const match = bearer.exec(header);
    if (!match) {
        throw challenges.refuse('access_token_malformed');
    }

    return match[1]!;
};


/** The refresh token: from its own configured place, and from nowhere else. */
export const refreshToken = function (request: Request, place: Place, challenges: Challenges): string | null {

    const value: unknown = read(request, place);
    if (value === undefined || value === null || value === '') {
        return null;
    }

    if (Array.isArray(value)) {
        throw challenges.refuse('refresh_token_repeated');
    }

    if (typeof value !== 'string' || value.length > maxLength || !value.isWellFormed()) {
        throw challenges.refuse('refresh_token_malformed');
    }

    return value;
};


const read = function (request: Request, { from, name }: Place): unknown {

    if (from === 'query') {
        return own(request.query, name);
    }

    if (from === 'cookie') {
        return own(request.state, name);
    }

    const lines = request.raw.req.headersDistinct?.[name];
    return lines !== undefined && lines.length > 1 ? lines : request.headers[name];
};


// Before routing there is no state yet

const own = function (fields: Record<string, unknown> | null, name: string): unknown {

    return fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
};
