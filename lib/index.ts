import * as Hoek from '@hapi/hoek';

import { Api } from './api/api';
import { OpenApi } from './api/openapi';
import { AskedBlacklist } from './blacklist/asked-blacklist';
import { systemClock } from './blacklist/clock';
import { Emitter } from './status/events';
import { HealthCheck } from './status/health';
import { LeasedBlacklist } from './blacklist/leased-blacklist';
import { differingKeys } from './jwt/shared-keys';
import { disagreements } from './status/agreement';
import { measureConfirmation } from './status/metrics';
import { Monitor } from './status/monitor';
import { pluginSettings } from './options/schema';
import { Unsupported } from './errors/outage';
import { Receivers } from './receivers/receivers';
import { isAffected, partiesOf } from './request/artifacts';
import { Background } from './request/background';
import { LogoutHooks } from './request/logout-hooks';
import { Responses } from './request/response';
import { Routes } from './request/routes';
import { InjectedCredentials } from './request/step-up';
import { createScheme } from './scheme';
import { MemoryStore } from './store/memory';
import { RedisStore } from './store/redis';

import type { Plugin, RequestRoute, Server } from '@hapi/hapi';
import type { Blacklist } from './blacklist/blacklist';
import type { LeasedOptions } from './blacklist/leased-blacklist';
import type { Cutoff } from './store/blacklist-contract';
import type { Store } from './store/contract';
import type { PluginSettings } from './options/settings';
import type { PluginOptions, StrategyApi } from './types';


export type * from './types';

export type { ChallengeCode, ErrorCode } from './errors/refusal';


/**
 * The hapi plugin: registers the scheme `hard-logout`.
 *
 * @example
 * const server = Hapi.server({ port: 3000 });
 * await server.register({ plugin, options: { redis: process.env.REDIS_URL } });
 *
 * server.auth.strategy('session', 'hard-logout', {
 *     jwt: { key: process.env.JWT_KEY, algorithms: ['HS256'] },
 *     refreshToken: { cookie: '__Host-refresh' }
 * });
 */
export const plugin: Plugin<PluginOptions | void> = {

    name: 'hard-logout',
    pkg: require('../package.json'),

    requirements: {
        hapi: '>=21.3.12'
    },

    register(server, options) {

        const settings = pluginSettings(options);

        // The store, and its state for the app

        const events = new Emitter(server, { client: settings.events.client, partiesOf });
        const monitor = new Monitor(server, events, settings.redis === undefined ? 'memory' : 'redis', () => examine());
        const store = settings.redis === undefined ? new MemoryStore() :
            new RedisStore(settings, (error) => monitor.failed('commands', error), () => monitor.reached('commands'));
        const invalidated = (revocations: Cutoff[]) => events.emit('invalidated', { affects: (artifacts) => isAffected(artifacts, revocations) });
        const blacklist = createBlacklist(store, settings, { report: monitor.report, joined: () => monitor.reached('lease'), arrived: invalidated });

        // The strategies, and their routes

        const routes = new Routes(server);
        const injected = new InjectedCredentials(server);
        const responses = new Responses();
        const background = new Background(server);
        const hooks = new LogoutHooks(routes, responses, background);
        const receivers = new Receivers({ server, store, background, events });
        const openapi = new OpenApi(server, routes);

        server.auth.scheme('hard-logout', createScheme({ blacklist, monitor, events, sessionStore: store, routes, responses, background, hooks, receivers }));
        server.decorate('handler', 'hard-logout', receivers.handler);

        const check = (route: RequestRoute) => {

            routes.check(route);
            injected.check(route);
            openapi.add(route);
        };

        server.events.on('route', check);
        server.table().forEach(check);

        // Each response

        server.ext('onPreResponse', hooks.onPreResponse);
        server.events.on('response', hooks.onResponse);

        // Start and stop. After an outage the store is examined again: it may be another server, with another configuration

        const examine = (): Promise<void> => look({ store, routes, monitor, settings });

        server.ext('onPreStart', async () => {

            routes.start();
            openapi.start();
            receivers.start();
            background.resume();
            await start({ store, blacklist, monitor, examine, settings });
        });

        server.ext('onPostStop', async () => {

            await hooks.settle();
            await background.drain();
            await blacklist.stop();
            await store.stop();
        });

        // Status, health, and the description of the routes

        const healthCheck = new HealthCheck({ store, blacklist, routes });
        server.expose('status', () => monitor.status(blacklist.status()));
        server.expose('health', () => healthCheck.health());
        server.expose('openapi', () => openapi.options());
    }
};


interface Parts {
    store: Store;
    blacklist: Blacklist;
    monitor: Monitor;
    settings: PluginSettings;
    examine: () => Promise<void>;
}


const start = async function ({ store, blacklist, monitor, settings, examine }: Parts): Promise<void> {

    try {
        await store.start();
        await examine();
        await blacklist.start();
    }
    catch (error) {
        if (settings.startWithoutStore && !(error instanceof Unsupported)) {
            monitor.report('lost', error as Error);
            blacklist.start().catch(() => undefined);
            return;
        }

        await blacklist.stop();
        await store.stop();
        throw error;
    }
};


/** Reports problems of the store, and options in which other processes differ. @throws `Unsupported` when the store must not be used; `Outage`. */
const look = async function ({ store, routes, monitor, settings }: Pick<Parts, 'monitor' | 'settings' | 'store'> & { routes: Routes }): Promise<void> {

    const found = await store.examine();
    monitor.examined(found);
    if (found.refusal !== null) {
        throw new Unsupported(found.refusal);
    }

    monitor.keysDiffer(await differingKeys(routes.strategies(), store));
    monitor.disagree(await disagreements(routes.strategies(), settings.lease, store));
};


type Listeners = Pick<LeasedOptions, 'report' | 'joined' | 'arrived'>;

const createBlacklist = function (store: MemoryStore | RedisStore, { lease, timeout, cache: { max } }: PluginSettings, listeners: Listeners): Blacklist {

    if (store.kind === 'memory' || lease === false) {
        return new AskedBlacklist(store, { max, clock: systemClock, arrived: listeners.arrived });
    }

    return new LeasedBlacklist({ lease, max, timeout, clock: systemClock, connect: () => store.connect(lease), confirming: measureConfirmation, ...listeners });
};


/**
 * The methods of a strategy for handlers: `server.auth.api[strategy]`, typed. Without a name, those of the server's only strategy of this scheme.
 *
 * @throws `Error` if the strategy does not exist (yet), or if there are several and no name is given.
 *
 * @example
 * const { access_token, refresh_token } = await hardLogout(server).issue(null, { sub: '42' });
 */
export const hardLogout = function (server: Server, strategy?: string): StrategyApi {

    if (strategy !== undefined) {
        const found = server.auth.api[strategy];
        Hoek.assert(found instanceof Api, `No hard-logout strategy has the name ${strategy}`);
        return found;
    }

    const [found, ...others] = Object.values(server.auth.api).filter((each) => each instanceof Api);
    Hoek.assert(found, 'The server has no hard-logout strategy yet');
    Hoek.assert(others.length === 0, 'The server has several hard-logout strategies: call hardLogout(server, name) with the name of one');
    return found;
};
