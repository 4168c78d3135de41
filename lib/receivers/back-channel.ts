import { fail } from '../request/routes';
import { formOf, isObject } from './body';
import { end } from './ending';
import { senderOf } from './order-token';
import { InvalidRequest, oauthNames, respond, respondToError } from './response';

import type { BackChannelSettings } from '../options/settings';
import type { HandlerKind } from './contract';
import type { ReceivedOrder } from './orders';


const event = 'http://schemas.openid.net/event/backchannel-logout';


/** OpenID Connect Back-Channel Logout 1.0: the provider posts a logout token. */
export const backChannel: HandlerKind<BackChannelSettings> = {

    method: 'post',

    create(settings, context) {

        const { client: audience, maxWait, find, extent, keepOfflineAccess } = settings;
        const { issuer, tokens } = senderOf(settings, context, { audience, types: ['logout+jwt', 'jwt', undefined], required: ['exp'] });
        const { route, strategy, orders } = context;

        if (keepOfflineAccess && (find || strategy.refreshTokens)) {
            fail(route, 'has keepOfflineAccess, which is for a strategy that has the access tokens of the provider and no refresh tokens');
        }

        return async (request, h) => {

            const received = Date.now();

            const verify = async (): Promise<ReceivedOrder> => {

                // Other parameters are ignored (§2.5)

                const token = formOf(request).get('logout_token');
                if (token === undefined) {
                    throw new InvalidRequest('invalid_request', 'The parameter logout_token is missing');
                }

                const claims = await tokens.verify(token, received);
                const { jti, iat, sub: subject, sid: session } = claims;
                demandLogout(claims);

                const named = { issuer, subject, session };
                const isSuspended = keepOfflineAccess && !revokesOfflineAccess(claims);
                return { issuer, jti, end: () => end({ strategy, named, find, extent, issued: iat * 1000, reason: 'back-channel', request, isSuspended }) };
            };

            try {
                await orders.carryOut({ strategy: strategy.name(), receive: 'back-channel', request, maxWait, verify });
                return respond(h, 200);
            }
            catch (error) {
                return respondToError(h, error, oauthNames);
            }
        };
    }
};


// Keycloak's extension of §2.7: the logout also ends offline access

const revokesOfflineAccess = function ({ events }: Record<string, unknown>): boolean {

    return (events as Record<string, unknown>).revoke_offline_access === true;
};


// §2.4 and §2.6. Without the check of the nonce, an ID token could pass as a logout token

const demandLogout = function ({ events, sub, sid, nonce }: Record<string, unknown>): void {

    const isEvent = isObject(events) && Object.hasOwn(events, event) && isObject(events[event]);
    if (!isEvent || nonce !== undefined || sub === undefined && sid === undefined) {
        throw new InvalidRequest('invalid_request', 'The token is not a logout token');
    }
};
