// This room has the handler type: orders to log out that come from outside, and the endpoints of OAuth. Here is what each kind of them is.

import type { Lifecycle, RequestRoute, Server } from '@hapi/hapi';
import type { EndpointName, HandlerSettings } from '../options/settings';
import type { StrategyParts } from '../request/parts';
import type { Store } from '../store/contract';
import type { StrategyApi } from '../types';
import type { Orders } from './orders';


export interface HandlerContext {
    server: Server;
    route: RequestRoute;

    /** The strategy that the handler names: its parts, and what the app calls of it. */
    strategy: StrategyParts;
    api: StrategyApi;

    store: Pick<Store, 'exchange'>;
    orders: Orders;

    /** Those of all routes, of all strategies, as of now. */
    endpoints: () => Endpoint[];
}


export interface Endpoint {
    endpoint: EndpointName;
    strategy: string;
    route: RequestRoute;
}


export interface HandlerKind<S extends HandlerSettings = any> {
    method: 'get' | 'post';

    /** Makes the handler of a route, once the strategies are known. @throws `Error` naming the route for what the strategy or the route cannot do. */
    create(settings: S, context: HandlerContext): Lifecycle.Method;
}
