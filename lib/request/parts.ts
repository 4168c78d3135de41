import type { Blacklist } from '../blacklist/blacklist';
import type { AccessTokens } from '../jwt/jwt';
import type { StrategySettings } from '../options/settings';
import type { RequestRoute } from '@hapi/hapi';
import type { Logout } from '../sessions/logout';
import type { RefreshTokens, SessionRefreshTokens } from '../sessions/refresh-tokens';
import type { SessionList } from '../sessions/session-list';
import type { Sessions } from '../sessions/sessions';
import type { Emitter } from '../status/events';
import type { Monitor } from '../status/monitor';
import type { Challenges } from './challenge';
import type { Cookies } from './cookie';
import type { RoutePlan } from './routes';


export interface StrategyParts {
    settings: StrategySettings;
    challenges: Challenges;
    blacklist: Blacklist;
    monitor: Monitor;
    events: Emitter;
    tokens: AccessTokens;
    logout: Logout;
    cookies: Cookies;
    refreshTokens?: RefreshTokens;

    own?: { sessions: Sessions; list: SessionList; refreshTokens: SessionRefreshTokens };

    name: () => string;

    /** What a route asks of the strategy. @throws `Error` naming the route and what the strategy cannot do. */
    planOf: (route: RequestRoute) => RoutePlan;
}
