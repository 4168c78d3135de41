import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { basic, serveEndpoints } from '../support/endpoints';
import { bearer } from '../support/server';

import type { ServerInjectResponse } from '@hapi/hapi';
import type { WithEndpoints } from '../support/endpoints';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


const paths = ['/revoke', '/clients/revoke', '/introspect', '/oauth/token', '/clients/token'];


describe('an endpoint', () => {

    let world: WithEndpoints;
    const { revoke } = MemoryStore.prototype;

    before(async () => {

        world = await serveEndpoints({
            jwt: { cookie: 'access' } as any,
            refreshToken: { cookie: 'refresh' },
            onRevoke: ({ subject }) => {

                if (subject === 'forbidden') {
                    throw Boom.forbidden('Not this one');
                }

                if (subject === 'broken') {
                    throw new Error('A secret of the app');
                }
            }
        });
    });

    afterEach(() => {

        MemoryStore.prototype.revoke = revoke;
    });

    after(() => world.server.stop());

    const shape = ({ statusCode, headers, result }: ServerInjectResponse) => [statusCode, headers['cache-control'], result];

    it('wants a form with each parameter once, and ignores those without a value and those that it does not know', async () => {

        const { server, post } = world;
        const refused = async (path: string, fields: string, headers: object = {}) => {

            const [statusCode, cache, result] = shape(await post(path, fields, { ...basic('shop'), ...headers })) as [number, string, { error: string; error_description: string }];
            expect([statusCode, cache, result.error]).to.equal([400, 'no-store', 'invalid_request']);
            return result.error_description;
        };

        for (const path of paths) {
            const name = path.endsWith('token') ? 'grant_type' : 'token';
            expect(await refused(path, '')).to.equal(`The parameter ${name} is missing`);
            expect(await refused(path, `${name}=`)).to.equal(`The parameter ${name} is missing`);
            expect(await refused(path, `${name}=a&${name}=b`)).to.equal('A parameter is repeated');
            expect(await refused(path, `{"${name}":"a"}`, { 'content-type': 'application/json' })).to.equal('The content type must be application/x-www-form-urlencoded');
            expect((await server.inject({ url: path, headers: basic('shop') })).statusCode).to.equal(404);
        }

        const { refreshToken } = await world.login();
        expect((await world.renew(refreshToken, { scope: '', resource: 'https://other.example' })).statusCode).to.equal(200);
    });

    it('reads no cookie and sets none, and is not prevented by any', async () => {

        const { post } = world;
        const { jwt, refreshToken } = await world.login();
        const cookie = { ...basic('shop'), cookie: `access=${jwt}; refresh=${refreshToken}; broken="` };

        for (const path of paths) {
            const token = path.endsWith('token');
            expect((await post(path, token ? { grant_type: 'refresh_token' } : {}, cookie)).statusCode).to.equal(400);

            const other = await world.login();
            const res = await post(path, token ? { grant_type: 'refresh_token', refresh_token: other.refreshToken } : { token: other.jwt }, cookie);
            expect(res.statusCode).to.equal(200);
            expect(res.headers).to.not.include('set-cookie');
        }

        expect(await world.me(jwt)).to.equal({ statusCode: 200, message: undefined });
    });

    it('responds in OAuth\'s shape to what its route refuses', async () => {

        const { post } = world;

        const missing = await post('/clients/revoke', { token: 'a' }, {});
        expect(shape(missing)).to.equal([401, 'no-store', { error: 'invalid_client', error_description: 'Missing authentication' }]);
        expect(missing.headers['www-authenticate']).to.equal('Basic realm="clients"');

        const wrong = await post('/introspect', { token: 'a' }, basic('shop', 'wrong'));
        expect(shape(wrong)).to.equal([401, 'no-store', { error: 'invalid_client', error_description: 'Wrong password' }]);

        const long = await post('/oauth/token', { token: 'a'.repeat(200_000) });
        expect([long.statusCode, (long.result as { error: string }).error]).to.equal([413, 'invalid_request']);
    });

    it('keeps the code of what a strategy of this scheme refuses', async () => {

        const { server, login, post } = world;
        server.route({ method: 'POST', path: '/bearer/revoke', options: { auth: 'session' }, handler: { 'hard-logout': { endpoint: 'revocation', strategy: 'session' } } });

        const missing = await post('/bearer/revoke', { token: 'a' }, {});
        expect(shape(missing)).to.equal([401, 'no-store', { error: 'invalid_client', error_description: 'Missing authentication', code: 'credentials_missing' }]);

        const { jwt } = await login();
        expect((await post('/bearer/revoke', { token: jwt }, bearer(jwt))).statusCode).to.equal(200);
        expect((await post('/bearer/revoke', { token: jwt }, bearer(jwt))).result).to.include({ error: 'invalid_client', code: 'access_token_revoked' });
    });

    it('responds in OAuth\'s shape to what the app throws, and says nothing of a bug', async () => {

        const { login, revoke: post } = world;
        expect(shape(await post((await login('forbidden')).jwt))).to.equal([403, 'no-store', { error: 'access_denied', error_description: 'Not this one' }]);
        expect(shape(await post((await login('broken')).jwt))).to.equal([500, 'no-store', { error: 'server_error', error_description: 'An internal server error occurred' }]);
    });

    it('leaves the responses of other routes as they are', async () => {

        const res = await world.server.inject('/me');
        expect(res.result).to.equal({ statusCode: 401, error: 'Unauthorized', message: 'Missing authentication', code: 'credentials_missing' });
    });

    it('responds with 503 while it is not certain', async () => {

        MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
        const { jwt } = await world.login();

        const res = await world.revoke(jwt);
        expect(shape(res)).to.equal([503, 'no-store', { error: 'temporarily_unavailable', error_description: 'The token store cannot be reached', code: 'store_unavailable' }]);
        expect(res.headers['retry-after']).to.equal('1');
    });

    it('ends and renews the tokens of the client that asks, and of no other', async () => {

        const { auth, post } = world;
        const issue = async (client?: string) => auth.issue(null, { sub: '42', ...client !== undefined && { client_id: client } });
        const another = { error: 'invalid_grant', error_description: 'The token belongs to another client' };
        const renewal = (refreshToken: string) => ({ grant_type: 'refresh_token', refresh_token: refreshToken });

        const shop = await issue('shop');
        for (const token of [shop.access_token, shop.refresh_token]) {
            expect(shape(await post('/clients/revoke', { token }, basic('bank')))).to.equal([400, 'no-store', another]);
            expect(shape(await post('/clients/revoke', { token, client_id: 'shop' }, basic('bank')))).to.equal([400, 'no-store', another]);
            expect(shape(await post('/revoke', { token, client_id: 'bank' }))).to.equal([400, 'no-store', another]);
        }

        expect(shape(await post('/clients/token', renewal(shop.refresh_token), basic('bank')))).to.equal([400, 'no-store', another]);
        expect(shape(await post('/oauth/token', { ...renewal(shop.refresh_token), client_id: 'bank' }))).to.equal([400, 'no-store', another]);
        expect(await world.me(shop.access_token)).to.include({ statusCode: 200 });

        // The refresh token has not been replaced by any of them

        expect((await post('/clients/token', renewal(shop.refresh_token), basic('shop'))).statusCode).to.equal(200);
        expect((await post('/clients/revoke', { token: shop.access_token }, basic('shop'))).statusCode).to.equal(200);
        expect(await world.me(shop.access_token)).to.include({ statusCode: 401 });

        // Where tokens do not say whose they are, whoever has one may end it

        const any = await issue();
        expect((await post('/clients/token', renewal(any.refresh_token), basic('bank'))).statusCode).to.equal(200);
        expect((await post('/revoke', { token: any.access_token, client_id: 'bank' })).statusCode).to.equal(200);
        expect(await world.me(any.access_token)).to.include({ statusCode: 401 });

        // A public client need not name itself

        const publicClient = await issue('app');
        expect((await post('/revoke', { token: publicClient.access_token }, {})).statusCode).to.equal(200);
    });
});
