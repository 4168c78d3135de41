import * as Boom from '@hapi/boom';
import { hardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import type { ServerRoute } from '@hapi/hapi';
import type { AppRefs } from './tokens';
import type { Users } from './users';


/** What an administrator sees and ends of all users. */
export const adminRoutes = function (users: Users): ServerRoute<AppRefs>[] {

    return [
        {
            method: 'GET',
            path: '/users',
            options: {
                auth: { scope: 'admin' }
            },
            handler: async ({ server }) => {

                const all = await users.list();
                return await Promise.all(all.map(async ({ id, name }) => ({ id, name, sessions: await hardLogout(server, 'session').sessions(id) })));
            }
        },
        {
            method: 'DELETE',
            path: '/users/{id}/sessions',
            options: {
                auth: { scope: 'admin' },
                validate: {
                    params: Joi.object({ id: Joi.string().max(100) })
                }
            },
            handler: async ({ params, server }, h) => {

                const all = await users.list();
                const user = all.find(({ id }) => id === params.id);
                if (!user) {
                    throw Boom.notFound('No such user');
                }

                await hardLogout(server, 'session').revoke({ subject: user.id });
                return h.response().code(204);
            }
        }
    ];
};
