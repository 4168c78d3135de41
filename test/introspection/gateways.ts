import { once } from 'node:events';
import * as Http from 'node:http';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../../lib';
import { example } from '../support/documents';
import { addClients } from '../support/endpoints';
import { apache, nginx } from '../support/gateways';
import { findPort, RedisServer } from '../support/redis';
import { bearer, jwt } from '../support/server';

import type { AddressInfo } from 'node:net';
import type { StrategyOptions } from '../../lib';
import type { Addresses, Gateway } from '../support/gateways';


export const lab = Lab.script();

const { after, before, describe, it } = lab;


describe('the guide to services in other languages', () => {

    let redis: RedisServer;
    let service: Http.Server;

    // One that gateways ask, and one that logs out

    let asked: Hapi.Server;
    let other: Hapi.Server;
    let addresses: Addresses;

    before(async () => {

        redis = await RedisServer.start();
        service = Http.createServer((req, res) => res.end('guarded')).listen(0, '127.0.0.1');
        await once(service, 'listening');

        [asked, other] = await Promise.all([create(), create()]);
        addresses = { app: Number(asked.info.port), service: (service.address() as AddressInfo).port };
    });

    after(async () => {

        await Promise.all([asked.stop(), other.stop()]);
        service.closeAllConnections();
        service.close();
        await redis.stop();
    });

    const create = async function (): Promise<Hapi.Server> {

        const server = Hapi.server({ port: await findPort(), host: '127.0.0.1', debug: false });
        await server.register({ plugin, options: { redis: redis.path!, lease: 300, timeout: 200 } });
        server.auth.strategy('session', 'hard-logout', { jwt, refreshToken: { header: 'x-refresh-token' } } satisfies StrategyOptions);

        addClients({ server }, 'services');
        example('docs/microservices.md', 'A route that says yes or no').addCheck(server);
        example('docs/microservices.md', 'Introspection').addIntrospection(server);
        server.route({
            method: 'POST',
            path: '/logout',
            options: { auth: 'session', plugins: { 'hard-logout': { tokens: 'access', revoke: true } } },
            handler: (request, h) => h.response().code(204)
        });

        await server.start();
        return server;
    };

    const login = async () => (await hardLogout(other).issue(null, { sub: '42' })).access_token;

    const logout = async (accessToken: string) => (await other.inject({ method: 'POST', url: '/logout', headers: bearer(accessToken) })).statusCode;

    const tell = function (name: string, outage: number, launch: () => Promise<Gateway>): void {

        describe(`has an ${name},`, () => {

            let gateway: Gateway;

            before(async () => {

                gateway = await launch();
            });

            after(() => gateway.stop());

            it('which lets in who has a token that lives, and nobody else', async () => {

                const token = await login();
                expect(await gateway.ask(token)).to.equal(200);
                expect(await gateway.ask()).to.equal(401);
                expect(await gateway.ask('x')).to.equal(401);
                expect(await gateway.ask(`${token.slice(0, -4)}AAAA`)).to.equal(401);
                expect(await gateway.ask((await hardLogout(other).issue(null, { sub: '42' })).refresh_token)).to.equal(401);
            });

            it('which refuses a token from the moment when its logout was answered', async () => {

                for (let i = 0; i < 20; ++i) {
                    const [token, kept] = [await login(), await login()];
                    expect(await Promise.all([token, token, kept].map(gateway.ask))).to.equal([200, 200, 200]);

                    expect(await logout(token)).to.equal(204);
                    expect(await Promise.all([token, token, kept].map(gateway.ask))).to.equal([401, 401, 200]);
                }
            });

            it('which lets nobody in while it is not known who was logged out', async () => {

                const token = await login();
                expect(await gateway.ask(token)).to.equal(200);

                redis.pause();
                try {
                    const lost = asked.events.once({ name: 'hard-logout', channels: 'outage' });
                    await lost;
                    expect(await gateway.ask(token)).to.equal(outage);
                }
                finally {
                    const held = [asked, other].map((server) => server.events.once({ name: 'hard-logout', channels: 'recovery' }));
                    redis.resume();
                    await Promise.all(held);
                }
            });
        });
    };

    tell('nginx that asks a route', 500, () => nginx('A route that says yes or no', addresses));
    tell('nginx that introspects', 500, () => nginx('From nginx', addresses));
    tell('Apache that introspects', 401, () => apache('From Apache', addresses));

    it('warns of Apache\'s own memory, which outlasts a logout', async () => {

        const gateway = await apache('From Apache', addresses, (text) => text.replace('&expiry=0', ''));
        const token = await login();
        expect(await gateway.ask(token)).to.equal(200);
        expect(await logout(token)).to.equal(204);
        expect(await gateway.ask(token)).to.equal(200);
        await gateway.stop();
    });
});
