import { isSafe } from './cross-origin';

import type { RequestRoute, RouteOptionsCors, Server } from '@hapi/hapi';
import type { StrategySettings } from '../options/settings';
import type { Tokens } from '../types';


interface Asked {
    strategies: { traits: Pick<StrategySettings, 'jwt' | 'refreshToken'>; plan: { tokens: Tokens } }[];
}


/** Settings that exclude the clients of a route although its strategies are right: they would get 403, or an error of the browser without a reason. */
export const obstaclesOf = function ({ settings, method }: RequestRoute, { strategies }: Asked, { registrations }: Pick<Server, 'registrations'>): string[] {

    const cors = settings.cors as RouteOptionsCors | false | undefined;         // With hapi's defaults
    const plugins = settings.plugins as Record<string, unknown>;
    const places = strategies.map(({ traits: { jwt, refreshToken }, plan: { tokens } }) => ({
        header: tokens !== 'access' && refreshToken?.place.from === 'header' ? refreshToken.place.name : null,
        hasCookie: Boolean(tokens !== 'refresh' && jwt.cookie || tokens !== 'access' && refreshToken?.cookie)
    }));

    const found: string[] = [];

    if (cors) {
        const allowed = [...cors.headers!, ...cors.additionalHeaders!].map((name) => name.toLowerCase());
        const missing = places.flatMap(({ header }) => (header !== null && !allowed.includes(header.toLowerCase()) ? [header] : []));
        found.push(...missing.map((name) => `cors.additionalHeaders has to name '${name}', or pages of another origin cannot send the refresh token`));

        if (!cors.credentials && places.some(({ hasCookie }) => hasCookie)) {
            found.push('cors.credentials has to be true, or pages of another origin cannot send the tokens in cookies');
        }
    }

    // Tokens in headers are safe from other pages, and such clients have no crumb

    const isCrumbed = Object.hasOwn(registrations, '@hapi/crumb') && plugins.crumb === undefined && !isSafe(method);
    if (isCrumbed && places.some(({ hasCookie }) => !hasCookie)) {
        found.push('plugins.crumb has to be false, or @hapi/crumb responds with 403 to programs, which have no crumb');
    }

    return found;
};
