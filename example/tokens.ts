import * as Boom from '@hapi/boom';
import * as Bowser from 'bowser';
import { hardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import type { ServerRoute } from '@hapi/hapi';
import type { Refs } from 'hapi-auth-hard-logout';
import type { Throttle } from './throttle';
import type { Users } from './users';


/** What is stored with a session, so that its user recognises it in the list. */
export interface Device {
    name: string;
    address: string;
}


/** Types of the app's requests: the claims of its access tokens, and the data of its sessions. */
export type AppRefs = Refs<{ name: string }, Device>;


// JSON only, and the request has to say so. Without a preflight, a page of another site can send only forms and bodies without a type; hapi would take the latter
// for JSON

export const json = { allow: 'application/json', defaultContentType: 'application/octet-stream', maxBytes: 10_000 };


/** The routes that issue, renew and end the tokens of one strategy: `/login` and the others, under `path`. */
export const tokenRoutes = function (strategy: string, path: string, users: Users, throttle: Throttle): ServerRoute<AppRefs>[] {

    // The user with this name and password, or null. Behind a proxy `address` is the proxy's: take the client's from the header that your proxy sets

    const authenticate = async function (name: string, password: string, address: string) {

        await throttle.count(name, address);
        const user = await users.find(name, password);
        if (user) {
            await throttle.forgive(name, address);
        }

        return user;
    };

    return [
        {
            method: 'POST',
            path: `${path}/login`,
            options: {

                // Anyone may log in. Mode 'try' finds the session whose cookie this login replaces

                auth: { strategy, mode: 'try' },
                plugins: { 'hard-logout': { tokens: 'refresh' } },
                payload: json,
                validate: {
                    payload: Joi.object({ name: Joi.string().max(100).required(), password: Joi.string().max(1000).required() })
                }
            },
            handler: async (request) => {

                const { auth, headers, info, server } = request;
                const { name, password } = request.payload as { name: string; password: string };

                // Whether there is such a session cannot be said while Redis is away. So no login either

                if (Boom.isBoom(auth.error) && auth.error.isServer) {
                    throw auth.error;
                }

                const user = await authenticate(name, password, info.remoteAddress);
                if (!user) {
                    throw Boom.unauthorized('Wrong name or password');
                }

                const session = hardLogout(server, strategy);
                const data: Device = { name: deviceName(String(headers['user-agent'] ?? '')), address: info.remoteAddress };
                const tokens = await session.issue(request, { sub: user.id, name: user.name, scope: user.scope }, { data });

                // End the session before, since its user can no longer log it out. If that fails, the login fails too, and sets no cookie

                if (auth.isAuthenticated) {
                    await session.revoke({ session: auth.artifacts.session! }, { request, reason: 'login' });
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
            // The password once more, for what a stolen session must not be able to do

            method: 'POST',
            path: `${path}/confirm`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { tokens: 'refresh' } },
                payload: json,
                validate: {
                    payload: Joi.object({ password: Joi.string().max(1000).required() })
                }
            },
            handler: async (request) => {

                const { password } = request.payload as { password: string };
                if (!await authenticate(request.auth.credentials.name, password, request.info.remoteAddress)) {
                    throw Boom.forbidden('Wrong password');             // Not 401: the tokens are good
                }

                return await hardLogout(request.server, strategy).reauthenticate(request, { amr: ['pwd'] });
            }
        },
        {
            // Either token is enough: a page that was loaded again has no access token yet, and a client that slept has an expired one

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
                plugins: { 'hard-logout': { tokens: 'either', revoke: 'others' } }
            },
            handler: (request, h) => h.response().code(204)
        },
        {
            method: 'POST',
            path: `${path}/logout/everywhere`,
            options: {
                auth: strategy,
                plugins: { 'hard-logout': { tokens: 'either', revoke: 'subject' } }
            },
            handler: (request, h) => h.response().code(204)
        }
    ];
};


// 'Chrome on Android', 'curl'. The client can say what it likes, so this is for people to read only

const deviceName = function (agent: string): string {

    const { browser, os } = agent ? Bowser.parse(agent.slice(0, 300)) : { browser: {}, os: {} };
    return browser.name && os.name ? `${browser.name} on ${os.name}` : /^[\w-]+/.exec(agent)?.[0].slice(0, 30) ?? 'Unknown device';
};
