import { OAuth2Client } from '@badgateway/oauth2-client';
import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import * as Openid from 'openid-client';

import { hardLogout, plugin } from '../../lib';
import { addClients } from '../support/endpoints';
import { findPort, RedisServer } from '../support/redis';
import { bearer, jwt } from '../support/server';

import type { StrategyApi, StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { after, before, describe, it } = lab;


/** As far as it is used here: the package has no types. */
interface SimpleToken {
    token: { access_token: string; refresh_token: string };
    refresh(): Promise<SimpleToken>;
    revokeAll(): Promise<void>;
}

const { AuthorizationCode } = require('simple-oauth2') as {
    AuthorizationCode: new (options: object) => { createToken(token: object): SimpleToken };
};


interface App {
    url: string;
    auth: StrategyApi;
    server: Hapi.Server;
}


describe('clients of OAuth', () => {

    let redis: RedisServer;

    // One for clients with a secret, and one for clients without

    let confidential: App;
    let open: App;

    before(async () => {

        redis = await RedisServer.start();
        await redis.settle();
        [confidential, open] = await Promise.all([serve('clients'), serve(false)]);
    });

    after(async () => {

        await Promise.all([confidential.server.stop(), open.server.stop()]);
        await redis.stop();
    });

    // Two processes, as it were: they have nothing in common but the Redis and the key

    const serve = async function (auth: string | false): Promise<App> {

        const port = await findPort();
        const url = `http://127.0.0.1:${port}`;
        const server = Hapi.server({ port, host: '127.0.0.1', debug: false });
        await server.register({ plugin, options: { redis: redis.path!, lease: 300 } });
        addClients({ server });

        const usual = { refreshToken: { header: 'x-refresh-token' } };
        server.auth.strategy('session', 'hard-logout', { ...usual, jwt: { ...jwt, issuer: 'https://futureflix.example' } } satisfies StrategyOptions);
        const strategy = 'session';

        server.route([
            { method: 'POST', path: '/token', options: { auth }, handler: { 'hard-logout': { endpoint: 'token', strategy } } },
            { method: 'POST', path: '/revoke', options: { auth }, handler: { 'hard-logout': { endpoint: 'revocation', strategy } } },
            { method: 'POST', path: '/introspect', options: { auth: 'clients' }, handler: { 'hard-logout': { endpoint: 'introspection', strategy } } },
            { method: 'GET', path: '/.well-known/oauth-authorization-server', handler: { 'hard-logout': { endpoint: 'metadata', strategy, url } } },
            { method: 'GET', path: '/me', options: { auth: strategy }, handler: () => 'me' }
        ]);

        await server.start();
        return { url, server, auth: hardLogout(server) };
    };

    const login = (client = 'shop') => open.auth.issue(null, { sub: '42', client_id: client });

    const look = (accessToken: string) => Promise.all([confidential, open].map(async ({ server }) => (await server.inject({ url: '/me', headers: bearer(accessToken) })).statusCode));

    const simple = function ({ url: tokenHost }: App, token: object): SimpleToken {

        const client = new AuthorizationCode({ client: { id: 'shop', secret: 'secret' }, auth: { tokenHost, tokenPath: '/token', revokePath: '/revoke' } });
        return client.createToken(token);
    };

    it('renew and revoke with simple-oauth2', async () => {

        const first = simple(confidential, await login());
        const { access_token: old } = first.token;
        const second = await first.refresh();
        expect(await look(second.token.access_token)).to.equal([200, 200]);

        await second.revokeAll();
        expect(await look(old)).to.equal([401, 401]);
        expect(await look(second.token.access_token)).to.equal([401, 401]);
        await expect(second.refresh()).to.reject('Response Error: 400 Bad Request');
    });

    it('renew and revoke with @badgateway/oauth2-client', async () => {

        for (const [{ url: server }, clientSecret] of [[confidential, 'secret'], [open, undefined]] as const) {
            const client = new OAuth2Client({ server, clientId: 'shop', clientSecret });
            const { access_token: accessToken, refresh_token: refreshToken } = await login();

            const renewed = await client.refreshToken({ accessToken, refreshToken, expiresAt: null });
            expect(await look(renewed.accessToken)).to.equal([200, 200]);

            await client.revoke(renewed, 'refresh_token');
            expect(await look(renewed.accessToken)).to.equal([401, 401]);
            expect(await look(accessToken)).to.equal([401, 401]);

            const error = await expect(client.refreshToken(renewed)).to.reject();
            expect(error).to.include({ oauth2Code: 'invalid_grant', httpCode: 400 });
        }
    });

    it('learn with @badgateway/oauth2-client what a token is worth', async () => {

        const { access_token: accessToken, refresh_token: refreshToken } = await login();
        const service = new OAuth2Client({ server: confidential.url, clientId: 'service', clientSecret: 'secret' });
        const token = { accessToken, refreshToken, expiresAt: null };

        expect(await service.introspect(token)).to.include({ active: true, sub: '42', client_id: 'shop' });
        await new OAuth2Client({ server: open.url, clientId: 'shop' }).revoke(token);
        expect(await service.introspect(token)).to.equal({ active: false });
    });

    // openid-client wants the issuer that it asked: the document of a test is behind another address

    const discover = function ({ url }: App, client: string, auth: Openid.ClientAuth): Promise<Openid.Configuration> {

        return Openid.discovery(new URL('https://futureflix.example'), client, undefined, auth, {
            algorithm: 'oauth2',
            execute: [Openid.allowInsecureRequests],
            [Openid.customFetch]: (target, options) => fetch(target.replace('https://futureflix.example', url), options as RequestInit)
        });
    };

    it('renew, revoke and learn with openid-client, by what the document says', async () => {

        for (const [app, auth] of [[confidential, Openid.ClientSecretBasic('secret')], [open, Openid.None()]] as const) {
            const config = await discover(app, 'shop', auth);
            const { access_token: old, refresh_token: refreshToken } = await login();

            const renewed = await Openid.refreshTokenGrant(config, refreshToken);
            expect([renewed.token_type, renewed.expires_in]).to.equal(['bearer', 900]);
            expect(await look(renewed.access_token)).to.equal([200, 200]);

            const service = await discover(confidential, 'service', Openid.ClientSecretBasic('secret'));
            const { active, sub } = await Openid.tokenIntrospection(service, renewed.access_token);
            expect([active, sub]).to.equal([true, '42']);

            await Openid.tokenRevocation(config, renewed.access_token, { token_type_hint: 'access_token' });
            expect(await look(old)).to.equal([401, 401]);
            expect(await look(renewed.access_token)).to.equal([401, 401]);
            expect(JSON.stringify(await Openid.tokenIntrospection(service, renewed.access_token))).to.equal('{"active":false}');

            const error = await expect(Openid.refreshTokenGrant(config, renewed.refresh_token!)).to.reject(Openid.ResponseBodyError);
            expect(error).to.include({ error: 'invalid_grant', status: 400 });
        }
    });

    it('learn from a 503 that a token may still live', async () => {

        const config = await discover(open, 'shop', Openid.None());
        const { refresh_token: refreshToken } = await login();

        redis.pause();
        try {
            for (const work of [() => Openid.tokenRevocation(config, refreshToken), () => Openid.refreshTokenGrant(config, refreshToken)]) {
                const error = await expect(work()).to.reject(Openid.ClientError);
                expect((error.cause as Response).status).to.equal(503);
            }
        }
        finally {
            redis.resume();
        }
    });
});
