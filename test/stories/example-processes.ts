import * as Crypto from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { RedisServer } from '../support/redis';
import { load } from '../support/run';
import { bearer } from '../support/server';

import type { Server } from '@hapi/hapi';

import type * as App from '../../example/app';
import type * as Showcase from '../../example/demo/showcase';


export const lab = Lab.script();

const { after, afterEach, before, beforeEach, describe, it } = lab;


describe('the example in two processes', () => {

    let redis: RedisServer;
    let one: Server;
    let two: Server;
    const clients: AbortController[] = [];

    // Without the price of a password check

    const cheap = (password: string, salt: string, length: number, options: Crypto.ScryptOptions, done: (error: Error | null, hash: Buffer) => void) => {

        Crypto.scrypt(password, salt, length, { ...options, N: 2, p: 1 }, done);
    };

    const start = async function (process: string): Promise<Server> {

        const { createServer }: typeof App = load('example/app.ts', { 'node:crypto': { ...Crypto, scrypt: cheap } });
        const server = await createServer({ redis: redis.url, key: '0123456789abcdef0123456789abcdef', process });
        server.settings.debug = false;
        await server.start();
        return server;
    };

    before(async () => {

        redis = await RedisServer.start();
        await redis.settle('futureflix');
    });

    beforeEach(async () => {

        [one, two] = await Promise.all([start('1'), start('2')]);
    });

    afterEach(async () => {

        clients.splice(0).forEach((client) => client.abort());
        await Promise.all([one.stop(), two.stop()]);
    });

    after(() => redis.stop());

    const login = async function (server: Server, name = 'ada', password = 'lovelace') {

        const { headers, result, statusCode } = await server.inject({ method: 'POST', url: '/browser/login', payload: { name, password } });
        return { statusCode, cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '', accessToken: (result as any).access_token as string };
    };

    const post = (server: Server, url: string, headers: Record<string, string>, payload?: object) => server.inject({ method: 'POST', url, headers, payload });

    // The page's ear: `text()` is what the server has said so far, and `ended` resolves when it closes the connection

    const listen = async function (server: Server, cookie: string) {

        const client = new AbortController();
        clients.push(client);
        const response = await fetch(`${server.info.uri}/browser/events`, { headers: { cookie }, signal: client.signal });
        let said = '';
        const ended = response.ok ? (async () => {

            for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
                said += chunk;
            }
        })() : Promise.resolve();

        ended.catch(() => undefined);
        return { response, ended, text: () => said };
    };

    it('says in each response which of them responds', async () => {

        expect((await one.inject('/')).headers['x-process']).to.equal('1');
        expect((await two.inject('/me')).headers['x-process']).to.equal('2');
    });

    it('tells a page of one that its session has ended in the other', async () => {

        const { cookie, accessToken } = await login(one);
        const page = await listen(two, cookie);
        expect(page.response.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8');
        expect(page.response.headers.get('cache-control')).to.equal('no-store');

        expect((await post(one, '/browser/logout', bearer(accessToken))).statusCode).to.equal(204);
        await page.ended;
        const [, data] = /^:\n\nevent: end\ndata: (.*)\n\n$/.exec(page.text())!;
        const { sid } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString());
        expect(JSON.parse(data!)).to.equal({ session: sid, process: '2' });
    });

    it('tells it nothing when the session is renewed, or another one ends', async () => {

        const { cookie } = await login(one);
        const other = await login(one);
        const page = await listen(two, cookie);
        const otherPage = await listen(two, other.cookie);

        expect((await post(one, '/browser/token', { cookie })).statusCode).to.equal(200);
        expect((await post(one, '/browser/logout', { cookie: other.cookie })).statusCode).to.equal(204);

        // Anything that the page is told would come before this

        await otherPage.ended;
        expect(page.text()).to.equal(':\n\n');
    });

    it('lets nobody listen for a session that has ended, or ends meanwhile', async () => {

        const { cookie } = await login(one);
        expect((await listen(two, '')).response.status).to.equal(401);

        two.ext('onPreHandler', async ({ path }, h) => {

            if (path === '/browser/events') {
                await post(one, '/browser/logout', { cookie });
            }

            return h.continue;
        });

        expect((await listen(two, cookie)).response.status).to.equal(401);
        expect((await listen(one, cookie)).response.status).to.equal(401);
    });

    it('stops although pages listen', async () => {

        const page = await listen(two, (await login(one)).cookie);
        await two.stop();
        await page.ended;
        expect(page.text()).to.equal(':\n\n');
    });

    it('knows a new password in both', async () => {

        const { accessToken } = await login(one, 'grace', 'hopper');
        expect((await post(one, '/me/password', bearer(accessToken), { password: 'rear admiral' })).statusCode).to.equal(204);
        expect((await login(two, 'grace', 'hopper')).statusCode).to.equal(401);
        expect((await login(two, 'grace', 'rear admiral')).statusCode).to.equal(200);
    });

    it('refuses as revoked, for the demonstration, what a thief had copied from the cookie', async () => {

        const { addShowcase }: typeof Showcase = load('example/demo/showcase.ts');
        await Promise.all([one.stop(), two.stop()]);
        [one, two].forEach(addShowcase);
        await Promise.all([one.start(), two.start()]);

        const { cookie } = await login(one);
        const { headers } = await post(one, '/browser/logout', { cookie });
        const [cleared, copied] = ['__Host-refresh=;', '__Host-copy='].map((name) => (headers['set-cookie'] as string[]).find((line) => line.startsWith(name))!);
        expect(cleared).to.include('Max-Age=0');
        expect(copied).to.include('HttpOnly; SameSite=Strict');

        const renewal = await post(two, '/browser/token', { cookie: copied!.split(';')[0]! });
        expect(renewal.statusCode).to.equal(401);
        expect(renewal.result).to.include({ message: 'The refresh token was revoked' });
        expect((await post(two, '/browser/token', {})).result).to.include({ code: 'credentials_missing' });
    });
});
