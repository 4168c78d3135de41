import { Api, sessionEvent } from './api';
import { Challenges, orUnavailable } from './challenge';
import { TokenCookie } from './cookie';
import { AccessTokens } from './jwt';
import { Logout } from './logout';
import { strategySettings } from './options';
import { AppRefreshTokens, SessionRefreshTokens } from './refresh';
import { Sessions } from './sessions';
import { Strategy } from './strategy';

import type { Request, Server, ServerAuthSchemeObject } from '@hapi/hapi';
import type { Parts } from './api';
import type { Blacklist } from './blacklist';
import type { Events } from './events';
import type { Monitor } from './monitor';
import type { SessionIdentity } from './refresh';
import type { Revocation } from './revocation';
import type { Routes } from './routes';
import type { StrategySettings } from './settings';
import type { SessionStore } from './store/contract';


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
            authenticate: (request, h) => strategy.authenticate(request, h),
            verify: (auth) => orUnavailable(strategy.verify(auth)),

            // The last step before the headers go: it sees what other extensions made of the response

            response: (request, h) => {

                const work = shared.revocation.atResponse(request);
                return work ? work.then(() => h.continue) : h.continue;
            }
        };
    };
};


const assemble = function (server: Server, settings: StrategySettings, shared: Shared, name: () => string): Parts {

    const { blacklist, events, monitor, sessionStore, revocation } = shared;
    const { jwt, refreshToken } = settings;
    const challenges = new Challenges(settings.realm);
    const tokens = new AccessTokens(jwt, refreshToken?.kind === 'session', challenges, (error) => server.log(['hard-logout', 'keys', 'error'], error));
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
