import { once } from 'node:events';
import * as Net from 'node:net';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import { Redis } from 'ioredis';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../../lib';
import { RedisServer } from '../support/redis';
import { bearer, jwt as settings, secret } from '../support/server';
import { cookieHeader, setCookies } from '../support/set-cookie';
import { mint } from '../support/tokens';

import type { LookupOptions, JwtOptions, StrategyOptions, TokenResponse } from '../../lib';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const { error: consoleError } = console;


/** Everything that was said, by whom it was said. */
interface Said extends Record<string, string[]> {
    log: string[];
    console: string[];
    commands: string[];
    refusals: string[];
}


/** What a token can be recognized by: its text, the parts that are no secret to nobody, and the bytes of a refresh token's secrets. */
const marksOf = function (token: string): string[] {

    const parts = token.split('.');
    if (parts.length === 3) {
        return [parts[1]!, parts[2]!];
    }

    const bytes = Buffer.from(token, 'base64url');
    const secrets = bytes.length === 76 ? [bytes.subarray(28, 44), bytes.subarray(44, 68)] : [];
    return [token, encodeURIComponent(token), ...secrets.flatMap((part) => [part.toString('base64url'), part.toString('hex'), part.toString('base64'), part.toString('latin1')])];
};


describe('Nothing that is logged, reported or stored holds a token', () => {

    const record: Said = { log: [], console: [], commands: [], refusals: [] };
    const held = new Set<string>();
    const store: { redis?: RedisServer; server?: Hapi.Server } = {};

    beforeEach(async () => {

        store.redis = await RedisServer.start();
        await store.redis.settle();
        Object.values(record).forEach((texts) => texts.splice(0));
        held.clear();
    });

    afterEach(async () => {

        await store.server?.stop();
        console.error = consoleError;
        await store.redis!.stop();
    });

    const show = (value: unknown) => inspect(value, { depth: 12, maxArrayLength: Infinity, maxStringLength: Infinity, showHidden: true });

    /** A server that tells all it can tell, and notes every token that comes in or goes out. */
    const create = async function (strategy: Partial<StrategyOptions> & { jwt?: JwtOptions }) {

        const server = store.server = Hapi.server({ debug: { log: ['*'], request: ['*'] } });
        console.error = (...args: unknown[]) => record.console.push(show(args));

        server.events.on({ name: 'log', channels: ['app', 'internal'] }, (event) => record.log.push(show(event)));
        server.events.on({ name: 'request', channels: ['app', 'error', 'internal'] }, (_, event) => record.log.push(show(event)));

        await server.register({ plugin, options: { redis: store.redis!.options() } });
        (server.events as unknown as { on(name: object, listener: (event: unknown) => void): void }).on({ name: 'hard-logout', channels: ['outage', 'recovery', 'issued', 'refreshed', 'reauthenticated', 'reuse-detected', 'revoked', 'order-lost', 'invalidated'] }, (event) => record.log.push(show(event)));

        server.auth.strategy('session', 'hard-logout', { jwt: settings, ...strategy } satisfies StrategyOptions);
        server.auth.default('session');

        server.route([
            { method: 'GET', path: '/me', handler: () => 'me' },
            { method: 'GET', path: '/bug', handler: () => Promise.reject(new Error('a bug')) },
            { method: 'GET', path: '/scope', options: { auth: { scope: 'admin' } }, handler: () => 'never' },
            { method: 'GET', path: '/try', options: { auth: { mode: 'try' } }, handler: (request) => String(request.auth.error?.message) },
            { method: 'GET', path: '/either', options: { plugins: { 'hard-logout': { tokens: 'either' } } }, handler: () => 'either' },
            { method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: () => null },
            { method: 'POST', path: '/everywhere', options: { plugins: { 'hard-logout': { revoke: 'subject', tokens: 'either' } } }, handler: () => null },
            { method: 'POST', path: '/forget', options: { plugins: { 'hard-logout': { revoke: 'token' } } }, handler: () => null },
            { method: 'POST', path: '/gone', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: (_, h) => h.close }
        ]);

        if (!strategy.lookup) {
            const auth = hardLogout(server);
            server.route([
                { method: 'POST', path: '/login', options: { auth: false }, handler: (request) => auth.issue(request, { sub: 'ada@futureflix.example' }, { data: { device: 'phone' } }) },
                { method: 'POST', path: '/token', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => auth.refresh(request) },
                { method: 'POST', path: '/others', options: { plugins: { 'hard-logout': { revoke: 'others' } } }, handler: () => null }
            ]);
        }

        await server.start();
        return server;
    };

    const keep = (...tokens: (string | undefined)[]) => tokens.forEach((token) => token && held.add(token));

    const send = async function (server: Hapi.Server, { jwt, refreshToken, ...sent }: { method?: string; url: string; headers?: object; jwt?: string; refreshToken?: string }, { place, jwtCookie }: { place: string; jwtCookie?: string }) {

        keep(jwt, refreshToken);
        const cookies: Record<string, string> = {};
        const headers: Record<string, string> = { ...sent.headers as Record<string, string> };
        let { url } = sent;

        if (jwt !== undefined) {
            if (jwtCookie) {
                cookies[jwtCookie] = jwt;
            }
            else {
                headers.authorization ??= `Bearer ${jwt}`;
            }
        }

        if (refreshToken !== undefined) {
            if (place === 'cookie') {
                cookies.refresh = refreshToken;
            }
            else if (place === 'query') {
                url += `?refreshToken=${encodeURIComponent(refreshToken)}`;
            }
            else {
                headers['x-refresh-token'] = refreshToken;
            }
        }

        const cookie = [cookieHeader(cookies), headers.cookie ?? ''].filter((text) => text !== '').join('; ');
        const { method = 'POST' } = sent;
        const res = await server.inject({ method, url, headers: { ...headers, ...cookie && { cookie } } as Record<string, string> });
        if (res.statusCode >= 400) {
            record.refusals.push(`${res.payload}${show(res.headers)}`);
            record.refusals.push(show(res.request.auth.error));
        }

        return res;
    };

    /** Notes every command that Redis is sent, by whomever. */
    const listen = async function (): Promise<Net.Socket> {

        const monitor = Net.connect(store.redis!.options() as Net.NetConnectOpts);
        await once(monitor, 'connect');
        monitor.setEncoding('latin1').on('data', (text: string) => record.commands.push(text));
        monitor.write('MONITOR\r\n');
        await once(monitor, 'data');
        return monitor;
    };

    /** All that is in Redis. */
    const dump = async function (client: Redis): Promise<string[]> {

        const found: string[] = [];
        for (const key of await client.keys('*')) {
            const type = await client.type(key);
            const value = type === 'hash' ? await client.hgetall(key) : type === 'zset' ? await client.zrange(key, '0', '-1', 'WITHSCORES') : type === 'string' ? await client.get(key) : [type];
            found.push(key, show(value));
        }

        return found;
    };

    const check = function (stored: string[]): void {

        const said = { ...record, stored };
        for (const [where, texts] of Object.entries(said)) {
            const text = texts.join(where === 'commands' ? '' : '\n');
            expect(text.length, where).to.be.above(300);
            expect(text.includes(secret), where).to.be.false();
            for (const token of held) {
                for (const mark of marksOf(token)) {
                    expect(text.includes(mark), `${where} holds ${mark.slice(0, 6)}... of a token`).to.be.false();
                }
            }
        }
    };

    const cases: Record<string, { strategy: Partial<StrategyOptions>; place: string; jwtCookie?: string }> = {
        'in a query': { place: 'query', strategy: { refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } } },
        'in a header': { place: 'header', strategy: { refreshToken: { header: 'x-refresh-token' }, sessions: { grace: 0 } } },
        'in cookies, both of them': { place: 'cookie', jwtCookie: 'USER_SESSION', strategy: { jwt: { ...settings, cookie: 'USER_SESSION' }, refreshToken: { cookie: 'refresh' }, sessions: { grace: 0 } } }
    };

    for (const [title, { strategy, ...how }] of Object.entries(cases)) {

        it(`of our sessions, ${title}`, { timeout: 60_000 }, async () => {

            const server = await create(strategy);
            const client = new Redis(store.redis!.options());
            const monitor = await listen();

            const post = (url: string, tokens: { jwt?: string; refreshToken?: string } = {}, headers = {}, method = 'POST') => send(server, { method, url, ...tokens, headers }, how);

            const pairOf = ({ result, ...res }: Awaited<ReturnType<typeof post>>) => {

                const cookies = setCookies(res);
                const pair = { jwt: (result as TokenResponse).access_token ?? cookies.USER_SESSION!.value, refreshToken: (result as TokenResponse).refresh_token ?? cookies.refresh!.value };
                keep(pair.jwt, pair.refreshToken);
                return pair;
            };

            const expectStatus = async (status: number, work: ReturnType<typeof post>) => {

                const { statusCode, payload } = await work;
                expect(statusCode, payload).to.equal(status);
            };

            // Logins, a renewal, reads

            const [a, b, c, d, e] = await Promise.all(Array.from({ length: 5 }, async () => pairOf(await post('/login'))));
            const renewed = pairOf(await post('/token', { refreshToken: a!.refreshToken }));
            await expectStatus(200, post('/me', { jwt: renewed.jwt }, {}, 'GET'));
            await expectStatus(200, post('/either', renewed, {}, 'GET'));

            // Refusals: missing, repeated, malformed, mismatched, foreign, too little, forged, expired, none of ours

            await expectStatus(401, post('/me', {}, {}, 'GET'));
            await expectStatus(400, post('/me', {}, { authorization: [`Bearer ${b!.jwt}`, `Bearer ${c!.jwt}`] }, 'GET'));
            await expectStatus(400, post('/logout', { refreshToken: b!.refreshToken }, { authorization: `Bearer ${b!.jwt}, Bearer ${c!.jwt}` }));
            await expectStatus(401, post('/logout', { jwt: b!.jwt, refreshToken: c!.refreshToken }));
            await expectStatus(403, post('/scope', { jwt: b!.jwt }, {}, 'GET'));
            await expectStatus(401, post('/me', { jwt: `${b!.jwt.slice(0, -4)}AAAA` }, {}, 'GET'));
            await expectStatus(401, post('/token', { refreshToken: `${b!.refreshToken.slice(0, -4)}AAAA` }));
            await expectStatus(401, post('/me', { jwt: await mint({ exp: 1 }) }, {}, 'GET'));
            await expectStatus(200, post('/try', { jwt: await mint({ exp: 1 }) }, {}, 'GET'));
            await expectStatus(401, post('/token', { refreshToken: b!.jwt }));
            await expectStatus(400, post('/me', { jwt: b!.jwt }, { cookie: `stray; refresh=${b!.refreshToken}` }, 'GET'));
            if (how.place === 'cookie') {
                await expectStatus(403, post('/logout', b, { 'sec-fetch-site': 'cross-site' }));
            }

            // Theft, bugs, logouts of every kind, and again

            await expectStatus(401, post('/token', { refreshToken: a!.refreshToken }));
            await expectStatus(500, post('/bug', { jwt: b!.jwt }, {}, 'GET'));
            await expectStatus(204, post('/others', b));
            await expectStatus(204, post('/logout', b));
            await expectStatus(401, post('/logout', b));
            const [f, g, h] = await Promise.all(Array.from({ length: 3 }, async () => pairOf(await post('/login'))));
            await expectStatus(204, post('/forget', f));
            await post('/gone', g);
            await expectStatus(204, post('/everywhere', h));
            await expectStatus(401, post('/me', { jwt: d!.jwt }, {}, 'GET'));
            await expectStatus(401, post('/token', { refreshToken: e!.refreshToken }));

            const auth = hardLogout(server);
            const [i, j] = [pairOf(await post('/login')), pairOf(await post('/login'))];
            await auth.revoke({ accessToken: i.jwt });
            await auth.revoke({ refreshToken: j.refreshToken });
            record.log.push(show([await auth.explain(i.jwt), await auth.explain(j.refreshToken), await auth.explain(`${i.jwt}A`), await auth.sessions('ada@futureflix.example')]));
            await expect(auth.revoke({ accessToken: `${i.jwt}A` })).to.reject();
            await expect(auth.refresh(j.refreshToken)).to.reject();

            const last = pairOf(await post('/login'));
            const stored = await dump(client);
            monitor.destroy();
            client.disconnect();

            // The store goes away, under reads, renewals, logouts and clients that hang up

            await store.redis!.kill();
            await expectStatus(503, post('/logout', last));
            await expectStatus(503, post('/token', { refreshToken: last.refreshToken }));
            const status = await expect(auth.revoke({ accessToken: last.jwt })).to.reject() as Error;
            record.log.push(show(status));
            await post('/gone', last);
            await server.stop();

            check(stored);
        });
    }

    it('of the app\'s own tokens', { timeout: 60_000 }, async () => {

        const tokens = ['an opaque token of the app\'s, of forty bytes', 'a second one, which nobody knows anything of'];
        const lookup: LookupOptions = {
            find: (token) => (token === tokens[0] ? { subject: '42', session: 'one' } : null),
            remove: () => Promise.reject(new Error('a bug of the app\'s'))
        };

        const server = await create({ refreshToken: { header: 'x-refresh-token' }, lookup });
        const client = new Redis(store.redis!.options());
        const monitor = await listen();

        const jwt = await mint({ sid: 'one', jti: 'one' });
        const post = async (url: string, refreshToken: string, sent: string) => {

            const { statusCode } = await send(server, { url, headers: bearer(sent), jwt: sent, refreshToken }, { place: 'header' });
            return statusCode;
        };

        expect(await post('/logout', tokens[0]!, jwt)).to.equal(500);
        expect(await post('/logout', tokens[1]!, jwt)).to.equal(401);
        expect(await post('/logout', tokens[0]!, jwt)).to.equal(401);

        const stored = await dump(client);
        monitor.destroy();
        client.disconnect();
        await server.stop();
        check(stored);
    });
});
