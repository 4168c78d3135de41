import { randomBytes } from 'node:crypto';

import * as Boom from '@hapi/boom';
import * as Hapi from '@hapi/hapi';
import { api, plugin as HardLogout } from 'hapi-auth-hard-logout';
import * as Joi from 'joi';

import { Users } from './users';

import type { StrategyOptions } from 'hapi-auth-hard-logout';


export interface Options {
    host?: string;
    port?: number | string;

    /** Where Redis is. Left out: everything is kept in the memory of this process. */
    redis?: string;

    /** What signs the access tokens, 32 bytes or more, equal in all processes. Left out: a random one, and a restart logs everybody out. */
    key?: string;
}


/** The Futureflix API: log in, stay logged in, log out. */
export const createServer = async function ({ host = '127.0.0.1', port = 0, redis, key }: Options = {}): Promise<Hapi.Server> {

    const users = new Users();
    await users.add('42', 'ada', 'lovelace');

    const server = Hapi.server({ host, port });

    await server.register({
        plugin: HardLogout,
        options: { redis, prefix: 'futureflix' }
    });

    server.auth.strategy('hard-logout', 'hard-logout', {
        jwt: { key: key ?? randomBytes(32), algorithms: ['HS256'], issuer: 'https://futureflix.example', audience: 'api' },
        refreshToken: { query: 'refreshToken' }
    } satisfies StrategyOptions);

    server.auth.default('hard-logout');

    server.route([
        {
            method: 'POST',
            path: '/login',
            options: {
                auth: false,
                validate: {
                    payload: Joi.object({ name: Joi.string().max(100).required(), password: Joi.string().max(1000).required() })
                }
            },
            handler: async (request) => {

                const { name, password } = request.payload as { name: string; password: string };
                const user = await users.find(name, password);
                if (!user) {
                    throw Boom.unauthorized('Wrong name or password');
                }

                return api(server).issue({ sub: user.id, name: user.name }, { request });
            }
        },
        {
            method: 'POST',
            path: '/token',
            options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: (request) => api(server).refresh(request)
        },
        {
            method: 'GET',
            path: '/me',
            handler: (request) => request.auth.credentials
        },
        {
            method: 'POST',
            path: '/logout',
            options: { plugins: { 'hard-logout': { revoke: true } } },
            handler: (request, h) => h.response().code(204)
        },
        {
            method: 'POST',
            path: '/logout/everywhere',
            options: { plugins: { 'hard-logout': { revoke: 'subject' } } },
            handler: (request, h) => h.response().code(204)
        }
    ]);

    return server;
};
