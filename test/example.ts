import * as Crypto from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { api } from '../lib';
import { load } from './support/run';
import { bearer } from './support/server';

import type { Lifecycle, Server } from '@hapi/hapi';

import type * as App from '../example/app';
import type * as Story from '../example/story';
import type * as Accounts from '../example/users';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('the example', () => {

    let server: Server;

    afterEach(() => server?.stop());

    // Without the price of a password check

    const cheap = (password: string, salt: Buffer, length: number, options: Crypto.ScryptOptions, done: (error: Error | null, hash: Buffer) => void) => {

        Crypto.scrypt(password, salt, length, { ...options, N: 2, p: 1 }, done);
    };

    const start = async function (): Promise<void> {

        const { createServer }: typeof App = load('example/app.ts', { 'node:crypto': { ...Crypto, scrypt: cheap } });
        server = await createServer();
        server.settings.debug = false;
        await server.start();
    };

    const login = async function (payload: object) {

        const { statusCode, result } = await server.inject({ method: 'POST', url: '/login', payload });
        return { statusCode, result: result as any };
    };

    it('lives up to its story, over HTTP', async () => {

        await start();

        const lines: string[] = [];
        const { tell }: typeof Story = load('example/story.ts');
        await tell(server.info.uri, (line) => lines.push(line));

        const answers = lines.map((line) => line.trim().slice(0, 3)).filter((status) => /^\d+$/.test(status));
        expect(answers).to.equal(['200', '200', '200', '200', '204', '401', '401', '401', '200', '200']);
    });

    it('shows no whole token in its story', async () => {

        await start();

        const lines: string[] = [];
        const tokens: string[] = [];
        server.ext('onPreResponse', ({ response }, h) => {

            const { access_token: jwt, refresh_token: refreshToken } = (response as any).source ?? {};
            tokens.push(...[jwt, refreshToken].filter((token) => token !== undefined));
            return h.continue;
        });

        const { tell }: typeof Story = load('example/story.ts');
        await tell(server.info.uri, (line) => lines.push(line));

        expect(tokens).to.have.length(6);
        expect(tokens.filter((token) => lines.join().includes(token))).to.equal([]);
    });

    it('tells of a logout that does not hold', async () => {

        await start();
        answer('/logout', (request, h) => h.response().code(204).takeover());
        await expect(story()).to.reject('GET /me was answered 200, not 401');
    });

    it('tells of a logout that fails', async () => {

        await start();
        answer('/logout', () => {

            throw new Error('broken');
        });

        await expect(story()).to.reject(/^POST \/logout\?refreshToken=\S{6}\.{3}\S{6} was answered 500, not 204$/);
    });

    it('tells of a token that is refused for another reason', async () => {

        await start();

        let asked = 0;
        answer('/me', (request, h) => (++asked === 3 ? h.response({ message: 'Who is it?' }).code(401).takeover() : h.continue));
        await expect(story()).to.reject('GET /me was answered "Who is it?", not "The access token was revoked"');
    });

    const answer = function (path: string, method: Lifecycle.Method): void {

        server.ext('onRequest', (request, h) => (request.path === path ? (method as any)(request, h) : h.continue));
    };

    const story = function (): Promise<void> {

        const { tell }: typeof Story = load('example/story.ts');
        return tell(server.info.uri, () => undefined);
    };

    it('lets in who gives the right password, and nobody else', async () => {

        await start();

        expect((await login({ name: 'ada', password: 'lovelace' })).statusCode).to.equal(200);

        for (const [name, password] of [['ada', 'byron'], ['Ada', 'lovelace'], ['constructor', 'lovelace'], ['ada', '']]) {
            const { statusCode } = await login({ name, password });
            expect(statusCode, name + password).to.equal(password ? 401 : 400);
        }
    });

    it('refuses a login that is not a name and a password', async () => {

        await start();

        for (const payload of [{}, { name: 'ada' }, { name: ['ada'], password: 'lovelace' }, { name: 'ada', password: 'x'.repeat(1001) }]) {
            expect((await login(payload)).statusCode).to.equal(400);
        }
    });

    it('logs a user out everywhere, and nobody else', async () => {

        await start();

        const first = await login({ name: 'ada', password: 'lovelace' });
        const second = await login({ name: 'ada', password: 'lovelace' });
        const other = await api(server).issue({ sub: '43' });

        const me = async (jwt: string) => (await server.inject({ url: '/me', headers: bearer(jwt) })).statusCode;

        const { statusCode } = await server.inject({
            method: 'POST',
            url: `/logout/everywhere?refreshToken=${first.result.refresh_token}`,
            headers: bearer(first.result.access_token)
        });

        expect(statusCode).to.equal(204);
        expect(await me(first.result.access_token)).to.equal(401);
        expect(await me(second.result.access_token)).to.equal(401);
        expect(await me(other.access_token)).to.equal(200);
    });

    it('does the work of a password check for a name that nobody has', async () => {

        let hashes = 0;
        const counted = (...args: Parameters<typeof cheap>) => {

            ++hashes;
            cheap(...args);
        };

        const { Users }: typeof Accounts = load('example/users.ts', { 'node:crypto': { ...Crypto, scrypt: counted } });
        const users = new Users();
        await users.add('42', 'ada', 'lovelace');

        for (const [name, password, found] of [['ada', 'lovelace', { id: '42', name: 'ada' }], ['ada', 'byron', null], ['eve', 'lovelace', null]] as const) {
            hashes = 0;
            expect(await users.find(name, password)).to.equal(found);
            expect(hashes).to.equal(1);
        }
    });
});
