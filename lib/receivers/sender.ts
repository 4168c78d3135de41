import { fail } from '../request/routes';
import { OrderTokens } from './order-token';

import type { SenderSettings } from '../options/settings';
import type { HandlerContext } from './contract';
import type { OrderTokensOptions } from './order-token';


/** Whose orders a route accepts, and how they are verified. @throws `Error` naming the route, if the issuer is not clear or its orders could end nothing. */
export const senderOf = function (settings: SenderSettings, { server, route, strategy }: Pick<HandlerContext, 'server' | 'route' | 'strategy'>, terms: Pick<OrderTokensOptions, 'audience' | 'required' | 'types'>) {

    const { jwt } = strategy.settings;
    const { find, key, algorithms, issuer = jwt.issuer[0] } = settings;
    if (issuer === undefined || settings.issuer === undefined && jwt.issuer.length > 1) {
        return fail(route, 'needs the issuer whose orders it accepts: its strategy has none, or several');
    }

    if (!find && jwt.issuer.length > 0 && !jwt.issuer.includes(issuer)) {
        return fail(route, 'needs find: its strategy accepts no tokens of the issuer, so nothing would end');
    }

    try {
        const tokens = new OrderTokens({ ...terms, issuer, key, algorithms, jwt }, (error) => server.log(['hard-logout', 'keys', 'error'], error));
        return { issuer, tokens };
    }
    catch (error) {
        return fail(route, `cannot verify orders with these algorithms and this key, or its strategy's. ${(error as Error).message}`);
    }
};
