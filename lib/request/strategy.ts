import * as Boom from '@hapi/boom';

import { RequestArtifacts } from './artifacts';
import { cutoffOf, demandUser, demandValid } from './authentication';
import { Batch } from './batch';
import { isRevoked } from '../blacklist/blacklist';
import { isSafe } from './cross-origin';
import { Refusal } from '../errors/refusal';
import { extract, isRepeated } from './extract';
import { copy } from '../jwt/credentials';
import { combine } from '../sessions/accepted-tokens';
import { demandAuthentication } from './step-up';
import { isRevocation, verifyPair } from './token-pair';

import type { AuthCredentials, Request, RequestAuth, ResponseToolkit } from '@hapi/hapi';
import type { Attempt, VerifiedTokens } from './authentication';
import type { Presented } from './extract';
import type { StrategyParts } from './parts';
import type { Responses } from './response';
import type { AccessToken } from '../jwt/access-token';
import type { Claims } from '../types';


// This room leads from a request to its credentials, and from its response to the logout. It starts here.


type Accepted = ReturnType<ResponseToolkit['authenticated']>;


/** Authenticates requests by the tokens they present. */
export class Strategy {

    readonly #parts: StrategyParts;
    readonly #responses: Responses;
    readonly #batch = new Batch();

    constructor(parts: StrategyParts, responses: Responses) {

        this.#parts = parts;
        this.#responses = responses;
    }

    /** Returns without a promise if the route wants only an access token, memory is enough to check it, and few requests arrive together. @throws the response to a refusal or an outage. */
    authenticate(request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        try {
            const accepted = this.#authenticate(request, h);
            return accepted instanceof Promise ? accepted.catch((error) => this.#refuse(request, error)) : accepted;
        }
        catch (error) {
            return this.#refuse(request, error);
        }
    }

    /** `server.auth.verify()`: checks the tokens of an earlier request again. @throws `Refusal`, `Outage`. */
    async verify(auth: RequestAuth): Promise<void> {

        const authentication = RequestArtifacts.authentication(auth.artifacts);
        if (authentication) {
            await demandValid(authentication);
        }
        else if (!auth.isInjected) {
            throw new Refusal('access_token_invalid');
        }
    }

    #authenticate(request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const { settings, tokens } = this.#parts;
        const plan = this.#parts.planOf(request.route);
        const attempt = { request, h, plan, strategy: this.#parts };

        // Recognize: most requests have a header that was verified before

        const known = plan.isPlain ? tokens.recognize(request.headers.authorization) : undefined;
        if (known && !isRepeated(request, 'authorization')) {
            return this.#continue(attempt, known);
        }

        // Extract: the tokens that the route wants, each from its own place

        const presented = extract(request, plan.tokens, settings);
        this.#demandComplete(attempt, presented);

        // Origin: a page of another origin may have made the browser send its cookies. A logout also changes cookies if the tokens are in headers

        this.#demandOrigin(attempt, presented);

        // No cache may store the response to a URL with a token

        const { accessToken, refreshToken } = presented;
        if (refreshToken !== null && settings.refreshToken!.place.from === 'query') {
            this.#responses.addTokens(request);
        }

        // Verify: signature, claims, revocation, and that the tokens belong together

        if (refreshToken !== null) {
            return verifyPair(attempt, accessToken, refreshToken).then((verified) => this.#validate(attempt, verified));
        }

        const access = tokens.verify(accessToken!.token);
        return access instanceof Promise ? access.then((later) => this.#checkAlone(attempt, later)) : this.#continue(attempt, access);
    }

    #demandComplete({ request, plan: { tokens, isLast, revoke } }: Attempt, { accessToken, refreshToken }: Presented): void {

        const isStranger = accessToken === null && refreshToken === null;
        if (!isStranger && (tokens !== 'both' || accessToken !== null && refreshToken !== null)) {
            return;
        }

        const refusal = new Refusal(accessToken === null && tokens !== 'refresh' ? 'access_token_missing' : 'refresh_token_missing');
        if (isLast && !isStranger) {
            throw refusal;
        }

        // The next strategy may find tokens. On a logout, a client with any token, even one that the route does not read, gets no success without a revocation

        const { challenges, settings } = this.#parts;
        this.#responses.addStranger(request);
        if (revoke !== false && Object.values(extract(request, 'both', settings)).some((unread) => unread !== null)) {
            this.#responses.addRefusal(request, challenges.responseTo(refusal));
        }

        throw challenges.missing();
    }

    #demandOrigin({ request, plan: { revoke } }: Attempt, { accessToken, refreshToken }: Presented): void {

        const { cookies, settings } = this.#parts;

        const isAmbient = accessToken?.isAmbient || refreshToken?.isAmbient;
        const isGuarded = revoke === false ? isAmbient && !isSafe(request.method) : cookies.exist || settings.clearSiteData.length > 0;
        if (isGuarded && cookies.isForeign(request)) {
            throw new Refusal('cross_origin_refused');
        }
    }

    // The revocations are checked after the other requests of the batch were verified

    #continue(attempt: Attempt, access: AccessToken): Accepted | Promise<Accepted> {

        const end = this.#batch.join();
        return end ? end.then(() => this.#checkAlone(attempt, access)) : this.#checkAlone(attempt, access);
    }

    // Check: most requests have one token, whose revocations are in memory. Closures would take longer

    #checkAlone(attempt: Attempt, access: AccessToken): Accepted | Promise<Accepted> {

        const cutoff = cutoffOf(access, attempt);
        return typeof cutoff === 'number' ? this.#decide(attempt, access, cutoff) : cutoff.then((later) => this.#decide(attempt, access, later));
    }

    #decide(attempt: Attempt, access: AccessToken, cutoff: number): Accepted | Promise<Accepted> {

        if (isRevoked(access.stamp, cutoff)) {
            throw new Refusal('access_token_revoked');
        }

        return this.#validate(attempt, { tokens: combine(access, undefined), live: access });
    }

    // Validate: by the app

    #validate(attempt: Attempt, verified: VerifiedTokens): Accepted | Promise<Accepted> {

        demandUser(attempt.plan.revoke, verified.tokens);

        const { settings: { validate } } = this.#parts;
        return validate ?
            judge(validate, copy(verified.live.claims), attempt).then((credentials) => this.#accept(attempt, verified, credentials)) :
            this.#accept(attempt, verified);
    }

    // Accept, after a step up: only for a user whom the app accepts

    #accept({ h, plan, strategy }: Attempt, { tokens, live }: VerifiedTokens, credentials?: AuthCredentials): Accepted {

        if (plan.authentication) {
            demandAuthentication(live.claims, plan.authentication, strategy.settings.jwt.clockTolerance);
        }

        const artifacts = new RequestArtifacts({ tokens, plan, strategy }, tokens.refresh?.data);
        return h.authenticated({ credentials: credentials ?? live.credentials.copy(), artifacts });
    }

    // Refuse

    async #refuse(request: Request, error: unknown): Promise<never> {

        // The first logout may still be waiting for other processes

        const isTooLate = isRevocation(error) && this.#parts.planOf(request.route).revoke !== false;
        const why = isTooLate ? await this.#parts.blacklist.confirm().then(() => error, (outage) => outage) : error;

        const response = this.#parts.challenges.responseTo(why);
        if (!isMissing(response)) {
            this.#responses.addRefusal(request, response);
        }

        throw response;
    }
}


/** Calls the app's `validate`. @throws `Refusal` if it refuses. */
export const judge = async function (validate: NonNullable<StrategyParts['settings']['validate']>, claims: Claims, { request, h }: Pick<Attempt, 'request' | 'h'>): Promise<AuthCredentials | undefined> {

    const validation = await validate(claims, request, h);
    if (typeof validation?.isValid !== 'boolean') {
        throw new Error('hard-logout: validate() must return { isValid, credentials }');
    }

    if (!validation.isValid) {
        throw new Refusal('credentials_refused');
    }

    return validation.credentials;
};


// hapi continues with the next strategy

const isMissing = function (error: unknown): boolean {

    return Boom.isBoom(error) && Boolean((error as { isMissing?: boolean }).isMissing);
};
