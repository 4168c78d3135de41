import { isRevoked, latestCutoff } from '../blacklist/blacklist';
import { Refusal } from '../errors/refusal';
import { copy } from '../jwt/credentials';
import { fail } from '../request/routes';
import { judge } from '../request/strategy';
import { formOf } from './body';
import { endpoint, required } from './endpoint';
import { respond } from './response';

import type { Request, ResponseToolkit } from '@hapi/hapi';
import type { EndpointOptions } from '../types';
import type { StrategyParts } from '../request/parts';
import type { AccessToken } from '../jwt/access-token';
import type { HandlerKind } from './contract';


/** Token introspection (RFC 7662) of access tokens. A refresh token is never active: a service could mistake it for an access token. */
export const introspection: HandlerKind<EndpointOptions> = {

    method: 'post',

    create(settings, { route, strategy }) {

        // §2.1: prevents scanning for tokens

        const { auth } = route.settings;
        if (!auth || auth.mode !== 'required') {
            return fail(route, 'needs an auth in mode \'required\': introspection says which tokens are alive');
        }

        return endpoint(async (request, h) => {

            const token = required(formOf(request), 'token');
            const access = await find(token, strategy, { request, h });
            return respond(h, 200, access ? describe(access, strategy) : { active: false });
        });
    }
};


// The access token, if the strategy accepts it now; else null

const find = async function (token: string, { blacklist, settings: { validate }, tokens }: StrategyParts, asked: { request: Request; h: ResponseToolkit }): Promise<AccessToken | null> {

    try {
        const access = await tokens.verify(token);
        if (isRevoked(access.stamp, await latestCutoff(blacklist, access))) {
            return null;
        }

        if (validate) {
            await judge(validate, copy(access.claims), asked);
        }

        return access;
    }
    catch (error) {
        if (error instanceof Refusal) {
            return null;
        }

        throw error;
    }
};


// §2.2. All claims, because the bearer can read them as well

const describe = function ({ claims, expires }: AccessToken, { settings: { jwt } }: StrategyParts): object {

    const { scope } = claims;
    return {
        ...claims,
        active: true,
        token_type: 'Bearer',
        ...scope !== undefined && { scope: [scope].flat().join(' ') },
        exp: Math.floor((expires - jwt.clockTolerance) / 1000)
    };
};
