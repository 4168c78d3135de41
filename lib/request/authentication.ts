import { isRevoked, knownCutoff, latestCutoff } from '../blacklist/blacklist';
import { Outage } from '../errors/outage';
import { Refusal } from '../errors/refusal';
import { actorOf } from '../sessions/accepted-tokens';

import type { Request, ResponseToolkit } from '@hapi/hapi';
import type { StrategyParts } from './parts';
import type { RoutePlan } from './routes';
import type { Revocable } from '../blacklist/blacklist';
import type { AcceptedRefreshToken, AcceptedTokens } from '../sessions/accepted-tokens';
import type { Extent } from '../types';


export interface Attempt {
    readonly request: Request;
    readonly h: ResponseToolkit;
    readonly plan: RoutePlan;
    readonly strategy: StrategyParts;
}


/** The verified tokens of a request, and the live one, whose claims count. */
export interface VerifiedTokens {
    tokens: AcceptedTokens;
    live: Pick<AcceptedRefreshToken, 'claims' | 'credentials'>;
}


export interface Authentication {
    tokens: AcceptedTokens;
    plan: RoutePlan;
    strategy: StrategyParts;
}


/** The latest cut-off (ms) of a token; from memory during an outage, with `onOutage: 'serve'`. @throws `Outage`. */
export const cutoffOf = function (token: Revocable, { plan, strategy, request }: Omit<Attempt, 'h' | 'request'> & { request?: Request }): number | Promise<number> {

    const { blacklist, monitor } = strategy;
    const cutoff = latestCutoff(blacklist, token);
    return typeof cutoff === 'number' ? cutoff : cutoff.catch((error) => {

        if (plan.servesOutage && error instanceof Outage) {
            monitor.serve(request);
            return knownCutoff(blacklist, token);
        }

        throw error;
    });
};


/** @throws `Refusal` if all tokens have been revoked since: to log out, one live token is enough; `Outage`. */
export const demandUnrevoked = async function (authentication: Authentication): Promise<void> {

    if ((await revokedSince(authentication)).every(Boolean)) {
        throw revocationOf(authentication);
    }
};


/** @throws `Refusal` if one of the tokens has expired or been revoked since; `Outage`. */
export const demandValid = async function (authentication: Authentication): Promise<void> {

    const { access, refresh } = authentication.tokens;

    // An access token that had already expired was accepted because of the refresh token

    const [lasting, kind] = access && !access.expired ? [access, 'access_token'] as const : [refresh!, 'refresh_token'] as const;
    if (Date.now() >= lasting.expires) {
        throw new Refusal(`${kind}_expired`);
    }

    if ((await revokedSince(authentication)).some(Boolean)) {
        throw revocationOf(authentication);
    }
};


/** An actor may end this session, and none of the user's own. @throws `Refusal`. */
export const demandUser = function (extent: Extent | false, tokens: AcceptedTokens): void {

    if ((extent === 'others' || extent === 'subject') && actorOf(tokens)) {
        throw new Refusal('actor_refused');
    }
};


// For each token

const revokedSince = async function (authentication: Authentication): Promise<boolean[]> {

    const { access, refresh } = authentication.tokens;
    const tokens = [access, refresh].filter((token) => token !== undefined);
    return await Promise.all(tokens.map(async (token) => isRevoked(token.stamp, await cutoffOf(token, authentication))));
};


const revocationOf = function ({ tokens }: Authentication): Refusal {

    return new Refusal(tokens.access ? 'access_token_revoked' : 'refresh_token_revoked');
};
