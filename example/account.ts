import * as Boom from '@hapi/boom';
import { hardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import type { ServerRoute } from '@hapi/hapi';
import type { Artifacts } from 'hapi-auth-hard-logout';
import type { Users } from './users';


/** What a user sees, ends and changes of his own, with an access token of either strategy. */
export const accountRoutes = function (users: Users): ServerRoute[] {

    return [
        {
            method: 'GET',
            path: '/me',
            handler: (request) => request.auth.credentials
        },
        {
            method: 'GET',
            path: '/me/sessions',
            handler: async ({ auth, server }) => {

                const { subject, session } = auth.artifacts as Artifacts;
                const sessions = await hardLogout(server, 'session').sessions(subject);
                return sessions.map((each) => ({ ...each, isCurrent: each.id === session }));
            }
        },
        {
            method: 'DELETE',
            path: '/me/sessions/{id}',
            options: {
                validate: {
                    params: Joi.object({ id: Joi.string().max(100) })
                }
            },
            handler: async ({ auth, params, server }, h) => {

                // revoke() ends whatever session it is told to: whose it is, is asked here

                const { subject } = auth.artifacts as Artifacts;
                const sessions = await hardLogout(server, 'session').sessions(subject);
                const session = sessions.find(({ id }) => id === params.id);
                if (!session) {
                    throw Boom.notFound('No such session of yours');
                }

                await hardLogout(server, 'session').revoke({ session: session.id });
                return h.response().code(204);
            }
        },
        {
            // Who finds the device unlocked must not take the account over: this wants a login, or the password once more, in the last five minutes

            method: 'POST',
            path: '/me/password',
            options: {
                plugins: { 'hard-logout': { maxAuthAge: 5 * 60 * 1000 } },
                payload: { allow: 'application/json', maxBytes: 10_000 },
                validate: {
                    payload: Joi.object({ password: Joi.string().min(8).max(1000).required() })
                }
            },
            handler: async (request, h) => {

                const { auth, payload, server } = request;
                const { subject, session } = auth.artifacts as Artifacts;
                await users.change(subject, (payload as { password: string }).password);
                await hardLogout(server, 'session').revoke({ subject, except: session! }, { request, reason: 'password changed' });
                return h.response().code(204);
            }
        }
    ];
};
