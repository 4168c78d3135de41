import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { strategySettings } from '../../lib/options/schema';
import { bearer, jwt as settings, pairOf, prepare } from '../support/server';
import { mint } from '../support/tokens';

import type { RefreshTokenPlace, StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();

const { describe, it } = lab;


const host = 'futureflix.example';

const own = `https://${host}`;

const refusal = 'The request came from another origin';


/** A login whose tokens are in cookies: of the refresh token, and of the JWT where the strategy has one. */
interface Browser {
    cookie: string;
    pair: Pair;
}


const serve = async function (strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

    const prepared = await prepare({ refreshToken: { cookie: 'refresh' }, sessions: { rotate: false }, ...strategy });
    prepared.server.route([
        { method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true } } }, handler: (_, h) => h.response().code(204) },
        { method: 'GET', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true, allowSafeMethods: true } } }, handler: (_, h) => h.response().code(204) },
        { method: ['GET', 'PUT', 'PATCH', 'DELETE'], path: '/look', options: { plugins: { 'hard-logout': { tokens: 'either' } } }, handler: () => 'seen' }
    ]);

    await prepared.server.initialize();
    return prepared;
};


const open = async function ({ auth }: Prepared): Promise<Browser> {

    const pair = pairOf(await auth.issue(null, { sub: '42' }));
    return { pair, cookie: `refresh=${pair.refreshToken}` };
};


type Sent = Record<string, string | string[]>;


const ask = async function ({ server }: Prepared, { cookie }: Browser, headers: Sent, method = 'POST', url = '/bye') {

    const res = await server.inject({ method, url, headers: { host, cookie, ...headers } as Record<string, string> });
    return { statusCode: res.statusCode, message: (res.result as Error | null)?.message, setCookie: res.headers['set-cookie'], res };
};


const isAlive = async function ({ server }: Prepared, { pair }: Browser): Promise<boolean> {

    const { statusCode } = await server.inject({ url: '/me', headers: bearer(pair.jwt) });
    return statusCode === 200;
};


describe('A request with a token in a cookie', () => {

    const ours: Record<string, Sent> = {
        'a page of this origin': { 'sec-fetch-site': 'same-origin', origin: own },
        'a page of this origin that hides its own': { 'sec-fetch-site': 'same-origin', origin: 'null' },
        'the user\'s own hand': { 'sec-fetch-site': 'none' },
        'an old browser, on a page of this origin': { origin: own },
        'an old browser, on a page of this origin, where TLS ends at a proxy': { origin: own, 'x-forwarded-proto': 'https' },
        'an old browser, on a page of this origin, without TLS': { origin: `http://${host}` },
        'an old browser, on a page of this origin with its port': { host: `${host}:8443`, origin: `${own}:8443` },
        'an old browser, where a proxy adds the default port': { host: `${host}:443`, origin: own },
        'an old browser, where the host is in capitals': { host: host.toUpperCase(), origin: own },
        'a client that is no browser': {}
    };

    for (const [who, headers] of Object.entries(ours)) {

        it(`may log out when it comes from ${who}`, async () => {

            const prepared = await serve();
            const browser = await open(prepared);

            const { statusCode, setCookie } = await ask(prepared, browser, headers);
            expect(statusCode).to.equal(204);
            expect(setCookie).to.have.length(1);
            expect(await isAlive(prepared, browser)).to.be.false();
        });
    }

    const theirs: Record<string, Sent> = {
        'a page of another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
        'a page of another site that hides its origin': { 'sec-fetch-site': 'cross-site', origin: 'null' },
        'a page of another site, without an origin': { 'sec-fetch-site': 'cross-site' },
        'a page of another origin of this site': { 'sec-fetch-site': 'same-site', origin: `https://blog.${host}` },
        'a page of another site whose origin a proxy has replaced': { 'sec-fetch-site': 'cross-site', origin: own },
        'a browser that says something new': { 'sec-fetch-site': 'same-planet', origin: own },
        'a client that says it twice': { 'sec-fetch-site': 'same-origin, cross-site', origin: own },
        'a client that says it in a list': { 'sec-fetch-site': ['same-origin', 'same-origin'], origin: own },
        'a client that says nothing with it': { 'sec-fetch-site': '', origin: own },
        'an old browser, on a page of another site': { origin: 'https://evil.example' },
        'an old browser, on a page that hides its origin': { origin: 'null' },
        'an old browser, on a page of a sibling domain': { origin: `https://blog.${host}` },
        'an old browser, on a page of the domain above': { origin: 'https://example' },
        'an old browser, on a page of a domain that begins alike': { origin: `${own}.evil.example` },
        'an old browser, on a page of a domain that ends alike': { origin: `https://not${host}` },
        'an old browser, on a page of another port': { origin: `${own}:8443` },
        'an old browser, on a page of another scheme': { origin: `ftp://${host}` },
        'an old browser, on a page of an app': { origin: `capacitor://${host}` },
        'a client that says two origins': { origin: `${own}, https://evil.example` },
        'a client that says a list of origins': { origin: [own, own] },
        'a client that says an origin with more in it': { origin: `${own}/` },
        'a client that says an empty origin': { origin: '' },
        'a client that says which host a proxy was asked for': { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
    };

    for (const [who, headers] of Object.entries(theirs)) {

        it(`is refused, logs nobody out and keeps the cookie when it comes from ${who}`, async () => {

            const prepared = await serve();
            const browser = await open(prepared);

            for (const [method, url] of [['POST', '/bye'], ['POST', '/token'], ['PUT', '/look'], ['PATCH', '/look'], ['DELETE', '/look']] as const) {
                const { statusCode, message, setCookie, res } = await ask(prepared, browser, headers, method, url);
                expect([method, url, statusCode, message, setCookie]).to.equal([method, url, 403, refusal, undefined]);
                expect(res.headers['cache-control']).to.equal('no-store');
                expect(res.headers['www-authenticate']).to.be.undefined();
                expect((res.request.auth.error as unknown as { data: unknown }).data).to.equal({ code: 'cross_origin_refused' });
            }

            expect(await isAlive(prepared, browser)).to.be.true();
            expect((await ask(prepared, browser, {}, 'POST', '/token')).statusCode).to.equal(200);
        });

        it(`may read when it comes from ${who}`, async () => {

            const prepared = await serve();
            expect((await ask(prepared, await open(prepared), headers, 'GET', '/look')).statusCode).to.equal(200);
        });

        it(`does not end a session by an old token when it comes from ${who}`, async () => {

            const prepared = await serve({ refreshToken: { cookie: 'refresh' }, sessions: { grace: 0 } });
            const old = await open(prepared);
            await prepared.auth.refresh(old.pair.refreshToken);

            expect((await ask(prepared, old, headers, 'POST', '/token')).statusCode).to.equal(403);
            expect(await isAlive(prepared, old)).to.be.true();
        });
    }

    it('has to come from this origin for a logout by a safe method, which must be shown', async () => {

        const prepared = await serve();
        const browser = await open(prepared);

        for (const headers of [...Object.values(theirs), {}]) {
            for (const method of ['GET', 'HEAD']) {
                expect((await ask(prepared, browser, headers, method)).statusCode, JSON.stringify(headers)).to.equal(403);
            }
        }

        expect(await isAlive(prepared, browser)).to.be.true();

        for (const headers of [{ 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }, { origin: own }]) {
            const other = await open(prepared);
            expect((await ask(prepared, other, headers as unknown as Sent, 'GET')).statusCode).to.equal(204);
            expect(await isAlive(prepared, other)).to.be.false();
        }
    });

    it('is judged by the method that the browser sent, whatever an extension makes of it', async () => {

        const prepared = await serve();
        const browser = await open(prepared);
        prepared.server.ext('onRequest', (request, h) => {

            if (request.query.method !== undefined) {
                request.setMethod('POST');
            }

            return h.continue;
        });

        expect((await ask(prepared, browser, {}, 'GET', '/bye?method')).statusCode).to.equal(403);
        expect(await isAlive(prepared, browser)).to.be.true();
    });

    it('has to name the scheme as well where TLS ends here', async () => {

        const server = Hapi.server({ debug: false });
        server.info.protocol = 'https';
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt: { ...settings, cookie: 'jwt' } } satisfies StrategyOptions);
        server.route({ method: 'POST', path: '/', options: { auth: 'session' }, handler: () => 'done' });

        const ends = async (origin: string) => {

            const { statusCode } = await server.inject({ method: 'POST', url: '/', headers: { host, origin, cookie: `jwt=${await mint()}` } });
            return statusCode;
        };

        expect(await ends(own)).to.equal(200);
        expect(await ends(`http://${host}`)).to.equal(403);
    });

    it('has nothing to compare an origin with where no host was asked for', async () => {

        const prepared = await serve();
        expect((await ask(prepared, await open(prepared), { host: '', origin: 'http://' })).statusCode).to.equal(403);
    });

    it('is refused before anything is known of its tokens, and nothing of them is looked up', async () => {

        let count = 0;
        const prepared = await prepare({
            refreshToken: { cookie: 'refresh' },
            lookup: {
                find: () => {

                    ++count;
                    return null;
                },
                remove: () => undefined
            }
        });

        prepared.server.route({ method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: () => null });

        const browser = { cookie: 'refresh=unknown', pair: { jwt: '', refreshToken: '' } };
        expect((await ask(prepared, browser, { 'sec-fetch-site': 'cross-site' })).statusCode).to.equal(403);
        expect(count).to.equal(0);
        expect((await ask(prepared, browser, {})).statusCode).to.equal(401);
        expect(count).to.equal(1);
    });
});


describe('origins', () => {

    const trusted = ['https://app.futureflix.example', 'capacitor://localhost', 'http://localhost:8080'];

    it('may do what this one may, and no other does', async () => {

        const prepared = await serve({ origins: trusted });

        for (const origin of trusted) {
            for (const headers of [{ origin }, { origin, 'sec-fetch-site': 'same-site' }, { origin, 'sec-fetch-site': 'cross-site' }]) {
                const browser = await open(prepared);
                expect((await ask(prepared, browser, headers as unknown as Sent)).statusCode).to.equal(204);
                expect(await isAlive(prepared, browser)).to.be.false();
            }
        }

        const browser = await open(prepared);
        for (const origin of ['https://evil.example', 'null', 'http://app.futureflix.example', 'https://app.futureflix.example:8443', trusted.join(', ')]) {
            expect((await ask(prepared, browser, { origin, 'sec-fetch-site': 'cross-site' })).statusCode).to.equal(403);
        }

        expect((await ask(prepared, browser, { 'sec-fetch-site': 'cross-site' })).statusCode).to.equal(403);
        expect(await isAlive(prepared, browser)).to.be.true();
    });

    it('leave it to SameSite and the app where all may', async () => {

        const prepared = await serve({ origins: '*' });
        const browser = await open(prepared);

        expect((await ask(prepared, browser, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).statusCode).to.equal(204);
        expect(await isAlive(prepared, browser)).to.be.false();
    });

    it('are refused where they are none, and where no token is in a cookie', () => {

        const strategy = function (origins: unknown, refreshToken: RefreshTokenPlace = { cookie: 'refresh' }) {

            return () => strategySettings({ jwt: settings, refreshToken, origins });
        };

        for (const origin of [
            'null', '', 'futureflix.example', 'https://', 'https://a b', 'https://futureflix.example/', 'https://futureflix.example/path', 'https://FUTUREFLIX.example',
            'HTTPS://futureflix.example', 'https://futureflix.example:443', 'http://futureflix.example:80', 'https://user@futureflix.example', 'https://m\u00fcnchen.example',
            'https://*.futureflix.example', 'https://futureflix.example?', 'https://[1', 5
        ]) {
            expect(strategy([origin]), String(origin)).to.throw(/^hard-logout: invalid strategy options: origins/);
        }

        for (const origins of ['https://futureflix.example', '**', { 0: 'https://futureflix.example' }]) {
            expect(strategy(origins)).to.throw(/^hard-logout: invalid strategy options: origins/);
        }

        expect(strategySettings({ jwt: { ...settings, cookie: 'jwt' }, origins: trusted }).origins).to.equal(trusted);
        expect(() => strategySettings({ jwt: settings, origins: trusted })).to.throw('hard-logout: invalid strategy options: origins needs a token in a cookie, or clearSiteData');
        expect(strategy(trusted, { query: 'refreshToken' })).to.throw('hard-logout: invalid strategy options: origins needs a token in a cookie, or clearSiteData');
        expect(strategy('*', { header: 'x-refresh' })).to.throw('hard-logout: invalid strategy options: origins needs a token in a cookie, or clearSiteData');
    });
});


describe('A request whose tokens are in no cookie', () => {

    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

    it('comes from where it likes, since no browser sends them by itself', async () => {

        for (const strategy of [{ refreshToken: { query: 'refreshToken' } }, { refreshToken: { header: 'x-refresh-token' } }]) {
            const prepared = await serve(strategy);
            const { jwt } = await prepared.login();
            const { statusCode } = await prepared.server.inject({ method: 'POST', url: '/bye', headers: { ...bearer(jwt), ...foreign } });
            expect(statusCode).to.equal(204);
        }
    });

    it('comes from where it likes where the strategy has a cookie as well, but not for a logout, which would clear that', async () => {

        const prepared = await serve();
        const { jwt } = await prepared.login();
        const status = async (url: string, method = 'POST') => (await prepared.server.inject({ method, url, headers: { ...bearer(jwt), ...foreign } })).statusCode;
        expect(await status('/look', 'PUT')).to.equal(200);
        expect(await status('/bye')).to.equal(403);
        expect(await isAlive(prepared, { cookie: '', pair: { jwt, refreshToken: '' } })).to.be.true();
    });

    it('has none of its own where it sends another cookie', async () => {

        const { server } = await serve();
        const { statusCode } = await server.inject({ method: 'POST', url: '/bye', headers: { ...foreign, cookie: 'other=1' } });
        expect(statusCode).to.equal(401);
    });
});


describe('A response that changes cookies', () => {

    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

    const page = { 'sec-fetch-site': 'same-origin', origin: own };

    // The refresh token is in the query, where a page of another origin can put its own

    const openQuery = async function (strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

        const prepared = await prepare({ jwt: { ...settings, cookie: 'jwt' }, ...strategy });
        prepared.server.route([
            { method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'refresh', revoke: true } } }, handler: () => null },
            { method: ['GET', 'POST'], path: '/look', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: () => null },
            { method: ['GET', 'POST'], path: '/renew', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => prepared.auth.refresh(request) },
            { method: ['GET', 'POST'], path: '/enter', options: { auth: false }, handler: (request) => prepared.auth.issue(request, { sub: '42' }) },
            { method: 'GET', path: '/callback', options: { auth: false }, handler: (request) => prepared.auth.issue(request, { sub: '42' }, { allowCrossOrigin: true }) }
        ]);
        return prepared;
    };

    const send = async function ({ server }: Prepared, method: string, url: string, headers: Record<string, string>) {

        const res = await server.inject({ method, url, headers: { host, ...headers } });
        return [res.statusCode, Boolean(res.headers['set-cookie'] ?? res.headers['clear-site-data'])];
    };

    it('is no response to a page of another origin: none of them logs its visitors in as somebody else, or out', async () => {

        const prepared = await openQuery();
        const { refreshToken } = await prepared.login();
        const query = `?refreshToken=${refreshToken}`;

        for (const [method, url] of [['POST', `/bye${query}`], ['POST', `/renew${query}`], ['GET', `/renew${query}`], ['POST', '/enter'], ['GET', '/enter']] as const) {
            expect([method, url, ...await send(prepared, method, url, foreign)]).to.equal([method, url, 403, false]);
        }

        expect(await send(prepared, 'POST', `/look${query}`, foreign)).to.equal([204, false]);
        expect(await send(prepared, 'GET', '/callback', foreign)).to.equal([200, true]);
        expect(await send(prepared, 'POST', '/enter', page)).to.equal([200, true]);
        expect(await send(prepared, 'POST', '/enter', {})).to.equal([200, true]);
        expect(await send(prepared, 'POST', `/bye${query}`, page)).to.equal([204, true]);
    });

    it('begins and renews no session for a page of another origin', async () => {

        const prepared = await openQuery();
        const { refreshToken } = await prepared.login();
        const events: string[] = [];
        prepared.server.events.on({ name: 'hard-logout', channels: ['issued', 'refreshed'] }, ({ subject }) => events.push(subject));

        await send(prepared, 'POST', '/enter', foreign);
        await send(prepared, 'POST', `/renew?refreshToken=${refreshToken}`, foreign);
        expect(events).to.equal([]);
    });

    it('is none to a link with a refresh token that was used before', async () => {

        for (const [headers, isCleared] of [[foreign, false], [{ 'sec-fetch-site': 'cross-site' }, false], [page, true], [{ 'sec-fetch-site': 'none' }, true]] as const) {
            const prepared = await openQuery({ sessions: { grace: 0 } });
            const { refreshToken } = await prepared.login();
            await prepared.auth.refresh(refreshToken);
            expect(await send(prepared, 'GET', `/look?refreshToken=${refreshToken}`, headers as Record<string, string>)).to.equal([401, isCleared]);
        }
    });

    it('is none with Clear-Site-Data either, where no token is in a cookie', async () => {

        const prepared = await openQuery({ jwt: settings, clearSiteData: ['storage'], origins: ['https://app.example'] });
        for (const [headers, expected] of [[foreign, [403, false]], [page, [204, true]], [{ ...foreign, origin: 'https://app.example' }, [204, true]]] as [Record<string, string>, (number | boolean)[]][]) {
            const { refreshToken } = await prepared.login();
            expect(await send(prepared, 'POST', `/bye?refreshToken=${refreshToken}`, headers)).to.equal(expected);
        }
    });

    it('is left to the app where all origins may', async () => {

        const prepared = await openQuery({ origins: '*' });
        expect(await send(prepared, 'POST', '/enter', foreign)).to.equal([200, true]);
    });

    it('is none where the strategy has no cookies: any page may log in and out', async () => {

        const prepared = await openQuery({ jwt: settings });
        const { refreshToken } = await prepared.login();
        expect(await send(prepared, 'POST', '/enter', foreign)).to.equal([200, false]);
        expect(await send(prepared, 'POST', `/bye?refreshToken=${refreshToken}`, foreign)).to.equal([204, false]);
    });
});


describe('A JWT in a cookie', () => {

    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

    it('changes nothing for another origin, wherever the refresh token is', async () => {

        for (const refreshToken of [{ query: 'refreshToken' }, { cookie: 'refresh' }, undefined]) {
            const prepared = await prepare({ jwt: { ...settings, cookie: 'jwt' }, refreshToken });
            const token = await mint({ jti: 'one' });
            prepared.server.route([
                { method: 'POST', path: '/change', handler: () => 'changed' },
                { method: 'POST', path: '/end', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'token' } } }, handler: () => null }
            ]);

            const status = async (method: string, url: string, headers = {}) => {

                const res = await prepared.server.inject({ method, url, headers: { cookie: `jwt=${token}`, ...headers } });
                return res.statusCode;
            };

            expect(await status('POST', '/change', foreign)).to.equal(403);
            expect(await status('POST', '/end', foreign)).to.equal(403);
            expect(await status('GET', '/me', foreign)).to.equal(200);
            expect(await status('POST', '/change', bearer(token))).to.equal(200);
            expect(await status('POST', '/change', { ...foreign, ...bearer(token) })).to.equal(200);
            expect(await status('POST', '/change', { 'sec-fetch-site': 'same-origin' })).to.equal(200);
            expect(await status('POST', '/end', { 'sec-fetch-site': 'same-origin' })).to.equal(204);
            expect(await status('GET', '/me')).to.equal(401);
        }
    });
});

