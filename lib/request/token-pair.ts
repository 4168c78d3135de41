import { isRevoked } from '../blacklist/blacklist';
import { sessionId } from '../blacklist/identities';
import { Refusal } from '../errors/refusal';
import { combine } from '../sessions/accepted-tokens';
import { parse } from '../sessions/refresh-token-format';
import { cutoffOf } from './authentication';

import type { Attempt, VerifiedTokens } from './authentication';
import type { FoundToken } from './extract';
import type { AccessToken } from '../jwt/access-token';
import type { AcceptedRefreshToken } from '../sessions/accepted-tokens';


/** Verifies the refresh token of a request, and its access token if there is one. To log out, one live token is enough. @throws `Refusal`, `Outage`. */
export const verifyPair = async function (attempt: Attempt, accessToken: FoundToken | null, refreshToken: FoundToken): Promise<VerifiedTokens> {

    const { request, plan, strategy: { cookies, refreshTokens, tokens } } = attempt;
    const isLogout = plan.revoke !== false;

    // Verify: an expired access token may still name the subject and the session

    const tolerateExpiry = isLogout || plan.tokens === 'either';
    const verified = accessToken ? await refusable(() => tokens.verify(accessToken.token, { tolerateExpiry })) : undefined;
    if (verified instanceof Refusal && !isLogout) {
        throw verified;
    }

    // Ask: revocations, and the session of the refresh token

    const access = verified instanceof Refusal ? undefined : verified;
    const [cutoff, accepted] = await Promise.all([
        access ? cutoffOf(access, attempt) : 0,
        refreshTokens!.accept(refreshToken.token, request, access?.issuer)
    ]);

    if (accepted === 'refresh_token_reused') {
        cookies.clear(request, refreshToken.isAmbient);
        throw new Refusal(accepted);
    }

    // Refuse: a dead token, except for a logout with the other one alive

    const isAccessRevoked = access !== undefined && isRevoked(access.stamp, cutoff);
    const accessRefusal = isAccessRevoked ? new Refusal('access_token_revoked') : verified instanceof Refusal ? verified : undefined;
    const [refresh, refreshRefusal] = typeof accepted === 'string' ? [undefined, new Refusal(accepted)] : [accepted];
    const live = access && !access.expired && !isAccessRevoked ? access : refresh;

    // A logout after another one has to wait for that one, whatever else is wrong

    const refusal = refreshRefusal && isRevocation(refreshRefusal) && !isAccessRevoked ? refreshRefusal : accessRefusal ?? refreshRefusal;
    if (refusal && (!isLogout || !live)) {
        throw refusal;
    }

    // Pair: they belong together

    if (access && !(refresh ? isPair(access, refresh) : isPairByName(access, refreshToken, attempt))) {
        throw new Refusal('tokens_mismatched');
    }

    // The browser removes the cookie of a dead token

    if (accessRefusal) {
        cookies.access?.clear(request);
    }

    if (refreshRefusal) {
        cookies.refresh?.clear(request);
    }

    return { tokens: combine(access, refresh), live: live! };
};


export const isRevocation = function (error: unknown): boolean {

    return error instanceof Refusal && (error.code === 'access_token_revoked' || error.code === 'refresh_token_revoked');
};


// The result of work, or why it is refused

async function refusable<T>(work: () => T | Promise<T>): Promise<T | Refusal> {

    try {
        return await work();
    }
    catch (error) {
        if (error instanceof Refusal) {
            return error;
        }

        throw error;
    }
}


// A lookup may not know the session of a refresh token

const isPair = function (access: AccessToken, refresh: AcceptedRefreshToken): boolean {

    return access.issuer === refresh.issuer &&
        access.subject === refresh.subject &&
        (refresh.session === undefined || refresh.session === access.session);
};


// A refresh token has its session's id, even if the session is unknown. One without is malformed and not dead

const isPairByName = function ({ session }: AccessToken, { token }: FoundToken, { strategy: { own } }: Attempt): boolean {

    if (!own) {
        return true;
    }

    const address = parse(token);
    if (!address) {
        throw new Refusal('refresh_token_invalid');
    }

    return sessionId(address) === session;
};
