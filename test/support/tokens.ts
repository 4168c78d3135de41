import { SignJWT } from 'jose';

import { bearer, jwt as settings, prepare, secret } from './server';

import type { Server } from '@hapi/hapi';
import type { Extent, JwtOptions, PluginOptions, StrategyOptions, Tokens } from '../../lib';
import type { Pair, Prepared } from './server';


/** A JWT that was minted elsewhere, with the key of the usual strategy unless another is given. */
export const mint = function (claims: Record<string, unknown> = {}, key = secret): Promise<string> {

    const seconds = Math.floor(Date.now() / 1000);
    const { issuer: iss, audience: aud } = settings;
    return new SignJWT({ sub: '42', iss, aud, iat: seconds, exp: seconds + 900, ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(key));
};


export const payload = function (jwt: string): Record<string, unknown> {

    return JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString());
};


/** What a request comes to: the status of a success, the message of a refusal. */
export const verdict = async function (response: ReturnType<Server['inject']>): Promise<number | string> {

    const { statusCode, result } = await response;
    return statusCode < 300 ? statusCode : (result as Error).message;
};


/** The usual server, with a route `GET /look` that takes either token, and `POST /{extent}/{tokens}` that revokes, for each extent and each choice of tokens. */
export const serve = async function (jwt: Partial<JwtOptions> = {}, options: Partial<StrategyOptions> = {}, plugin: PluginOptions = {}): Promise<Prepared> {

    const prepared = await prepare({ jwt: { ...settings, ...jwt }, ...options }, plugin);
    const { server } = prepared;

    server.route({
        method: 'GET',
        path: '/look',
        options: { plugins: { 'hard-logout': { tokens: 'either' } } },
        handler: ({ auth: { artifacts, credentials } }) => ({ artifacts, credentials })
    });

    const extents: Extent[] = options.lookup ? ['token', 'session', 'subject'] : ['token', 'session', 'others', 'subject'];
    for (const extent of extents) {
        for (const tokens of ['access', 'refresh', 'both', 'either'] as const) {
            server.route({ method: 'POST', path: `/${extent}/${tokens}`, options: { plugins: { 'hard-logout': { revoke: extent, tokens } } }, handler: () => null });
        }
    }

    await server.initialize();
    return prepared;
};


/** What is said to a token, or to two. */
export const look = function ({ server }: Pick<Prepared, 'server'>, tokens: Partial<Pair>): Promise<number | string> {

    return verdict(server.inject({ url: withToken('/look', tokens), headers: headers(tokens) }));
};


/** What a logout is answered. */
export const end = function ({ server }: Pick<Prepared, 'server'>, extent: Extent, tokens: Tokens, { jwt, refreshToken }: Partial<Pair>): Promise<number | string> {

    const presented = { jwt: tokens === 'refresh' ? undefined : jwt, refreshToken: tokens === 'access' ? undefined : refreshToken };
    return verdict(server.inject({ method: 'POST', url: withToken(`/${extent}/${tokens}`, presented), headers: headers(presented) }));
};


/** The names of those that are refused. */
export const refused = async function (prepared: Prepared, held: Record<string, Partial<Pair>>): Promise<string[]> {

    const verdicts = await Promise.all(Object.values(held).map((tokens) => look(prepared, tokens)));
    return Object.keys(held).filter((_, i) => verdicts[i] !== 200);
};


const withToken = function (path: string, { refreshToken }: Partial<Pair>): string {

    return refreshToken === undefined ? path : `${path}?refreshToken=${encodeURIComponent(refreshToken)}`;
};


const headers = function ({ jwt }: Partial<Pair>): Record<string, string> {

    return jwt === undefined ? {} : bearer(jwt);
};
