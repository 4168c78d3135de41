import { copy } from '../jwt/credentials';
import { Refusal } from '../errors/refusal';
import { tokenResponse } from '../request/response';
import { fail } from '../request/routes';
import { judge } from '../request/strategy';
import { formOf } from './body';
import { demandOwnClient, endpoint, required } from './endpoint';
import { InvalidRequest, respond } from './response';

import type { Claims, EndpointOptions } from '../types';
import type { HandlerKind } from './contract';


/** The token endpoint for the grant `refresh_token` (RFC 6749 §6). */
export const tokenEndpoint: HandlerKind<EndpointOptions> = {

    method: 'post',

    create(settings, { route, strategy }) {

        const { events, own, settings: { validate } } = strategy;
        if (!own) {
            return fail(route, 'needs a strategy with sessions');
        }

        return endpoint(async (request, h) => {

            const form = formOf(request);
            if (required(form, 'grant_type') !== 'refresh_token') {
                throw new InvalidRequest('unsupported_grant_type', 'The grant type must be refresh_token');
            }

            // Accept: the session is alive and belongs to the client

            const token = required(form, 'refresh_token');
            const { claims } = live(await own.refreshTokens.accept(token, request));
            demandOwnClient(claims, request, form);
            const scope = grantedScope(claims, form);
            if (validate) {
                await judge(validate, copy(claims), { request, h });
            }

            // Renew

            const pair = live(await own.refreshTokens.renew(token, request));
            events.session('refreshed', { strategy: strategy.name(), session: pair, request });

            return respond(h, 200, { ...tokenResponse(pair), scope }).header('pragma', 'no-cache');
        });
    }
};


function live<T extends object>(found: T | Refusal['code']): T {

    if (typeof found === 'string') {
        throw new Refusal(found);
    }

    return found;
}


// A renewal does not change the scope. The response to a client that asked for less says what it got (§3.3)

const grantedScope = function ({ scope = [] }: Claims, form: Map<string, string>): string | undefined {

    const wanted = form.get('scope');
    if (wanted === undefined) {
        return undefined;
    }

    const granted = [scope].flat().join(' ');
    if (wanted.split(' ').some((one) => !granted.split(' ').includes(one))) {
        throw new InvalidRequest('invalid_scope', 'The scope exceeds that of the login');
    }

    return granted;
};
