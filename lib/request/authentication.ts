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


/** A request while it is authenticated. */
export interface Attempt {
    readonly request: Request;
    readonly h: ResponseToolkit;
    readonly plan: RoutePlan;
    readonly strategy: StrategyParts;
}


/** The tokens of a request that were verified, and the live one whose claims count. */
export interface VerifiedTokens {
    tokens: AcceptedTokens;
    live: Pick<AcceptedRefreshToken, 'claims' | 'credentials'>;
}


export interface Authentication {
    tokens: AcceptedTokens;
    plan: RoutePlan;
    strategy: StrategyParts;
}


/** Goes on with the result of work: at once where it is there, since a promise would cost each request a turn. */
export function then<T, R>(work: T | Promise<T>, next: (result: T) => R | Promise<R>): R | Promise<R> {

    return work instanceof Promise ? work.then(next) : next(work);
}


/** The latest cut-off (ms) of a token. During an outage, on a route with `onOutage: 'serve'`, the latest in memory. @throws `Outage`. */
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


/** @throws `Refusal` where all of its tokens were revoked since: to log out, one live token of a pair is enough; `Outage`. */
export const demandUnrevoked = async function (authentication: Authentication): Promise<void> {

    if ((await revokedSince(authentication)).every(Boolean)) {
        throw revocationOf(authentication);
    }
};


/** @throws `Refusal` where one of its tokens has expired or was revoked since; `Outage`. */
export const demandValid = async function (authentication: Authentication): Promise<void> {

    const { access, refresh } = authentication.tokens;

    // An access token that had expired before was accepted for the refresh token beside it

    const [lasting, kind] = access && !access.expired ? [access, 'access_token'] as const : [refresh!, 'refresh_token'] as const;
    if (Date.now() >= lasting.expires) {
        throw new Refusal(`${kind}_expired`);
    }

    if ((await revokedSince(authentication)).some(Boolean)) {
        throw revocationOf(authentication);
    }
};


/** Who acts as a user logs out that session, and none of the user's own. @throws `Refusal`. */
export const demandUser = function (extent: Extent | false, tokens: AcceptedTokens): void {

    if ((extent === 'others' || extent === 'subject') && actorOf(tokens)) {
        throw new Refusal('actor_refused');
    }
};


// Of each token that it has

const revokedSince = async function (authentication: Authentication): Promise<boolean[]> {

    const { access, refresh } = authentication.tokens;
    const tokens = [access, refresh].filter((token) => token !== undefined);
    return await Promise.all(tokens.map(async (token) => isRevoked(token.stamp, await cutoffOf(token, authentication))));
};


const revocationOf = function ({ tokens }: Authentication): Refusal {

    return new Refusal(tokens.access ? 'access_token_revoked' : 'refresh_token_revoked');
};
