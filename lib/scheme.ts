import { setImmediate as nextTurn } from 'node:timers/promises';

import { Api, sessionEvent } from './api';
import { Challenges, orUnavailable } from './challenge';
import { TokenCookie } from './cookie';
import { isCrossOrigin, isUnsafe } from './cross-origin';
import { combine } from './evidence';
import * as Extract from './extract';
import { AccessTokens } from './jwt';
import { Logout } from './logout';
import { strategySettings } from './options';
import { Outage } from './outage';
import { AppRefreshTokens, SessionRefreshTokens } from './refresh';
import { Sessions } from './sessions';

import type { AuthCredentials, Request, RequestAuth, ResponseToolkit, Server, ServerAuthSchemeObject } from '@hapi/hapi';
import type { Parts } from './api';
import type { Blacklist } from './blacklist';
import type { Events } from './events';
import type { Evidence, Presented } from './evidence';
import type { Found } from './extract';
import type { AccessToken } from './jwt';
import type { Monitor } from './monitor';
import type { StrategySettings } from './options';
import type { SessionIdentity } from './refresh';
import type { Revocation } from './revocation';
import type { RoutePlan, Routes } from './routes';
import type { SessionStore } from './store/contract';
import type { Artifacts, Claims } from './types';


/** What the strategies of a server share. */
export interface Shared {
    blacklist: Blacklist;
    monitor: Monitor;
    events: Events;
    sessionStore: SessionStore;
    revocation: Revocation;
    routes: Routes;
}


/** The scheme, as `server.auth.scheme` takes it. */
export const createScheme = function (shared: Shared) {

    return (server: Server, options?: object): ServerAuthSchemeObject => {

        const settings = strategySettings(options);
        const name = () => shared.routes.name(api);
        const parts = assemble(server, settings, shared, name);
        const api: Api = new Api(parts);
        const strategy = new Strategy(parts, api, shared.routes);
        shared.routes.addStrategy(api, settings);

        return {
            api,
            authenticate: (request, h) => orUnavailable(strategy.authenticate(request, h)),
            verify: (auth) => orUnavailable(strategy.verify(auth)),

            // The last step before the headers go: it sees what other extensions made of the response

            response: async (request, h) => {

                await shared.revocation.atResponse(request);
                return h.continue;
            }
        };
    };
};


const assemble = function (server: Server, settings: StrategySettings, shared: Shared, name: () => string): Parts {

    const { blacklist, events, monitor, sessionStore, revocation } = shared;
    const { jwt, refreshToken } = settings;
    const challenges = new Challenges(settings.realm);
    const tokens = new AccessTokens(jwt, refreshToken?.kind === 'session', challenges);
    const sessions = refreshToken?.kind === 'session' ? new Sessions(sessionStore, blacklist, tokens, refreshToken, jwt) : null;

    const logout = new Logout({
        blacklist,
        sessions,
        settings,
        ended: (ending, request) => events.emit('revoked', { strategy: name(), ...ending, request: request?.info.id ?? null }),
        later: (work) => revocation.track(work)
    });

    const reused = (session: SessionIdentity, request: Request | null) => events.emit('reused', sessionEvent(name(), session, request));
    const own = sessions ? { sessions, refreshTokens: new SessionRefreshTokens(blacklist, sessions, logout, reused, jwt) } : undefined;
    const refreshTokens = refreshToken?.kind === 'app' ? new AppRefreshTokens(blacklist, refreshToken, jwt) : own?.refreshTokens;

    const cookies = {
        access: jwt.cookie && new TokenCookie(server, 'jwt.cookie', jwt.cookie),
        refresh: refreshToken?.cookie && new TokenCookie(server, 'refreshToken.cookie', refreshToken.cookie)
    };

    for (const cookie of Object.values(cookies)) {
        if (cookie) {
            revocation.addCookie(cookie);
        }
    }

    return { settings, challenges, blacklist, monitor, events, revocation, tokens, logout, cookies, refreshTokens, own, name };
};


class Strategy {

    readonly #parts: Parts;
    readonly #api: Api;
    readonly #routes: Routes;

    constructor(parts: Parts, api: Api, routes: Routes) {

        this.#parts = parts;
        this.#api = api;
        this.#routes = routes;
    }

    async authenticate(request: Request, h: ResponseToolkit) {

        const { challenges, revocation, settings, tokens } = this.#parts;
        const plan = this.#routes.plan(request.route, settings);

        // Each token from its own place

        const jwt = plan.tokens === 'refresh' ? null : Extract.accessToken(request, settings.jwt.cookie?.name, challenges);
        const refreshToken = plan.tokens === 'jwt' ? null : Extract.refreshToken(request, settings.refreshToken!.place, challenges);
        this.#demand(plan, jwt, refreshToken, request);
        this.#guard(plan, [jwt, refreshToken], request);

        // A URL with a token in it is kept by nobody, and neither is the answer to it (RFC 6750 §5.3)

        if (refreshToken !== null && settings.refreshToken!.place.from === 'query') {
            revocation.addTokenResponse(request);
        }

        // The access token by its signature and claims: one that expired is enough to log out the session of a live refresh token

        const tolerateExpiry = refreshToken !== null && (plan.revoke !== false || plan.tokens === 'either');
        const access = jwt === null ? undefined : await tokens.verify(jwt.token, { tolerateExpiry });

        // Both by the store

        const refresh = await this.#look(plan, access, refreshToken?.token, request);

        // As one pair

        if (access && refresh && !isPair(access, refresh)) {
            throw challenges.refuse('tokens_mismatched');
        }

        // By the app

        const claims = access?.claims ?? refresh!.claims;
        const credentials = await this.#validate(claims, access ? undefined : refresh!.credentials, request, h);

        const evidence = combine(access, refresh);
        const artifacts = describe(evidence, refresh);
        revocation.remember(artifacts, { evidence, plan, strategy: this.#parts });

        // A client that left meanwhile still wants to log out, which hapi will not come to once it has given the request up

        if (request.info.completed > 0) {
            revocation.track(nextTurn().then(() => revocation.afterResponse(request)));
        }

        return h.authenticated({ credentials, artifacts });
    }

    async verify(auth: RequestAuth): Promise<void> {

        const { challenges, revocation } = this.#parts;

        const proof = revocation.proof(auth.artifacts);
        if (!proof) {
            if (auth.isInjected) {
                return;
            }

            throw challenges.refuse('access_token_invalid');
        }

        const { access, refresh } = proof.evidence;

        // One that had expired before was accepted on the word of the other

        const [lasting, kind] = access && !access.expired ? [access, 'access_token'] as const : [refresh!, 'refresh_token'] as const;
        if (Date.now() >= lasting.expires) {
            throw challenges.refuse(`${kind}_expired`);
        }

        const held = [access, refresh].filter((token) => token !== undefined);
        const cutoffs = await Promise.all(held.map(({ keys }) => this.#cutoff(keys, proof.plan)));
        if (held.some(({ stamp }, i) => isDead(stamp, cutoffs[i]!))) {
            throw challenges.refuse(access ? 'access_token_revoked' : 'refresh_token_revoked');
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

        throw challenges.refuse(jwt === null ? 'access_token_missing' : 'refresh_token_missing');
    }

    // A cookie proves whose browser it is, not who wished the request

    #guard({ revoke }: RoutePlan, found: (Found | null)[], request: Request): void {

        const { challenges, settings: { origins } } = this.#parts;

        const changes = revoke !== false || isUnsafe(request.method);
        if (changes && found.some((token) => token?.isAmbient) && origins !== '*' && isCrossOrigin(request, origins)) {
            throw challenges.refuse('cross_origin_refused');
        }
    }

    async #look(plan: RoutePlan, access: AccessToken | undefined, refreshToken: string | undefined, request: Request): Promise<Presented | undefined> {

        const { challenges, refreshTokens } = this.#parts;

        const [cutoff, presented] = await Promise.all([
            access ? this.#cutoff(access.keys, plan, request) : 0,
            refreshToken === undefined ? undefined : refreshTokens!.present(refreshToken, request, access?.issuer)
        ]);

        if (access && isDead(access.stamp, cutoff)) {
            throw challenges.refuse('access_token_revoked');
        }

        if (typeof presented === 'string') {
            this.#api.refused(presented, request);
            throw challenges.refuse(presented);
        }

        return presented;
    }

    async #cutoff(keys: string[], { acceptsOutage }: RoutePlan, request?: Request): Promise<number> {

        const { blacklist, monitor } = this.#parts;

        try {
            return await blacklist.cutoff(keys);
        }
        catch (error) {
            if (acceptsOutage && error instanceof Outage) {
                monitor.accept(request);
                return blacklist.known(keys);
            }

            throw error;
        }
    }

    async #validate(claims: Claims, found: Presented['credentials'], request: Request, h: ResponseToolkit): Promise<AuthCredentials> {

        const { challenges, settings } = this.#parts;

        const credentials = found ?? credentialsOf(claims);
        if (!settings.validate) {
            return credentials;
        }

        const validation = await settings.validate(claims, request, h);
        if (typeof validation?.isValid !== 'boolean') {
            throw new Error('hard-logout: validate() must answer { isValid, credentials }');
        }

        if (!validation.isValid) {
            throw challenges.refuse('credentials_refused');
        }

        return validation.credentials ?? credentials;
    }
}


const isDead = function (stamp: number, cutoff: number): boolean {

    return cutoff > 0 && stamp <= cutoff;
};


// The app may not know which login a token of its own belongs to

const isPair = function (access: AccessToken, refresh: Presented): boolean {

    return access.issuer === refresh.issuer &&
        access.claims.sub === refresh.subject &&
        (refresh.session === undefined || refresh.session === access.session);
};


// hapi's scopes are a list (RFC 8693 §4.2 has them in one string); its entities are told apart by `user` and `app`

const credentialsOf = function (claims: Claims): AuthCredentials {

    const { scope, sub, client_id: client } = claims;
    const entity = sub === client ? { app: { id: sub } } : { user: { id: sub } };
    const list = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope;
    return { ...entity, ...claims, ...list && { scope: list } } as AuthCredentials;
};


const describe = function ({ subject, session, access, refresh }: Evidence, presented: Presented | undefined): Artifacts {

    return {
        subject,
        session,
        jti: access?.claims.jti,
        expires: (access ?? refresh!).expires,
        expired: access?.expired ?? false,
        data: presented?.data
    };
};
