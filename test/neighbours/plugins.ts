import * as Vm from 'node:vm';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { blockUnder, read } from '../support/documents';
import { RedisServer } from '../support/redis';
import { key, neighbour, open, packed } from './support/neighbour';

import type * as Hapi from '@hapi/hapi';

import type { StrategyOptions } from '../../lib';
import type { App } from './support/neighbour';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


// Not here, since hapi 21 does not take them: lout (it needs plugins with the names inert and vision), tv (of hapi 13), hapi-pagination (its peer is hapi 19)


interface Neighbour {

    /** Where the module is not the plugin. */
    plugin?: () => Hapi.Plugin<void>;

    /** Options of its plugin. */
    options?: () => object;

    /** What it needs before it. */
    needs?: string[];

    /** What an app does with it, once it is registered. */
    use?: (server: Hapi.Server) => unknown;

    /** What a route that is not for its eyes says to it. */
    routes?: object;
}


describe('beside another plugin', () => {

    let redis: RedisServer;
    let app: App | undefined;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(async () => {

        await app?.server.stop();
        app = undefined;
    });

    after(() => redis.stop());

    const password = 'a password for cookies of 32 bytes';

    const neighbours: Record<string, Neighbour> = {
        '@hapi/inert': { use: (server) => server.route({ method: 'GET', path: '/file', handler: { file: __filename } }) },
        '@hapi/vision': { use: (server) => (server as any).views({ engines: { html: neighbour('handlebars') }, path: __dirname }) },
        '@hapi/cookie': {
            use: (server) => server.auth.strategy('cookie', 'cookie', { cookie: { name: 'other', password, isSecure: false }, validate: () => ({ isValid: false }) })
        },
        '@hapi/yar': {
            options: () => ({ storeBlank: true, maxCookieSize: 0, cookieOptions: { password, isSecure: false } }),
            use(server) {

                server.ext('onPreHandler', (request, h) => {

                    (request as unknown as { yar: { set(name: string, value: unknown): void } }).yar.set('seen', Date.now());
                    return h.continue;
                });
            }
        },
        '@hapi/bell': {
            use: (server) => server.auth.strategy('github', 'bell', { provider: 'github', password, clientId: 'a', clientSecret: 'b', isSecure: false })
        },
        '@hapi/crumb': { options: () => ({ cookieOptions: { isSecure: false } }), routes: { crumb: false } },
        '@hapi/good': { options: () => ({ ops: { interval: 1000 } }) },
        '@hapi/nes': {},
        '@hapi/basic': { use: (server) => server.auth.strategy('basic', 'basic', { validate: () => ({ isValid: false }) }) },
        '@hapi/jwt': {
            use: (server) => server.auth.strategy('jwt', 'jwt', { keys: key, verify: { aud: false, iss: false, sub: false }, validate: () => ({ isValid: true }) })
        },
        '@hapi/scooter': {},
        '@hapi/h2o2': { use: (server) => server.route({ method: 'GET', path: '/elsewhere', handler: { proxy: { host: '127.0.0.1', port: 9 } } } as never) },
        '@hapipal/haute-couture': {
            plugin: () => ({ name: 'composed', register: (server: Hapi.Server) => neighbour('@hapipal/haute-couture').compose(server, {}, { dirname: `${__dirname}/support/composed` }) })
        },
        '@hapipal/schmervice': {},
        '@hapipal/schwifty': {},
        'blankie': { needs: ['@hapi/scooter'] },
        'brok': { options: () => ({ compress: { quality: 1 } }) },
        'disinfect': { options: () => ({ disinfectQuery: true, disinfectParams: true, disinfectPayload: true }) },
        'hapi-alive': {},
        'hapi-auth-bearer-token': {
            use: (server) => server.auth.strategy('simple', 'bearer-access-token', { validate: () => ({ isValid: true, credentials: {}, artifacts: {} }) })
        },
        'hapi-auth-jwt2': { use: (server) => server.auth.strategy('jwt2', 'jwt', { key, validate: () => ({ isValid: true }) }) },
        'hapi-dev-errors': { options: () => ({ showErrors: true }) },
        'hapi-i18n': { options: () => ({ locales: ['en'], directory: `${__dirname}/support/locales` }) },
        'hapi-pino': { options: () => ({ level: 'silent', logRequestStart: true, logRequestComplete: true }) },
        'hapi-query-builder': {},
        'hapi-rate-limit': {},
        'hapi-rate-limitor': { options: () => ({ redis: redis.url, namespace: 'limits' }) },
        'hapi-sentry': { options: () => ({ client: { dsn: false } }) },
        'hapi-swagger': { needs: ['@hapi/inert', '@hapi/vision'] },
        'susie': {}
    };

    const register = async function (server: Hapi.Server, name: string): Promise<void> {

        const { plugin = () => neighbour(name), needs = [], options, use } = neighbours[name]!;
        for (const need of needs) {
            await server.register(neighbour(need));
        }

        await server.register({ plugin: plugin(), options: options?.() } as never);
        await use?.(server);
    };

    const jwt: StrategyOptions['jwt'] = { key, algorithms: ['HS256'] };

    const clients: Record<string, StrategyOptions> = {
        'a program': { jwt, refreshToken: { header: 'x-refresh-token' } },
        'a client that keeps its refresh token in the query': { jwt, refreshToken: { query: 'refreshToken' } },
        'a browser': { jwt: { ...jwt, cookie: { name: 'access', isSecure: false } }, refreshToken: { cookie: { name: 'refresh', isSecure: false } } }
    };

    // Log in, be known, log out, be unknown, and stay so

    const play = async function (uri: string, { refreshToken }: StrategyOptions): Promise<void> {

        const call = (line: string, headers: Record<string, string> = {}) => {

            const [method, path] = line.split(' ') as [string, string];
            return fetch(`${uri}${path}`, { method, headers });
        };

        const login = await call('POST /login');
        expect(login.status).to.equal(200);
        const { access_token: accessToken, refresh_token: token } = await login.json() as Record<string, string>;

        const cookie = login.headers.getSetCookie().map((line) => line.split(';')[0]!).join('; ');
        const isBrowser = refreshToken!.cookie !== undefined;
        const headers: Record<string, string> = isBrowser ?
            { cookie, 'sec-fetch-site': 'same-origin' } :
            { authorization: `Bearer ${accessToken}`, ...refreshToken!.header && { 'x-refresh-token': token! } };

        const query = refreshToken!.query ? `?refreshToken=${token}` : '';
        const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

        const me = await call('GET /me', headers);
        expect(me.status).to.equal(200);
        expect(((await me.json()) as { sub: string }).sub).to.equal('42');

        const logout = await call(`POST /logout${query}`, headers);
        expect(logout.status).to.equal(204);
        expect(await logout.text()).to.equal('');

        const late = await call('GET /me', headers);
        expect([late.status, await codeOf(late)]).to.equal([401, 'access_token_revoked']);

        const renewal = await call(`POST /token${query}`, headers);
        expect([renewal.status, await codeOf(renewal)]).to.equal([401, 'refresh_token_revoked']);
    };

    const playBeside = async function (name: string, order: string, options: StrategyOptions): Promise<void> {

        app = await open(options, { [order]: (server: Hapi.Server) => register(server, name), plugins: neighbours[name]!.routes });
        await play(app.uri, options);
        await app.server.stop();
        app = undefined;
    };

    for (const name of Object.keys(neighbours)) {
        for (const order of ['before', 'after']) {
            it(`${name}, registered ${order} it, logs out`, async () => {

                for (const options of Object.values(clients)) {
                    await playBeside(name, order, options);
                }
            });
        }
    }

    it('are those that the guide names', () => {

        const [, list] = read('docs/plugins.md').split('\n\n').slice(1);
        expect(list!.replace(/\.$/, '').split(/,\s+/)).to.equal(Object.keys(neighbours).toSorted());
    });

    it('is kept out by @hapi/crumb, and by cors, where a route does not say what the guide says', async () => {

        const block = (guide: string, heading: string) => blockUnder(`docs/${guide}.md`, heading, 'js').text;
        const warnings: string[] = [];
        const server: Hapi.Server = neighbour('@hapi/hapi').server({ host: '127.0.0.1', debug: false });
        server.events.on('log', ({ data }, { route, warn, changed }) => route && warn && !changed && warnings.push(data as string));

        await server.register([packed().plugin, neighbour('@hapi/crumb')] as never);
        server.auth.strategy('session', 'hard-logout', clients['a program']!);
        server.auth.default('session');

        // The route of the guide, and the same without its settings

        Vm.runInNewContext(block('plugins', '@hapi/crumb'), { server });
        const cors = Vm.runInNewContext(`${block('browser', 'Pages on another origin')}; cors;`) as { origin: string[] };
        const plugins = { 'hard-logout': { revoke: true }, 'crumb': false } as const;
        const handler = () => null;
        server.route([
            { method: 'POST', path: '/uncrumbed', options: { plugins: { 'hard-logout': { revoke: true } } }, handler },
            { method: 'POST', path: '/guided', options: { cors: structuredClone(cors), plugins }, handler },
            { method: 'POST', path: '/unguided', options: { cors: { origin: structuredClone(cors.origin) }, plugins }, handler }
        ]);

        await server.start();
        app = { server, uri: server.info.uri };

        expect(warnings).to.equal([
            'POST /uncrumbed: plugins.crumb has to be false, or @hapi/crumb responds with 403 to programs, which have no crumb',
            'POST /unguided: cors.additionalHeaders has to name \'x-refresh-token\', or pages of another origin cannot send the refresh token'
        ]);

        const statusOf = async function (path: string): Promise<number> {

            const { access_token: accessToken, refresh_token: token } = await packed().hardLogout(server).issue(null, { sub: '42' });
            const { status } = await fetch(`${app!.uri}${path}`, { method: 'POST', headers: { 'authorization': `Bearer ${accessToken}`, 'x-refresh-token': token! } });
            return status;
        };

        expect(await statusOf('/logout')).to.equal(204);
        expect(await statusOf('/uncrumbed')).to.equal(403);

        const preflight = async function (path: string): Promise<Record<string, string | null>> {

            const headers = { 'origin': cors.origin[0]!, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-refresh-token' };
            const response = await server.inject({ method: 'OPTIONS', url: path, headers });
            return response.headers as never;
        };

        expect((await preflight('/guided'))['access-control-allow-headers']).to.include('x-refresh-token');
        expect((await preflight('/guided'))['access-control-allow-credentials']).to.equal('true');
        expect((await preflight('/unguided'))['access-control-allow-headers'] ?? '').to.not.include('x-refresh-token');
        const { headers } = await server.inject({ method: 'POST', url: '/guided', headers: { origin: cors.origin[0]! } });
        expect(headers['access-control-expose-headers']).to.include(['retry-after', 'WWW-Authenticate']);
    });
});
