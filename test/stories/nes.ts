import * as Fs from 'node:fs';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import { Client } from '@hapi/nes';
import * as Lab from '@hapi/lab';

import { blockUnder, example, root } from '../support/documents';
import { Child, compile } from '../support/process';
import { RedisServer } from '../support/redis';
import { pairOf, secret } from '../support/server';

import type { Server } from '@hapi/hapi';
import type { StrategyApi, TokenResponse } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


describe('Open connections', { timeout: 30_000 }, () => {

    let folder: string;
    let redis: RedisServer;
    let children: Child[];
    const clients: Client[] = [];

    const { text } = blockUnder('docs/web-sockets.md', 'Web sockets', 'ts');

    before(async () => {

        // The example as it stands, in a folder where the package is installed

        folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-'));
        Fs.symlinkSync(Fs.realpathSync(Path.join(root, 'node_modules')), Path.join(folder, 'node_modules'));
        Fs.writeFileSync(Path.join(folder, 'package.json'), JSON.stringify({ name: 'hapi-auth-hard-logout', version: '0.0.0', exports: './lib/index.js' }));
        compile(Path.join(root, 'lib'), Path.join(folder, 'lib'));

        Fs.mkdirSync(Path.join(folder, 'source'));
        Fs.writeFileSync(Path.join(folder, 'source', 'app.ts'), text);
        compile(Path.join(folder, 'source'), Path.join(folder, 'app'));

        redis = await RedisServer.start();
        await redis.settle();
        children = await Promise.all([0, 1].map(() => Child.start('nes-process.js', Path.join(folder, 'app', 'app.js'), Path.join(folder, 'lib'), redis.url)));
    });

    after(async () => {

        children.forEach((child) => child.kill('SIGKILL'));
        await redis.stop();
        Fs.rmSync(folder, { recursive: true });
    });

    afterEach(async () => {

        await Promise.all(clients.splice(0).map((client) => client.disconnect()));
    });

    const login = async (): Promise<Pair> => pairOf(await children[0]!.call('login') as TokenResponse);

    // A socket, and what closes it

    const open = async function (child: Child, { jwt }: Pair): Promise<{ client: Client; closed: Promise<void>; isOpen: () => boolean }> {

        const client = new Client(`ws://127.0.0.1:${await child.call('port')}`);
        clients.push(client);

        let isOpen = true;
        const closed = new Promise<void>((resolve) => {

            client.onDisconnect = () => {

                isOpen = false;
                resolve();
            };
        });

        await client.connect({ auth: { headers: { authorization: `Bearer ${jwt}` } }, reconnect: false });
        expect((await client.request('/me')).payload).to.equal('42');
        return { client, closed, isOpen: () => isOpen };
    };

    it('are closed in every process when their session ends, and no others are', async () => {

        const pair = await login();
        const other = await login();
        const [a, b] = children as [Child, Child];
        const sockets = await Promise.all([open(a, pair), open(b, pair)]);
        const kept = await Promise.all([open(a, other), open(b, other)]);

        expect(await a.call('logout', pair)).to.equal(204);
        await Promise.all(sockets.map(({ closed }) => closed));

        for (const { client, isOpen } of kept) {
            expect((await client.request('/me')).payload).to.equal('42');
            expect(isOpen()).to.be.true();
        }
    });

    it('end their session by a logout of their own, in every process', async () => {

        const pair = await login();
        const [a, b] = children as [Child, Child];
        const [own, other] = [await open(a, pair), await open(b, pair)];

        // The socket may be closed before it has its response

        const left = await own.client.request({ method: 'POST', path: '/logout' }).then(({ statusCode }) => statusCode, () => 'closed');
        expect([204, 'closed']).to.include(left);
        await Promise.all([own.closed, other.closed]);
        expect(await b.call('refresh', pair.refreshToken).catch((error: Error) => error.message)).to.equal('The refresh token was revoked');
    });

    it('outlive a renewal, and end with the renewed session', async () => {

        const pair = await login();
        const [a, b] = children as [Child, Child];
        const socket = await open(b, pair);
        const renewed = pairOf(await a.call('refresh', pair.refreshToken) as TokenResponse);
        expect((await socket.client.request('/me')).payload).to.equal('42');
        expect(socket.isOpen()).to.be.true();

        expect(await a.call('logout', renewed)).to.equal(204);
        await socket.closed;
    });

    it('are closed with all that a subject has', async () => {

        const [a, b] = children as [Child, Child];
        const sockets = [await open(a, await login()), await open(b, await login())];
        await b.call('revoke', { subject: '42' });
        await Promise.all(sockets.map(({ closed }) => closed));
    });

    it('are not left open where the session ended while they were opened', async () => {

        const { createServer } = example('docs/web-sockets.md', 'Web sockets');
        const server: Server = await createServer(secret, redis.url);
        try {
            const api = server.auth.api.session as unknown as StrategyApi;
            server.settings.port = 0;
            server.ext('onPreResponse', async ({ path }, h) => {

                if (path === '/nes/auth') {
                    await api.revoke({ subject: '43' });
                }

                return h.continue;
            });

            await server.initialize();
            const { access_token: jwt } = await api.issue(null, { sub: '43' });
            await new Promise((resolve) => server.listener.listen(0, '127.0.0.1', () => resolve(null)));

            const client = new Client(`ws://127.0.0.1:${(server.listener.address() as { port: number }).port}`);
            clients.push(client);
            const closed = new Promise<void>((resolve) => {

                client.onDisconnect = () => resolve();
            });

            await client.connect({ auth: { headers: { authorization: `Bearer ${jwt}` } }, reconnect: false }).catch(() => undefined);
            await closed;
        }
        finally {
            await server.stop();
        }
    });
});
