import * as Crypto from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { hardLogout } from '../../lib';
import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { RedisServer } from '../support/redis';
import { load } from '../support/run';
import { bearer } from '../support/server';

import type { Lifecycle, Server } from '@hapi/hapi';

import type * as App from '../../example/app';
import type * as Story from '../../example/demo/story';
import type * as Accounts from '../../example/users';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('the example', () => {

    let server: Server;

    afterEach(() => server?.stop());

    // Without the price of a password check

    const cheap = (password: string, salt: Buffer, length: number, options: Crypto.ScryptOptions, done: (error: Error | null, hash: Buffer) => void) => {

        Crypto.scrypt(password, salt, length, { ...options, N: 2, p: 1 }, done);
    };

    const start = async function (options?: App.Options): Promise<void> {

        const { createServer }: typeof App = load('example/app.ts', { 'node:crypto': { ...Crypto, scrypt: cheap } });
        server = await createServer(options);
        server.settings.debug = false;
        await server.start();
    };

    const login = async function (payload: object, remoteAddress?: string) {

        const { statusCode, result } = await server.inject({ method: 'POST', url: '/login', payload, remoteAddress });
        return { statusCode, result: result as any };
    };

    it('lives up to its story, over HTTP', async () => {

        await start();

        const lines: string[] = [];
        const { tell }: typeof Story = load('example/demo/story.ts');
        await tell(server.info.uri, (line) => lines.push(line));

        const answers = lines.map((line) => line.trim().slice(0, 3)).filter((status) => /^\d+$/.test(status));
        expect(answers).to.equal(['200', '200', '200', '200', '204', '401', '401', '401', '401', '200', '200']);
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

        const { tell }: typeof Story = load('example/demo/story.ts');
        await tell(server.info.uri, (line) => lines.push(line));

        expect(tokens).to.have.length(6);
        expect(tokens.filter((token) => lines.join().includes(token))).to.equal([]);
    });

    it('reports a logout that does not hold', async () => {

        await start();
        answer('/logout', (request, h) => h.response().code(204).takeover());
        await expect(story()).to.reject('The response to GET /me was 200, not 401');
    });

    it('reports a logout that fails', async () => {

        await start();
        answer('/logout', () => {

            throw new Error('broken');
        });

        await expect(story()).to.reject('The response to POST /logout was 500, not 204');
    });

    it('reports a token that is refused for another reason', async () => {

        await start();

        let asked = 0;
        answer('/me', (request, h) => (++asked === 3 ? h.response({ message: 'Who is it?' }).code(401).takeover() : h.continue));
        await expect(story()).to.reject('The response to GET /me was "Who is it?", not "The access token was revoked"');
    });

    const answer = function (path: string, method: Lifecycle.Method): void {

        server.ext('onRequest', (request, h) => (request.path === path ? (method as any)(request, h) : h.continue));
    };

    const story = function (): Promise<void> {

        const { tell }: typeof Story = load('example/demo/story.ts');
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
        const other = await hardLogout(server, 'session').issue(null, { sub: '43' });

        const me = async (jwt: string) => (await server.inject({ url: '/me', headers: bearer(jwt) })).statusCode;

        const { statusCode } = await server.inject({
            method: 'POST',
            url: '/logout/everywhere',
            headers: bearer(first.result.access_token)
        });

        expect(statusCode).to.equal(204);
        expect(await me(first.result.access_token)).to.equal(401);
        expect(await me(second.result.access_token)).to.equal(401);
        expect(await me(other.access_token)).to.equal(200);
    });

    it('throttles the guessing of a password, for its name and the address', async () => {

        await start();

        for (let i = 0; i < 5; ++i) {
            expect((await login({ name: 'ada', password: 'byron' })).statusCode).to.equal(401);
        }

        const { statusCode, headers } = await server.inject({ method: 'POST', url: '/login', payload: { name: 'ada', password: 'lovelace' } });
        expect(statusCode).to.equal(429);
        expect(Number(headers['retry-after'])).to.be.within(890, 900);

        expect((await login({ name: 'grace', password: 'hopper' })).statusCode).to.equal(200);
        expect((await login({ name: 'ada', password: 'lovelace' }, '192.0.2.1')).statusCode).to.equal(200);
        expect((await login({ name: 'nobody', password: 'lovelace' })).statusCode).to.equal(401);
    });

    it('counts guesses that come at the same moment', async () => {

        await start();

        const guesses = await Promise.all(Array.from({ length: 20 }, () => login({ name: 'ada', password: 'byron' })));
        expect(guesses.filter(({ statusCode }) => statusCode === 401)).to.have.length(5);
        expect(guesses.filter(({ statusCode }) => statusCode === 429)).to.have.length(15);
    });

    it('throttles an address that tries many names, whichever of its addresses of IPv6 it uses', async () => {

        await start();

        for (let i = 0; i < 100; ++i) {
            expect((await login({ name: `name ${i}`, password: 'byron' }, `2001:db8:0:7::${i.toString(16)}`)).statusCode).to.equal(401);
        }

        expect((await login({ name: 'ada', password: 'lovelace' }, '2001:DB8::7:9:9:9:9')).statusCode).to.equal(429);
        expect((await login({ name: 'ada', password: 'lovelace' }, '2001:db8:0:8::1')).statusCode).to.equal(200);
    });

    it('takes an address of IPv4 for the same when it is spelt for IPv6', async () => {

        await start();

        for (let i = 0; i < 5; ++i) {
            await login({ name: 'ada', password: 'byron' }, '192.0.2.1');
        }

        expect((await login({ name: 'ada', password: 'lovelace' }, '::ffff:192.0.2.1')).statusCode).to.equal(429);
        expect((await login({ name: 'ada', password: 'lovelace' }, '::ffff:192.0.2.2')).statusCode).to.equal(200);
    });

    it('forgives who knows the password after all', async () => {

        await start();

        for (const password of ['byron', 'byron', 'byron', 'byron', 'lovelace', 'byron', 'byron', 'byron', 'byron', 'lovelace']) {
            expect((await login({ name: 'ada', password })).statusCode).to.equal(password === 'byron' ? 401 : 200);
        }
    });

    it('throttles by Redis, without a name in it, and lets nobody in while it is away', async () => {

        const redis = await RedisServer.start();
        try {
            await redis.settle('futureflix');
            await start({ redis: redis.path! });
            const one = server;
            await start({ redis: redis.path! });

            for (let i = 0; i < 5; ++i) {
                await login({ name: 'ada', password: 'byron' });
            }

            const payload = { name: 'ada', password: 'lovelace' };
            expect((await one.inject({ method: 'POST', url: '/login', payload })).statusCode).to.equal(429);

            const client = new Redis(redis.path!);
            const keys = await client.keys('*');
            client.disconnect();
            expect(keys.filter((key) => key.startsWith('futureflix:'))).to.not.be.empty();
            expect(keys.filter((key) => key.includes('ada'))).to.equal([]);

            await redis.stop();
            expect((await one.inject({ method: 'POST', url: '/login', payload })).statusCode).to.equal(503);
            await one.stop();
        }
        finally {
            await redis.stop();
        }
    });

    it('takes a login as JSON only, which no form of another site can send', async () => {

        await start();

        const payload = 'name=ada&password=lovelace';
        for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
            for (const url of ['/login', '/browser/login']) {
                expect((await server.inject({ method: 'POST', url, payload, headers: { 'content-type': type } })).statusCode).to.equal(415);
            }
        }
    });

    it('takes no login that does not say what it is, as a page of another site can send it without asking', async () => {

        await start();

        const payload = JSON.stringify({ name: 'ada', password: 'lovelace' });
        for (const path of ['/login', '/browser/login']) {
            const untyped = await fetch(server.info.uri + path, { method: 'POST', body: new Blob([payload]) });
            expect(untyped.status).to.equal(415);

            const typed = await fetch(server.info.uri + path, { method: 'POST', body: payload, headers: { 'content-type': 'application/json' } });
            expect(typed.status).to.equal(200);
        }
    });

    describe('when a user logs in over a login', () => {

        const { revoke, present } = MemoryStore.prototype;

        afterEach(() => {

            Object.assign(MemoryStore.prototype, { revoke, present });
        });

        const browser = (name: string, password: string, headers = {}) => server.inject({ method: 'POST', url: '/browser/login', payload: { name, password }, headers });

        const isAlive = async (cookie: string) => (await server.inject({ url: '/account', headers: { cookie } })).statusCode === 200;

        it('ends the first, with both its tokens, and no other', async () => {

            await start();

            const first = await browser('ada', 'lovelace');
            const [cookie] = first.headers['set-cookie']![0]!.split(';') as [string];
            const elsewhere = await cookieOf('ada', 'lovelace');

            const second = await browser('grace', 'hopper', { cookie });
            expect(second.statusCode).to.equal(200);
            expect(await isAlive(cookie)).to.be.false();
            expect((await server.inject({ url: '/me', headers: bearer((first.result as any).access_token) })).statusCode).to.equal(401);
            expect((await server.inject({ url: '/me', headers: bearer((second.result as any).access_token) })).result).to.include({ name: 'grace' });
            expect(await isAlive(second.headers['set-cookie']![0]!.split(';')[0]!)).to.be.true();
            expect(await isAlive(elsewhere)).to.be.true();
        });

        it('begins none where the first does not end', async () => {

            await start();

            const cookie = await cookieOf('ada', 'lovelace');
            MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
            const { statusCode, headers } = await browser('grace', 'hopper', { cookie });
            expect(statusCode).to.equal(503);
            expect(headers['set-cookie']).to.not.exist();
            expect(await isAlive(cookie)).to.be.true();
        });

        it('begins none where nobody can say whether there is a first', async () => {

            await start();

            const cookie = await cookieOf('ada', 'lovelace');
            MemoryStore.prototype.present = () => Promise.reject(new Outage('away'));
            const { statusCode, headers } = await browser('grace', 'hopper', { cookie });
            expect(statusCode).to.equal(503);
            expect(headers['set-cookie']).to.not.exist();
        });

        it('lets them in whatever became of the first', async () => {

            await start();

            const cookie = await cookieOf('ada', 'lovelace');
            await server.inject({ method: 'POST', url: '/browser/logout', headers: { cookie } });
            for (const stale of [cookie, '__Host-refresh=nonsense', '']) {
                expect((await browser('grace', 'hopper', { cookie: stale })).statusCode).to.equal(200);
            }
        });

        it('ends none for a page of another origin, and logs nobody in', async () => {

            await start();

            const cookie = await cookieOf('ada', 'lovelace');
            const { statusCode, headers } = await browser('grace', 'hopper', { cookie, 'sec-fetch-site': 'same-site' });
            expect(statusCode).to.equal(403);
            expect(headers['set-cookie']).to.not.exist();
            expect(await isAlive(cookie)).to.be.true();
        });
    });

    it('keeps the refresh token of a browser in a cookie, and that of a program out of it', async () => {

        await start();

        const payload = { name: 'ada', password: 'lovelace' };
        const browser = await server.inject({ method: 'POST', url: '/browser/login', payload });
        expect(browser.headers['set-cookie']![0]).to.match(/^__Host-refresh=\S+; Max-Age=\d+; Expires=[^;]+; Secure; HttpOnly; SameSite=Strict; Path=\/$/);
        expect(browser.result).to.only.include(['access_token', 'token_type', 'expires_in', 'refresh_token_expires_in']);

        const program = await server.inject({ method: 'POST', url: '/login', payload });
        expect(program.headers['set-cookie']).to.not.exist();
        expect(program.result).to.include('refresh_token');
    });

    it('sends its security headers with every answer, and keeps from all caches what is not for everybody', async () => {

        await start();

        const cookie = await cookieOf('grace', 'hopper');
        for (const [url, status, cache] of [
            ['/', 200, 'no-store'],
            ['/account', 302, 'no-store'],
            ['/account', 200, 'no-store'],
            ['/admin', 200, 'no-store'],
            ['/me', 401, 'no-store'],
            ['/browser/token', 404, 'no-store'],
            ['/nowhere', 404, 'no-store'],
            ['/page/style.css', 200, 'no-cache'],
            ['/page/../app.ts', 404, 'no-store'],
            ['/page/%2e%2e/app.ts', 404, 'no-store'],
            ['/page/', 403, 'no-cache']
        ] as const) {
            const { statusCode, headers } = await server.inject({ url, headers: status === 200 && url !== '/' ? { cookie } : {} });
            expect(statusCode, url).to.equal(status);
            expect(headers['content-security-policy'], url).to.match(/^default-src 'none'; script-src 'self'; /).and.to.not.include('unsafe');
            expect(headers, url).to.include({
                'cache-control': cache,
                'cross-origin-opener-policy': 'same-origin',
                'cross-origin-resource-policy': 'same-origin',
                'referrer-policy': 'same-origin',
                'x-content-type-options': 'nosniff',
                'x-frame-options': 'DENY'
            });
        }
    });

    it('has no page with a script or a style of its own', async () => {

        await start();

        const cookie = await cookieOf('grace', 'hopper');
        for (const url of ['/', '/account', '/admin']) {
            const { payload } = await server.inject({ url, headers: url === '/' ? {} : { cookie } });
            expect(payload).to.include('</html>');
            expect(payload).to.not.match(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/i);
        }
    });

    it('logs out a browser that has a malformed cookie of another site', async () => {

        await start();

        const cookie = await cookieOf('ada', 'lovelace');
        const { statusCode } = await server.inject({ method: 'POST', url: '/browser/logout', headers: { cookie: `${cookie}; bad="` } });
        expect(statusCode).to.equal(204);
    });

    const cookieOf = async function (name: string, password: string): Promise<string> {

        const { headers } = await server.inject({ method: 'POST', url: '/browser/login', payload: { name, password } });
        return headers['set-cookie']![0]!.split(';')[0]!;
    };

    describe('of the password', () => {

        const { now } = Date;

        afterEach(() => {

            Date.now = now;
        });

        const post = async (url: string, payload: object, headers: Record<string, string> = {}) => {

            const { statusCode, result, headers: answered } = await server.inject({ method: 'POST', url, payload, headers });
            return { statusCode, result: result as any, cookie: answered['set-cookie']?.[0]?.split(';')[0] };
        };

        it('wants it once more after five minutes, before it is changed, and logs out the other devices', async () => {

            await start();
            const other = (await login({ name: 'ada', password: 'lovelace' })).result;
            const first = (await login({ name: 'ada', password: 'lovelace' })).result;
            const change = (jwt: string, password = 'countess of lovelace') => post('/me/password', { password }, bearer(jwt));

            Date.now = () => now() + 6 * 60_000;
            const renewed = (await post('/token', {}, { 'x-refresh-token': first.refresh_token })).result;
            expect((await change(renewed.access_token)).result.code).to.equal('insufficient_user_authentication');

            const confirm = (password: string) => post('/confirm', { password }, { 'x-refresh-token': renewed.refresh_token });
            expect((await confirm('byron')).statusCode).to.equal(403);
            const confirmed = (await confirm('lovelace')).result;
            expect((await change(confirmed.access_token, 'short')).statusCode).to.equal(400);
            expect((await change(confirmed.access_token)).statusCode).to.equal(204);

            expect((await server.inject({ url: '/me', headers: bearer(confirmed.access_token) })).statusCode).to.equal(200);
            expect((await post('/token', {}, { 'x-refresh-token': other.refresh_token })).statusCode).to.equal(401);
            expect((await login({ name: 'ada', password: 'lovelace' })).statusCode).to.equal(401);
            expect((await login({ name: 'ada', password: 'countess of lovelace' })).statusCode).to.equal(200);
        });

        it('does so by the cookie of a browser, too', async () => {

            await start();
            const cookie = await cookieOf('grace', 'hopper');
            const { statusCode, result, cookie: next } = await post('/browser/confirm', { password: 'hopper' }, { cookie });
            expect(statusCode).to.equal(200);
            expect(next!.startsWith('__Host-refresh=') && next !== cookie).to.be.true();
            expect((await post('/me/password', { password: 'rear admiral' }, bearer(result.access_token))).statusCode).to.equal(204);
        });
    });

    describe('of devices', () => {

        it('lets a user have ten of them: one more login ends the oldest', async () => {

            await start();
            const jwts: string[] = [];
            for (let i = 0; i < 11; ++i) {
                jwts.push(await jwtOf('ada', 'lovelace'));
            }

            expect([await me(jwts[0]!), await me(jwts[1]!), await me(jwts[10]!)]).to.equal([401, 200, 200]);
        });

        const sessionsOf = async (jwt: string) => (await server.inject({ url: '/me/sessions', headers: bearer(jwt) })).result as any[];

        const end = async function (jwt: string, url: string): Promise<number> {

            const { statusCode } = await server.inject({ method: 'DELETE', url, headers: bearer(jwt) });
            return statusCode;
        };

        const me = async (jwt: string) => (await server.inject({ url: '/me', headers: bearer(jwt) })).statusCode;

        const jwtOf = async (name: string, password: string): Promise<string> => (await login({ name, password })).result.access_token;

        it('shows a user their own', async () => {

            await start();

            const [first, second] = [await jwtOf('ada', 'lovelace'), await jwtOf('ada', 'lovelace')];
            await jwtOf('grace', 'hopper');

            expect((await sessionsOf(first)).map(({ isCurrent }) => isCurrent)).to.equal([true, false]);
            expect((await sessionsOf(second)).map(({ isCurrent }) => isCurrent)).to.equal([false, true]);
            expect((await sessionsOf(first))[0]).to.only.include(['id', 'created', 'renewed', 'expires', 'ends', 'data', 'isCurrent']);
            expect((await sessionsOf(first))[0].data).to.equal({ name: 'shot', address: '127.0.0.1' });
        });

        it('ends one of them', async () => {

            await start();

            const [first, second] = [await jwtOf('ada', 'lovelace'), await jwtOf('ada', 'lovelace')];
            const { id } = (await sessionsOf(first)).find(({ isCurrent }) => !isCurrent);

            expect(await end(first, `/me/sessions/${id}`)).to.equal(204);
            expect(await me(second)).to.equal(401);
            expect(await me(first)).to.equal(200);
            expect(await sessionsOf(first)).to.have.length(1);
            expect(await end(first, `/me/sessions/${id}`)).to.equal(404);
        });

        it('ends none of another user', async () => {

            await start();

            const [ada, grace] = [await jwtOf('ada', 'lovelace'), await jwtOf('grace', 'hopper')];
            const [{ id }] = await sessionsOf(ada);

            expect(await end(grace, `/me/sessions/${id}`)).to.equal(404);
            expect(await end(grace, '/me/sessions/x')).to.equal(404);
            expect(await me(ada)).to.equal(200);
        });

        it('shows and ends those of everybody, for an administrator only', async () => {

            await start();

            const [ada, grace] = [await jwtOf('ada', 'lovelace'), await jwtOf('grace', 'hopper')];

            expect((await server.inject({ url: '/users', headers: bearer(ada) })).statusCode).to.equal(403);
            expect(await end(ada, '/users/43/sessions')).to.equal(403);
            expect(await me(grace)).to.equal(200);

            const { result } = await server.inject({ url: '/users', headers: bearer(grace) });
            expect((result as any[]).map(({ id, name, sessions }) => [id, name, sessions.length])).to.equal([['42', 'ada', 1], ['43', 'grace', 1]]);

            expect(await end(grace, '/users/44/sessions')).to.equal(404);
            expect(await end(grace, '/users/42/sessions')).to.equal(204);
            expect(await me(ada)).to.equal(401);
            expect(await me(grace)).to.equal(200);
        });
    });

    it('does the work of a password check for a name that nobody has', async () => {

        let hashes = 0;
        const counted = (...args: Parameters<typeof cheap>) => {

            ++hashes;
            cheap(...args);
        };

        const { Users }: typeof Accounts = load('example/users.ts', { 'node:crypto': { ...Crypto, scrypt: counted } });
        const users = new Users(undefined, 'futureflix');
        await users.add('42', 'ada', 'lovelace');

        for (const [name, password, found] of [['ada', 'lovelace', { id: '42', name: 'ada', scope: [] as string[] }], ['ada', 'byron', null], ['eve', 'lovelace', null]] as const) {
            hashes = 0;
            expect(await users.find(name, password)).to.equal(found);
            expect(hashes).to.equal(1);
        }
    });
});
