import type { Blacklist } from '../blacklist/blacklist';
import type { AccessTokens } from '../jwt/jwt';
import type { StrategySettings } from '../options/settings';
import type { Logout } from '../sessions/logout';
import type { RefreshTokens, SessionRefreshTokens } from '../sessions/refresh-tokens';
import type { SessionList } from '../sessions/session-list';
import type { Sessions } from '../sessions/sessions';
import type { Emitter } from '../status/events';
import type { Monitor } from '../status/monitor';
import type { Challenges } from './challenge';
import type { Cookies } from './cookie';


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
}
