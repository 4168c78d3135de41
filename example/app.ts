import { randomBytes } from 'node:crypto';

import * as Hapi from '@hapi/hapi';
import { plugin as HardLogout } from 'hapi-auth-hard-logout';
import { Redis } from 'ioredis';

import { accountRoutes } from './account';
import { adminRoutes } from './admin';
import { pages, routeDefaults } from './pages';
import { push } from './push';
import { Throttle } from './throttle';
import { tokenRoutes } from './tokens';
import { Users } from './users';

import type { StrategyOptions } from 'hapi-auth-hard-logout';


export interface Options {
    host?: string;
    port?: number | string;

    /** The URL of Redis. Without it everything is stored in the memory of this process. */
    redis?: string;

    /** Signs the access tokens: 32 bytes or more, the same in all processes. Without it a random key is made, and a restart ends every access token. */
    key?: string;

    /** What this process is called in its responses. Without it they do not say which process responds. */
    process?: string;
}


const prefix = 'futureflix';


/** Futureflix: log in, stay logged in, see your devices, log out. An API for programs, and pages for browsers. */
export const createServer = async function ({ host = '127.0.0.1', port = 0, redis: url, key, process }: Options = {}): Promise<Hapi.Server> {

    const server = Hapi.server({ host, port, routes: routeDefaults });

    await server.register({
        plugin: HardLogout,
        options: { redis: url, prefix }
    });

    // Two places for the refresh token, and one kind of session. Key and issuer are the same, so both strategies accept each other's access tokens

    const jwt: StrategyOptions['jwt'] = {
        key: key ?? randomBytes(32),
        algorithms: ['HS256'],
        issuer: 'https://futureflix.example',
        audience: 'api',
        ttl: 60_000         // So that you can watch one expire. The default is 15 minutes
    };

    const sessions: StrategyOptions['sessions'] = { max: 10 };          // The eleventh login ends the oldest session

    server.auth.strategy('session', 'hard-logout', {
        jwt,
        refreshToken: { header: 'x-refresh-token' },
        sessions
    } satisfies StrategyOptions);

    server.auth.strategy('browser', 'hard-logout', {
        jwt,
        refreshToken: { cookie: '__Host-refresh' },
        sessions
    } satisfies StrategyOptions);

    server.auth.default('session');

    // The app's own data in Redis. While Redis is away, a login gets a prompt 503 and does not wait

    const redis = url === undefined ? undefined : new Redis(url, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 400 });
    redis?.on('error', () => undefined);                                // Each command reports it

    const users = new Users(redis, prefix);
    const throttle = new Throttle(redis, prefix);

    server.ext('onPreStart', async () => {

        await redis?.connect();
        await users.add('42', 'ada', 'lovelace');
        await users.add('43', 'grace', 'hopper', ['admin']);
    });

    server.ext('onPostStop', () => redis?.disconnect());

    server.route([
        ...tokenRoutes('session', '', users, throttle),
        ...tokenRoutes('browser', '/browser', users, throttle),
        ...accountRoutes(users),
        ...adminRoutes(users)
    ]);

    await server.register([
        { plugin: pages, options: { process } },
        { plugin: push, options: { process } }
    ]);

    return server;
};
