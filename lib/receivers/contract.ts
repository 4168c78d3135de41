// This room has the handler type: orders to log out from outside, and the OAuth endpoints. This file defines what each kind provides.

import type { Lifecycle, RequestRoute, Server } from '@hapi/hapi';
import type { HandlerSettings } from '../options/settings';
import type { StrategyParts } from '../request/parts';
import type { Store } from '../store/contract';
import type { EndpointOptions } from '../types';
import type { Orders } from './orders';


export interface HandlerContext {
    server: Server;
    route: RequestRoute;

    strategy: StrategyParts;
    store: Pick<Store, 'exchange'>;
    orders: Orders;

    /** The endpoints of all strategies, as of now. */
    endpoints: () => Endpoint[];
}


export interface Endpoint extends Pick<EndpointOptions, 'endpoint' | 'strategy'> {
    route: RequestRoute;
}


export interface HandlerKind<S extends HandlerSettings = any> {
    method: 'get' | 'post';

    /** Makes the handler of a route, once the strategies are known. @throws `Error` naming the route, if it or its strategy cannot have it. */
    create(settings: S, context: HandlerContext): Lifecycle.Method;
}
