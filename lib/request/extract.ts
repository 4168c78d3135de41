import { Refusal } from '../errors/refusal';

import type { Request } from '@hapi/hapi';
import type { Place, StrategySettings } from '../options/settings';
import type { Tokens } from '../types';


export interface FoundToken {
    token: string;

    /** Whether it was in a cookie, which a browser sends for every page. */
    isAmbient: boolean;
}


/** The tokens of a request that its route wants. */
export interface Presented {
    accessToken: FoundToken | null;
    refreshToken: FoundToken | null;
}


// RFC 9110 §11.1 makes the scheme's name case-insensitive

const scheme = /^bearer(?: |$)/i;


// RFC 6750 §2.1

const bearer = /^ *[\w.~+/-]+=* *$/;


// Longer than any token within Node's header limit (16 KiB)

const maxLength = 16_384;


type Places = Pick<StrategySettings, 'refreshToken'> & { jwt: Pick<StrategySettings['jwt'], 'cookie'> };


/** Reads each token from its configured place only. @throws `Refusal` if one is malformed or repeated. */
export const extract = function (request: Request, tokens: Tokens, { jwt, refreshToken }: Places): Presented {

    return {
        accessToken: tokens === 'refresh' ? null : accessTokenOf(request, jwt.cookie?.name),
        refreshToken: tokens === 'access' || !refreshToken ? null : refreshTokenOf(request, refreshToken.place)
    };
};


// From the Authorization header and, if there is one, from its cookie

const accessTokenOf = function (request: Request, cookie: string | undefined): FoundToken | null {

    const header = inAuthorization(request);
    const value = cookie === undefined ? null : single(inCookie(request, cookie), 'access_token');

    // RFC 6750 §2 and §3.1: not in two ways. A browser adds the cookie to each request, so an equal token is fine

    if (header !== null && value !== null && header !== value) {
        throw new Refusal('access_token_repeated');
    }

    const token = header ?? value;
    return token === null ? null : { token, isAmbient: header === null };
};


const refreshTokenOf = function (request: Request, place: Place): FoundToken | null {

    const token = single(read(request, place), 'refresh_token');
    return token === null ? null : { token, isAmbient: place.from === 'cookie' };
};


const inAuthorization = function (request: Request): string | null {

    const header: unknown = request.headers.authorization;
    if (header === undefined) {
        return null;
    }

    // Node takes the first of repeated lines. With inject() the header can be anything

    if (Array.isArray(header) || isRepeated(request, 'authorization')) {
        throw new Refusal('access_token_repeated');
    }

    if (typeof header !== 'string' || header.length > maxLength) {
        throw new Refusal('access_token_malformed');
    }

    if (!scheme.test(header)) {
        return null;
    }

    const value = header.slice('bearer '.length);
    if (!bearer.test(value)) {
        throw new Refusal('access_token_malformed');
    }

    return value.trim();
};


const single = function (value: unknown, kind: 'access_token' | 'refresh_token'): string | null {

    if (value === undefined || value === null || value === '') {
        return null;
    }

    if (Array.isArray(value)) {
        throw new Refusal(`${kind}_repeated`);
    }

    if (typeof value !== 'string' || value.length > maxLength || !value.isWellFormed()) {
        throw new Refusal(`${kind}_malformed`);
    }

    return value;
};


const read = function (request: Request, { from, name }: Place): unknown {

    if (from === 'query') {
        return Object.hasOwn(request.query, name) ? request.query[name] : undefined;
    }

    if (from === 'cookie') {
        return inCookie(request, name);
    }

    const lines = request.raw.req.headersDistinct?.[name];
    return lines !== undefined && lines.length > 1 ? lines : request.headers[name];
};


/** Whether a header was sent twice. Node's `headersDistinct` takes 0.5 µs more per request. With inject() there are no raw headers. */
export const isRepeated = function ({ raw: { req } }: Request, name: string): boolean {

    const { rawHeaders = [] } = req as { rawHeaders?: string[] };
    let lines = 0;
    for (let i = 0; i < rawHeaders.length; i += 2) {
        const header = rawHeaders[i]!;
        if (header.length === name.length && header.toLowerCase() === name) {
            ++lines;
        }
    }

    return lines > 1;
};


// The value of a cookie, or a list if it is repeated. Not hapi's: a sibling domain can set a malformed cookie, and hapi then drops all of them. Only spaces between the
// pairs are removed (RFC 6265bis §5.8.3): without other white space in its name, a cookie could pass as one with the prefix __Host-

const inCookie = function (request: Request, name: string): unknown {

    const header: unknown = request.headers.cookie;
    if (typeof header !== 'string') {
        return header;
    }

    const values = [];
    for (const pair of header.split(';')) {
        const equals = pair.indexOf('=');
        if (equals !== -1 && strip(pair.slice(0, equals)) === name) {
            values.push(strip(pair.slice(equals + 1)));
        }
    }

    return values.length > 1 ? values : values[0];
};


// A regular expression would take quadratic time

const strip = function (text: string): string {

    let start = 0;
    let end = text.length;
    while (start < end && ' \t'.includes(text[start]!)) {
        ++start;
    }

    while (end > start && ' \t'.includes(text[end - 1]!)) {
        --end;
    }

    return text.slice(start, end);
};
