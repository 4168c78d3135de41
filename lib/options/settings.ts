import type {
    BackChannelOptions, CookieOptions, EndpointOptions, Extent, GlobalTokenRevocationOptions, JwtOptions, LookupOptions, PluginOptions, RouteOptions, SecurityEventsOptions,
    SenderOptions, SessionOptions, StrategyOptions
} from '../types';


// The checked options with their defaults, each in one form


type Settled<T, K extends keyof T> = Required<Pick<T, K>>;


export interface PluginSettings extends Settled<PluginOptions, 'prefix' | 'timeout' | 'lease' | 'startWithoutStore'> {
    redis: PluginOptions['redis'];
    cache: Required<NonNullable<PluginOptions['cache']>>;
    events: Required<NonNullable<PluginOptions['events']>>;
}


export interface JwtSettings extends Pick<JwtOptions, 'key' | 'algorithms' | 'signingKey'>, Settled<JwtOptions, 'clockTolerance' | 'maxAge' | 'ttl' | 'sessionClaim' | 'allowBoundTokens'> {
    issuer: string[];
    audience?: string[];
    cache: Required<Exclude<JwtOptions['cache'], false | undefined>> | false;
    cookie?: CookieSettings;
}


export interface CookieSettings extends Settled<CookieOptions, 'name' | 'isSecure' | 'isSameSite' | 'path'>, Pick<CookieOptions, 'domain'> {}


/** Where a refresh token is read. Header names are in lower case. */
export interface Place {
    from: 'query' | 'cookie' | 'header';
    name: string;
}


export interface RefreshTokenSettings {
    place: Place;
    cookie?: CookieSettings;
}


export type SessionSettings = Required<SessionOptions>;


export type LookupSettings = Required<LookupOptions>;


/** With a `refreshToken`, one of `sessions` and `lookup` is set; without it, neither. */
export interface StrategySettings extends Pick<StrategyOptions, 'validate' | 'onRevoke' | 'resourceMetadata'>, Settled<StrategyOptions, 'onOutage' | 'realm' | 'origins' | 'clearSiteData'> {
    jwt: JwtSettings;
    refreshToken?: RefreshTokenSettings;
    sessions?: SessionSettings;
    lookup?: LookupSettings;
}


export interface RouteSettings extends Pick<RouteOptions, 'tokens' | 'maxAuthAge' | 'onOutage'> {
    revoke: Extent | false;
    acr?: string[];
    allowSafeMethods: boolean;
}


export interface SenderSettings extends Settled<SenderOptions, 'strategy' | 'maxWait'>, Pick<SenderOptions, 'issuer' | 'key' | 'algorithms' | 'find'> {}


export interface BackChannelSettings extends SenderSettings, Settled<BackChannelOptions, 'receive' | 'extent' | 'keepOfflineAccess'> {
    client: string[];
}


export interface GlobalTokenRevocationSettings extends SenderSettings, Settled<GlobalTokenRevocationOptions, 'receive'> {
    audience?: string[];
    client?: string[];
}


export interface SecurityEventsSettings extends SenderSettings, Settled<SecurityEventsOptions, 'receive' | 'events'> {
    audience: string[];
}


export type HandlerSettings = BackChannelSettings | GlobalTokenRevocationSettings | SecurityEventsSettings | EndpointOptions;
