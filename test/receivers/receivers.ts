import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { form, logoutToken, providersJwt, receiving } from '../support/provider';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


describe('the handler type', () => {

    let server: Hapi.Server;

    beforeEach(async () => {

        server = Hapi.server({ debug: false });
        await server.register(plugin);
    });

    afterEach(() => server.stop());

    const usual = { receive: 'back-channel', strategy: 'provider', client: 'shop' };

    const add = (handler: object, { method = 'POST', path = '/receive', ...route }: Partial<Hapi.ServerRoute> = {}) => server.route({ ...route, method, path, handler: { 'hard-logout': handler as any } });

    const post = async (token: string) => (await server.inject({ method: 'POST', url: '/receive', payload: form(token), headers: { 'content-type': 'application/x-www-form-urlencoded' } })).statusCode;

    it('fails with its route, and names the option', () => {

        expect(() => add({ ...usual, client: undefined })).to.throw('hard-logout: invalid handler options of the route POST /receive: client is required');
    });

    it('is for one method', () => {

        expect(() => add(usual, { method: 'PUT' })).to.throw('hard-logout: the route PUT /receive has a handler that needs the method POST');
        expect(() => add(usual, { method: '*' })).to.throw('hard-logout: the route * /receive has a handler that needs the method POST');
        expect(() => add(usual, { method: 'GET' })).to.throw('hard-logout: the route GET /receive has a handler that needs the method POST');
    });

    it('names a strategy, without which the server does not start', async () => {

        add(usual);
        await expect(server.initialize()).to.reject('hard-logout: the route POST /receive names the strategy provider, which is not a hard-logout strategy');
    });

    it('names a strategy that may come later', async () => {

        add(usual);
        server.auth.strategy('provider', 'hard-logout', { jwt: providersJwt });
        await server.initialize();
        expect(await post(await logoutToken())).to.equal(200);
    });

    it('is checked at once on a server that has started, and made once', async () => {

        server.auth.strategy('provider', 'hard-logout', { jwt: providersJwt });
        await server.initialize();
        expect(() => add({ ...usual, strategy: 'other' })).to.throw('hard-logout: the route POST /receive names the strategy other, which is not a hard-logout strategy');

        add(usual, { path: '/later' });
        const later = { method: 'POST', url: '/later', payload: form(await logoutToken()), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
        expect((await server.inject(later)).statusCode).to.equal(200);
    });

    it('asks no strategy for authentication unless the route says so, and takes no notice of cookies', async () => {

        server.auth.strategy('provider', 'hard-logout', { jwt: providersJwt });
        server.auth.default('provider');
        add(usual);
        add(usual, { path: '/guarded', options: { auth: 'provider' } });
        await server.initialize();

        const request = { method: 'POST', payload: form(await logoutToken()), headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: 'a=\0"; =' } };
        expect((await server.inject({ ...request, url: '/receive' })).statusCode).to.equal(200);
        expect((await server.inject({ ...request, url: '/guarded' })).statusCode).to.equal(401);
    });

    it('takes a key set as it is given', async () => {

        const { server: other, notify } = await receiving({ key: new URL('http://127.0.0.1:1/keys'), algorithms: ['ES256'], maxWait: 0 });
        expect(await notify(await logoutToken())).to.equal(503);
        await other.stop();
    });
});
