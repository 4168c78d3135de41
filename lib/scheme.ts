import { Api } from './api/api';
import { issuersOf, ownIssuer } from './blacklist/identities';
import { Challenges } from './request/challenge';
import { Cookies } from './request/cookie';
import { AccessTokens } from './jwt/jwt';
import { sharesKey } from './jwt/shared-keys';
import { Logout } from './sessions/logout';
import { strategySettings } from './options/schema';
import { LookupRefreshTokens, SessionRefreshTokens } from './sessions/refresh-tokens';
import { SessionList } from './sessions/session-list';
import { Sessions } from './sessions/sessions';
import { revokes } from './request/routes';
import { Strategy } from './request/strategy';

import type { Request, Server, ServerAuthSchemeObject } from '@hapi/hapi';
import type { Blacklist } from './blacklist/blacklist';
import type { Emitter } from './status/events';
import type { Monitor } from './status/monitor';
import type { SessionIdentity } from './sessions/refresh-tokens';
import type { Background } from './request/background';
import type { LogoutHooks } from './request/logout-hooks';
import type { Receivers } from './receivers/receivers';
import type { StrategyParts } from './request/parts';
import type { Responses } from './request/response';
import type { Routes } from './request/routes';
import type { StrategySettings } from './options/settings';
import type { SessionStore } from './store/session-contract';


export interface Shared {
    blacklist: Blacklist;
    monitor: Monitor;
    events: Emitter;
    sessionStore: SessionStore;
    routes: Routes;
    responses: Responses;
    background: Background;
    hooks: LogoutHooks;
    receivers: Receivers;
}


export const createScheme = function (shared: Shared) {

    return (server: Server, options?: object): ServerAuthSchemeObject => {

        const settings = strategySettings(options);
        demandIssuers(settings, shared.routes.strategies());

        const name = () => shared.routes.name(api);
        const parts = assemble(server, settings, shared, name);
        const api: Api = new Api(parts, shared.responses);
        const strategy = new Strategy(parts, shared.responses);
        shared.routes.addStrategy(api, settings);
        shared.receivers.addStrategy(parts);

        return {
            api,
            authenticate: (request, h) => (revokes(request.route) ? shared.hooks.authenticate(request, () => strategy.authenticate(request, h)) : strategy.authenticate(request, h)),
            verify: (auth) => parts.challenges.settle(strategy.verify(auth)),

            // The last step before the headers are sent

            response: (request, h) => {

                const work = shared.hooks.atResponse(request);
                return work ? work.then(() => h.continue) : h.continue;
            }
        };
    };
};


// The blacklist keys of a token depend on whether the strategy checks the issuer

const demandIssuers = function ({ jwt }: StrategySettings, others: ReturnType<Routes['strategies']>): void {

    for (const other of others) {
        const isAlone = (jwt.issuer.length > 0) !== (other.jwt.issuer.length > 0);
        if (isAlone && sharesKey(jwt, other.jwt)) {
            throw new Error(`hard-logout: a strategy has the jwt.key of the strategy ${other.name}, and only one of them has a jwt.issuer: ` +
                'a logout in one would not end the tokens in the other. Set jwt.issuer in both');
        }
    }
};


const assemble = function (server: Server, settings: StrategySettings, shared: Shared, name: () => string): StrategyParts {

    const { blacklist, events, monitor, sessionStore, routes, responses, background } = shared;
    const { jwt, lookup } = settings;
    const challenges = new Challenges(settings);
    const tokens = new AccessTokens(jwt, (error) => server.log(['hard-logout', 'keys', 'error'], error));
    if (settings.sessions && !tokens.canSign) {
        throw new Error('hard-logout: sessions needs a key that signs: a private jwt.key or a secret, or a jwt.signingKey');
    }

    const list = settings.sessions ? new SessionList({ store: sessionStore, blacklist, issuer: ownIssuer(jwt.issuer), clockTolerance: jwt.clockTolerance }) : null;

    const logout = new Logout({
        blacklist,
        sessions: list && { issuer: list.issuer, store: sessionStore },
        settings,

        // Without sessions of this strategy: the clocks of other issuers and services count as well

        stamp: async (subject) => (settings.sessions ? sessionStore.stamp(subject, settings.sessions.maxAge) : Math.max(Date.now(), await sessionStore.stamp(subject, jwt.maxAge))),
        ended: (ending, request) => events.revoked({ strategy: name(), ending, request, settings }),
        later: (work) => background.track(work)
    });

    for (const issuer of issuersOf(jwt.issuer)) {
        blacklist.register({ ...logout.terms(issuer), name: issuer, hasSessions: list?.issuer === issuer });
    }

    const onReuse = (session: SessionIdentity, request: Request | null) => events.session('reuse-detected', { strategy: name(), session, request });
    const sessions = list && new Sessions({ store: sessionStore, tokens, list, logout, settings: settings.sessions!, jwt });
    const own = sessions ? { sessions, list, refreshTokens: new SessionRefreshTokens({ blacklist, sessions, list, logout, jwt, onReuse }) } : undefined;
    const refreshTokens = lookup ? new LookupRefreshTokens({ blacklist, settings: lookup, jwt }) : own?.refreshTokens;

    const cookies = new Cookies(server, settings);
    responses.addCookies(cookies);

    return { settings, challenges, blacklist, monitor, events, tokens, logout, cookies, refreshTokens, own, name, planOf: routes.planner(settings) };
};
