import * as Hoek from '@hapi/hoek';

import { Api } from './api';
import { Blacklist } from './blacklist';
import { pluginSettings } from './options';
import { Revocation } from './revocation';
import { Routes } from './routes';
import { createScheme } from './scheme';
import { MemoryStore } from './store/memory';
import { RedisStore } from './store/redis';

import type { Plugin, Server } from '@hapi/hapi';
import type { PluginOptions, StrategyApi } from './types';


export type * from './types';

export type { ChallengeCode } from './challenge';


/** The hapi plugin: registers the scheme `hard-logout`. */
export const plugin: Plugin<PluginOptions | void> = {

    name: 'hard-logout',

    requirements: {
        hapi: '>=21.0.0'
    },

    register(server, options) {

        const settings = pluginSettings(options);
        const onError = (error: Error) => server.log(['hard-logout', 'store', 'error'], error);

        const store = settings.redis === undefined ? new MemoryStore() : new RedisStore(settings, onError);
        const blacklist = new Blacklist(store, settings.cache);
        const routes = new Routes(server);
        const revocation = new Revocation(server, routes);

        server.auth.scheme('hard-logout', createScheme({ blacklist, sessionStore: store, revocation, routes }));

        server.ext('onPreResponse', revocation.onPreResponse);
        server.ext('onPostResponse', revocation.onPostResponse);

        server.events.on('route', (route) => routes.check(route));
        server.table().forEach((route) => routes.check(route));

        server.ext('onPreStart', async () => {

            routes.start();
            await store.start();
            if (store.kind === 'memory') {
                server.log(['hard-logout', 'memory'], 'Revocations and sessions are kept in this process only: name a Redis for several');
            }
        });

        server.ext('onPostStop', async () => {

            await revocation.drain();
            await store.stop();
        });
    }
};


/** The API of a strategy, typed: `server.auth.api[strategy]`. @throws `Error` when there is no such strategy (yet). */
export const api = function (server: Server, strategy = 'hard-logout'): StrategyApi {

    const found = server.auth.api[strategy];
    Hoek.assert(found instanceof Api, `No hard-logout strategy has the name ${strategy}`);
    return found;
};
