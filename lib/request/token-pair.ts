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


/**
 * Verifies the refresh token of a request, and the access token that may come with it. To log out, one live token of the two is enough.
 *
 * @throws `Refusal`, `Outage`.
 */
export const verifyPair = async function (attempt: Attempt, accessToken: FoundToken | null, refreshToken: FoundToken): Promise<VerifiedTokens> {

    const { request, plan, strategy: { cookies, refreshTokens, tokens } } = attempt;
    const isLogout = plan.revoke !== false;

    // Verify: of an access token that has expired, only the subject and the session count

    const tolerateExpiry = isLogout || plan.tokens === 'either';
    const verified = accessToken ? await refusable(() => tokens.verify(accessToken.token, { tolerateExpiry })) : undefined;
    if (verified instanceof Refusal && !isLogout) {
        throw verified;
    }

    // Ask: what is revoked, and whose the refresh token is

    const access = verified instanceof Refusal ? undefined : verified;
    const [cutoff, accepted] = await Promise.all([
        access ? cutoffOf(access, attempt) : 0,
        refreshTokens!.accept(refreshToken.token, request, access?.issuer)
    ]);

    if (accepted === 'refresh_token_reused') {
        cookies.clear(request, refreshToken.isAmbient);
        throw new Refusal(accepted);
    }

    // Refuse: what is dead, unless the other one is alive and is to log out

    const isAccessRevoked = access !== undefined && isRevoked(access.stamp, cutoff);
    const accessRefusal = isAccessRevoked ? new Refusal('access_token_revoked') : verified instanceof Refusal ? verified : undefined;
    const [refresh, refreshRefusal] = typeof accepted === 'string' ? [undefined, new Refusal(accepted)] : [accepted];
    const live = access && !access.expired && !isAccessRevoked ? access : refresh;

    // A logout that comes after another one has to wait for that, whatever else is wrong with it

    const refusal = refreshRefusal && isRevocation(refreshRefusal) && !isAccessRevoked ? refreshRefusal : accessRefusal ?? refreshRefusal;
    if (refusal && (!isLogout || !live)) {
        throw refusal;
    }

    // Pair: they belong together

    if (access && !(refresh ? isPair(access, refresh) : isPairByName(access, refreshToken, attempt))) {
        throw new Refusal('tokens_mismatched');
    }

    // The browser forgets what is dead already

    if (accessRefusal) {
        cookies.access?.clear(request);
    }

    if (refreshRefusal) {
        cookies.refresh?.clear(request);
    }

    return { tokens: combine(access, refresh), live: live! };
};


/** Whether a request is refused because a token was revoked. */
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


// A lookup may not know which login a refresh token belongs to

const isPair = function (access: AccessToken, refresh: AcceptedRefreshToken): boolean {

    return access.issuer === refresh.issuer &&
        access.subject === refresh.subject &&
        (refresh.session === undefined || refresh.session === access.session);
};


// The refresh token of a session names it, also where the session is unknown. One that names none is not dead but malformed

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
