import { bearer, prepare } from './server';

import type * as Hapi from '@hapi/hapi';
import type { RouteOptions, StrategyOptions, Tokens } from '../../lib';
import type { Pair, Prepared } from './server';


export interface Look {
    statusCode: number;
    message?: string;
    isAuthenticated?: boolean;
    error?: string;
    credentials?: Record<string, unknown>;
    artifacts?: Record<string, unknown>;
}


/** The usual server, with a route `GET /look` that shows what authentication came to. */
export const start = async function (route: { tokens: Tokens } & RouteOptions, strategy: Partial<StrategyOptions> = {}, auth: Hapi.RouteOptionsAccess = {}): Promise<Prepared> {

    const prepared = await prepare(strategy);
    prepared.server.route({
        method: 'GET',
        path: '/look',
        options: { auth, plugins: { 'hard-logout': route } },
        handler: ({ auth: { isAuthenticated, credentials, artifacts, error } }) => {

            return { isAuthenticated, credentials: credentials ?? undefined, artifacts: artifacts ?? undefined, error: error?.message };
        }
    });

    await prepared.server.initialize();
    return prepared;
};


export const look = async function ({ server }: Prepared, { jwt, refreshToken }: Partial<Pair>): Promise<Look> {

    const { statusCode, result } = await server.inject({
        url: refreshToken === undefined ? '/look' : `/look?refreshToken=${refreshToken}`,
        headers: jwt === undefined ? {} : bearer(jwt)
    });

    return { statusCode, ...result as object };
};
