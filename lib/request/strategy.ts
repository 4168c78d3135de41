import * as Boom from '@hapi/boom';

import { RequestArtifacts } from './artifacts';
import { cutoffOf, demandValid } from './authentication';
import { isRevoked } from '../blacklist/blacklist';
import { isSafe } from './cross-origin';
import { Refusal } from '../errors/refusal';
import * as Extract from './extract';
import { sessionId } from '../blacklist/identities';
import { copy, credentialsOf } from '../jwt/credentials';
import { combine } from '../sessions/accepted-tokens';
import { parse } from '../sessions/refresh-token';

import type { AuthCredentials, Request, RequestAuth, RequestRoute, ResponseToolkit } from '@hapi/hapi';
import type { Found } from './extract';
import type { LogoutHooks } from './logout-hooks';
import type { StrategyParts } from './parts';
import type { Responses } from './response';
import type { RoutePlan, Routes } from './routes';
import type { AccessToken } from '../jwt/access-token';
import type { AcceptedRefreshToken } from '../sessions/accepted-tokens';
import type { Claims, Tokens } from '../types';


// This room leads from a request to its credentials, and from its response to the logout. It begins here.


export interface StrategyOptions {
    parts: StrategyParts;
    routes: Routes;
    responses: Responses;
    hooks: LogoutHooks;
}


/** What is known of one request while it is authenticated. */
interface Attempt {
    readonly request: Request;
    readonly h: ResponseToolkit;
    readonly plan: RoutePlan;
    readonly strategy: StrategyParts;

    /** The tokens that the route wants and the request has. */
    accessToken: Found | null;
    refreshToken: Found | null;

    /** What they proved. An access token that is not live says whose it is, and no more. */
    access: AccessToken | undefined;
    isAccessLive: boolean;
    refresh: AcceptedRefreshToken | undefined;
}


type Accepted = ReturnType<ResponseToolkit['authenticated']>;


/** Whom a request comes from, by the tokens it presents. */
export class Strategy {

    readonly #parts: StrategyParts;
    readonly #routes: Routes;
    readonly #responses: Responses;
    readonly #hooks: LogoutHooks;
    readonly #plans = new WeakMap<RequestRoute, RoutePlan>();

    constructor({ parts, routes, responses, hooks }: StrategyOptions) {

        this.#parts = parts;
        this.#routes = routes;
        this.#responses = responses;
        this.#hooks = hooks;
    }

    /** Returns at once where the route wants an access token only, and memory knows all about it. @throws the response to a refusal or an outage. */
    authenticate(request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        try {
            const accepted = this.#authenticate(request, h);
            return accepted instanceof Promise ? accepted.catch((error) => this.#refuse(request, error)) : accepted;
        }
        catch (error) {
            return this.#refuse(request, error);
        }
    }

    /** `server.auth.verify()`: whether what authenticated an earlier request still holds. @throws `Refusal`, `Outage`. */
    async verify(auth: RequestAuth): Promise<void> {

        const authentication = RequestArtifacts.authentication(auth.artifacts);
        if (!authentication) {
            if (auth.isInjected) {
                return;
            }

            throw new Refusal('access_token_invalid');
        }

        await demandValid(authentication);
    }

    #refuse(request: Request, error: unknown): never | Promise<never> {

        // A logout that is refused since another one came first: that one may still be waiting for a process

        if (isTooLate(error) && this.#plans.get(request.route)!.revoke) {
            return this.#respondAfterFirst(request, error);
        }

        return this.#respond(request, error);
    }

    async #respondAfterFirst(request: Request, error: unknown): Promise<never> {

        try {
            await this.#parts.blacklist.confirm();
        }
        catch (outage) {
            this.#respond(request, outage);
        }

        return this.#respond(request, error);
    }

    #respond(request: Request, error: unknown): never {

        const response = this.#parts.challenges.responseTo(error);
        if (!isMissing(response)) {
            this.#responses.addRefusal(request, response);
        }

        throw response;
    }

    #authenticate(request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const { settings, tokens } = this.#parts;
        const plan = this.#plans.get(request.route) ?? this.#plan(request.route);
        const attempt: Attempt = { request, h, plan, strategy: this.#parts, accessToken: null, refreshToken: null, access: undefined, isAccessLive: false, refresh: undefined };

        // Recognize: most requests bring a header that was seen before

        const known = plan.isPlain ? tokens.recognize(request.headers.authorization) : undefined;
        if (known && !Extract.isRepeated(request, 'authorization')) {
            return this.#decide(attempt, known);
        }

        // Extract: each token from its own place

        const accessToken = attempt.accessToken = plan.tokens === 'refresh' ? null : Extract.accessToken(request, settings.jwt.cookie?.name);
        const refreshToken = attempt.refreshToken = plan.tokens === 'access' ? null : Extract.refreshToken(request, settings.refreshToken!.place);
        this.#demand(attempt);

        // Origin: a cookie proves whose browser it is, not who wished the request. Whatever the tokens are in, a logout changes the browser

        this.#guard(attempt);

        // A response to a URL with a token in it is not stored, whatever it is

        if (refreshToken !== null && settings.refreshToken!.place.from === 'query') {
            this.#responses.addTokens(request);
        }

        if (refreshToken !== null) {
            return this.#ask(attempt, refreshToken.token);
        }

        // Verify: the access token, by its key, its dates and its claims

        const verified = this.#verify(accessToken!);
        return verified instanceof Promise ? verified.then((access) => this.#decide(attempt, access)) : this.#decide(attempt, verified);
    }

    #plan(route: RequestRoute): RoutePlan {

        const plan = this.#routes.plan(route, this.#parts.settings);
        this.#plans.set(route, plan);
        return plan;
    }

    #demand({ request, plan: { tokens, isLast, revoke }, accessToken, refreshToken }: Attempt): void {

        const isComplete = tokens === 'both' ? accessToken !== null && refreshToken !== null : accessToken !== null || refreshToken !== null;
        if (isComplete) {
            return;
        }

        const { challenges } = this.#parts;
        const isStranger = accessToken === null && refreshToken === null;
        const refusal = new Refusal(accessToken === null && tokens !== 'refresh' ? 'access_token_missing' : 'refresh_token_missing');

        // What is missing here may be where the next strategy looks

        if (!isLast || isStranger) {
            this.#responses.addStranger(request);

            // Nor does a logout let a client pass whose token it does not read: that token would live on

            if (!isStranger || revoke !== false && this.#hasUnread(request, tokens)) {
                this.#responses.addRefusal(request, challenges.responseTo(refusal));
            }

            throw challenges.missing();
        }

        throw refusal;
    }

    #hasUnread(request: Request, tokens: Tokens): boolean {

        const { jwt, refreshToken } = this.#parts.settings;
        return tokens === 'refresh' && Extract.accessToken(request, jwt.cookie?.name) !== null ||
            tokens === 'access' && refreshToken !== undefined && Extract.refreshToken(request, refreshToken.place) !== null;
    }

    #guard({ request, plan: { revoke }, accessToken, refreshToken }: Attempt): void {

        const { cookies, settings } = this.#parts;

        const isAmbient = accessToken?.isAmbient || refreshToken?.isAmbient;
        const isGuarded = revoke === false ? isAmbient && !isSafe(request.method) : cookies.exist || settings.clearSiteData.length > 0;
        if (isGuarded && cookies.isForeign(request)) {
            throw new Refusal('cross_origin_refused');
        }
    }

    #verify({ token }: Found, tolerateExpiry = false): AccessToken | Promise<AccessToken> {

        return this.#parts.tokens.verify(token, { tolerateExpiry });
    }

    // A refresh token, and the access token that may be with it. To log out, one live token of the two is enough

    async #ask(attempt: Attempt, refreshToken: string): Promise<Accepted> {

        const { cookies, refreshTokens } = this.#parts;
        const { request, plan, accessToken } = attempt;
        const isLogout = plan.revoke !== false;

        // Verify: all that an access token which has expired still says is whose it is

        const [access, invalid] = await attain(() => (accessToken ? this.#verify(accessToken, isLogout || plan.tokens === 'either') : undefined));
        if (invalid && !isLogout) {
            throw invalid;
        }

        // Ask: what is revoked, and whose the refresh token is

        const [cutoff, accepted] = await Promise.all([
            access ? cutoffOf(access, attempt, request) : 0,
            refreshTokens!.accept(refreshToken, request, access?.issuer)
        ]);

        const refresh = typeof accepted === 'string' ? undefined : accepted;
        const refusals = {
            access: access && isRevoked(access.stamp, cutoff) ? new Refusal('access_token_revoked') : invalid,
            refresh: typeof accepted === 'string' ? new Refusal(accepted) : undefined
        };

        // Refuse

        const isAccessLive = access !== undefined && !access.expired && !refusals.access;
        const isStolen = refusals.refresh?.code === 'refresh_token_reused';
        const refusal = isStolen ? refusals.refresh : refusals.access ?? refusals.refresh;
        if (isStolen) {
            cookies.clear(request, attempt.refreshToken!.isAmbient);
        }

        if (refusal && (!isLogout || isStolen || !isAccessLive && !refresh)) {
            throw refusal;
        }

        // Pair: they belong together

        if (access && !(refresh ? isPair(access, refresh) : this.#isPairByName(access, refreshToken))) {
            throw new Refusal('tokens_mismatched');
        }

        // The browser forgets what is dead already

        if (refusals.access) {
            cookies.access?.clear(request);
        }

        if (refusals.refresh) {
            cookies.refresh?.clear(request);
        }

        attempt.access = access;
        attempt.refresh = refresh;
        attempt.isAccessLive = isAccessLive;
        return this.#validate(attempt);
    }

    // A refresh token names its session, also where that is unknown. What was not issued here is not dead but malformed

    #isPairByName({ session }: AccessToken, refreshToken: string): boolean {

        if (!this.#parts.own) {
            return true;
        }

        const address = parse(refreshToken);
        if (!address) {
            throw new Refusal('refresh_token_invalid');
        }

        return sessionId(address) === session;
    }

    // Of an access token alone

    #decide(attempt: Attempt, access: AccessToken): Accepted | Promise<Accepted> {

        attempt.access = access;
        attempt.isAccessLive = true;
        const cutoff = cutoffOf(access, attempt, attempt.request);
        if (typeof cutoff === 'number') {
            demandLive(access, cutoff);
            return this.#validate(attempt);
        }

        return cutoff.then((later) => {

            demandLive(access, later);
            return this.#validate(attempt);
        });
    }

    // Validate: by the app

    #validate(attempt: Attempt): Accepted | Promise<Accepted> {

        const { settings: { validate } } = this.#parts;
        const { access, isAccessLive, refresh } = attempt;

        const { claims } = isAccessLive ? access! : refresh!;
        const credentials = (isAccessLive ? undefined : refresh!.credentials) ?? credentialsOf(claims);
        return validate ?
            judge(validate, copy(claims), attempt).then((own) => this.#accept(attempt, own ?? credentials)) :
            this.#accept(attempt, credentials);
    }

    // Accept

    #accept({ request, h, plan, strategy, access, refresh }: Attempt, credentials: AuthCredentials): Accepted {

        const authentication = { tokens: combine(access, refresh), plan, strategy };
        const artifacts = new RequestArtifacts(authentication, refresh?.data);
        this.#hooks.authenticated(request);
        return h.authenticated({ credentials, artifacts });
    }
}


const isTooLate = function (error: unknown): boolean {

    return error instanceof Refusal && (error.code === 'access_token_revoked' || error.code === 'refresh_token_revoked');
};


// hapi goes on to the next strategy

const isMissing = function (error: unknown): boolean {

    return Boom.isBoom(error) && Boolean((error as { isMissing?: boolean }).isMissing);
};


const demandLive = function ({ stamp }: AccessToken, cutoff: number): void {

    if (isRevoked(stamp, cutoff)) {
        throw new Refusal('access_token_revoked');
    }
};


// What work results in, or why it refuses

async function attain<T>(work: () => T | Promise<T>): Promise<[T] | [undefined, Refusal]> {

    try {
        return [await work()];
    }
    catch (error) {
        if (error instanceof Refusal) {
            return [undefined, error];
        }

        throw error;
    }
}


// The app may not know which login a token of its own belongs to

const isPair = function (access: AccessToken, refresh: AcceptedRefreshToken): boolean {

    return access.issuer === refresh.issuer &&
        access.subject === refresh.subject &&
        (refresh.session === undefined || refresh.session === access.session);
};


const judge = async function (validate: NonNullable<StrategyParts['settings']['validate']>, claims: Claims, { request, h }: Attempt): Promise<AuthCredentials | undefined> {

    const validation = await validate(claims, request, h);
    if (typeof validation?.isValid !== 'boolean') {
        throw new Error('hard-logout: validate() must answer { isValid, credentials }');
    }

    if (!validation.isValid) {
        throw new Refusal('credentials_refused');
    }

    return validation.credentials;
};
