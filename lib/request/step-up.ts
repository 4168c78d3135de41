import { InsufficientAuthentication } from '../errors/refusal';
import { RequestArtifacts } from './artifacts';

import type { Lifecycle, RequestRoute } from '@hapi/hapi';
import type { AuthenticationWanted } from '../errors/refusal';
import type { StrategySettings } from '../options/settings';
import type { Claims } from '../types';
import type { RoutePlan } from './routes';


/**
 * Step-up authentication (RFC 9470): a route may want its user to have been authenticated not long ago, or in one of certain ways. Nothing ends where that is not so.
 *
 * @throws `InsufficientAuthentication`.
 */
export const demandAuthentication = function ({ auth_time: seconds, iat, acr }: Claims, wanted: AuthenticationWanted, clockTolerance: number): void {

    // No issuer has authenticated anybody after it issued the token

    const { maxAuthAge = Infinity } = wanted;
    const authenticated = Math.min(seconds ?? -Infinity, iat ?? Infinity) * 1000;
    const isRecent = maxAuthAge === Infinity || Date.now() - authenticated <= maxAuthAge + clockTolerance;
    if (!isRecent || wanted.acr && !wanted.acr.includes(acr!)) {
        throw new InsufficientAuthentication(wanted);
    }
};


/** `onCredentials`: hapi asks no strategy where credentials are injected, and a web socket injects those that it was authenticated with, maybe long ago. */
export const demandOfInjected = function (planOf: (route: RequestRoute, settings: StrategySettings) => RoutePlan): Lifecycle.Method {

    return ({ auth, route }, h) => {

        const authentication = auth.isInjected ? RequestArtifacts.authentication(auth.artifacts) : undefined;
        if (!authentication) {
            return h.continue;
        }

        const { tokens: { access, refresh }, strategy: { challenges, settings } } = authentication;
        const { authentication: wanted } = planOf(route, settings);
        if (wanted) {
            try {
                demandAuthentication((access && !access.expired ? access : refresh!).claims, wanted, settings.jwt.clockTolerance);
            }
            catch (error) {
                throw challenges.responseTo(error);
            }
        }

        return h.continue;
    };
};
