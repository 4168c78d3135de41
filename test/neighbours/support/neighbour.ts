import { createRequire } from 'node:module';
import * as Path from 'node:path';

import type * as Hapi from '@hapi/hapi';

import type * as HardLogout from '../../../lib';


/** What is installed beside the packed package, which has no types here: `neighbour('@hapi/yar')`. */
export const neighbour: (name: string) => any = createRequire(Path.join(__dirname, '..', 'package.json'));


/** The packed package. */
export const packed = (): typeof HardLogout => neighbour('hapi-auth-hard-logout');


export const key = 'a shared secret of 32 bytes or more';


export type Step = (server: Hapi.Server) => unknown;


export interface App {
    server: Hapi.Server;

    /** Where it listens. */
    uri: string;
}


/** An app that listens, with a login, a renewal and a logout, for which the refresh token travels in a cookie, a header or a query. */
export const open = async function (options: HardLogout.StrategyOptions, { before = nothing, after = nothing, plugins = {} }: { before?: Step; after?: Step; plugins?: object } = {}): Promise<App> {

    const { hardLogout, plugin } = packed();
    const server: Hapi.Server = neighbour('@hapi/hapi').server({ host: '127.0.0.1', port: 0, debug: false });

    await before(server);
    await server.register(plugin);
    await after(server);

    server.auth.strategy('session', 'hard-logout', options);

    const auth = 'session';
    const both = (settings: HardLogout.RouteOptions) => ({ ...plugins, 'hard-logout': settings });
    server.route([
        { method: 'POST', path: '/login', options: { auth: false, plugins }, handler: (request) => hardLogout(server, auth).issue(request, { sub: '42', scope: ['user'] }) },
        { method: 'POST', path: '/token', options: { auth, plugins: both({ tokens: 'refresh' }) }, handler: (request) => hardLogout(server, auth).refresh(request) },
        { method: 'GET', path: '/me', options: { auth, tags: ['api'] }, handler: (request) => request.auth.credentials },
        { method: 'POST', path: '/logout', options: { auth, plugins: both({ revoke: true }) }, handler: (request, h) => h.response().code(204) }
    ]);

    await server.start();
    return { server, uri: server.info.uri };
};


const nothing = () => undefined;
