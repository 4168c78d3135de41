import type { Claims } from '../types';


/** Claims that `issue()` sets itself. */
export const reservedClaims = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'auth_time'] as const;


// ECMA-262 §21.4.1.1: the last moment that a Date can hold, in seconds. Beyond it a date is a mistake or an attack

const lastDate = 8.64e12;


/** What jose leaves open: it checks that a claim is present, not that it can serve. */
export const acceptable = function (typ: unknown, claims: Claims, sessionClaim: string): boolean {

    return isAccessTokenType(typ) &&
        isShallow(claims) &&
        isText(claims.sub) &&
        isOptional(claims.iss, isText) &&
        isOptional(claims.jti, isText) &&
        isOptional(claims[sessionClaim], isText) &&
        isDate(claims.exp) &&
        isDate(claims.iat) &&
        isOptional(claims.nbf, isDate) &&
        isOptional(claims.auth_time, isDate) &&
        isOptional(claims.scope, isScope);
};


// Deeper than any claim is, and far from where a serializer runs out of stack: a handler that answers with its credentials is no way to a 500

const maxDepth = 64;


/** Whether claims are nested no deeper than what is accepted. */
export const isShallow = function (value: unknown, depth = 0): boolean {

    if (typeof value !== 'object' || value === null) {
        return true;
    }

    return depth < maxDepth && Object.values(value).every((item) => isShallow(item, depth + 1));
};


// RFC 8725 §3.11: an ID, logout or security event token of the same issuer is no access token (RFC 9068 §2.1)

const isAccessTokenType = function (typ: unknown): boolean {

    return typ === undefined || typeof typ === 'string' && /^(application\/)?(at\+)?jwt$/i.test(typ);
};


const isOptional = function (value: unknown, is: (value: unknown) => boolean): boolean {

    return value === undefined || is(value);
};


/** Whether a value can name somebody or something: control characters would only serve to forge lines in somebody's log. */
export const isText = function (value: unknown): value is string {

    return typeof value === 'string' && value !== '' && value.isWellFormed() && !/[\0-\x1f\x7f]/.test(value);
};


const isDate = function (value: unknown): value is number {

    return typeof value === 'number' && value >= 0 && value <= lastDate;
};


/** Whether a value can be the claim `scope`. */
export const isScope = function (value: unknown): boolean {

    return typeof value === 'string' || Array.isArray(value) && value.every((item) => typeof item === 'string');
};
