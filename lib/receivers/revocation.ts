import { isRevoked, latestCutoff } from '../blacklist/blacklist';
import { Refusal } from '../errors/refusal';
import { hasJwtForm } from '../jwt/jwt';
import { combine } from '../sessions/accepted-tokens';
import { formOf } from './body';
import { demandOwnClient, endpoint, required } from './endpoint';
import { InvalidRequest, respond } from './response';

import type { Request } from '@hapi/hapi';
import type { EndpointOptions } from '../types';
import type { StrategyParts } from '../request/parts';
import type { AcceptedTokens } from '../sessions/accepted-tokens';
import type { HandlerKind } from './contract';


// §2.2 needs no content, but simple-oauth2 treats a response without JSON as a failure

const done = {};


/** Token revocation (RFC 7009). */
export const revocation: HandlerKind<EndpointOptions> = {

    method: 'post',

    create(settings, { strategy }) {

        const { blacklist, logout } = strategy;

        return endpoint(async (request, h) => {

            // The token's form shows its kind, so token_type_hint is ignored

            const form = formOf(request);
            const tokens = await find(required(form, 'token'), request, strategy);
            if (tokens === 'unknown') {
                return respond(h, 200, done);
            }

            // The call that revoked it may still be waiting for other processes

            if (tokens === 'dead') {
                await blacklist.confirm();
                return respond(h, 200, done);
            }

            demandOwnClient((tokens.access ?? tokens.refresh!).claims, request, form);

            const { issuer, subject, session } = tokens;
            await logout.end({ extent: 'session', issuer, subject, session, tokens, reason: 'revocation', request });
            return respond(h, 200, done);
        });
    }
};


// A forged token is not looked up. A refresh token that was used before has ended its session by then

const find = async function (token: string, request: Request, { blacklist, refreshTokens, settings, tokens }: StrategyParts): Promise<AcceptedTokens | 'dead' | 'unknown'> {

    const isJwt = hasJwtForm(token);
    if (isJwt) {
        try {
            const access = await tokens.verify(token, { tolerateExpiry: true });
            return isRevoked(access.stamp, await latestCutoff(blacklist, access)) ? 'dead' : combine(access, undefined);
        }
        catch (error) {
            demandDead(error);
        }
    }

    // Refresh tokens of a lookup may have any form

    if (!refreshTokens || isJwt && !settings.lookup) {
        return 'unknown';
    }

    const accepted = await refreshTokens.accept(token, request);
    if (typeof accepted !== 'string') {
        return combine(undefined, accepted);
    }

    return accepted === 'refresh_token_invalid' ? 'unknown' : 'dead';
};


// Not a success where another strategy may accept the token, or this one later: it lives, and cannot be revoked here (§2.2.1)

const demandDead = function (error: unknown): void {

    if (!(error instanceof Refusal)) {
        throw error;
    }

    if (!error.isCertain) {
        throw new InvalidRequest('unsupported_token_type', 'The token cannot be revoked here');
    }
};
