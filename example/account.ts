import * as Boom from '@hapi/boom';
import { hardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import type { ServerRoute } from '@hapi/hapi';
import type { Artifacts } from 'hapi-auth-hard-logout';


/** What a user sees and ends of his own, with an access token of either strategy. */
export const accountRoutes: ServerRoute[] = [
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
    }
];
