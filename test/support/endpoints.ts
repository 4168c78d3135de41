import * as Boom from '@hapi/boom';

import { jwt as usual, prepare } from './server';

import type { Request, ResponseToolkit, ServerInjectResponse } from '@hapi/hapi';
import type { PluginOptions, StrategyOptions } from '../../lib';
import type { Prepared } from './server';


export interface WithEndpoints extends Prepared {

    /** Posts a form, as the client `shop` where a route wants one. */
    post(path: string, fields: Record<string, string> | string, headers?: Record<string, string>): Promise<ServerInjectResponse>;

    /** What `/introspect` says of a token. */
    introspect(token: string): Promise<Record<string, unknown>>;

    /** The form of a renewal, posted to `/oauth/token`. */
    renew(refreshToken: string, fields?: Record<string, string>): Promise<ServerInjectResponse>;

    revoke(token: string, fields?: Record<string, string>): Promise<ServerInjectResponse>;
}


/** HTTP Basic, as the clients of OAuth write it (RFC 6749 §2.3.1). */
export const basic = function (client: string, password = 'secret'): { authorization: string } {

    return { authorization: `Basic ${Buffer.from(`${client}:${password}`).toString('base64')}` };
};


/** A strategy for the route of an endpoint: any client with the right password. */
export const addClients = function ({ server }: Pick<Prepared, 'server'>, strategy = 'clients'): void {

    server.auth.scheme('basic', () => ({

        authenticate({ headers }: Request, h: ResponseToolkit) {

            const [client, password] = Buffer.from(/^Basic (.+)$/.exec(String(headers.authorization))?.[1] ?? '', 'base64').toString().split(':');
            if (password !== 'secret') {
                throw Boom.unauthorized(password === undefined ? null as unknown as string : 'Wrong password', 'Basic', { realm: 'clients' });
            }

            return h.authenticated({ credentials: { client_id: client } });
        }
    }));

    server.auth.strategy(strategy, 'basic');
};


/**
 * A server with the endpoints `/revoke`, `/introspect` and `/oauth/token`, and their document: `/revoke` and `/oauth/token` are for public clients, and with `/clients`
 * in front for confidential ones. It is started.
 */
export const serveEndpoints = async function (options: Partial<StrategyOptions> = {}, plugin: PluginOptions = {}): Promise<WithEndpoints> {

    const prepared = await prepare({ ...options, jwt: { ...usual, ...options.jwt } }, plugin);
    const { server } = prepared;
    const strategy = 'session';
    addClients(prepared);

    server.route([
        { method: 'POST', path: '/revoke', handler: { 'hard-logout': { endpoint: 'revocation', strategy } } },
        { method: 'POST', path: '/clients/revoke', options: { auth: 'clients' }, handler: { 'hard-logout': { endpoint: 'revocation', strategy } } },
        { method: 'POST', path: '/introspect', options: { auth: 'clients' }, handler: { 'hard-logout': { endpoint: 'introspection', strategy } } },
        { method: 'GET', path: '/.well-known/oauth-authorization-server', handler: { 'hard-logout': { endpoint: 'metadata', strategy } } }
    ]);

    const hasSessions = !options.lookup && (options.refreshToken !== undefined || !('refreshToken' in options));
    if (hasSessions) {
        server.route([
            { method: 'POST', path: '/oauth/token', handler: { 'hard-logout': { endpoint: 'token', strategy } } },
            { method: 'POST', path: '/clients/token', options: { auth: 'clients' }, handler: { 'hard-logout': { endpoint: 'token', strategy } } }
        ]);
    }

    await server.initialize();

    const post: WithEndpoints['post'] = function (url, fields, headers = basic('shop')) {

        const payload = String(new URLSearchParams(fields));
        return server.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });
    };

    return {
        ...prepared,
        post,

        async introspect(token) {

            return (await post('/introspect', { token })).result as Record<string, unknown>;
        },

        renew(refreshToken, fields) {

            return post('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...fields });
        },

        revoke(token, fields) {

            return post('/revoke', { token, ...fields });
        }
    };
};
