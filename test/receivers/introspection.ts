import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { addClients, serveEndpoints } from '../support/endpoints';
import { jwt as usual } from '../support/server';
import { mint, payload } from '../support/tokens';
import { StoreWatch } from '../support/watch-store';

import type { RouteOptionsAccess } from '@hapi/hapi';
import type { WithEndpoints } from '../support/endpoints';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('the introspection endpoint', () => {

    const now = Date.now;
    const { cutoffs } = MemoryStore.prototype;
    let world: WithEndpoints;

    before(async () => {

        world = await serveEndpoints();
    });

    afterEach(() => {

        Date.now = now;
        MemoryStore.prototype.cutoffs = cutoffs;
    });

    after(() => world.server.stop());

    it('says of a token of a session that it is alive, and what it says itself', async () => {

        const { access_token: token } = await world.auth.issue(null, { sub: '42', scope: ['read', 'write'], client_id: 'app', role: 'admin' });
        const { iat, exp, jti, sid, auth_time } = payload(token) as Record<string, number>;

        const res = await world.post('/introspect', { token });
        expect(res.statusCode).to.equal(200);
        expect(res.headers).to.include({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' });
        expect(res.result).to.equal({
            active: true,
            token_type: 'Bearer',
            scope: 'read write',
            client_id: 'app',
            sub: '42',
            iss: usual.issuer,
            aud: usual.audience,
            iat,
            exp,
            jti,
            sid,
            auth_time,
            role: 'admin'
        });
    });

    it('says of a token of another issuer what it says, and no more than the strategy believes', async () => {

        const seconds = Math.floor(now() / 1000);
        const maxAge = 30 * 24 * 3600;
        const claims = { active: false, token_type: 'other', scope: 'read write', nbf: seconds - 10, username: 'jane', exp: seconds + 2 * maxAge };

        expect(await world.introspect(await mint(claims))).to.equal({
            ...claims,
            sub: '42',
            iss: usual.issuer,
            aud: usual.audience,
            active: true,
            token_type: 'Bearer',
            iat: seconds,
            exp: seconds + maxAge
        });

        expect(await world.introspect(await mint())).to.not.include(['scope', 'client_id', 'username']);
    });

    it('says nothing of any other token but that it is not alive', async () => {

        const { login, auth, introspect } = world;
        const seconds = Math.floor(now() / 1000);
        const [revoked, live] = [await login(), await login()];
        await auth.revoke({ accessToken: revoked.jwt });

        const dead = [
            revoked.jwt,
            revoked.refreshToken,
            live.refreshToken,
            await mint({ exp: seconds - 3600 }),
            await mint({ nbf: seconds + 3600 }),
            await mint({ aud: 'other' }),
            await mint({ iss: 'https://other.example' }),
            await mint({}, 'a secret of somebody else, as long as that'),
            `${live.jwt.slice(0, -4)}AAAA`,
            'x',
            'x.y.z',
            '\u0000'
        ];

        for (const token of dead) {
            expect(await introspect(token)).to.equal({ active: false });
        }

        expect(await introspect(live.jwt)).to.include({ active: true });
    });

    it('asks the store nothing about what was made up, and changes nothing', async () => {

        const { refreshToken, jwt } = await world.login();
        const watch = new StoreWatch();
        watch.begin();
        for (const token of ['x', 'x.y.z', refreshToken, `${jwt.slice(0, -4)}AAAA`]) {
            await world.introspect(token);
        }

        watch.release();
        expect(watch.calls).to.equal([]);
        expect(await world.introspect(jwt)).to.include({ active: true });
        expect((await world.renew(refreshToken)).statusCode).to.equal(200);
    });

    it('says neither that a token is alive nor that it is dead while it does not know', async () => {

        const { jwt } = await world.login();
        MemoryStore.prototype.cutoffs = () => Promise.reject(new Outage('away'));

        const res = await world.post('/introspect', { token: jwt });
        expect(res.statusCode).to.equal(503);
        expect(res.headers['retry-after']).to.equal('1');
        expect(res.result).to.equal({ error: 'temporarily_unavailable', error_description: 'The token store cannot be reached', code: 'store_unavailable' });
    });

    it('asks the app\'s own check', async () => {

        const asked: unknown[] = [];
        const own = await serveEndpoints({ validate: (claims, request) => {

            asked.push([claims.sub, request.path]);
            claims.sub = 'changed';
            return { isValid: claims.role !== 'blocked', credentials: { scope: ['all'] } };
        } });

        const token = await mint();
        expect(await own.introspect(token)).to.include({ active: true, sub: '42' }).and.not.include('scope');
        expect(await own.introspect(token)).to.include({ sub: '42' });
        expect(await own.introspect(await mint({ role: 'blocked' }))).to.equal({ active: false });
        expect(await own.introspect(await mint({ exp: 1 }))).to.equal({ active: false });
        expect(asked).to.equal([['42', '/introspect'], ['42', '/introspect'], ['42', '/introspect']]);
        await own.server.stop();
    });

    it('needs a route that authenticates its callers', async () => {

        const start = async (auth: RouteOptionsAccess | string | false | undefined) => {

            const server = Hapi.server({ debug: false });
            await server.register(plugin);
            server.auth.strategy('session', 'hard-logout', { jwt: usual });
            server.auth.default('session');
            addClients({ server });
            server.route({ method: 'POST', path: '/introspect', options: { ...auth !== undefined && { auth } }, handler: { 'hard-logout': { endpoint: 'introspection', strategy: 'session' } } });
            await server.initialize();
            await server.stop();
        };

        const refusal = 'hard-logout: the route POST /introspect needs an auth in mode \'required\': introspection says which tokens are alive';
        for (const auth of [undefined, false, { strategy: 'clients', mode: 'try' }, { strategy: 'clients', mode: 'optional' }, { mode: 'try' }] as const) {
            await expect(start(auth as RouteOptionsAccess)).to.reject(refusal);
        }

        await start('clients');
        await start({ strategies: ['clients', 'session'] });
        await start({ mode: 'required' });
    });

    it('is not asked with GET', () => {

        const { server } = world;
        const add = (method: 'GET' | 'PUT' | '*') => server.route({ method, path: '/other', options: { auth: 'clients' }, handler: { 'hard-logout': { endpoint: 'introspection', strategy: 'session' } } });
        for (const method of ['GET', '*', 'PUT'] as const) {
            expect(() => add(method)).to.throw(`hard-logout: the route ${method} /other has a handler that needs the method POST`);
        }
    });
});
