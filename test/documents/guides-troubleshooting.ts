import { once } from 'node:events';
import * as Http from 'node:http';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { hardLogout } from '../../lib';
import { example, read } from '../support/documents';
import { rsa } from '../support/keys';
import { RedisServer } from '../support/redis';
import { bearer, jwt, prepare, secret } from '../support/server';
import { mint } from '../support/tokens';

import type { AddressInfo } from 'node:net';
import type { Server, ServerInjectOptions } from '@hapi/hapi';
import type { StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


interface Refusal {
    code: string;
    detail?: string;
}


describe('the guide to troubleshooting', () => {

    const cleanups: (() => unknown)[] = [];

    afterEach(async () => {

        for (const cleanup of cleanups.splice(0).reverse()) {
            await cleanup();
        }
    });

    const start = async function (options: Partial<StrategyOptions>, redis?: string) {

        const prepared = await prepare(options, { redis, lease: 100, timeout: 100 });
        const { server } = prepared;
        cleanups.push(() => server.stop());

        const { logRefusals } = example('docs/troubleshooting.md', 'Troubleshooting');
        logRefusals(server);
        const refusals: Refusal[] = [];
        server.events.on({ name: 'request', filter: 'refused' }, (_, { data }) => refusals.push(data as Refusal));

        server.route([
            { method: 'POST', path: '/everywhere', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'subject' } } }, handler: () => null },
            { method: 'GET', path: '/admin', options: { auth: { scope: 'admin' } }, handler: () => null },
            { method: 'GET', path: '/both', options: { plugins: { 'hard-logout': { tokens: 'both' } } }, handler: () => null }
        ]);

        await server.initialize();
        return { ...prepared, refusals };
    };

    /** What a request is logged with. */
    const why = async function ({ server, refusals }: { server: Server; refusals: Refusal[] }, options: ServerInjectOptions | string): Promise<Refusal | undefined> {

        await server.inject(options);
        return refusals.splice(0)[0];
    };

    it('says how each code comes about', async () => {

        const header = { header: 'x-refresh-token' };
        const usual = await start({ refreshToken: header, sessions: { grace: 0 } });
        const cookies = await start({ jwt: { ...jwt, cookie: 'USER_SESSION' }, refreshToken: { cookie: '__Host-refresh' } });
        const careful = await start({ validate: () => ({ isValid: false }) });
        const full = await start({ sessions: { max: 1, whenFull: 'refuse' } });
        const app = await start({
            refreshToken: { query: 'token' },
            lookup: {
                find: (token) => (token === 'a+b' ? { subject: '42', expires: Date.now() - 1 } : null),
                remove: () => undefined
            }
        });

        const remote = await start({ jwt: { ...jwt, key: new URL('http://127.0.0.1:1/'), algorithms: ['RS256'] }, lookup: { find: () => null, remove: () => undefined } });
        const redis = await RedisServer.start({ isSettled: true });
        cleanups.push(() => redis.stop());
        const stored = await start({}, redis.url);

        const codes: string[] = [];
        const see = async (prepared: typeof usual, options: ServerInjectOptions | string) => codes.push((await why(prepared, options))!.code);
        const both = (url: string, accessToken: string, refreshToken: string, method = 'GET') => ({ method, url, headers: { ...bearer(accessToken), 'x-refresh-token': refreshToken } });
        const renew = (refreshToken: string) => ({ method: 'POST', url: '/token', headers: { 'x-refresh-token': refreshToken } });

        const pair = await usual.login();
        await see(usual, '/me');

        for (const authorization of ['Bearer', 'Bearer "quoted"', 'Bearer two words']) {
            expect(await why(usual, { url: '/me', headers: { authorization } })).to.equal({ code: 'access_token_malformed', detail: undefined });
        }

        await see(usual, { url: '/me', headers: { authorization: 'Bearer' } });
        await see(cookies, { url: '/me', headers: { ...bearer('a.b.c'), cookie: 'USER_SESSION=d.e.f' } });
        await see(usual, renew('x'.repeat(16_385)));
        await see(cookies, { method: 'POST', url: '/token', headers: { cookie: '__Host-refresh=a; __Host-refresh=b' } });
        await see(usual, { url: '/both', headers: { 'x-refresh-token': pair.refreshToken } });
        await see(usual, { url: '/me', headers: bearer('undefined') });
        await see(usual, { url: '/me', headers: bearer(await mint({ iat: 1, exp: 2 })) });

        const ended = await usual.login();
        await usual.auth.revoke({ accessToken: ended.jwt });
        await see(usual, { url: '/me', headers: bearer(ended.jwt) });
        await see(usual, { url: '/both', headers: bearer(pair.jwt) });
        await see(usual, renew('unknown'));
        await see(app, { method: 'POST', url: '/token?token=a%2Bb' });
        await see(usual, renew(ended.refreshToken));

        const { refresh_token: current } = await usual.auth.refresh(pair.refreshToken);
        await see(usual, renew(pair.refreshToken));
        expect((await usual.auth.explain(current)).code).to.equal('refresh_token_revoked');

        await see(usual, both('/both', (await usual.login()).jwt, (await usual.login()).refreshToken));
        await see(careful, { url: '/me', headers: bearer((await careful.login()).jwt) });

        usual.server.route({ method: 'GET', path: '/vault', options: { plugins: { 'hard-logout': { acr: 'otp' } } }, handler: () => null });
        await see(usual, { url: '/vault', headers: bearer((await usual.login()).jwt) });
        await see(cookies, { method: 'POST', url: '/token', headers: { cookie: '__Host-refresh=a', 'sec-fetch-site': 'cross-site' } });

        await full.login();
        await see(full, { method: 'POST', url: '/login' });
        await see(usual, { method: 'POST', url: '/everywhere', headers: bearer(await mint({ act: { sub: 'agent' } })) });
        await see(usual, { url: '/admin', headers: bearer((await usual.login()).jwt) });

        await redis.kill();
        await see(stored, { method: 'POST', url: '/token?refreshToken=' + pair.refreshToken });

        const token = await new Jose.SignJWT({ sub: '42' }).setProtectedHeader({ alg: 'RS256' }).sign(rsa.privateKey);
        await see(remote, { url: '/me', headers: bearer(token) });

        const listed = Array.from(read('docs/troubleshooting.md').matchAll(/^\| `(\w+)` \| \d+/gm), ([, code]) => code);
        expect(codes).to.equal(listed);

        // In a query without its encoding

        expect((await why(app, { method: 'POST', url: '/token?token=a+b' }))!.code).to.equal('refresh_token_invalid');
    });

    it('says what each detail of an invalid access token comes from', async () => {

        const { publicKey, privateKey } = rsa;
        const key = publicKey.export({ format: 'jwk' });
        const provider = Http.createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [{ ...key, kid: 'a' }, { ...key, kid: 'b' }] })));
        provider.listen(0, '127.0.0.1');
        await once(provider, 'listening');
        cleanups.push(() => provider.close(), () => provider.closeAllConnections());

        const usual = await start({});
        const remote = await start({ jwt: { ...jwt, algorithms: ['RS256'], key: new URL(`http://127.0.0.1:${(provider.address() as AddressInfo).port}`) }, lookup: { find: () => null, remove: () => undefined } });
        const local = await start({ jwt: { ...jwt, algorithms: ['RS256'], key: { keys: [{ ...key, kid: 'a' }, { ...key, kid: 'b' }] as any } }, lookup: { find: () => null, remove: () => undefined } });

        const now = Math.floor(Date.now() / 1000);
        const sign = (header: object, signing: Parameters<Jose.SignJWT['sign']>[0], claims: object = {}) => {

            return new Jose.SignJWT({ sub: '42', iss: jwt.issuer, aud: jwt.audience, iat: now, exp: now + 60, ...claims }).setProtectedHeader(header as { alg: string }).sign(signing);
        };

        const tokens: [typeof usual, string][] = [
            [usual, await sign({ alg: 'HS256' }, Buffer.from(secret.toUpperCase()))],
            [usual, await sign({ alg: 'HS512' }, Buffer.from(secret.repeat(2)))],
            [remote, await sign({ alg: 'RS256', kid: 'c' }, privateKey)],
            [remote, await sign({ alg: 'RS256' }, privateKey)],
            [usual, await mint({ iss: `${jwt.issuer}/` })],
            [usual, await mint({ aud: 'somebody else' })],
            [usual, await mint({ iat: now + 60 })],
            [usual, await mint({ cnf: { jkt: 'x' } })],
            [usual, await new Jose.CompactSign(Buffer.from('text')).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret))],
            [usual, 'undefined'],
            [usual, await mint({ sub: undefined })],
            [usual, await sign({ alg: 'HS256', typ: 'logout+jwt' }, Buffer.from(secret))],
            [usual, await mint({ deep: JSON.parse('['.repeat(64) + ']'.repeat(64)) })],
            [usual, await mint({ sid: Jose.decodeJwt((await hardLogout(usual.server).issue(null, { sub: '42' })).access_token).sid })]
        ];

        const details: (string | undefined)[] = [];
        for (const [prepared, token] of tokens) {
            details.push((await why(prepared, { url: '/me', headers: bearer(token) }))!.detail);
        }

        const [, table] = read('docs/troubleshooting.md').split('## The access token is invalid');
        const listed = Array.from(table!.split('\n## ')[0]!.matchAll(/^\| (it[^|]+|no [^|]+|several[^|]+) \|/gm), ([, detail]) => detail);
        expect(details).to.equal(listed);

        // The other causes that are named

        const detail = async (prepared: typeof usual, token: string) => (await why(prepared, { url: '/me', headers: bearer(token) }))!.detail;
        expect(await detail(local, await sign({ alg: 'RS256' }, privateKey))).to.equal('no key fits it');
        expect(await detail(usual, await mint({ nbf: now + 60 }))).to.equal('it is not valid yet');
        for (const claim of ['iat', 'exp']) {
            expect(await detail(usual, await mint({ [claim]: undefined }))).to.equal(`its claim ${claim} is missing or cannot be used`);
        }

        expect((await hardLogout(usual.server).explain('a.b.c')).text).to.match(/^It does not verify: it cannot be read as a JWT/);
    });
});
