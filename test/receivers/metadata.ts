import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { addClients } from '../support/endpoints';
import { jwt as usual } from '../support/server';

import type { HandlerOptions } from '../../lib';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const path = '/.well-known/oauth-authorization-server';


describe('the metadata of the server', () => {

    let server: Hapi.Server;

    beforeEach(async () => {

        server = Hapi.server({ debug: false });
        await server.register(plugin);
        addClients({ server });
        server.auth.strategy('session', 'hard-logout', { jwt: usual, refreshToken: { header: 'x-refresh-token' } });
    });

    afterEach(() => server.stop());

    const add = (url: string, options: HandlerOptions, auth: string | false = false) => server.route({ method: url === path ? 'GET' : 'POST', path: url, options: { auth }, handler: { 'hard-logout': options } });

    const read = async () => (await server.inject(path)).result;

    it('names the endpoints of the strategy, and which clients they are for', async () => {

        add('/token', { endpoint: 'token', strategy: 'session' });
        add('/revoke', { endpoint: 'revocation', strategy: 'session' }, 'clients');
        add('/introspect', { endpoint: 'introspection', strategy: 'session' }, 'clients');
        add(path, { endpoint: 'metadata', strategy: 'session' });
        await server.initialize();

        const res = await server.inject(path);
        expect(res.headers['content-type']).to.equal('application/json; charset=utf-8');
        expect(res.result).to.equal({
            issuer: 'https://futureflix.example',
            response_types_supported: [],
            grant_types_supported: ['refresh_token'],
            token_endpoint: 'https://futureflix.example/token',
            token_endpoint_auth_methods_supported: ['none'],
            revocation_endpoint: 'https://futureflix.example/revoke',
            introspection_endpoint: 'https://futureflix.example/introspect'
        });
    });

    it('names no endpoint of another strategy, and those that come later', async () => {

        server.auth.strategy('other', 'hard-logout', { jwt: { ...usual, issuer: 'https://other.example' }, refreshToken: { header: 'x-other-token' } });
        add('/other/token', { endpoint: 'token', strategy: 'other' });
        add(path, { endpoint: 'metadata', strategy: 'session' });
        await server.initialize();

        const nothing = { issuer: 'https://futureflix.example', response_types_supported: [], grant_types_supported: [] };
        expect(await read()).to.equal(nothing);

        add('/revoke', { endpoint: 'revocation', strategy: 'session' });
        expect(await read()).to.equal({ ...nothing, revocation_endpoint: 'https://futureflix.example/revoke', revocation_endpoint_auth_methods_supported: ['none'] });
    });

    it('puts the paths behind the URL that the app is reached at', async () => {

        add('/revoke', { endpoint: 'revocation', strategy: 'session' }, 'clients');
        add(path, { endpoint: 'metadata', strategy: 'session', url: 'https://gateway.example/shop/' });
        await server.initialize();
        expect(await read()).to.include({ issuer: 'https://futureflix.example', revocation_endpoint: 'https://gateway.example/shop/revoke' });
    });

    it('names the URL of the key set, where the strategy has one', async () => {

        server.auth.strategy('provider', 'hard-logout', { jwt: { key: new URL('https://provider.example/keys'), algorithms: ['RS256'], issuer: 'https://provider.example/shop' } });
        add('/revoke', { endpoint: 'revocation', strategy: 'provider' }, 'clients');
        add(path, { endpoint: 'metadata', strategy: 'provider' });
        await server.initialize();
        expect(await read()).to.include({ issuer: 'https://provider.example/shop', jwks_uri: 'https://provider.example/keys', revocation_endpoint: 'https://provider.example/revoke' });
    });

    it('needs an issuer that is a URL', async () => {

        const strategies = { none: undefined, name: 'futureflix', urn: 'urn:futureflix', broken: 'https://' };
        for (const [name, issuer] of Object.entries(strategies)) {
            server.auth.strategy(name, 'hard-logout', { jwt: { key: `a secret of ${name}, long enough for HS256`, algorithms: ['HS256'], issuer } });
        }

        await server.initialize();
        for (const strategy of Object.keys(strategies)) {
            expect(() => add(path, { endpoint: 'metadata', strategy })).to.throw(`hard-logout: the route GET ${path} needs a strategy whose jwt.issuer is a URL`);
        }
    });
});
