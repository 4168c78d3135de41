import { InsufficientAuthentication } from '../errors/refusal';

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
