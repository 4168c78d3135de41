import * as Hapi from '@hapi/hapi';
import { SignJWT } from 'jose';

import { hardLogout, plugin } from '../../lib';
import { jwkOf, keys } from './keys';
import { bearer } from './server';

import type { KeyObject } from 'node:crypto';
import type { HandlerOptions, PluginOptions, StrategyApi, StrategyOptions } from '../../lib';


export const issuer = 'https://provider.example';

export const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

const [own, other] = keys.ES256;

export const strangersKey = other.privateKey;


/** A JWT that the provider signs, or another key. A claim that is undefined is left out. */
export const sign = function (claims: object, header: object = {}, key: KeyObject = own.privateKey): Promise<string> {

    const seconds = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: issuer, iat: seconds, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(key, { crit: { x: true } });
};


/** An access token of the user 42. */
export const accessToken = function (claims: object = {}): Promise<string> {

    return sign({ sub: '42', aud: 'api', sid: 'a', exp: Math.floor(Date.now() / 1000) + 900, jti: crypto.randomUUID(), ...claims });
};


/** A logout token as the standard has it, of the user 42 and the session a. */
export const logoutToken = function (claims: object = {}, header: object = {}, key?: KeyObject): Promise<string> {

    const events = { [logoutEvent]: {} };
    const exp = Math.floor(Date.now() / 1000) + 120;
    return sign({ aud: 'shop', sub: '42', sid: 'a', exp, jti: crypto.randomUUID(), events, ...claims }, { typ: 'logout+jwt', ...header }, key);
};


export const keySet = { keys: [jwkOf(own.publicKey, { alg: 'ES256', kid: 'one', use: 'sig' })] };


/** A strategy that verifies the provider's access tokens. */
export const providersJwt: StrategyOptions['jwt'] = { key: keySet, algorithms: ['ES256'], issuer, audience: 'api' };


export interface Receiving {
    server: Hapi.Server;
    api: StrategyApi;

    /** The status of `GET /me` with an access token. */
    me(token: string): Promise<number>;

    /** Posts a body to the receiver: its status, its payload and its headers. */
    post(payload: string | Buffer, contentType?: string, headers?: object): Promise<{ statusCode: number; payload: string; headers: Record<string, unknown>; result: any }>;

    /** Posts a logout token. */
    notify(token: string): Promise<number>;
}


export interface ReceivingOptions {
    strategy?: Partial<StrategyOptions>;
    plugin?: PluginOptions;
    route?: Hapi.RouteOptions;
}


/** A server that accepts the provider's access tokens, with a handler at `POST /receive`. */
export const receiving = async function (handler: Partial<Extract<HandlerOptions, { receive: string }>> = {}, { strategy = {}, plugin: options = {}, route = {} }: ReceivingOptions = {}): Promise<Receiving> {

    const server = Hapi.server({ debug: false });
    await server.register({ plugin, options });
    server.auth.strategy('provider', 'hard-logout', { jwt: providersJwt, ...strategy } satisfies StrategyOptions);
    server.auth.default('provider');

    const handlerOptions = { receive: 'back-channel', strategy: 'provider', ...(handler.receive ?? 'back-channel') === 'back-channel' && { client: 'shop' }, ...handler } as HandlerOptions;
    server.route([
        { method: 'GET', path: '/me', handler: (request) => request.auth.credentials },
        { method: 'POST', path: '/receive', handler: { 'hard-logout': handlerOptions }, options: route }
    ]);

    await server.initialize();

    const post: Receiving['post'] = async (payload, contentType = 'application/x-www-form-urlencoded', headers = {}) => {

        const response = await server.inject({ method: 'POST', url: '/receive', payload, headers: { 'content-type': contentType, ...headers } });
        return { statusCode: response.statusCode, payload: response.payload, headers: response.headers, result: response.payload === '' ? null : JSON.parse(response.payload) };
    };

    return {
        server,
        api: hardLogout(server, 'provider'),
        me: async (token) => (await server.inject({ url: '/me', headers: bearer(token) })).statusCode,
        post,
        notify: async (token) => (await post(form(token))).statusCode
    };
};


export const form = function (token: string): string {

    return new URLSearchParams({ logout_token: token }).toString();
};
