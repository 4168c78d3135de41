import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { bearer, jwt as settings, prepare } from '../support/server';
import { cookieHeader, setCookies } from '../support/set-cookie';
import { mint, verdict } from '../support/tokens';

import type { CookieOptions, StrategyOptions } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


const now = Date.now;

const start = 1_700_000_000_000;

const minute = 60_000;

const day = 24 * 60 * minute;

const { revoke } = MemoryStore.prototype;


const serve = async function (strategy: Partial<StrategyOptions> = {}, cookie: string | CookieOptions = 'USER_SESSION'): Promise<Prepared> {

    const prepared = await prepare({ refreshToken: { cookie: '__Host-refresh' }, ...strategy, jwt: { ...settings, cookie, ...strategy.jwt } });
    const route = (path: string, tokens: 'access' | 'refresh' | 'both' | 'either', extent: 'token' | 'session' | 'subject' | 'others') => {

        prepared.server.route({ method: 'POST', path, options: { plugins: { 'hard-logout': { tokens, revoke: extent } } }, handler: () => null });
    };

    for (const tokens of ['refreshToken' in strategy && strategy.refreshToken === undefined ? [] : ['refresh', 'both', 'either'] as const, ['access'] as const].flat()) {
        for (const extent of tokens === 'access' && !strategy.refreshToken && 'refreshToken' in strategy ? ['token', 'session', 'subject'] as const : ['token', 'session', 'subject', 'others'] as const) {
            route(`/${extent}/${tokens}`, tokens, extent);
        }
    }

    await prepared.server.initialize();
    return prepared;
};


const send = function ({ server }: Prepared, method: string, url: string, cookies: Parameters<typeof cookieHeader>[0], headers = {}) {

    return server.inject({ method, url, headers: { cookie: cookieHeader(cookies), ...headers } });
};


describe('The JWT in a cookie', () => {

    afterEach(() => {

        Date.now = now;
        MemoryStore.prototype.revoke = revoke;
    });

    it('is off where it is not named', async () => {

        const prepared = await prepare();
        expect((await send(prepared, 'GET', '/me', { USER_SESSION: await mint(), jwt: await mint(), token: await mint() })).statusCode).to.equal(401);
    });

    it('is set at login and at renewal, and cleared at logout, with the same attributes, and shown to no script', async () => {

        const table: [cookie: string | CookieOptions, attributes: string[]][] = [
            ['USER_SESSION', ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']],
            [{ name: 'USER_SESSION', isSecure: false, isSameSite: 'Lax', path: '/', domain: 'futureflix.example' }, ['HttpOnly', 'SameSite=Lax', 'Domain=futureflix.example', 'Path=/']]
        ];

        for (const [cookie, attributes] of table) {
            Date.now = () => start;
            const prepared = await serve({}, cookie);

            const login = await prepared.server.inject({ method: 'POST', url: '/login' });
            const first = setCookies(login);
            expect(login.result).to.equal({ token_type: 'Bearer', expires_in: 900, refresh_token_expires_in: 30 * 24 * 60 * 60 });
            expect(login.headers['cache-control']).to.equal('no-store');
            expect(Object.keys(first)).to.equal(['USER_SESSION', '__Host-refresh']);
            expect(first.USER_SESSION).to.include({ attributes, maxAge: 30 * day / 1000 });
            expect((await send(prepared, 'GET', '/me', first)).statusCode).to.equal(200);

            Date.now = () => start + 10 * minute;
            const renewal = await send(prepared, 'POST', '/token', first);
            const second = setCookies(renewal);
            expect(renewal.result).to.equal({ token_type: 'Bearer', expires_in: 900, refresh_token_expires_in: 30 * 24 * 60 * 60 });
            expect(second.USER_SESSION).to.include({ attributes, maxAge: 30 * day / 1000 });
            expect(second.USER_SESSION!.value).to.not.equal(first.USER_SESSION!.value);

            const logout = await send(prepared, 'POST', '/logout', second);
            expect(logout.statusCode).to.equal(204);
            expect(setCookies(logout).USER_SESSION).to.include({ value: '', attributes, maxAge: 0 });
            expect(Object.keys(setCookies(logout))).to.equal(['USER_SESSION', '__Host-refresh']);

            for (const held of [first, second]) {
                const res = await send(prepared, 'GET', '/me', held);
                expect((res.result as Error).message).to.equal('The access token was revoked');
                expect(res.headers['set-cookie']).to.not.exist();
            }
        }
    });

    it('stays in the browser for as long as it can be renewed, so that it can log out once it has expired', async () => {

        Date.now = () => start;
        const prepared = await serve();
        const cookies = setCookies(await prepared.server.inject({ method: 'POST', url: '/login' }));

        Date.now = () => start + day;
        expect(await verdict(send(prepared, 'GET', '/me', cookies))).to.equal('The access token expired');
        expect(await verdict(send(prepared, 'POST', '/logout', cookies))).to.equal(204);
        expect(await verdict(send(prepared, 'POST', '/token', cookies))).to.equal('The refresh token was revoked');
    });

    it('is a JWT of the app\'s where the app sets it, and cleared all the same', async () => {

        const prepared = await serve({ refreshToken: undefined }, { name: 'USER_SESSION', isSameSite: 'Lax' });
        prepared.server.route({ method: 'POST', path: '/enter', options: { auth: false }, handler: async (_, h) => h.response().state('USER_SESSION', await mint({ sid: 'one' })) });

        const cookies = setCookies(await prepared.server.inject({ method: 'POST', url: '/enter' }));
        expect(cookies.USER_SESSION!.attributes).to.equal(['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']);
        expect((await send(prepared, 'GET', '/me', cookies)).statusCode).to.equal(200);

        const logout = await send(prepared, 'POST', '/session/access', cookies);
        expect(logout.statusCode).to.equal(204);
        expect(setCookies(logout)).to.equal({ USER_SESSION: { name: 'USER_SESSION', value: '', attributes: ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'], maxAge: 0 } });
        expect((await send(prepared, 'GET', '/me', cookies)).statusCode).to.equal(401);
    });

    const ends: Record<string, string[]> = {
        '/token/access': ['USER_SESSION'],
        '/token/refresh': ['__Host-refresh'],
        '/token/both': ['USER_SESSION', '__Host-refresh'],
        '/token/either': ['USER_SESSION', '__Host-refresh'],
        '/session/access': ['USER_SESSION', '__Host-refresh'],
        '/session/refresh': ['USER_SESSION', '__Host-refresh'],
        '/subject/access': ['USER_SESSION', '__Host-refresh'],
        '/subject/both': ['USER_SESSION', '__Host-refresh'],
        '/others/both': [],
        '/others/access': []
    };

    for (const [url, names] of Object.entries(ends)) {

        it(`goes from the browser where it died: ${url} clears ${names.join(' and ') || 'nothing'}`, async () => {

            const prepared = await serve();
            const cookies = setCookies(await prepared.server.inject({ method: 'POST', url: '/login' }));

            const res = await send(prepared, 'POST', url, cookies);
            expect(res.statusCode).to.equal(204);
            expect(Object.keys(setCookies(res))).to.equal(names);
            expect(Object.values(setCookies(res)).every(({ value, maxAge }) => value === '' && maxAge === 0)).to.be.true();

            // What was kept lives, what was cleared does not

            const statuses = {
                USER_SESSION: (await send(prepared, 'GET', '/me', { USER_SESSION: cookies.USER_SESSION! })).statusCode,
                '__Host-refresh': (await send(prepared, 'POST', '/token', { '__Host-refresh': cookies['__Host-refresh']! })).statusCode
            };

            expect(statuses).to.equal({
                USER_SESSION: names.includes('USER_SESSION') ? 401 : 200,
                '__Host-refresh': names.includes('__Host-refresh') ? 401 : 200
            });
        });
    }

    it('is cleared with the refresh token that was stolen', async () => {

        const prepared = await serve({ refreshToken: { cookie: '__Host-refresh' }, sessions: { grace: 0 } });
        const cookies = setCookies(await prepared.server.inject({ method: 'POST', url: '/login' }));
        expect((await send(prepared, 'POST', '/token', cookies)).statusCode).to.equal(200);

        const theft = await send(prepared, 'POST', '/token', cookies);
        expect((theft.result as Error).message).to.equal('The refresh token was used before');
        expect(Object.keys(setCookies(theft))).to.equal(['USER_SESSION', '__Host-refresh']);
    });

    it('is kept where the logout failed', async () => {

        const prepared = await serve();
        const cookies = setCookies(await prepared.server.inject({ method: 'POST', url: '/login' }));

        MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
        const failed = await send(prepared, 'POST', '/logout', cookies);
        expect([failed.statusCode, failed.headers['set-cookie']]).to.equal([503, undefined]);

        MemoryStore.prototype.revoke = revoke;
        expect((await send(prepared, 'POST', '/logout', cookies)).statusCode).to.equal(204);
    });

    it('may come in the Authorization header as well, if it is the same', async () => {

        const prepared = await serve();
        const [one, two] = [await mint({ jti: 'one' }), await mint({ jti: 'two' })];

        expect(await verdict(send(prepared, 'GET', '/me', {}, bearer(one)))).to.equal(200);
        expect(await verdict(send(prepared, 'GET', '/me', { USER_SESSION: one }, bearer(one)))).to.equal(200);
        expect(await verdict(send(prepared, 'GET', '/me', { USER_SESSION: two }, bearer(one)))).to.equal('The access token is repeated');
        expect(await verdict(send(prepared, 'GET', '/me', { USER_SESSION: 'x' }, bearer(one)))).to.equal('The access token is repeated');
        expect(await verdict(send(prepared, 'GET', '/me', { USER_SESSION: '' }, bearer(one)))).to.equal(200);
        expect(await verdict(send(prepared, 'GET', '/me', { USER_SESSION: one }, { authorization: 'Basic dTpw' }))).to.equal(200);
        expect(await verdict(send(prepared, 'GET', '/me', { USER_SESSION: one }, { authorization: 'Bearer' }))).to.equal('The access token is malformed');
    });

    it('is refused as in the header, whatever is in the cookie', async () => {

        const prepared = await serve();
        const token = await mint();
        const me = (cookie: string) => verdict(prepared.server.inject({ url: '/me', headers: { cookie } }));

        expect(await me(`USER_SESSION=${token}; USER_SESSION=${token}`)).to.equal('The access token is repeated');
        expect(await me(`USER_SESSION=${'x'.repeat(16_385)}`)).to.equal('The access token is malformed');
        expect(await me('USER_SESSION=')).to.equal('Missing authentication');
        expect(await me(`user_session=${token}`)).to.equal('Missing authentication');
        for (const value of ['x', `"${token}"`, `${token}%20`, `${token},${token}`, `Bearer ${token}`, 'caf\u00e9', '\u0000', '[object Object]', '__proto__']) {
            expect(await me(`USER_SESSION=${value}`), value).to.equal('The access token is invalid');
        }
    });

    it('is not looked at where the refresh token alone is wanted', async () => {

        const prepared = await serve();
        const { '__Host-refresh': refresh } = setCookies(await prepared.server.inject({ method: 'POST', url: '/login' }));
        expect((await send(prepared, 'POST', '/token', { '__Host-refresh': refresh!, USER_SESSION: 'x' })).statusCode).to.equal(200);
    });

    it('is a bug where it is too long for a browser, and then nothing is set', async () => {

        const prepared = await serve();
        prepared.server.route({
            method: 'POST',
            path: '/enter/{length}',
            options: { auth: false },
            handler: (request) => prepared.auth.issue(request, { sub: '42', name: 'x'.repeat(Number(request.params.length)) })
        });

        expect((await prepared.server.inject({ method: 'POST', url: '/enter/2000' })).statusCode).to.equal(200);
        const res = await prepared.server.inject({ method: 'POST', url: '/enter/4000' });
        expect(res.statusCode).to.equal(500);
        expect(res.headers['set-cookie']).to.not.exist();
        expect((res.request.response as unknown as { _error: Error })._error.message).to.equal('A token is too long for its cookie: the claims must leave it below 4096 bytes');
    });
});


describe('Clear-Site-Data', () => {

    afterEach(() => {

        MemoryStore.prototype.revoke = revoke;
    });

    it('goes with a logout that ended something here, and with nothing else', async () => {

        const prepared = await serve({ clearSiteData: ['cache', 'storage'] });
        const login = await prepared.server.inject({ method: 'POST', url: '/login' });
        const told = async (url: string, headers = {}) => {

            const res = await send(prepared, 'POST', url, setCookies(login), headers);
            return [res.statusCode, res.headers['clear-site-data']];
        };

        expect(login.headers['clear-site-data']).to.be.undefined();
        expect(await told('/others/both')).to.equal([204, undefined]);
        expect(await told('/session/both', { 'sec-fetch-site': 'cross-site' })).to.equal([403, undefined]);

        MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
        expect(await told('/session/both')).to.equal([503, undefined]);

        MemoryStore.prototype.revoke = revoke;
        expect(await told('/session/both')).to.equal([204, '"cache", "storage"']);
        expect(await told('/session/both')).to.equal([401, undefined]);
    });

    it('is not sent where it is not wanted', async () => {

        const prepared = await serve();
        const cookies = setCookies(await prepared.server.inject({ method: 'POST', url: '/login' }));
        expect((await send(prepared, 'POST', '/session/both', cookies)).headers['clear-site-data']).to.be.undefined();
    });
});
