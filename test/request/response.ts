import { expect } from '@hapi/code';
import * as Boom from '@hapi/boom';
import * as Lab from '@hapi/lab';

import { bearer, prepare } from '../support/server';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Responses', () => {

    it('adds no challenge to any other refusal', async () => {

        const prepared = await prepare();
        prepared.server.route([
            { method: 'GET', path: '/forbidden', handler: () => Boom.forbidden() },
            { method: 'GET', path: '/needed', handler: () => Boom.badRequest('Needed', { need: ['admin'] }) },
            { method: 'GET', path: '/scoped', options: { auth: { scope: 'admin' } }, handler: unreachable }
        ]);
        const { jwt } = await prepared.login();

        const own = await prepared.server.inject({ url: '/forbidden', headers: bearer(jwt) });
        expect(own.statusCode).to.equal(403);
        expect(own.headers).to.not.include('www-authenticate');

        const bad = await prepared.server.inject({ url: '/needed', headers: bearer(jwt) });
        expect(bad.statusCode).to.equal(400);
        expect(bad.headers).to.not.include('www-authenticate');

        const injected = await prepared.server.inject({ url: '/scoped', auth: { strategy: 'session', credentials: { scope: [] } } });
        expect(injected.statusCode).to.equal(403);
        expect(injected.headers).to.not.include('www-authenticate');
    });

    it('stores no answer to a URL that holds a token', async () => {

        const prepared = await prepare();
        prepared.server.route({
            method: 'GET',
            path: '/cached',
            options: { plugins: { 'hard-logout': { tokens: 'either' } }, cache: { expiresIn: 1000 } },
            handler: () => 'mine'
        });

        const { jwt, refreshToken } = await prepared.login();
        expect((await prepared.server.inject(`/cached?refreshToken=${refreshToken}`)).headers['cache-control']).to.equal('no-store');
        expect((await prepared.server.inject({ url: '/cached', headers: bearer(jwt) })).headers['cache-control']).to.equal('max-age=1, must-revalidate, private');
    });

    it('stores no answer that holds tokens', async () => {

        const prepared = await prepare();
        prepared.server.route([
            { method: 'GET', path: '/open', options: { auth: false, cache: { expiresIn: 1000 } }, handler: (request) => prepared.auth.issue(request, { sub: '42' }) },
            { method: 'GET', path: '/cached', options: { auth: false, cache: { expiresIn: 1000 } }, handler: () => 'public' }
        ]);

        expect((await prepared.server.inject('/open')).headers['cache-control']).to.equal('no-store');
        expect((await prepared.server.inject('/cached')).headers['cache-control']).to.equal('max-age=1, must-revalidate');
    });
});


const unreachable = function (): never {

    throw new Error('The handler was reached');
};
