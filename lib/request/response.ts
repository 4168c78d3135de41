import * as Boom from '@hapi/boom';

import { isUnavailable } from './challenge';

import type { Request } from '@hapi/hapi';


/** Whether it is hapi's own answer, made of the challenges of all strategies: none of them has refused anything. */
export const isMissing = function ({ output }: Boom.Boom, { auth }: Request): boolean {

    return output.statusCode === 401 && auth.mode === 'required' && !auth.isAuthenticated && auth.error === null;
};


/** Whether it is hapi's own answer to credentials without the scope that the route wants. */
export const isScopeError = function (error: Boom.Boom): boolean {

    return error.output.statusCode === 403 && Boolean(error.data?.need);
};


/** Whether nobody was answered. h.close ends the raw response itself. */
export const isUnanswered = function (request: Request): boolean {

    return typeof request.response === 'symbol' || !request.raw.res.writableEnded;
};


/** Whether the request failed, its client aside: one that left makes hapi answer an error, as does a store that was away then. */
export const isFailed = function ({ response, route }: Request): boolean {

    if (!Boom.isBoom(response)) {
        return response.statusCode >= 400;
    }

    return !isUnavailable(response) && response.output.statusCode !== route.settings.response?.disconnectStatusCode;
};
