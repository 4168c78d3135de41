import * as Hoek from '@hapi/hoek';

import { isSafe } from '../request/cross-origin';

import type { RequestRoute, Server } from '@hapi/hapi';
import type { Asked, RoutePlan, Routes, StrategyTraits } from '../request/routes';
import type { OpenApiOptions, Tokens } from '../types';


/** One way to be authenticated: the names of all schemes that it needs. */
type Requirement = Record<string, string[]>;


type NamedScheme = [name: string, scheme: OpenApiOptions['securityDefinitions'][string]];


// Where a strategy reads each token

interface Places {
    access: NamedScheme[];
    refresh: NamedScheme[];
}


interface Response {
    description: string;
    schema?: object;
    headers?: Record<string, object>;
}


const refusal = {
    type: 'object',
    required: ['statusCode', 'error', 'message'],
    properties: {
        statusCode: { type: 'integer' },
        error: { type: 'string' },
        message: { type: 'string' },
        code: { type: 'string' }
    }
};


/** Describes the routes of this scheme for hapi-swagger: their authentication and their refusals. */
export class OpenApi {

    readonly #server: Server;
    readonly #routes: Routes;
    #isWanted = false;
    #isStarted = false;

    constructor(server: Server, routes: Routes) {

        this.#server = server;
        this.#routes = routes;
    }

    /** Options for hapi-swagger. Routes have theirs when the server has started. @throws `Error` before the first strategy. */
    options(): OpenApiOptions {

        const strategies = this.#routes.strategies();
        Hoek.assert(strategies.length > 0, 'hard-logout: openapi() needs the strategies, and the server has none of this scheme yet');

        this.#isWanted = true;
        const places = strategies.map(placesOf);
        return { OAS: 'v3.0', securityDefinitions: Object.fromEntries(places.flatMap(({ access, refresh }) => [...access, ...refresh])) };
    }

    /** When the server starts, all routes have their strategies. */
    start(): void {

        this.#isStarted = true;
        this.#server.table().forEach((route) => this.add(route));
    }

    /** Describes a route, without replacing what the app has set. */
    add(route: RequestRoute): void {

        if (!this.#isWanted || !this.#isStarted) {
            return;
        }

        const asked = this.#routes.asked(route);
        if (asked.strategies.length === 0) {
            return;
        }

        const plugins = route.settings.plugins as Record<string, any>;
        const given = plugins['hapi-swagger'] ?? {};
        const hasSuccess = Boolean(route.settings.response?.schema ?? route.settings.response?.status) || Object.keys(given.responses ?? {}).some((status) => !/^[45]/.test(status));

        plugins['hapi-swagger'] = {
            security: securityOf(asked),
            ...given,
            responses: { ...!hasSuccess && { default: { description: 'Successful' } }, ...responsesOf(route, asked), ...given.responses }
        };
    }
}


const placesOf = function ({ name, jwt, refreshToken }: StrategyTraits & { name: string }): Places {

    const { place } = refreshToken ?? {};
    return {
        access: [
            [name, { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }],
            ...jwt.cookie ? [[`${name}-cookie`, { type: 'apiKey', in: 'cookie', name: jwt.cookie.name }] as NamedScheme] : []
        ],
        refresh: place ? [[`${name}-refresh`, { type: 'apiKey', in: place.from, name: place.name, description: 'The refresh token' }]] : []
    };
};


const securityOf = function ({ mode, strategies }: Asked): Requirement[] {

    const ways = strategies.flatMap(({ traits, plan }) => requirementsOf(placesOf(traits), plan.tokens));
    return mode === 'required' ? ways : [...ways, {}];
};


const requirementsOf = function ({ access, refresh }: Places, tokens: Tokens): Requirement[] {

    const each = (list: Places['access']): Requirement[] => list.map(([name]) => ({ [name]: [] }));

    switch (tokens) {
        case 'access': return each(access);
        case 'refresh': return each(refresh);
        case 'either': return [...each(access), ...each(refresh)];
        case 'both': return each(access).flatMap((one) => each(refresh).map((other) => ({ ...one, ...other })));
    }
};


const responsesOf = function (route: RequestRoute, { mode, hasAccess, strategies }: Asked): Record<string, Response> {

    // In mode 'try' the handler itself responds to a request without valid tokens, except on a logout

    const refuses = mode !== 'try' || strategies.some(({ plan }) => plan.revoke !== false);
    if (!refuses) {
        return {};
    }

    const header = (description: string, type: string) => ({ description, schema: { type } });
    const isGuarded = strategies.some(({ traits, plan }) => guards(route, traits, plan));

    return {
        401: { description: 'The tokens are missing or not valid any more: `code` says why', schema: refusal, headers: { 'WWW-Authenticate': header('The challenge of RFC 6750', 'string') } },
        ...(hasAccess || isGuarded) && { 403: { description: 'The request is not allowed: `code` says why', schema: refusal } },
        503: {
            description: 'The tokens cannot be checked at the moment: keep them, and try again',
            schema: refusal,
            headers: { 'Retry-After': header('When to try again, in seconds', 'integer') }
        }
    };
};


// Whether requests of pages of other origins are refused

const guards = function (route: RequestRoute, { jwt, refreshToken, clearSiteData }: StrategyTraits, { revoke, tokens }: RoutePlan): boolean {

    if (revoke) {
        return Boolean(jwt.cookie ?? refreshToken?.cookie) || clearSiteData.length > 0;
    }

    const readsCookie = tokens !== 'refresh' && jwt.cookie || tokens !== 'access' && refreshToken?.cookie;
    return Boolean(readsCookie) && !isSafe(route.method);
};
