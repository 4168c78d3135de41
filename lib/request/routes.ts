import { isSafe } from './cross-origin';
import { obstaclesOf } from './obstacles';
import { routeSettings } from '../options/schema';

import type { RequestRoute, Server, ServerAuthSchemeObjectApi } from '@hapi/hapi';
import type { AuthenticationWanted } from '../errors/refusal';
import type { StrategySettings } from '../options/settings';
import type { Extent, Tokens } from '../types';


export interface RoutePlan {
    tokens: Tokens;
    revoke: Extent | false;

    /** How recently, and how, the user must have been authenticated. */
    authentication: AuthenticationWanted | null;

    servesOutage: boolean;

    /** Whether no other strategy is asked after this one. */
    isLast: boolean;

    /** Whether it reads only an access token in the Authorization header, and does not revoke. */
    isPlain: boolean;
}


export type StrategyTraits = Pick<StrategySettings, 'jwt' | 'refreshToken' | 'sessions' | 'onOutage' | 'clearSiteData'>;


/** What a route asks of its strategies of this scheme. */
export interface Asked {
    mode: 'required' | 'optional' | 'try';
    hasAccess: boolean;
    strategies: { traits: StrategyTraits & { name: string }; plan: RoutePlan }[];
}


// Missing in hapi's types

interface Lookup {
    lookup(route: RequestRoute): { strategies: string[]; mode: 'required' | 'optional' | 'try'; access?: unknown } | false | null;
}


/** Route settings, checked when a route is added and, with its strategies, before the server starts. */
export class Routes {

    readonly #server: Server;
    readonly #strategies = new Map<ServerAuthSchemeObjectApi, StrategyTraits>();
    readonly #refused = new WeakMap<RequestRoute, Error>();
    #isStarted = false;

    constructor(server: Server) {

        this.#server = server;
    }

    /** hapi does not pass the name of a strategy to its scheme, but stores its api under the name. */
    addStrategy(api: ServerAuthSchemeObjectApi, traits: StrategyTraits): void {

        this.#strategies.set(api, traits);
    }

    name(api: ServerAuthSchemeObjectApi): string {

        const apis = this.#server.auth.api;
        return Object.keys(apis).find((name) => apis[name] === api)!;
    }

    strategies(): (StrategyTraits & { name: string })[] {

        return Array.from(this.#strategies, ([api, traits]) => ({ ...traits, name: this.name(api) }));
    }

    /** What a route asks of its strategies of this scheme, in their order, and whether it asks for a scope or an entity. */
    asked(route: RequestRoute): Asked {

        const auth = this.#authOf(route);
        if (!auth) {
            return { mode: 'try', hasAccess: false, strategies: [] };
        }

        const own = this.strategies().filter(({ name }) => auth.strategies.includes(name));
        const inOrder = own.sort((a, b) => auth.strategies.indexOf(a.name) - auth.strategies.indexOf(b.name));
        return { mode: auth.mode, hasAccess: Boolean(auth.access), strategies: inOrder.map((traits) => ({ traits, plan: this.plan(route, traits) })) };
    }

    has(strategy: string): boolean {

        return this.#strategies.has(this.#server.auth.api[strategy]!);
    }

    /** @throws `Error` naming the route and the setting, or what its strategies cannot do. */
    check(route: RequestRoute): void {

        demandName(route);
        const { revoke } = routeSettings(route.settings.plugins?.['hard-logout'], nameOf(route));
        if (revoke) {
            this.#tolerateCookies(route);
        }

        if (this.#isStarted) {
            this.#checkLate(route);
        }
    }

    /** hapi serves a route that is added late, although `check()` threw. @throws the same error. */
    demand(route: RequestRoute): void {

        const refusal = this.#refused.get(route);
        if (refusal) {
            throw refusal;
        }
    }

    /** Checks routes that were added before their strategies. @throws `Error` naming the route and what its strategies cannot do. */
    start(): void {

        this.#isStarted = true;
        this.#server.table().forEach((route) => {

            this.#checkStrategies(route);
            obstaclesOf(route, this.asked(route), this.#server).forEach((obstacle) => this.#server.log(['hard-logout', 'route', 'warn'], `${nameOf(route)}: ${obstacle}`));
        });
    }

    /** @throws `Error` naming the route and what the strategy cannot do. */
    plan(route: RequestRoute, traits: StrategyTraits): RoutePlan {

        return { ...makePlan(route, traits), isLast: this.#isLast(route, traits) };
    }

    /** The plans of a strategy, each made once: to read the settings of a route is to validate them, which takes 30 µs. */
    planner(traits: StrategyTraits): (route: RequestRoute) => RoutePlan {

        const plans = new WeakMap<RequestRoute, RoutePlan>();
        return (route) => {

            const known = plans.get(route);
            if (known) {
                return known;
            }

            const plan = this.plan(route, traits);
            plans.set(route, plan);
            return plan;
        };
    }

    // hapi responds with 400 to a malformed cookie before it authenticates: a page that can set one could prevent logouts

    #tolerateCookies(route: RequestRoute): void {

        const { settings } = route;
        if (settings.state?.failAction === 'error') {
            settings.state = { ...settings.state, failAction: 'ignore' };
            this.#server.log(['hard-logout', 'route', 'changed', 'warn'], `${nameOf(route)}: state.failAction is now 'ignore', so that a malformed cookie does not prevent a logout`);
        }
    }

    #checkLate(route: RequestRoute): void {

        try {
            this.#checkStrategies(route);
        }
        catch (error) {
            this.#refused.set(route, error as Error);
            throw error;
        }
    }

    #checkStrategies(route: RequestRoute): void {

        const strategies = this.#strategiesOf(route);
        const own = strategies.filter((traits) => traits !== undefined);
        own.forEach((traits) => this.plan(route, traits));

        const settings = route.settings.plugins?.['hard-logout'];
        if (own.length === 0 && settings !== undefined && Object.keys(settings).length > 0) {
            fail(route, 'needs a hard-logout strategy');
        }

        // If the other one authenticates the client, a success would be untrue

        if (settings?.revoke && own.length < strategies.length) {
            fail(route, 'revokes, and has a strategy of another scheme, whose credentials cannot be revoked');
        }

        if ((settings?.maxAuthAge !== undefined || settings?.acr !== undefined) && own.length < strategies.length) {
            fail(route, 'has maxAuthAge or acr, and a strategy of another scheme, which does not check them');
        }
    }

    // In their order; undefined for other schemes

    #strategiesOf(route: RequestRoute): (StrategyTraits | undefined)[] {

        const auth = this.#authOf(route);
        return (auth ? auth.strategies : []).map((name) => this.#strategies.get(this.#server.auth.api[name]!));
    }

    #authOf(route: RequestRoute): ReturnType<Lookup['lookup']> {

        return (this.#server.auth as unknown as Lookup).lookup(route);
    }

    // server.auth.test() may call a strategy on any route

    #isLast(route: RequestRoute, traits: StrategyTraits): boolean {

        const strategies = this.#strategiesOf(route);
        return !strategies.includes(traits) || strategies.at(-1) === traits;
    }
}


export const revokes = function ({ settings }: RequestRoute): boolean {

    return Boolean(settings.plugins?.['hard-logout']?.revoke);
};


const makePlan = function (route: RequestRoute, { jwt, refreshToken, sessions, onOutage }: StrategyTraits): Omit<RoutePlan, 'isLast'> {

    const { revoke, allowSafeMethods, ...settings } = routeSettings(route.settings.plugins?.['hard-logout'], nameOf(route));
    const tokens = settings.tokens ?? (revoke && refreshToken ? 'both' : 'access');

    if (tokens !== 'access' && !refreshToken) {
        fail(route, `has tokens '${tokens}', but its strategy has no refreshToken`);
    }

    if (revoke === 'others' && !sessions) {
        fail(route, 'has revoke \'others\', but its strategy has no sessions');
    }

    const authentication = wantedOf(settings);
    if (authentication && tokens === 'refresh' && !sessions) {
        fail(route, 'has maxAuthAge or acr, but the refresh tokens of a lookup do not have the time and method of authentication');
    }

    // A route for every method includes the safe ones

    if (revoke && !allowSafeMethods && (isSafe(route.method) || route.method === '*')) {
        fail(route, 'revokes on a safe method: use POST, or set allowSafeMethods');
    }

    // Only reads: during an outage it is unknown whether the token was revoked

    const isRead = route.method === 'get' && tokens === 'access' && !revoke;
    if (settings.onOutage === 'serve' && !isRead) {
        fail(route, 'has onOutage \'serve\', which is for GET with tokens \'access\'');
    }

    return {
        tokens,
        revoke,
        authentication,
        servesOutage: isRead && (settings.onOutage ?? onOutage) === 'serve',
        isPlain: tokens === 'access' && !revoke && !jwt.cookie
    };
};


const wantedOf = function ({ maxAuthAge, acr }: AuthenticationWanted): AuthenticationWanted | null {

    return maxAuthAge === undefined && acr === undefined ? null : { maxAuthAge, acr };
};


// hapi ignores settings under another name, so the logout would revoke nothing

const demandName = function (route: RequestRoute): void {

    for (const name of Object.keys(route.settings.plugins!)) {
        if (name !== 'hard-logout' && /^(?:hapi)?(?:auth)?hardlog(?:out|off)$/.test(name.toLowerCase().replace(/[^a-z]/g, ''))) {
            fail(route, `has settings in plugins['${name}'], which have to be in plugins['hard-logout']`);
        }
    }
};


export const nameOf = function (route: RequestRoute): string {

    return `${route.method.toUpperCase()} ${route.path}`;
};


/** @throws `Error` naming the route. */
export const fail = function (route: RequestRoute, problem: string): never {

    throw new Error(`hard-logout: the route ${nameOf(route)} ${problem}`);
};
