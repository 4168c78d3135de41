import * as Boom from '@hapi/boom';
import { hardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import { json } from './tokens';

import type { ServerRoute } from '@hapi/hapi';
import type { AppRefs } from './tokens';
import type { Users } from './users';


/** What users see, end and change of their own, with an access token of either strategy. */
export const accountRoutes = function (users: Users): ServerRoute<AppRefs>[] {

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

                const { subject, session } = auth.artifacts;
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

                // revoke() ends any session that it is given, so first make sure that it is the user's own

                const sessions = await hardLogout(server, 'session').sessions(auth.artifacts.subject);
                const session = sessions.find(({ id }) => id === params.id);
                if (!session) {
                    throw Boom.notFound('You have no such session');
                }

                await hardLogout(server, 'session').revoke({ session: session.id });
                return h.response().code(204);
            }
        },
        {
            // A device that was left unlocked must not be enough to take the account over: this needs a login, or the password once more, in the last 5 minutes

            method: 'POST',
            path: '/me/password',
            options: {
                plugins: { 'hard-logout': { maxAuthAge: 5 * 60 * 1000 } },
                payload: json,
                validate: {
                    payload: Joi.object({ password: Joi.string().min(8).max(1000).required() })
                }
            },
            handler: async (request, h) => {

                const { artifacts: { subject, session }, credentials } = request.auth;
                await users.changePassword(credentials.name, (request.payload as { password: string }).password);
                await hardLogout(request.server, 'session').revoke({ subject, except: session! }, { request, reason: 'password changed' });
                return h.response().code(204);
            }
        }
    ];
};
