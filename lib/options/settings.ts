import type { AppRefreshOptions, Extent, JwtOptions, Key, OutagePolicy, PluginOptions, StrategyOptions, Tokens } from '../types';


// What the options are once they are checked: defaults filled in, what can be said in several ways said in one


export interface PluginSettings {
    redis: PluginOptions['redis'];
    prefix: string;
    timeout: number;
    lease: number | false;
    startWithoutStore: boolean;
    cache: { max: number };
}


/** Where a refresh token is read. Header names are in lower case. */
export interface Place {
    from: 'query' | 'cookie' | 'header';
    name: string;
}


export interface JwtSettings extends Omit<JwtOptions, 'issuer' | 'audience' | 'signingKey' | 'cache' | 'cookie'> {
    signingKey?: Key;
    issuer: string[];
    audience?: string[];
    clockTolerance: number;
    maxAge: number;
    ttl: number;
    sessionClaim: string;
    cache: { max: number; maxBytes: number } | false;
    cookie?: CookieSettings;
}


export interface CookieSettings {
    name: string;
    isSecure: boolean;
    isSameSite: 'Strict' | 'Lax' | 'None';
    path: string;
    domain?: string;
}


interface RefreshPlace {
    place: Place;
    cookie?: CookieSettings;
    maxAge: number;
}


/** Sessions of our own. */
export interface SessionSettings extends RefreshPlace {
    kind: 'session';
    ttl: number;
    rotate: boolean;
    grace: number;
}


/** Refresh tokens of the app's. */
export interface AppSettings extends RefreshPlace {
    kind: 'app';
    find: AppRefreshOptions['find'];
    revoke: AppRefreshOptions['revoke'];
}


export interface StrategySettings {
    jwt: JwtSettings;
    refreshToken?: SessionSettings | AppSettings;
    validate?: StrategyOptions['validate'];
    onRevoke?: StrategyOptions['onRevoke'];
    realm: string;
    outage: OutagePolicy;
    origins: string[] | '*';
    clearSiteData: string[];
}


export interface RouteSettings {
    tokens?: Tokens;
    revoke: Extent | false;
    allowSafeMethods: boolean;
    outage?: OutagePolicy;
}
