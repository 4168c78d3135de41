import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { RedisServer } from '../support/redis';
import { Apps, call, key, login, status } from './support/app';

import type { Server } from '@hapi/hapi';
import type { Tokens } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('hapi-auth-bearer-token', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(() => apps.close());

    after(() => redis.stop());

    const open = (version: string) => apps.open(`bearer-token/${version}`, { redis: redis.url, key });

    const me = (server: Server, { token }: Tokens) => status(server, 'GET /me', { token });

    const renew = (server: Server, { refreshToken }: Tokens) => call(server, 'POST /token', { headers: { 'x-refresh-token': refreshToken } });

    for (const version of ['before', 'between', 'after']) {
        it(`responds to the same calls ${version}, in two processes`, async () => {

            const [one, other] = [await open(version), await open(version)];

            expect(await status(one, 'POST /login', { payload: { name: 'ada', password: '' } })).to.equal(401);
            expect(await status(one, 'GET /me')).to.equal(401);

            const pair = await login(one);
            expect((await call(other, 'GET /me', pair)).result).to.equal({ name: 'ada' });

            expect(await status(one, 'POST /logout', pair)).to.equal(204);
            expect(await me(one, pair)).to.equal(401);
            expect(await me(other, pair)).to.equal(401);
        });
    }

    /** All that a reader of Redis sees. */
    const contents = async function (): Promise<string> {

        const client = new Redis(redis.url);
        try {
            const keys = await client.keys('*');
            const dumps = await Promise.all(keys.map((name) => client.dumpBuffer(name)));
            return [...keys, ...dumps].join('\n');
        }
        finally {
            await client.quit();
        }
    };

    describe('before', () => {

        it('shows its tokens to whoever reads Redis', async () => {

            const { token } = await login(await open('before'));

            expect(await contents()).to.include(token);
        });
    });

    describe('after', () => {

        it('shows no token to whoever reads Redis', async () => {

            const { token, refreshToken } = await login(await open('after'));

            const shown = await contents();
            expect(shown).to.include('hard-logout:');
            expect(shown).to.not.include(token);
            expect(shown).to.not.include(refreshToken);
        });
    });

    for (const version of ['between', 'after']) {
        it(`ends both tokens ${version}, in two processes`, async () => {

            const [one, other] = [await open(version), await open(version)];
            const first = await login(one);
            const second: Tokens = (await renew(one, first)).result;
            expect(await status(one, 'POST /logout', first)).to.equal(204);

            for (const server of [one, other]) {
                expect(await me(server, first)).to.equal(401);
                expect(await me(server, second)).to.equal(401);
                expect((await renew(server, second)).statusCode).to.equal(401);
            }
        });
    }

    describe('with tokens in circulation', () => {

        it('serves those of old, and ends them in both', async () => {

            const [old, current] = [await open('before'), await open('between')];
            const pair = await login(old);

            expect((await call(current, 'GET /me', pair)).result).to.equal({ name: 'ada' });
            expect(await status(current, 'POST /logout', pair)).to.equal(204);
            expect(await me(current, pair)).to.equal(401);
            expect(await me(old, pair)).to.equal(401);
        });

        it('refuses in the new what was logged out in the old', async () => {

            const [old, current] = [await open('before'), await open('between')];
            const pair = await login(old);
            await status(old, 'POST /logout', pair);

            expect(await me(current, pair)).to.equal(401);
        });

        it('goes on with a pair when the old strategy has gone', async () => {

            const [one, other] = [await open('between'), await open('after')];
            const pair = await login(one);

            expect(await me(other, pair)).to.equal(200);
            expect(await status(other, 'POST /logout', pair)).to.equal(204);
            expect(await me(one, pair)).to.equal(401);
        });

        it('refuses a token of old when its strategy has gone', async () => {

            const pair = await login(await open('before'));

            expect(await me(await open('after'), pair)).to.equal(401);
        });
    });
});
