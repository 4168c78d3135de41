import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { read } from '../support/documents';
import { neighbour, packed } from './support/neighbour';

import type * as Hapi from '@hapi/hapi';

import type { StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


describe('with hapi-swagger', () => {

    const describeApp = async function (): Promise<any> {

        const Joi = neighbour('joi');
        const { plugin } = packed();
        const server: Hapi.Server = neighbour('@hapi/hapi').server({ debug: false });
        await server.register([plugin, neighbour('@hapi/inert'), neighbour('@hapi/vision')] as never);

        const jwt: StrategyOptions['jwt'] = { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] };
        server.auth.strategy('session', 'hard-logout', { jwt, refreshToken: { query: 'refreshToken' } } satisfies StrategyOptions);
        server.auth.strategy('browser', 'hard-logout', { jwt: { ...jwt, cookie: '__Host-access' }, refreshToken: { cookie: '__Host-refresh' } } satisfies StrategyOptions);
        server.auth.default('session');

        // The documented line

        await server.register({ plugin: neighbour('hapi-swagger'), options: server.plugins['hard-logout'].openapi() });

        const tags = ['api'];
        const handler = () => null;
        server.route([
            { method: 'POST', path: '/login', options: { tags, auth: false }, handler },
            { method: 'GET', path: '/me', options: { tags, response: { schema: Joi.object({ sub: Joi.string() }).label('Me') } }, handler },
            { method: 'POST', path: '/logout', options: { tags, plugins: { 'hard-logout': { revoke: true } } }, handler },
            { method: 'DELETE', path: '/users', options: { tags, auth: { scope: 'admin' } }, handler },
            { method: 'POST', path: '/all/logout', options: { tags, auth: { strategies: ['browser', 'session'] }, plugins: { 'hard-logout': { tokens: 'either', revoke: true } } }, handler }
        ]);

        await server.initialize();
        const { result, statusCode } = await server.inject('/openapi.json');
        expect(statusCode).to.equal(200);
        await server.stop();
        return result;
    };

    it('shows by what each route is authenticated, where the refresh token goes, and how it refuses', async () => {

        const document = await describeApp();

        expect(read('docs/plugins.md')).to.include('options: server.plugins[\'hard-logout\'].openapi()');
        expect(document.openapi).to.equal('3.0.0');
        expect(Object.keys(document.components.securitySchemes)).to.equal(['session', 'session-refresh', 'browser', 'browser-cookie', 'browser-refresh']);
        expect(document.components.securitySchemes['session-refresh']).to.include({ in: 'query', name: 'refreshToken' });
        expect(document.components.securitySchemes['browser-refresh']).to.include({ in: 'cookie', name: '__Host-refresh' });

        const routes = Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, route]) => [`${method} ${path}`, route]));
        const shown = Object.fromEntries(routes.map(([line, { security, responses }]) => [line, [security, Object.keys(responses)]]));
        expect(shown).to.equal({
            'post /login': [undefined, ['default']],
            'get /me': [[{ session: [] }], ['200', '401', '503']],
            'post /logout': [[{ 'session': [], 'session-refresh': [] }], ['401', '503', 'default']],
            'delete /users': [[{ session: [] }], ['401', '403', '503', 'default']],
            'post /all/logout': [[{ browser: [] }, { 'browser-cookie': [] }, { 'browser-refresh': [] }, { session: [] }, { 'session-refresh': [] }], ['401', '403', '503', 'default']]
        });

        const { 401: refused, 503: unavailable } = document.paths['/me'].get.responses;
        expect(Object.keys(refused.content['application/json'].schema.properties)).to.equal(['statusCode', 'error', 'message', 'code']);
        expect(refused.headers['WWW-Authenticate'].schema).to.equal({ type: 'string' });
        expect(unavailable.headers['Retry-After'].schema).to.equal({ type: 'integer' });

        // By the schema of OpenAPI

        await neighbour('swagger-parser').validate(structuredClone(document));
    });
});
