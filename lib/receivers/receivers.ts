import { handlerSettings } from '../options/handlers';
import { fail, nameOf } from '../request/routes';
import { backChannel } from './back-channel';
import { reshape } from './endpoint';
import { globalTokenRevocation } from './global-token-revocation';
import { introspection } from './introspection';
import { metadata } from './metadata';
import { Orders } from './orders';
import { revocation } from './revocation';
import { securityEvents } from './security-events';
import { tokenEndpoint } from './token-endpoint';

import type { HandlerDecorationMethod, Lifecycle, Request, RequestRoute, RouteOptions, Server } from '@hapi/hapi';
import type { HandlerSettings } from '../options/settings';
import type { Background } from '../request/background';
import type { StrategyParts } from '../request/parts';
import type { Emitter } from '../status/events';
import type { Store } from '../store/contract';
import type { Endpoint, HandlerKind } from './contract';


export interface ReceiversOptions {
    server: Server;
    store: Pick<Store, 'exchange'>;
    background: Background;
    events: Emitter;
}


// By the value of `receive` or `endpoint`

const kinds: Record<string, HandlerKind> = {
    'back-channel': backChannel,
    'global-token-revocation': globalTokenRevocation,
    'security-events': securityEvents,
    revocation,
    introspection,
    token: tokenEndpoint,
    metadata
};


// Enough for a token with many claims, and small enough to stay in memory while a key set cannot be reached

const maxBytes = 16 * 1024;


/** The handler type `hard-logout`, as `server.decorate('handler', …)` takes it. */
export class Receivers {

    readonly #options: ReceiversOptions;
    readonly #orders: Orders;
    readonly #strategies: StrategyParts[] = [];
    readonly #handlers: (() => unknown)[] = [];
    readonly #endpoints: Endpoint[] = [];
    #isStarted = false;

    readonly handler: HandlerDecorationMethod;

    constructor(options: ReceiversOptions) {

        this.#options = options;
        this.#orders = new Orders(options);
        this.handler = Object.assign((route: RequestRoute, handlerOptions: unknown) => this.#handle(route, handlerOptions), { defaults: (method: string) => this.#defaults(method) });
    }

    addStrategy(strategy: StrategyParts): void {

        this.#strategies.push(strategy);
    }

    /** Checks handlers that were added before their strategies. @throws `Error` naming the route and what its strategy cannot do. */
    start(): void {

        this.#isStarted = true;
        this.#handlers.forEach((create) => create());
    }

    #handle(route: RequestRoute, options: unknown): Lifecycle.Method {

        const settings = handlerSettings(options, nameOf(route));
        const kind = kinds['receive' in settings ? settings.receive : settings.endpoint]!;
        if (route.method !== kind.method) {
            fail(route, `has a handler that needs the method ${kind.method.toUpperCase()}`);
        }

        let handler: Lifecycle.Method | undefined;
        const create = () => (handler ??= kind.create(settings, this.#context(route, settings)));

        this.#handlers.push(create);
        if (this.#isStarted) {
            create();
        }

        if ('endpoint' in settings) {
            this.#endpoints.push({ endpoint: settings.endpoint, strategy: settings.strategy, route });
        }

        return function (this: unknown, request, h, error) {

            return create().call(this as any, request, h, error);
        };
    }

    #context(route: RequestRoute, { strategy: name }: HandlerSettings) {

        const { server, store } = this.#options;
        const strategy = this.#strategies.find((each) => each.name() === name);
        if (!strategy) {
            return fail(route, `names the strategy ${name}, which is not a hard-logout strategy`);
        }

        return { server, route, strategy, store, orders: this.#orders, endpoints: () => this.#endpoints };
    }

    // No strategy: the token authenticates its sender. No parsing: each kind accepts the content type of its standard, and responds to errors in its format

    #defaults(method: string): RouteOptions {

        return {
            auth: false,
            state: { parse: false, failAction: 'ignore' },
            ext: { onPreResponse: { method: (request, h) => (this.#isEndpoint(request) ? reshape(request, h) : h.continue) } },
            ...method !== 'get' && { payload: { parse: false, output: 'data', maxBytes } }
        };
    }

    #isEndpoint({ route }: Request): boolean {

        return this.#endpoints.some((endpoint) => endpoint.route === route);
    }
}
