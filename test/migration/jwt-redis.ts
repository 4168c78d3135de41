import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { RedisServer } from '../support/redis';
import { Apps, call, key, login, status } from './support/app';

import type { Server } from '@hapi/hapi';
import type { Tokens } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('jwt-redis', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start({ port: true });
    });

    afterEach(() => apps.close());

    after(() => redis.stop());

    const open = (version: string) => apps.open(`jwt-redis/${version}`, { redis: redis.url, key, refreshKey: `another ${key}` });

    const me = (server: Server, { token }: Tokens) => status(server, 'GET /me', { token });

    const renew = (server: Server, { refreshToken }: Tokens) => call(server, 'POST /token', { payload: { refreshToken } });

    const logout = (server: Server, { token }: Tokens) => status(server, 'POST /logout', { token });

    for (const version of ['before', 'after']) {
        it(`responds to the same calls ${version}, in two processes`, async () => {

            const [one, other] = [await open(version), await open(version)];

            expect(await status(one, 'POST /login', { payload: { name: 'ada', password: '' } })).to.equal(401);
            expect(await status(one, 'GET /me')).to.equal(401);

            const first = await login(one);
            expect((await call(other, 'GET /me', first)).result).to.equal({ id: '42' });

            const renewed = await renew(other, first);
            expect(renewed.statusCode).to.equal(200);
            const second: Tokens = renewed.result;
            expect((await call(one, 'GET /me', second)).result).to.equal({ id: '42' });

            expect((await renew(one, { ...first, refreshToken: 'a.b.c' })).statusCode).to.equal(401);

            expect(await logout(one, second)).to.equal(204);
            expect(await me(one, second)).to.equal(401);
            expect(await me(other, second)).to.equal(401);
        });
    }

    describe('before', () => {

        it('leaves the refresh token alive', async () => {

            const server = await open('before');
            const pair = await login(server);
            expect(await logout(server, pair)).to.equal(204);

            const renewed = await renew(server, pair);
            expect(renewed.statusCode).to.equal(200);
            expect(await me(server, renewed.result)).to.equal(200);
        });
    });

    describe('after', () => {

        it('ends both tokens in two processes', async () => {

            const [one, other] = [await open('after'), await open('after')];
            const first = await login(one);
            const second: Tokens = (await renew(one, first)).result;
            expect(await logout(one, second)).to.equal(204);

            for (const server of [one, other]) {
                expect(await me(server, first)).to.equal(401);
                expect(await me(server, second)).to.equal(401);
                expect((await renew(server, second)).statusCode).to.equal(401);
            }
        });

        it('keeps the answer with the tokens out of caches, and asks for a refresh token that is one', async () => {

            const server = await open('after');

            expect((await renew(server, await login(server))).headers['cache-control']).to.equal('no-store');
            for (const payload of [undefined, {}, { refreshToken: 1 }, { refreshToken: { auth: {} } }]) {
                expect(await status(server, 'POST /token', { payload })).to.equal(400);
            }

            expect(await status(server, 'POST /token', { payload: { refreshToken: 'nothing' } })).to.equal(401);
        });
    });

    describe('with tokens in circulation', () => {

        it('serves those on the old list, and no others', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const [live, dead] = [await login(old), await login(old)];
            await logout(old, dead);

            expect(await me(current, live)).to.equal(200);
            expect(await me(current, dead)).to.equal(401);

            expect(await logout(current, live)).to.equal(204);
            expect(await me(current, live)).to.equal(401);
        });

        it('exchanges a refresh token of old for a session, once', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const pair = await login(old);

            const answers = await Promise.all([renew(current, pair), renew(current, pair)]);
            expect(answers.map(({ statusCode }) => statusCode).sort()).to.equal([200, 401]);

            const exchanged: Tokens = answers.find(({ statusCode }) => statusCode === 200)!.result;
            expect(await logout(current, exchanged)).to.equal(204);
            expect(await me(current, exchanged)).to.equal(401);
            expect((await renew(current, exchanged)).statusCode).to.equal(401);
        });

        it('takes no error of Redis for a bad token', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const pair = await login(old);
            const { jti } = JSON.parse(Buffer.from(pair.refreshToken.split('.')[1]!, 'base64url').toString());

            const client = new Redis(redis.url);
            await client.multi().del(`jwt_label:${jti}`).lpush(`jwt_label:${jti}`, 'no text').exec();
            await client.quit();

            expect((await renew(current, pair)).statusCode).to.equal(500);
        });
    });
});
