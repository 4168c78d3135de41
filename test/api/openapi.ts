import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Joi from 'joi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { jwt } from '../support/server';

import type { StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


describe('openapi()', () => {

    const handler = () => null;

    const prepare = async function (): Promise<Hapi.Server> {

        const server = Hapi.server({ debug: false });
        await server.register(plugin);
        server.auth.scheme('other', () => ({ authenticate: (request, h) => h.authenticated({ credentials: {} }) }));
        server.auth.strategy('other', 'other');
        server.auth.strategy('session', 'hard-logout', { jwt, refreshToken: { query: 'refreshToken' } } satisfies StrategyOptions);
        server.auth.strategy('browser', 'hard-logout', { jwt: { ...jwt, cookie: 'access' }, refreshToken: { cookie: 'refresh' } } satisfies StrategyOptions);
        server.auth.strategy('service', 'hard-logout', { jwt, clearSiteData: ['cache'] } satisfies StrategyOptions);
        return server;
    };

    // What hapi-swagger finds of a route

    const describeRoute = async function (options: Hapi.RouteOptions & { plugins?: any }, method: 'GET' | 'POST' = 'POST'): Promise<any> {

        const server = await prepare();
        server.plugins['hard-logout'].openapi();
        server.route({ method, path: '/', options, handler });
        await server.initialize();
        await server.stop();
        return (server.match(method === 'GET' ? 'get' : 'post', '/')!.settings.plugins as any)['hapi-swagger'];
    };

    const statuses = async function (...args: Parameters<typeof describeRoute>): Promise<string[]> {

        return Object.keys((await describeRoute(...args)).responses);
    };

    it('names the places of all tokens', async () => {

        const server = await prepare();
        const refresh = { type: 'apiKey', description: 'The refresh token' };
        const bearer = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' };
        expect(server.plugins['hard-logout'].openapi()).to.equal({
            OAS: 'v3.0',
            securityDefinitions: {
                'session': bearer,
                'session-refresh': { ...refresh, in: 'query', name: 'refreshToken' },
                'browser': bearer,
                'browser-cookie': { type: 'apiKey', in: 'cookie', name: 'access' },
                'browser-refresh': { ...refresh, in: 'cookie', name: 'refresh' },
                'service': bearer
            }
        } as never);
    });

    it('needs a strategy', async () => {

        const server = Hapi.server();
        await server.register(plugin);
        expect(() => server.plugins['hard-logout'].openapi()).to.throw('hard-logout: openapi() needs the strategies, and the server has none of this scheme yet');
    });

    it('says by which tokens a route is authenticated', async () => {

        const security = async (...args: Parameters<typeof describeRoute>) => (await describeRoute(...args)).security;
        const settings = (value: object) => ({ plugins: { 'hard-logout': value } });

        expect(await security({ auth: 'session' })).to.equal([{ session: [] }]);
        expect(await security({ auth: 'session', ...settings({ tokens: 'refresh' }) })).to.equal([{ 'session-refresh': [] }]);
        expect(await security({ auth: 'session', ...settings({ tokens: 'either' }) })).to.equal([{ session: [] }, { 'session-refresh': [] }]);
        expect(await security({ auth: 'browser', ...settings({ revoke: true }) })).to.equal([
            { 'browser': [], 'browser-refresh': [] },
            { 'browser-cookie': [], 'browser-refresh': [] }
        ]);
        expect(await security({ auth: { strategies: ['service', 'other', 'session'] } })).to.equal([{ service: [] }, { session: [] }]);
        expect(await security({ auth: { strategy: 'session', mode: 'try' } })).to.equal([{ session: [] }, {}]);
        expect(await security({ auth: { strategy: 'session', mode: 'optional' } })).to.equal([{ session: [] }, {}]);
    });

    it('says how a route refuses', async () => {

        const settings = (value: object) => ({ plugins: { 'hard-logout': value } });

        expect(await statuses({ auth: 'session' })).to.equal(['401', '503', 'default']);
        expect(await statuses({ auth: { strategy: 'session', mode: 'optional' } })).to.equal(['401', '503', 'default']);
        expect(await statuses({ auth: { strategy: 'session', scope: 'admin' } })).to.equal(['401', '403', '503', 'default']);

        // Pages of another origin

        expect(await statuses({ auth: 'browser' })).to.equal(['401', '403', '503', 'default']);
        expect(await statuses({ auth: 'browser' }, 'GET')).to.equal(['401', '503', 'default']);
        expect(await statuses({ auth: 'browser', ...settings({ tokens: 'refresh' }) })).to.equal(['401', '403', '503', 'default']);
        expect(await statuses({ auth: 'browser', ...settings({ revoke: true }) })).to.equal(['401', '403', '503', 'default']);
        expect(await statuses({ auth: 'service', ...settings({ revoke: true }) })).to.equal(['401', '403', '503', 'default']);
        expect(await statuses({ auth: 'session', ...settings({ revoke: true }) })).to.equal(['401', '503', 'default']);

        // Strangers are let in, but no logout is a success for them

        expect(await statuses({ auth: { strategy: 'session', mode: 'try' } })).to.equal(['default']);
        expect(await statuses({ auth: { strategy: 'session', mode: 'try' }, ...settings({ revoke: true }) })).to.equal(['401', '503', 'default']);
    });

    it('leaves what the app says itself', async () => {

        const own = { 'hapi-swagger': { security: [{ mine: [] }], responses: { 204: { description: 'Done' }, 401: { description: 'No' } }, order: 1 } };
        const found = await describeRoute({ auth: 'session', plugins: own });
        expect(found).to.include({ security: [{ mine: [] }], order: 1 });
        expect(Object.keys(found.responses)).to.equal(['204', '401', '503']);
        expect(found.responses[401]).to.equal({ description: 'No' });

        expect(await statuses({ auth: 'session', plugins: { 'hapi-swagger': { responses: { 404: {} } } } })).to.equal(['401', '404', '503', 'default']);
        expect(await statuses({ auth: 'session', response: { schema: Joi.object() } })).to.equal(['401', '503']);
        expect(await statuses({ auth: 'session', response: { status: { 200: Joi.object() } } })).to.equal(['401', '503']);
    });

    it('describes routes that come later, and none that it has nothing to say of', async () => {

        const server = await prepare();
        server.plugins['hard-logout'].openapi();
        await server.initialize();
        server.route([
            { method: 'GET', path: '/', options: { auth: 'session' }, handler },
            { method: 'GET', path: '/public', options: { auth: false }, handler },
            { method: 'GET', path: '/other', options: { auth: 'other' }, handler }
        ]);

        const described = ['/', '/public', '/other'].map((path) => 'hapi-swagger' in server.match('get', path)!.settings.plugins!);
        expect(described).to.equal([true, false, false]);
        await server.stop();
    });

    it('changes no route where it is not called', async () => {

        const server = await prepare();
        server.route({ method: 'GET', path: '/', options: { auth: 'session' }, handler });
        await server.initialize();
        expect('hapi-swagger' in server.match('get', '/')!.settings.plugins!).to.be.false();
        await server.stop();
    });
});
