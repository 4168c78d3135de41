import { randomBytes } from 'node:crypto';

import * as Hapi from '@hapi/hapi';
import { plugin as HardLogout } from 'hapi-auth-hard-logout';

import { accountRoutes } from './account';
import { adminRoutes } from './admin';
import { pages, routeDefaults } from './pages';
import { Throttle } from './throttle';
import { tokenRoutes } from './tokens';
import { Users } from './users';

import type { StrategyOptions } from 'hapi-auth-hard-logout';


export interface Options {
    host?: string;
    port?: number | string;

    /** Where Redis is. Left out: everything is kept in the memory of this process. */
    redis?: string;

    /** What signs the access tokens, 32 bytes or more, equal in all processes. Left out: a random one, and a restart ends every access token. */
    key?: string;
}


const prefix = 'futureflix';


/** Futureflix: log in, stay logged in, see where, log out. An API for programs, and pages for browsers. */
export const createServer = async function ({ host = '127.0.0.1', port = 0, redis, key }: Options = {}): Promise<Hapi.Server> {

    const users = new Users();
    await users.add('42', 'ada', 'lovelace');
    await users.add('43', 'grace', 'hopper', ['admin']);

    const server = Hapi.server({ host, port, routes: routeDefaults });

    await server.register({
        plugin: HardLogout,
        options: { redis, prefix }
    });

    // Two ways to keep the refresh token, and one kind of session: with one key and one issuer an access token of either is good for both

    const jwt: StrategyOptions['jwt'] = {
        key: key ?? randomBytes(32),
        algorithms: ['HS256'],
        issuer: 'https://futureflix.example',
        audience: 'api',
        ttl: 60_000         // So that the page has something to show. Without this it is a quarter of an hour
    };

    // One more login ends the oldest, in every process

    const sessions: StrategyOptions['sessions'] = { max: 10 };

    server.auth.strategy('session', 'hard-logout', {
        jwt,
        refreshToken: { query: 'refreshToken' },
        sessions
    } satisfies StrategyOptions);

    server.auth.strategy('browser', 'hard-logout', {
        jwt,
        refreshToken: { cookie: '__Host-refresh' },
        sessions
    } satisfies StrategyOptions);

    server.auth.default('session');

    const throttle = new Throttle(redis, prefix);
    server.ext('onPreStart', () => throttle.start());
    server.ext('onPostStop', () => throttle.stop());

    server.route([
        ...tokenRoutes('session', '', users, throttle),
        ...tokenRoutes('browser', '/browser', users, throttle),
        ...accountRoutes(users),
        ...adminRoutes(users)
    ]);

    await server.register(pages);
    return server;
};
