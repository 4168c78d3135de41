import * as Boom from '@hapi/boom';
import { hardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import type { ServerRoute } from '@hapi/hapi';
import type { Artifacts } from 'hapi-auth-hard-logout';
import type { Throttle } from './throttle';
import type { Users } from './users';


/** What is kept with a session, so that its user can tell it from the others. */
export interface Device {
    agent: string;
    address: string;
}


/** The routes by which the tokens of one strategy come and go: `/login` and the others, under `path`. */
export const tokenRoutes = function (strategy: string, path: string, users: Users, throttle: Throttle): ServerRoute[] {

    return [
        {
            method: 'POST',
            path: `${path}/login`,
            options: {

                // Nobody has to be logged in, but who is logged in is known: the cookie of that session is about to be replaced

                auth: { strategy, mode: 'try' },
                plugins: { 'hard-logout': { tokens: 'refresh' } },

                // JSON only, and said to be so: without asking first, a page of another site can send nothing but forms and what has no type. hapi would take
                // the latter for JSON

                payload: { allow: 'application/json', defaultContentType: 'application/octet-stream', maxBytes: 10_000 },
                validate: {
                    payload: Joi.object({ name: Joi.string().max(100).required(), password: Joi.string().max(1000).required() })
                }
            },
            handler: async (request) => {

                const { auth, server } = request;
                const { name, password } = request.payload as { name: string; password: string };

                // While nobody can say whether a session would be left behind, none begins

                if (Boom.isBoom(auth.error) && auth.error.isServer) {
                    throw auth.error;
                }

                // Behind a proxy of yours this is the proxy: take what it tells of its client instead

                const address = request.info.remoteAddress;

                await throttle.count(name, address);
                const user = await users.find(name, password);
                if (!user) {
                    throw Boom.unauthorized('Wrong name or password');
                }

                await throttle.forgive(name, address);

                const device: Device = { agent: String(request.headers['user-agent'] ?? '').slice(0, 300), address };
                const session = hardLogout(server, strategy);
                const tokens = await session.issue(request, { sub: user.id, name: user.name, scope: user.scope }, { data: device });

                // A login over a login ends the first, which nobody could log out any more. Where that fails, so does the login, and sets no cookie

                if (auth.isAuthenticated) {
                    await session.revoke({ session: (auth.artifacts as Artifacts).session! }, { request, reason: 'login' });
                }

                return tokens;
            }
        },
        {
            method: 'POST',
            path: `${path}/token`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { tokens: 'refresh' } }
            },
            handler: (request) => hardLogout(request.server, strategy).refresh(request)
        },
        {
            // The password once more, before something that a stolen session must not be enough for

            method: 'POST',
            path: `${path}/confirm`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { tokens: 'refresh' } },
                payload: { allow: 'application/json', maxBytes: 10_000 },
                validate: {
                    payload: Joi.object({ password: Joi.string().max(1000).required() })
                }
            },
            handler: async (request) => {

                const { subject } = request.auth.artifacts as Artifacts;
                const { password } = request.payload as { password: string };
                const { name } = request.auth.credentials as unknown as { name: string };
                const address = request.info.remoteAddress;

                await throttle.count(name, address);
                if (!await users.confirm(subject, password)) {
                    throw Boom.forbidden('Wrong password');             // not a 401: the tokens are good
                }

                await throttle.forgive(name, address);
                return await hardLogout(request.server, strategy).reauthenticate(request, { amr: ['pwd'] });
            }
        },
        {
            // Until when the refresh token can be used

            method: 'GET',
            path: `${path}/session`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { tokens: 'refresh' } }
            },
            handler: ({ auth }) => {

                const { session, expires } = auth.artifacts as Artifacts;
                return { id: session, expires };
            }
        },
        {
            // With either token: a page that was loaded again has lost its access token, and one that slept has let it expire

            method: 'POST',
            path: `${path}/logout`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { tokens: 'either', revoke: true } }
            },
            handler: (request, h) => h.response().code(204)
        },
        {
            method: 'POST',
            path: `${path}/logout/others`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { revoke: 'others' } }
            },
            handler: (request, h) => h.response().code(204)
        },
        {
            method: 'POST',
            path: `${path}/logout/everywhere`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { revoke: 'subject' } }
            },
            handler: (request, h) => h.response().code(204)
        }
    ];
};
