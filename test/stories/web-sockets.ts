import { once } from 'node:events';
import * as Http from 'node:http';
import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { WebSocket } from 'ws';

import { example } from '../support/documents';
import { bearer, jwt, prepare } from '../support/server';

import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocketServer } from 'ws';
import type { Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, beforeEach, describe, it } = lab;


describe('A socket of ws', () => {

    let prepared: Prepared;
    let webSockets: WebSocketServer;
    let check: () => void;
    let clients: WebSocket[];

    const now = Date.now;

    beforeEach(async () => {

        clients = [];
        prepared = await prepare({ jwt: { ...jwt, cookie: 'USER_SESSION' } });

        // The clock of the example is the test's

        const { setInterval: every } = globalThis;
        globalThis.setInterval = ((callback: () => void, ms: number) => {

            expect(ms).to.equal(30_000);
            check = callback;
            return every(() => undefined, ms);
        }) as typeof setInterval;

        try {
            webSockets = example('docs/web-sockets.md', 'Sockets of ws').acceptSockets(prepared.server);
        }
        finally {
            globalThis.setInterval = every;
        }

        webSockets.on('connection', (socket) => socket.on('message', (text) => socket.send(`heard ${text}`)));
        await prepared.server.start();
    });

    afterEach(async () => {

        Date.now = now;
        clients.filter(({ readyState }) => readyState !== WebSocket.CONNECTING).forEach((client) => client.terminate());
        await prepared.server.stop();
    });

    const port = () => (prepared.server.listener.address() as AddressInfo).port;

    const connect = function (headers: Record<string, string>): WebSocket {

        const client = new WebSocket(`ws://127.0.0.1:${port()}/`, { headers });
        clients.push(client);
        return client;
    };

    const open = async function (headers: Record<string, string>): Promise<WebSocket> {

        const client = connect(headers);
        await once(client, 'open');
        client.send('hello');
        const [text] = await once(client, 'message');
        expect(`${text}`).to.equal('heard hello');
        return client;
    };

    const refused = async function (headers: Record<string, string> = {}): Promise<number> {

        const [, { statusCode }] = await once(connect(headers), 'unexpected-response') as [unknown, IncomingMessage];
        return statusCode!;
    };

    const closed = async (client: WebSocket): Promise<number> => (await once(client, 'close'))[0];

    const logout = async function ({ jwt: accessToken, refreshToken }: { jwt: string; refreshToken: string }): Promise<number> {

        return (await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(accessToken) })).statusCode;
    };

    it('is closed when its session ends, and no other is', async () => {

        const [pair, other] = [await prepared.login(), await prepared.login()];
        const [client, kept] = [await open(bearer(pair.jwt)), await open(bearer(other.jwt))];

        const end = closed(client);
        expect(await logout(pair)).to.equal(204);
        expect(await end).to.equal(4401);
        expect(kept.readyState).to.equal(WebSocket.OPEN);
        expect(await refused(bearer(pair.jwt))).to.equal(401);
        expect(webSockets.clients.size).to.equal(1);
    });

    it('is refused without a token', async () => {

        expect(await refused()).to.equal(401);
    });

    it('is opened with the cookie for a page of this origin, and for no other', async () => {

        const cookie = `USER_SESSION=${(await prepared.login()).jwt}`;
        await open({ cookie, origin: `http://127.0.0.1:${port()}` });
        expect(await refused({ cookie, origin: 'https://evil.example' })).to.equal(403);
        expect(await refused({ cookie, origin: `http://127.0.0.1:${port()}`, 'sec-fetch-site': 'cross-site' })).to.equal(403);
    });

    it('is closed where its session ended while it was opened', async () => {

        prepared.server.ext('onPreResponse', async ({ path }, h) => {

            if (path === '/socket') {
                await prepared.auth.revoke({ subject: '42' });
            }

            return h.continue;
        });

        expect(await closed(connect(bearer((await prepared.login()).jwt)))).to.equal(4401);
    });

    it('ends nothing but itself when its client hangs up while it is opened', async () => {

        const { listener } = prepared.server;
        const failed = once(listener, 'upgrade').then(([, connection]) => {

            connection.emit('error', new Error('read ECONNRESET'));
            return connection;
        });

        // The client has an error of its own

        const client = connect(bearer((await prepared.login()).jwt));
        await expect(once(client, 'open')).to.reject('socket hang up');
        expect((await failed).destroyed).to.be.true();
        expect(webSockets.clients.size).to.equal(0);
        await open(bearer((await prepared.login()).jwt));
    });

    it('is closed when its token has expired', async () => {

        const client = await open(bearer((await prepared.login()).jwt));
        check();
        client.send('hello');
        await once(client, 'message');

        const end = closed(client);
        Date.now = () => now() + 24 * 60 * 60 * 1000;
        check();
        expect(await end).to.equal(4401);
    });

    it('is closed when the server stops', async () => {

        const end = closed(await open(bearer((await prepared.login()).jwt)));
        await prepared.server.stop();
        expect(await end).to.equal(1001);
    });
});


describe('A long download', () => {

    it('is incomplete for its client when its session ends', async () => {

        const { server, login, auth } = await prepare();
        const running = new Map<PassThrough, object>();
        server.route({
            method: 'GET',
            path: '/file',
            handler: (request, h) => {

                const file = new PassThrough();
                running.set(file, request.auth.artifacts as object);
                file.write('the beginning');
                return h.response(file);
            }
        });

        server.events.on({ name: 'hard-logout', channels: 'invalidated' }, ({ affects }) => {

            running.forEach((artifacts, file) => affects(artifacts) && file.destroy(new Error('logged out')));
        });

        await server.start();
        try {
            const { jwt: accessToken } = await login();
            const [response] = await once(Http.get({ port: server.info.port as number, path: '/file', headers: bearer(accessToken) }), 'response') as [IncomingMessage];
            await once(response, 'data');
            const failed = once(response, 'error');
            await auth.revoke({ accessToken });
            expect((await failed)[0].message).to.equal('aborted');
            expect(response.complete).to.be.false();
        }
        finally {
            await server.stop();
        }
    });
});
