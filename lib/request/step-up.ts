import { InsufficientAuthentication } from '../errors/refusal';
import { RequestArtifacts } from './artifacts';

import type { Lifecycle, RequestRoute, Server } from '@hapi/hapi';
import type { AuthenticationWanted } from '../errors/refusal';
import type { Claims } from '../types';


/** Step-up authentication (RFC 9470): a route may require a recent authentication, or one of certain contexts. @throws `InsufficientAuthentication`. */
export const demandAuthentication = function ({ auth_time: seconds, iat, acr }: Claims, wanted: AuthenticationWanted, clockTolerance: number): void {

    // The issuer cannot have authenticated the user after it issued the token

    const { maxAuthAge = Infinity } = wanted;
    const authenticated = Math.min(seconds ?? -Infinity, iat ?? Infinity) * 1000;
    const isRecent = maxAuthAge === Infinity || Date.now() - authenticated <= maxAuthAge + clockTolerance;
    if (!isRecent || wanted.acr && !wanted.acr.includes(acr!)) {
        throw new InsufficientAuthentication(wanted);
    }
};


/**
 * hapi calls no strategy for injected credentials, and a web socket injects those of its authentication, maybe long ago: here routes with `maxAuthAge` or `acr` are
 * checked. The extension costs each request of the server, so it is added with the first such route.
 */
export class InjectedCredentials {

    readonly #server: Server;
    #isWatched = false;

    constructor(server: Server) {

        this.#server = server;
    }

    check({ settings }: RequestRoute): void {

        const { maxAuthAge, acr } = settings.plugins!['hard-logout'] ?? {};
        if ((maxAuthAge !== undefined || acr !== undefined) && !this.#isWatched) {
            this.#isWatched = true;
            this.#server.ext('onCredentials', this.#onCredentials);
        }
    }

    readonly #onCredentials: Lifecycle.Method = ({ auth, route }, h) => {

        const authentication = auth.isInjected ? RequestArtifacts.authentication(auth.artifacts) : undefined;
        if (!authentication) {
            return h.continue;
        }

        const { tokens: { access, refresh }, strategy: { challenges, planOf, settings } } = authentication;
        const wanted = planOf(route).authentication;
        try {
            if (wanted) {
                demandAuthentication((access && !access.expired ? access : refresh!).claims, wanted, settings.jwt.clockTolerance);
            }
        }
        catch (error) {
            throw challenges.responseTo(error);
        }

        return h.continue;
    };
}
