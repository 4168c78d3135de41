import * as Jose from 'jose';

import { bearer, jwt, prepare, secret } from './server';

import type { KeyObject } from 'node:crypto';
import type { JwtOptions, StrategyOptions } from '../../lib';
import type { Prepared } from './server';


const now = Date.now;


// A second begun, so that it matters what is rounded, and which way

export const second = Date.UTC(2030, 0, 1) / 1000;

export const moment = second * 1000 + 250;


export const freeze = function (ms: number): void {

    Date.now = () => ms;
};


export const thaw = function (): void {

    Date.now = now;
};


export const claims = { iss: jwt.issuer, aud: jwt.audience, sub: '42', iat: second, exp: second + 60, jti: 'one' };


// A number that JSON.stringify() would not write is given as '@1e400'

export const json = function (changes: object = {}): string {

    return JSON.stringify({ ...claims, ...changes }).replace(/"@([^"]+)"/g, '$1');
};


export const sign = function (payload: string, header: object = {}, key: KeyObject | Uint8Array = Buffer.from(secret)): Promise<string> {

    return new Jose.CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(key);
};


export const mint = function (changes?: object, header?: object): Promise<string> {

    return sign(json(changes), header);
};


/** A server for tokens that were minted elsewhere, with `POST /bye`, which revokes the one presented, and `GET /artifacts`. */
export const serve = async function (options: Partial<JwtOptions> = {}, strategy: Partial<StrategyOptions> = { refreshToken: undefined }): Promise<Prepared> {

    const prepared = await prepare({ jwt: { ...jwt, ...options }, ...strategy });
    prepared.server.route([
        { method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'token' } } }, handler: (request, h) => h.response().code(204) },
        { method: 'GET', path: '/artifacts', handler: (request) => request.auth.artifacts }
    ]);

    return prepared;
};


export const bye = async function ({ server }: Prepared, token: string): Promise<number> {

    const { statusCode } = await server.inject({ method: 'POST', url: '/bye', headers: bearer(token) });
    return statusCode;
};


export const artifacts = async function ({ server }: Prepared, token: string): Promise<Record<string, unknown>> {

    const { result } = await server.inject({ url: '/artifacts', headers: bearer(token) });
    return result as Record<string, unknown>;
};


export const accepted = { statusCode: 200, message: undefined };

export const refused = { statusCode: 401, message: 'The access token is invalid' };

export const expired = { statusCode: 401, message: 'The access token expired' };

export const revoked = { statusCode: 401, message: 'The access token was revoked' };
