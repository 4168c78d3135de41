import { setImmediate as nextTurn } from 'node:timers/promises';

import { Template } from '../jwt/credentials';
import { isRevoked } from '../blacklist/blacklist';
import { isCrossOrigin, isUnsafe } from './cross-origin';
import { combine } from '../sessions/evidence';
import * as Extract from './extract';
import { Outage } from '../errors/outage';
import { Refusal } from '../errors/refusal';

import type { AuthCredentials, Request, RequestAuth, RequestRoute, ResponseToolkit } from '@hapi/hapi';
import type { AccessToken } from '../jwt/access-token';
import type { Api, Parts } from '../api/api';
import type { Memo } from '../blacklist/blacklist';
import type { Evidence, Presented } from '../sessions/evidence';
import type { Found } from './extract';
import type { RoutePlan, Routes } from './routes';
import type { Artifacts, Claims } from '../types';


type Accepted = ReturnType<ResponseToolkit['authenticated']>;

type Checked = Memo & { identities: string[] };


/** Whom a request comes from, by the tokens it presents. */
export class Strategy {

    readonly #parts: Parts;
    readonly #api: Api;
    readonly #routes: Routes;
    readonly #plans = new WeakMap<RequestRoute, RoutePlan>();

    constructor(parts: Parts, api: Api, routes: Routes) {

        this.#parts = parts;
        this.#api = api;
        this.#routes = routes;
    }

    /** Answers at once where all that is wanted is an access token, and memory knows all about it. */
    authenticate(request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const { challenges } = this.#parts;

        try {
            const accepted = this.#authenticate(request, h);
            return accepted instanceof Promise ? challenges.settle(accepted) : accepted;
        }
        catch (error) {
            throw challenges.responseTo(error);
        }
    }

    #authenticate(request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const { tokens } = this.#parts;
        const plan = this.#plans.get(request.route) ?? this.#plan(request.route);

        // What most requests are: a header that was seen before

        const known = plan.isPlain ? tokens.recognize(request.headers.authorization) : undefined;
        return known && !Extract.isRepeated(request, 'authorization') ?
            this.#decide(known, plan, request, h) :
            this.#examine(plan, request, h);
    }

    #plan(route: RequestRoute): RoutePlan {

        const plan = this.#routes.plan(route, this.#parts.settings);
        this.#plans.set(route, plan);
        return plan;
    }

    #examine(plan: RoutePlan, request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const { revocation, settings, tokens } = this.#parts;

        // Each token from its own place

        const found = plan.tokens === 'refresh' ? null : Extract.accessToken(request, settings.jwt.cookie?.name);
        const refreshToken = plan.tokens === 'jwt' ? null : Extract.refreshToken(request, settings.refreshToken!.place);
        this.#demand(plan, found, refreshToken, request);
        this.#guard(plan, found, refreshToken, request);

        // A URL with a token in it is kept by nobody, and neither is the answer to it (RFC 6750 §5.3)

        if (refreshToken !== null && settings.refreshToken!.place.from === 'query') {
            revocation.addTokenResponse(request);
        }

        // The access token by its signature and claims: one that expired is enough to log out the session of a live refresh token

        const tolerateExpiry = refreshToken !== null && (plan.revoke !== false || plan.tokens === 'either');
        const access = found === null ? undefined : tokens.verify(found.token, {
            tolerateExpiry,
            known: tokens.recall(found.token),
            authorization: found.authorization
        });

        if (access && !(access instanceof Promise) && refreshToken === null) {
            return this.#decide(access, plan, request, h);
        }

        // All the rest once all have answered who have to be asked

        return this.#ask(access, refreshToken?.token, plan, request, h);
    }

    async verify(auth: RequestAuth): Promise<void> {

        const { revocation } = this.#parts;

        const proof = revocation.proof(auth.artifacts);
        if (!proof) {
            if (auth.isInjected) {
                return;
            }

            throw new Refusal('access_token_invalid');
        }

        const { access, refresh } = proof.evidence;

        // One that had expired before was accepted on the word of the other

        const [lasting, kind] = access && !access.expired ? [access, 'access_token'] as const : [refresh!, 'refresh_token'] as const;
        if (Date.now() >= lasting.expires) {
            throw new Refusal(`${kind}_expired`);
        }

        const held = [access, refresh].filter((token) => token !== undefined);
        const cutoffs = await Promise.all(held.map((token) => this.#cutoff(token, proof.plan)));
        if (held.some(({ stamp }, i) => isRevoked(stamp, cutoffs[i]!))) {
            throw new Refusal(access ? 'access_token_revoked' : 'refresh_token_revoked');
        }
    }

    #demand({ tokens, isLast }: RoutePlan, jwt: Found | null, refreshToken: Found | null, request: Request): void {

        const { challenges, revocation } = this.#parts;

        const isComplete = tokens === 'both' ? jwt !== null && refreshToken !== null : jwt !== null || refreshToken !== null;
        if (isComplete) {
            return;
        }

        // What is missing here may be where the next strategy looks

        if (!isLast || jwt === null && refreshToken === null) {
            revocation.addStranger(request);
            throw challenges.missing();
        }

        throw new Refusal(jwt === null ? 'access_token_missing' : 'refresh_token_missing');
    }

    // A cookie proves whose browser it is, not who wished the request

    #guard({ revoke }: RoutePlan, jwt: Found | null, refreshToken: Found | null, request: Request): void {

        const { settings: { origins } } = this.#parts;

        const isAmbient = jwt?.isAmbient || refreshToken?.isAmbient;
        if (isAmbient && origins !== '*' && (revoke !== false || isUnsafe(request.method)) && isCrossOrigin(request, origins)) {
            throw new Refusal('cross_origin_refused');
        }
    }

    async #ask(given: AccessToken | Promise<AccessToken> | undefined, refreshToken: string | undefined, plan: RoutePlan, request: Request, h: ResponseToolkit): Promise<Accepted> {

        const { refreshTokens } = this.#parts;

        // Both by the store

        const access = await given;
        const [cutoff, presented] = await Promise.all([
            access ? this.#cutoff(access, plan, request) : 0,
            refreshToken === undefined ? undefined : refreshTokens!.present(refreshToken, request, access?.issuer)
        ]);

        if (access) {
            this.#alive(access, cutoff);
        }

        if (typeof presented === 'string') {
            this.#api.refused(presented, request);
            throw new Refusal(presented);
        }

        // As one pair

        if (access && presented && !isPair(access, presented)) {
            throw new Refusal('tokens_mismatched');
        }

        return this.#accept(access, presented, plan, request, h);
    }

    #decide(access: AccessToken, plan: RoutePlan, request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const cutoff = this.#cutoff(access, plan, request);
        return typeof cutoff === 'number' ?
            this.#accept(this.#alive(access, cutoff), undefined, plan, request, h) :
            cutoff.then((later) => this.#accept(this.#alive(access, later), undefined, plan, request, h));
    }

    #alive(access: AccessToken, cutoff: number): AccessToken {

        if (isRevoked(access.stamp, cutoff)) {
            throw new Refusal('access_token_revoked');
        }

        return access;
    }

    #cutoff(token: Checked, { acceptsOutage }: RoutePlan, request?: Request): number | Promise<number> {

        const { blacklist, monitor } = this.#parts;

        const cutoff = blacklist.cutoff(token.identities, token);
        return typeof cutoff === 'number' ? cutoff : cutoff.catch((error) => {

            if (acceptsOutage && error instanceof Outage) {
                monitor.accept(request);
                return blacklist.known(token.identities);
            }

            throw error;
        });
    }

    #accept(access: AccessToken | undefined, refresh: Presented | undefined, plan: RoutePlan, request: Request, h: ResponseToolkit): Accepted | Promise<Accepted> {

        const template = access?.template ?? new Template(refresh!.claims);
        const credentials = (access ? undefined : refresh!.credentials) ?? template.credentials();
        if (!this.#parts.settings.validate) {
            return this.#authenticated(credentials, access, refresh, plan, request, h);
        }

        // By the app

        const validated = this.#validate(template.claims(), credentials, request, h);
        return validated.then((own) => this.#authenticated(own, access, refresh, plan, request, h));
    }

    async #validate(claims: Claims, credentials: AuthCredentials, request: Request, h: ResponseToolkit): Promise<AuthCredentials> {

        const { settings } = this.#parts;

        const validation = await settings.validate!(claims, request, h);
        if (typeof validation?.isValid !== 'boolean') {
            throw new Error('hard-logout: validate() must answer { isValid, credentials }');
        }

        if (!validation.isValid) {
            throw new Refusal('credentials_refused');
        }

        return validation.credentials ?? credentials;
    }

    #authenticated(credentials: AuthCredentials, access: AccessToken | undefined, refresh: Presented | undefined, plan: RoutePlan, request: Request, h: ResponseToolkit): Accepted {

        const { revocation } = this.#parts;

        const evidence = combine(access, refresh);
        const artifacts = describe(evidence, refresh);
        revocation.remember(artifacts, { evidence, plan, strategy: this.#parts });

        // A client that left meanwhile still wants to log out, which hapi will not come to once it has given the request up

        if (request.info.completed > 0) {
            revocation.track(nextTurn().then(() => revocation.afterResponse(request)));
        }

        return h.authenticated({ credentials, artifacts });
    }
}


// The app may not know which login a token of its own belongs to

const isPair = function (access: AccessToken, refresh: Presented): boolean {

    return access.issuer === refresh.issuer &&
        access.subject === refresh.subject &&
        (refresh.session === undefined || refresh.session === access.session);
};


const describe = function ({ subject, session, access, refresh }: Evidence, presented: Presented | undefined): Artifacts {

    return {
        subject,
        session,
        jti: access?.jti,
        expires: (access ?? refresh!).expires,
        expired: access?.expired ?? false,
        data: presented?.data
    };
};
