import * as Hapi from '@hapi/hapi';

import './challenges';
import { hardLogout, plugin } from '../../lib';
import { RedisServer } from './redis';

import type { PluginOptions, StrategyApi, StrategyOptions, TokenResponse } from '../../lib';


/** Of the length that HS256 needs. */
export const secret = 'a shared secret of 32 bytes or more';


// A cache with less room than by default: to make one for 100,000 entries takes 5 ms

const cache = { max: 10_000 };


export const jwt = { key: secret, algorithms: ['HS256' as const], issuer: 'https://futureflix.example', audience: 'api' };


export interface Prepared {
    server: Hapi.Server;
    auth: StrategyApi;

    /** A session's pair of tokens. */
    login(sub?: string): Promise<Pair>;

    /** `GET /me` with an access token: its status, and the message of a refusal. */
    me(accessToken: string): Promise<{ statusCode: number; message?: string }>;
}


export interface Pair {
    jwt: string;
    refreshToken: string;
}


/** A server with one strategy, `hard-logout`, as its default, and the routes `POST /login`, `POST /token`, `GET /me` and `POST /logout`. */
export const prepare = async function (strategy: Partial<StrategyOptions> = {}, options: PluginOptions = {}): Promise<Prepared> {

    await RedisServer.settle(options);
    const server = Hapi.server({ debug: false });
    await server.register({ plugin, options: { cache, ...options } });

    server.auth.strategy('session', 'hard-logout', { jwt, refreshToken: { query: 'refreshToken' }, ...strategy } satisfies StrategyOptions);
    server.auth.default('session');

    const auth = hardLogout(server);

    server.route([
        { method: 'POST', path: '/login', options: { auth: false }, handler: (request) => auth.issue(request, { sub: '42' }) },
        { method: 'GET', path: '/me', handler: (request) => request.auth.credentials }
    ]);

    if (strategy.refreshToken !== undefined || !('refreshToken' in strategy)) {
        server.route([
            { method: 'POST', path: '/token', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => auth.refresh(request) },
            { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: (request, h) => h.response().code(204) }
        ]);
    }

    return {
        server,
        auth,

        async login(sub = '42') {

            return pairOf(await auth.issue(null, { sub }));
        },

        async me(accessToken) {

            const { statusCode, result } = await server.inject({ url: '/me', headers: bearer(accessToken) });
            return { statusCode, message: (result as { message?: string }).message };
        }
    };
};


export const pairOf = function ({ access_token: accessToken, refresh_token: refreshToken }: TokenResponse): Pair {

    return { jwt: accessToken!, refreshToken: refreshToken! };
};


export const bearer = function (accessToken: string): { authorization: string } {

    return { authorization: `Bearer ${accessToken}` };
};
