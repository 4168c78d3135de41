import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { jwt } from '../support/server';

import type { RouteOptions, StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


describe('what keeps clients out', () => {

    const header = { refreshToken: { header: 'x-refresh-token' } };
    const cookie = { refreshToken: { cookie: 'refresh' } };
    const both = { ...cookie, jwt: { ...jwt, cookie: 'access' } };

    interface Route {
        method?: 'GET' | 'POST';
        cors?: Hapi.RouteOptions['cors'];
        settings?: RouteOptions;
        plugins?: object;
        hasCrumb?: boolean;
    }

    // The warnings of a server with one route

    const warnings = async function (strategy: Partial<StrategyOptions>, { method = 'POST', cors, settings = { tokens: 'refresh' }, plugins = {}, hasCrumb = false }: Route): Promise<string[]> {

        const server = Hapi.server({ debug: false });
        const lines: string[] = [];
        server.events.on('log', ({ data }, { route, warn, changed }) => route && warn && !changed && lines.push(data as string));

        await server.register(plugin);
        if (hasCrumb) {
            await server.register({ name: '@hapi/crumb', register: () => undefined });
        }

        server.auth.strategy('session', 'hard-logout', { jwt, ...strategy });
        server.route({ method, path: '/token', options: { auth: 'session', cors, plugins: { 'hard-logout': settings, ...plugins } as never }, handler: () => null });
        await server.initialize();
        await server.stop();
        return lines;
    };

    it('is a header that cors does not allow', async () => {

        const line = 'POST /token: cors.additionalHeaders has to name \'x-refresh-token\', or pages of another origin cannot send the refresh token';
        expect(await warnings(header, { cors: true })).to.equal([line]);
        expect(await warnings(header, { cors: { additionalHeaders: ['X-Refresh-Token'] } })).to.equal([]);
        expect(await warnings(header, { cors: { headers: ['X-Refresh-Token'] } })).to.equal([]);
        expect(await warnings(header, {})).to.equal([]);
        expect(await warnings(header, { cors: true, settings: {} })).to.equal([]);
        expect(await warnings({ refreshToken: { query: 'refreshToken' } }, { cors: true })).to.equal([]);
        expect(await warnings({ refreshToken: undefined }, { cors: true, settings: {} })).to.equal([]);
    });

    it('is a cookie that cors does not let through', async () => {

        const line = 'POST /token: cors.credentials has to be true, or pages of another origin cannot send the tokens in cookies';
        expect(await warnings(cookie, { cors: true })).to.equal([line]);
        expect(await warnings(cookie, { cors: { credentials: true } })).to.equal([]);
        expect(await warnings(cookie, { cors: true, settings: {} })).to.equal([]);
        expect(await warnings(both, { cors: true, settings: {} })).to.equal([line]);
    });

    it('is a crumb that programs do not have', async () => {

        const line = 'POST /token: plugins.crumb has to be false, or @hapi/crumb responds with 403 to programs, which have no crumb';
        expect(await warnings(header, { hasCrumb: true })).to.equal([line]);
        expect(await warnings(header, { hasCrumb: true, plugins: { crumb: false } })).to.equal([]);
        expect(await warnings(header, { hasCrumb: true, method: 'GET' })).to.equal([]);
        expect(await warnings(cookie, { hasCrumb: true })).to.equal([]);
    });

    it('is nothing of a route that others authenticate', async () => {

        const server = Hapi.server({ debug: false });
        let lines = 0;
        server.events.on('log', (event, { route }) => (lines += Number(Boolean(route))));
        await server.register([plugin, { name: '@hapi/crumb', register: () => undefined }] as never);
        server.route({ method: 'POST', path: '/', options: { cors: true }, handler: () => null });
        await server.initialize();
        await server.stop();
        expect(lines).to.equal(0);
    });
});
