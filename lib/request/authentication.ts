import { isRevoked } from '../blacklist/blacklist';
import { Outage } from '../errors/outage';
import { Refusal } from '../errors/refusal';

import type { Request } from '@hapi/hapi';
import type { StrategyParts } from './parts';
import type { RoutePlan } from './routes';
import type { Memo } from '../blacklist/blacklist';
import type { AcceptedTokens } from '../sessions/accepted-tokens';


/** What a strategy keeps of a request that it has authenticated. */
export interface Authentication {

    /** The tokens, and whose they are. */
    tokens: AcceptedTokens;
    plan: RoutePlan;
    strategy: StrategyParts;
}


/** The latest cut-off (ms) of a token. During an outage, on a route that serves then, the latest that memory knows. @throws `Outage`. */
export const cutoffOf = function (token: Memo & { identities: string[] }, { plan, strategy: { blacklist, monitor } }: Pick<Authentication, 'plan' | 'strategy'>, request?: Request): number | Promise<number> {

    const cutoff = blacklist.cutoff(token.identities, token);
    return typeof cutoff === 'number' ? cutoff : cutoff.catch((error) => {

        if (plan.servesOutage && error instanceof Outage) {
            monitor.serve(request);
            return blacklist.known(token.identities);
        }

        throw error;
    });
};


/** @throws `Refusal` where a token of the authentication was revoked since; `Outage`. */
export const demandUnrevoked = async function (authentication: Authentication): Promise<void> {

    const { access, refresh } = authentication.tokens;
    const both = [access, refresh].filter((token) => token !== undefined);
    const cutoffs = await Promise.all(both.map((token) => cutoffOf(token, authentication)));
    if (both.some(({ stamp }, i) => isRevoked(stamp, cutoffs[i]!))) {
        throw new Refusal(access ? 'access_token_revoked' : 'refresh_token_revoked');
    }
};


/** @throws `Refusal` where the authentication does not hold any more: a token of it has expired or was revoked since; `Outage`. */
export const demandValid = async function (authentication: Authentication): Promise<void> {

    const { access, refresh } = authentication.tokens;

    // An access token that had expired before was accepted on the word of the refresh token

    const [lasting, kind] = access && !access.expired ? [access, 'access_token'] as const : [refresh!, 'refresh_token'] as const;
    if (Date.now() >= lasting.expires) {
        throw new Refusal(`${kind}_expired`);
    }

    await demandUnrevoked(authentication);
};
