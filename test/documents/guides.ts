import { generateKeyPairSync, randomBytes } from 'node:crypto';
import * as DiagnosticsChannel from 'node:diagnostics_channel';
import * as Fs from 'node:fs';
import * as Path from 'node:path';
import * as Vm from 'node:vm';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout } from '../../lib';
import { marginOf } from '../../lib/blacklist/clock';
import { strategySettings } from '../../lib/options/schema';
import { blockUnder, example } from '../support/documents';
import { RedisServer } from '../support/redis';
import { bearer, jwt, pairOf, prepare, secret } from '../support/server';

import type * as Hapi from '@hapi/hapi';
import type { Jwk, JwtOptions, TokenPair, TokenResponse } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('the guide', () => {

    let server: Hapi.Server | undefined;

    afterEach(async () => {

        await server?.stop();
        server = undefined;
    });

    const start = async function (created: Promise<Hapi.Server>): Promise<Hapi.Server> {

        server = await created;
        await server.initialize();
        return server;
    };

    const status = async function (method: string, url: string, headers: Record<string, string> = {}): Promise<number> {

        return (await server!.inject({ method, url, headers })).statusCode;
    };

    const headersOf = ({ jwt: accessToken, refreshToken }: Pair) => ({ ...bearer(accessToken), 'x-refresh-token': refreshToken });


    it('to metrics sums up how long logouts take', async () => {

        // Nothing of the guide is left behind for other tests

        const subscribed: Parameters<typeof DiagnosticsChannel.subscribe>[] = [];
        const channels = require('node:diagnostics_channel') as { subscribe: typeof DiagnosticsChannel.subscribe };

        const { subscribe } = channels;
        channels.subscribe = (...args) => {

            subscribed.push(args);
            subscribe(...args);
        };

        const { sums } = example('docs/metrics.md', 'Without a library');
        channels.subscribe = subscribe;
        const { auth, login, server: created } = await prepare();
        server = created;
        await login();
        await auth.revoke({ subject: '42' });
        const { count, sum }: { count: number; sum: number } = sums.get('hard_logout.revocation.duration {"hard_logout.extent":"subject"}');
        expect(count).to.equal(1);
        expect(sum).to.be.within(0.000001, 5);
        subscribed.forEach((args) => DiagnosticsChannel.unsubscribe(...args));
        expect(subscribed.map(([name]) => DiagnosticsChannel.hasSubscribers(name))).to.equal([false, false, false]);
    });

    describe('to production', () => {

        const keyOf = (kid: string): Jwk => ({ kty: 'oct', kid, k: randomBytes(32).toString('base64url') });

        it('has probes, and rotates its keys in three steps without refusing a token', async () => {

            const { createServer } = example('docs/production.md', 'Production');
            const [old, next] = [keyOf('1'), keyOf('2')];
            const servers: Hapi.Server[] = [];
            const { error } = console;
            const printed: string[] = [];
            console.error = (...texts: string[]) => printed.push(texts.join(' '));
            for (const keys of [[old], [old, next], [next, old], [next]]) {
                const created: Hapi.Server = await createServer(undefined, keys);
                created.route({ method: 'GET', path: '/me', handler: () => null });
                await created.initialize();
                servers.push(created);
            }

            console.error = error;
            expect(printed).to.have.length(4);
            expect(printed[0]).to.startWith('Debug: hard-logout, store, warn');

            expect((await servers[0]!.inject('/live')).payload).to.equal('live');
            expect((await servers[0]!.inject('/ready')).result).to.include({ statusCode: 200, state: 'ready' });

            // What each version signs, and whether the one before, itself and the one after accept it

            const accepted: number[][] = [];
            for (const signer of servers) {
                const { access_token: token } = await hardLogout(signer).issue(null, { sub: '42' });
                accepted.push(await Promise.all(servers.map(async (other) => (await other.inject({ url: '/me', headers: bearer(token!) })).statusCode)));
            }

            expect(accepted).to.equal([[204, 204, 204, 401], [204, 204, 204, 401], [401, 204, 204, 204], [401, 204, 204, 204]]);
            await Promise.all(servers.map((each) => each.stop()));
        });

        it('rotates a key that has no name', async () => {

            const { firstRotation } = example('docs/production.md', 'From a key without a name');
            const next = keyOf('1');
            const versions: JwtOptions[] = [
                { ...firstRotation(secret, next, false), key: secret },
                firstRotation(secret, next, false),
                firstRotation(secret, next, true),
                { ...firstRotation(secret, next, true), key: { keys: [next] } }
            ];

            const apps = await Promise.all(versions.map((each) => prepare({ jwt: each })));
            const accepted: number[][] = [];
            for (const { login } of apps) {
                const { jwt: token } = await login();
                accepted.push(await Promise.all(apps.map(async ({ me }) => (await me(token)).statusCode)));
            }

            expect(accepted).to.equal([[200, 200, 200, 401], [200, 200, 200, 401], [401, 200, 200, 200], [401, 200, 200, 200]]);
            await Promise.all(apps.map(({ server: each }) => each.stop()));
        });

        it('says how long a logout is kept', () => {

            const { jwt: { ttl, clockTolerance } } = strategySettings({ jwt });
            expect([ttl, marginOf(clockTolerance)]).to.equal([15 * 60 * 1000, 130 * 1000]);

            const counts = [5, 15, 60].map((minutes) => Math.round(100_000 * (minutes * 60 * 1000 + marginOf(clockTolerance)) / (24 * 60 * 60 * 1000)));
            expect(counts).to.equal([498, 1192, 4317]);

            const lines = Fs.readFileSync(Path.join(__dirname, '..', '..', 'docs', 'production.md'), 'utf8').match(/^\| .*MB\) \|$/gm)!;
            expect(lines.map((line) => /\| ([\d,]+) \(/.exec(line)![1])).to.equal(['500', '1,190', '4,320', '100,000']);
        });

        it('says that a renewal repeats the claims of the login', async () => {

            const { auth, server: created } = await prepare();
            server = created;
            const { refresh_token: token } = await auth.issue(null, { sub: '42', role: 'admin' });
            const { access_token: renewed } = await auth.refresh(token);
            expect((await server.inject({ url: '/me', headers: bearer(renewed) })).result).to.include({ role: 'admin' });
        });
    });


    describe('to browser and mobile apps', () => {

        const cookiesOf = function ({ headers }: { headers: object }): Record<string, string> {

            const lines = (headers as { 'set-cookie'?: string[] })['set-cookie'] ?? [];
            return Object.fromEntries(lines.map((line) => line.split(';')[0]!.split('=') as [string, string]));
        };

        const sent = (cookies: Record<string, string>) => ({ cookie: Object.entries(cookies).map((pair) => pair.join('=')).join('; ') });

        it('has a page that logs in, is loaded again, and logs out', async () => {

            const { createServer } = example('docs/browser.md', 'Browser apps');
            await start(createServer(secret));

            const cookies = cookiesOf(await server!.inject({ method: 'POST', url: '/login' }));
            expect(Object.keys(cookies)).to.equal(['__Host-refresh']);

            const renewal = await server!.inject({ method: 'POST', url: '/token', headers: sent(cookies) });
            const access = bearer((renewal.result as TokenPair).access_token);
            expect(await status('GET', '/me', access)).to.equal(200);

            const renewed = sent(cookiesOf(renewal));
            expect(await status('POST', '/logout', { ...renewed, 'sec-fetch-site': 'cross-site' })).to.equal(403);
            expect(await status('POST', '/logout', renewed)).to.equal(204);
            expect(await status('GET', '/me', access)).to.equal(401);
            expect(await status('POST', '/token', renewed)).to.equal(401);
        });

        it('has pages without scripts, which renew by themselves', async () => {

            const { createServer } = example('docs/browser.md', 'Pages without scripts');
            const { later } = example('docs/testing.md', 'Time');
            await start(createServer(secret));

            const open = (cookies: Record<string, string>, site = 'none') => server!.inject({ url: '/', headers: { ...sent(cookies), 'sec-fetch-site': site } });
            const minute = 60 * 1000;

            expect((await server!.inject('/login')).payload).to.include('Log in');
            expect((await open({})).headers.location).to.equal('/login');
            const login = await server!.inject({ method: 'POST', url: '/login' });
            expect([login.statusCode, login.headers.location]).to.equal([302, '/']);

            const first = cookiesOf(login);
            expect(Object.keys(first)).to.equal(['__Host-access', '__Host-refresh']);
            const page = await open(first);
            expect(page.payload).to.include('<p>42</p>');
            expect(cookiesOf(page)).to.equal({});

            // Two pages at once, a quarter of an hour later

            const pages = await later(16 * minute, () => Promise.all([open(first), open(first)])) as Awaited<ReturnType<typeof open>>[];
            expect(pages.map(({ statusCode, payload }) => [statusCode, payload.includes('<p>42</p>')])).to.equal([[200, true], [200, true]]);
            const [second, other] = pages.map(cookiesOf);
            expect(Object.keys(second!)).to.equal(['__Host-access', '__Host-refresh']);
            expect(second!['__Host-refresh']).to.equal(other!['__Host-refresh']);
            expect(second!['__Host-access']).to.not.equal(first['__Host-access']);

            // By a link on another site

            const linked = await later(40 * minute, () => open(second!, 'cross-site')) as typeof page;
            expect([linked.statusCode, cookiesOf(linked)]).to.equal([200, {}]);

            const logout = await server!.inject({ method: 'POST', url: '/logout', headers: sent(second!) });
            expect([logout.statusCode, logout.headers.location]).to.equal([302, '/login']);
            expect(cookiesOf(logout)).to.equal({ '__Host-access': '', '__Host-refresh': '' });
            expect((await open(second!)).headers.location).to.equal('/login');
            expect((await open(first)).headers.location).to.equal('/login');
        });

        it('has routes for a refresh token in the body', async () => {

            const { server: created, login } = await prepare();
            server = created;
            Vm.runInNewContext(blockUnder('docs/mobile.md', 'A client that sends the refresh token in the body', 'js').text, { server, hardLogout });

            const renew = (payload?: object) => server!.inject({ method: 'POST', url: '/renew', payload });
            expect((await renew()).statusCode).to.equal(400);
            expect((await renew({ refreshToken: 1 })).statusCode).to.equal(400);

            const second = await renew({ refreshToken: (await login()).refreshToken });
            expect(second.statusCode).to.equal(200);
            const { jwt: token, refreshToken } = pairOf(second.result as TokenResponse);
            expect(await status('POST', '/leave', bearer(token))).to.equal(204);
            expect((await renew({ refreshToken })).statusCode).to.equal(401);
        });

        it('has a cookie with a narrower path', async () => {

            const { refreshToken } = example('docs/browser.md', 'A narrower path');
            const { server: created } = await prepare({ refreshToken });
            server = created;

            const { headers } = await server.inject({ method: 'POST', url: '/login' });
            const [cookie] = headers['set-cookie'] as string[];
            expect(cookie).to.match(/^__Secure-refresh=.*; Secure; HttpOnly; SameSite=Strict; Path=\/auth$/);
        });

        it('has routes for browsers and apps alike', async () => {

            const { createServer } = example('docs/mobile.md', 'Browsers and apps on the same routes');
            await start(createServer(secret));

            const login = await server!.inject({ method: 'POST', url: '/browser/login' });
            expect(Object.keys(login.result!)).to.equal(['access_token', 'token_type', 'expires_in', 'refresh_token_expires_in']);

            const renewal = await server!.inject({ method: 'POST', url: '/browser/token', headers: sent(cookiesOf(login)) });
            const browser = { ...bearer((renewal.result as TokenPair).access_token), ...sent(cookiesOf(renewal)) };

            const first = pairOf((await server!.inject({ method: 'POST', url: '/login' })).result as TokenResponse);
            const second = await server!.inject({ method: 'POST', url: '/token', headers: { 'x-refresh-token': first.refreshToken } });
            expect(second.headers['set-cookie']).to.not.exist();
            const app = headersOf(pairOf(second.result as TokenResponse));

            expect(await status('GET', '/me', browser)).to.equal(200);
            expect(await status('GET', '/me', app)).to.equal(200);

            // A page that was reloaded has only the cookie, and an app that slept an access token that has expired

            expect(await status('POST', '/browser/logout', sent(cookiesOf(renewal)))).to.equal(204);
            expect(await status('GET', '/me', browser)).to.equal(401);
            expect(await status('GET', '/me', app)).to.equal(200);

            const { later } = example('docs/testing.md', 'Time');
            expect(await later(16 * 60 * 1000, () => status('POST', '/logout', app))).to.equal(204);
            expect(await status('GET', '/me', app)).to.equal(401);
            expect(await status('POST', '/token', app)).to.equal(401);
        });
    });


    it('to anything has short blocks that run as they stand', async () => {

        const { server: created } = await prepare({ refreshToken: { header: 'x-refresh-token' } });
        server = created;
        const block = (guide: string, heading: string) => blockUnder(`docs/${guide}.md`, heading, 'js').text;

        // A logout route, beside the one that is there

        const pair = headersOf(pairOf(await hardLogout(server).issue(null, { sub: '42' })));
        Vm.runInNewContext(block('concepts', 'What happens on a logout').replace('/logout', '/leave'), { server });
        expect(await status('POST', '/leave', pair)).to.equal(204);
        expect(await status('GET', '/me', pair)).to.equal(401);

        // The password once more

        const recent = headersOf(pairOf(await hardLogout(server).issue(null, { sub: '42' })));
        const old = headersOf(pairOf(await hardLogout(server).issue(null, { sub: '42', auth_time: Date.now() / 1000 - 3600 })));
        Vm.runInNewContext(block('admin', 'Asking for the password again'), { server, changePassword: () => null });
        expect(await status('POST', '/me/password', recent)).to.equal(204);
        expect(await status('POST', '/me/password', old)).to.equal(401);
        expect(await status('GET', '/me', old)).to.equal(200);

        // A page that comes back from the browser's memory

        const calls: unknown[] = [];
        const addEventListener = (name: string, listener: (event: { persisted: boolean }) => void) => {

            calls.push(name);
            listener({ persisted: false });
            listener({ persisted: true });
        };

        Vm.runInNewContext(block('browser', 'After a logout'), { addEventListener, location: { reload: () => calls.push('reload') } });
        expect(calls).to.equal(['pageshow', 'reload']);

        // A user who is blocked

        await Vm.runInNewContext(`(async () => { ${block('admin', 'Admin and support')} })()`, { server, hardLogout });
        expect(await status('GET', '/me', recent)).to.equal(401);

        Vm.runInNewContext(block('identity-providers', 'Behind an identity provider'), { server, URL });
        await server.initialize();
    });

    it('to identity providers has a login at one, with sessions of the app', async () => {

        const { server: created } = await prepare({ refreshToken: { cookie: '__Host-refresh' } });
        server = created;
        server.auth.scheme('bell', () => ({ authenticate: (request, h) => h.authenticated({ credentials: { profile: { id: 'a' } } }) }));
        server.auth.strategy('google', 'bell');

        const users = { findOrCreate: ({ id }: { id: string }) => ({ id: `user ${id}` }) };
        const { text } = blockUnder('docs/identity-providers.md', 'Log in at the provider, with sessions of your own', 'js');
        Vm.runInNewContext(text, { server, users, hardLogout });

        const login = await server.inject({ url: '/login/google', headers: { 'sec-fetch-site': 'cross-site' } });
        expect([login.statusCode, login.headers.location]).to.equal([302, '/']);
        expect((login.headers['set-cookie'] as string[])[0]).to.match(/^__Host-refresh=.+SameSite=Strict/);
        expect(await hardLogout(server).sessions('user a')).to.have.length(1);
    });

    it('to microservices has a service that refuses what was logged out in another', async () => {

        const { createServer } = example('docs/microservices.md', 'Microservices');
        const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const redis = await RedisServer.start({ isSettled: true });
        const names = { issuer: 'https://login.example', audience: 'api' };
        const users = await prepare({ jwt: { key: privateKey.export({ format: 'jwk' }) as Jwk, algorithms: ['ES256'], ...names } }, { redis: redis.url });
        try {
            await users.server.initialize();
            await start(createServer(redis.url, [publicKey.export({ format: 'jwk' })]));

            const { jwt: token, refreshToken } = await users.login();
            expect(await status('GET', '/orders', bearer(token))).to.equal(200);
            const logout = await users.server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(token) });
            expect(logout.statusCode).to.equal(204);
            expect(await status('GET', '/orders', bearer(token))).to.equal(401);
        }
        finally {
            await users.server.stop();
            await server?.stop();
            await redis.stop();
        }
    });

    it('to admin and support lists and ends sessions', async () => {

        const { addSessions } = example('docs/admin.md', 'My devices, and a support desk');
        const { auth, server: created } = await prepare({ refreshToken: { header: 'x-refresh-token' } });
        server = created;
        addSessions(server);

        const login = async (sub: string, scope: string[] = []) => headersOf(pairOf(await auth.issue(null, { sub, scope }, { data: { device: 'phone' } })));
        const [phone, laptop, other, support] = [await login('42'), await login('42'), await login('43'), await login('1', ['support'])];

        const mine = (await server.inject({ url: '/me/sessions', headers: phone })).result as { id: string; isCurrent: boolean; data: unknown }[];
        expect(mine.map(({ isCurrent, data }) => [isCurrent, data])).to.equal([[true, { device: 'phone' }], [false, { device: 'phone' }]]);

        expect(await status('DELETE', `/me/sessions/${mine[1]!.id}`, other)).to.equal(404);
        expect(await status('GET', '/me', laptop)).to.equal(200);
        expect(await status('DELETE', `/me/sessions/${mine[1]!.id}`, phone)).to.equal(204);
        expect(await status('GET', '/me', laptop)).to.equal(401);
        expect(await status('GET', '/me', phone)).to.equal(200);

        expect(await status('GET', '/users/42/sessions', other)).to.equal(403);
        expect((await server.inject({ url: '/users/42/sessions', headers: support })).result).to.have.length(1);
        expect(await status('DELETE', '/users/42/sessions', support)).to.equal(204);
        expect(await status('GET', '/me', phone)).to.equal(401);

        const { result } = await server.inject({ method: 'POST', url: '/explain', headers: support, payload: { token: phone['x-refresh-token'] } });
        expect(result).to.include({ accepted: false, code: 'refresh_token_revoked' });
    });

    describe('to tenants', () => {

        it('has a strategy for each, whose users are their own', async () => {

            const { createServer } = example('docs/tenants.md', 'A strategy for each tenant');
            const tenants = ['acme', 'globex'].map((name) => ({ name, key: `${secret} of ${name}` }));
            await start(createServer(tenants));

            const login = async (name: string) => headersOf(pairOf((await server!.inject({ method: 'POST', url: `/${name}/login` })).result as TokenResponse));
            const [acme, also, globex] = [await login('acme'), await login('acme'), await login('globex')];

            expect(await status('GET', '/acme/me', acme)).to.equal(200);
            expect(await status('GET', '/globex/me', acme)).to.equal(401);

            expect(await status('POST', '/globex/logout/everywhere', acme)).to.equal(401);
            expect(await status('POST', '/acme/logout/everywhere', acme)).to.equal(204);
            expect(await status('GET', '/acme/me', also)).to.equal(401);
            expect(await status('GET', '/globex/me', globex)).to.equal(200);

            await hardLogout(server!, 'acme').revoke({ issuedBefore: Date.now() });
            expect(await status('GET', '/globex/me', globex)).to.equal(200);
        });

        it('has one strategy for all, whose tokens are good where they belong', async () => {

            const { createServer } = example('docs/tenants.md', 'One strategy, the tenant in the subject');
            await start(createServer(secret));

            const login = async (name: string) => headersOf(pairOf((await server!.inject({ method: 'POST', url: `/${name}/login` })).result as TokenResponse));
            const [acme, globex] = [await login('acme'), await login('globex')];

            expect(await status('GET', '/acme/me', acme)).to.equal(200);
            expect(await status('GET', '/globex/me', acme)).to.equal(401);
            expect(await status('POST', '/globex/logout', acme)).to.equal(401);

            await hardLogout(server!).revoke({ subject: 'acme/42' });
            expect(await status('GET', '/acme/me', acme)).to.equal(401);
            expect(await status('GET', '/globex/me', globex)).to.equal(200);
        });

        it('says that strategies of one issuer share their sessions, and that those of two do not', async () => {

            const { auth, server: created } = await prepare({ refreshToken: { header: 'x-refresh-token' } });
            server = created;
            server.auth.strategy('same', 'hard-logout', { jwt, refreshToken: { header: 'x-same' } });
            server.auth.strategy('other', 'hard-logout', { jwt: { ...jwt, issuer: 'https://other.example' }, refreshToken: { header: 'x-other' } });

            const { refresh_token: token } = await auth.issue(null, { sub: '42' });
            await expect(hardLogout(server, 'other').refresh(token)).to.reject();
            expect((await hardLogout(server, 'same').refresh(token)).token_type).to.equal('Bearer');
            expect(await hardLogout(server, 'other').sessions('42')).to.equal([]);
            expect(await hardLogout(server, 'same').sessions('42')).to.have.length(1);
        });
    });
});
