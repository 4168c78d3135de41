import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { RedisServer } from '../support/redis';
import { Apps, call, key, login, status } from './support/app';

import type { Server } from '@hapi/hapi';
import type { Tokens } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('@hapi/jwt', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(() => apps.close());

    after(() => redis.stop());

    // As in its own documentation

    const shortKey = 'some_shared_secret';

    const open = (version: string) => apps.open(`hapi-jwt/${version}`, { redis: redis.url, key: version === 'before' ? shortKey : key });

    const me = (server: Server, { token }: Tokens) => status(server, 'GET /me', { token });

    const renew = (server: Server, { refreshToken }: Tokens) => call(server, 'POST /token', { headers: { 'x-refresh-token': refreshToken } });

    for (const version of ['before', 'after']) {
        it(`responds to the same calls ${version}`, async () => {

            const server = await open(version);

            expect(await status(server, 'POST /login', { payload: { name: 'ada', password: '' } })).to.equal(401);
            expect(await status(server, 'GET /me')).to.equal(401);

            const pair = await login(server);
            expect((await call(server, 'GET /me', pair)).result).to.equal({ name: 'ada' });

            const expires: number = (await call(server, 'GET /admin', pair)).result.expires;
            expect(expires).to.be.above(Date.now());

            expect(await status(server, 'POST /logout', pair)).to.equal(204);
        });
    }

    describe('before', () => {

        it('leaves the JWT alive', async () => {

            const server = await open('before');
            const pair = await login(server);
            expect(await status(server, 'POST /logout', pair)).to.equal(204);

            expect(await me(server, pair)).to.equal(200);
        });
    });

    describe('after', () => {

        it('ends both tokens in two processes, whether or not both are presented', async () => {

            const [one, other] = [await open('after'), await open('after')];

            for (const isWhole of [false, true]) {
                const { token, refreshToken } = await login(one);
                const renewed: Tokens = (await renew(one, { token, refreshToken })).result;
                expect(await status(one, 'POST /logout', { token, ...isWhole && { headers: { 'x-refresh-token': renewed.refreshToken } } })).to.equal(204);

                for (const server of [one, other]) {
                    expect(await me(server, { token, refreshToken })).to.equal(401);
                    expect(await me(server, renewed)).to.equal(401);
                    expect((await renew(server, renewed)).statusCode).to.equal(401);
                }
            }
        });

        it('refuses a secret that is too short', async () => {

            const opening = apps.open('hapi-jwt/after', { redis: redis.url, key: shortKey });

            await expect(opening).to.reject('hard-logout: jwt.key is shorter than the 256 bits that HS256 needs');
        });

        it('refuses the tokens of old, and the client logs in again', async () => {

            const [old, current] = [await open('before'), await open('after')];

            expect(await me(current, await login(old))).to.equal(401);
            expect(await me(current, await login(current))).to.equal(200);
        });
    });
});
