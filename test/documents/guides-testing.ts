import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout } from '../../lib';
import { hurry, unhurried } from '../support/clock';
import { example } from '../support/documents';
import { RedisServer } from '../support/redis';
import { bearer, prepare, secret } from '../support/server';

import type * as Hapi from '@hapi/hapi';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('the guide to testing', () => {

    let server: Hapi.Server | undefined;

    afterEach(async () => {

        unhurried();
        await server?.stop();
        server = undefined;
    });

    const status = async function (method: string, url: string, headers: Record<string, string> = {}): Promise<number> {

        return (await server!.inject({ method, url, headers })).statusCode;
    };

    const routes: Hapi.ServerRoute[] = [
        { method: 'GET', path: '/admin', options: { auth: { scope: 'admin' } }, handler: () => null },
        { method: 'GET', path: '/session', handler: ({ auth }) => (auth.artifacts as { session: string }).session },
        { method: 'GET', path: '/verify', handler: async (request) => await request.server.auth.verify(request) ?? null },
        {
            method: 'POST',
            path: '/block',
            handler: async (request) => {

                await hardLogout(request.server).revoke({ subject: request.auth.credentials.sub as string });
                return null;
            }
        }
    ];

    it('logs a test user in with real tokens', async () => {

        const { login } = example('docs/testing.md', 'A pair of tokens for a test user');

        for (const refreshToken of [{ cookie: '__Host-refresh' }, { header: 'x-refresh-token' }]) {
            const { server: created } = await prepare({ refreshToken });
            server = created;
            server.route(routes);
            await server.initialize();

            const headers = await login(server, { sub: '42', scope: ['admin'] }, refreshToken);
            expect(await status('GET', '/admin', headers)).to.equal(204);
            expect(await status('POST', '/logout', headers)).to.equal(204);
            expect(await status('GET', '/admin', headers)).to.equal(401);
            await server.stop();
        }
    });

    it('says that a page of another site is refused where a client without a browser is not', async () => {

        const { login } = example('docs/testing.md', 'A pair of tokens for a test user');
        const refreshToken = { cookie: '__Host-refresh' };
        const { server: created } = await prepare({ refreshToken });
        server = created;

        const headers = await login(server, { sub: '42' }, refreshToken);
        expect(await status('POST', '/logout', { ...headers, 'sec-fetch-site': 'cross-site' })).to.equal(403);
        expect(await status('POST', '/logout', headers)).to.equal(204);
    });

    it('says what injected credentials do, and that they log nobody out', async () => {

        const refreshToken = { cookie: '__Host-refresh' };
        const { server: created } = await prepare({
            refreshToken,
            validate: () => {

                throw new Error('It is not asked');
            }
        });

        server = created;
        server.route(routes);
        const ended: unknown[] = [];
        server.events.on({ name: 'hard-logout', channels: 'revoked' }, (ending) => ended.push(ending));

        const auth = { strategy: 'session', credentials: { sub: '42', scope: ['user'] } };
        const inject = (method: string, url: string, injected: Hapi.ServerInjectOptions['auth'] = auth) => server!.inject({ method, url, auth: injected });

        expect((await inject('GET', '/me')).result).to.equal(auth.credentials);

        const forbidden = await inject('GET', '/admin');
        expect(forbidden.statusCode).to.equal(403);
        expect(forbidden.headers['www-authenticate']).to.not.exist();
        expect((await inject('GET', '/admin', { ...auth, credentials: { scope: ['admin'] } })).statusCode).to.equal(204);

        expect((await inject('GET', '/session')).statusCode).to.equal(500);
        expect((await inject('GET', '/session', { ...auth, artifacts: { session: 'one' } })).payload).to.equal('one');
        expect((await inject('GET', '/verify')).statusCode).to.equal(204);
        expect((await inject('POST', '/token')).statusCode).to.equal(500);

        const logout = await inject('POST', '/logout');
        expect(logout.statusCode).to.equal(204);
        expect(logout.headers['set-cookie']).to.not.exist();
        expect(ended).to.equal([]);

        expect((await inject('POST', '/block')).statusCode).to.equal(204);
        expect(ended).to.have.length(1);
    });

    it('moves time for access tokens and for sessions', async () => {

        const { later } = example('docs/testing.md', 'Time');
        const { server: created, login } = await prepare({ refreshToken: { header: 'x-refresh-token' } });
        server = created;

        const pair = await login();
        const minute = 60 * 1000;
        const message = async (method: string, url: string, after: number) => {

            const { result } = await later(after, () => server!.inject({ method, url, headers: { ...bearer(pair.jwt), 'x-refresh-token': pair.refreshToken } }));
            return (result as { message?: string }).message;
        };

        expect(await message('GET', '/me', 14 * minute)).to.be.undefined();
        expect(await message('GET', '/me', 16 * minute)).to.equal('The access token expired');
        expect(await message('POST', '/token', 31 * 24 * 60 * minute)).to.equal('The refresh token is invalid');
        expect(await message('GET', '/me', 0)).to.be.undefined();
    });

    it('has a server whose Redis is not there, and that answers 503', async () => {

        const { createServer } = example('docs/testing.md', 'An outage');
        server = await createServer(secret);
        hurry();
        await server!.initialize();
        unhurried();

        const { login, server: other } = await prepare({ jwt: { key: secret, algorithms: ['HS256'] } });
        const { headers, statusCode } = await server!.inject({ url: '/me', headers: bearer((await login()).jwt) });
        expect(statusCode).to.equal(503);
        expect(headers['retry-after'] as unknown).to.equal(1);
        await other.stop();
    });

    it('has a prefix of its own for each file of tests on one Redis', async () => {

        const { options } = example('docs/testing.md', 'With a real Redis');
        const redis = await RedisServer.start({ isSettled: true });
        try {
            const [a, b] = [await prepare({}, options(redis.url)), await prepare({}, options(redis.url))];
            await Promise.all([a.server.initialize(), b.server.initialize()]);

            const pair = await a.login();
            expect((await a.auth.explain(pair.refreshToken)).accepted).to.be.true();
            expect((await b.auth.explain(pair.refreshToken)).accepted).to.be.false();

            await b.auth.revoke({ subject: '42' });
            expect((await a.me(pair.jwt)).statusCode).to.equal(200);
            await Promise.all([a.server.stop(), b.server.stop()]);
        }
        finally {
            await redis.stop();
        }
    });
});
