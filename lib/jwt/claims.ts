import { randomUUID } from 'node:crypto';

import type { JwtSettings } from '../options/settings';
import type { Act, Claims } from '../types';


export const reservedClaims = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'act'] as const;


/** Why a token with these claims and this `typ` is not an access token of a strategy, for an operator; null if it is. Dates are checked in jwt.ts. */
export const claimsProblem = function (claims: Record<string, unknown>, typ: unknown, { issuer, audience, sessionClaim, allowBoundTokens }: JwtSettings): string | null {

    if (!isAccessTokenType(typ)) {
        return 'its type is not that of an access token';
    }

    if (!isShallow(claims)) {
        return 'its claims are nested too deeply';
    }

    const unusable = forms.find(([claim, is]) => !is(claims[claim]))?.[0] ?? (isOptional(isText)(claims[sessionClaim]) ? undefined : sessionClaim);
    if (unusable !== undefined) {
        return `its claim ${unusable} is missing or cannot be used`;
    }

    // RFC 9449 §7.2: without a proof of the key, such a token proves nothing

    if (!allowBoundTokens && claims.cnf !== undefined) {
        return 'it is bound to a key of its client, which this strategy does not check';
    }

    const { iss, aud } = claims as Claims;
    if (issuer.length > 0 && !issuer.includes(iss!)) {
        return 'its claim iss is not one that the strategy accepts';
    }

    const isMeant = (one: string) => audience!.includes(one);
    return audience && !(Array.isArray(aud) ? aud.some(isMeant) : isMeant(aud!)) ? 'its claim aud is not one that the strategy accepts' : null;
};


/**
 * The `jti` of a session's access token contains the start of the session (ms) and the `exp`. A revocation ends with the last token that the store knows, so a JWT that
 * other code signs for the session, or with a later `exp`, could outlive it: its `jti` does not match, and it is refused.
 */
export const sessionJti = function (created: number, exp: number): string {

    return `${randomUUID()}.${created}.${exp}`;
};


/** When the session began (ms), by the claims of a session's access token; null for other claims. */
export const beganAt = function ({ jti, exp }: Claims): number | null {

    const [, began, end] = /\.(\d{1,15})\.(\d+)$/.exec(jti ?? '') ?? [];
    return end === String(exp) ? Number(began) : null;
};


// ECMA-262 §21.4.1.1: the latest Date, in seconds

const lastDate = 8.64e12;


// Deeper than real claims, and far below the depth at which JSON.stringify() overflows the stack

const maxDepth = 64;


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


/** Whether a value can be a name. Control characters could forge lines of a log. */
export const isText = function (value: unknown): value is string {

    return typeof value === 'string' && value !== '' && value.isWellFormed() && !/[\0-\x1f\x7f]/.test(value);
};


/** Whether a value can be a date, in seconds since the epoch. */
export const isDate = function (value: unknown): value is number {

    return typeof value === 'number' && value >= 0 && value <= lastDate;
};


export const isTexts = function (value: unknown): value is string[] {

    return Array.isArray(value) && value.every(isText);
};


export const isScope = function (value: unknown): boolean {

    return typeof value === 'string' || Array.isArray(value) && value.every((item) => typeof item === 'string');
};


const isOptional = function (is: (value: unknown) => boolean): (value: unknown) => boolean {

    return (value) => value === undefined || is(value);
};


// RFC 8693 §4.1. An actor without a sub could not be logged out

function isAct(value: unknown): boolean {

    const act = value as Partial<Act> | null;
    return typeof act === 'object' && act !== null && isText(act.sub) &&
        isOptional((iss) => iss === '' || isText(iss))(act.iss) &&
        isOptional(isText)(act.sid) &&
        isOptional(isDate)(act.auth_time) &&
        isOptional(isAct)(act.act);
}


const forms: [claim: string, is: (value: unknown) => boolean][] = [
    ['sub', isText],
    ['exp', isDate],
    ['iat', isDate],
    ['iss', isOptional(isText)],
    ['jti', isOptional(isText)],
    ['nbf', isOptional(isDate)],
    ['auth_time', isOptional(isDate)],
    ['scope', isOptional(isScope)],
    ['act', isOptional(isAct)]
];
