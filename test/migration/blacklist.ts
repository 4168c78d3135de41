import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { RedisServer } from '../support/redis';
import { load } from '../support/run';
import { Apps, call, key, login, status } from './support/app';

import type { Server } from '@hapi/hapi';
import type { Tokens } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, beforeEach, describe, it } = lab;


describe('a blacklist written by hand', () => {

    const apps = new Apps();
    let redis: RedisServer;
    let client: Redis;

    before(async () => {

        redis = await RedisServer.start();
        client = new Redis(redis.url);
    });

    // A token that was minted in the same second by the test before is the same token

    beforeEach(() => client.flushall());

    afterEach(() => apps.close());

    after(async () => {

        await client.quit();
        await redis.stop();
    });

    const open = (version: string) => apps.open(`blacklist/${version}`, { redis: redis.url, key });

    const me = (server: Server, { token }: Tokens) => status(server, 'GET /me', { token });

    const renew = (server: Server, { refreshToken }: Tokens) => call(server, 'POST /token', { headers: { 'x-refresh-token': refreshToken } });

    const logout = (server: Server, { token }: Tokens) => status(server, 'POST /logout', { token });

    for (const version of ['before', 'after']) {
        it(`responds to the same calls ${version}, in two processes`, async () => {

            const [one, other] = [await open(version), await open(version)];

            expect(await status(one, 'POST /login', { payload: { name: 'ada', password: '' } })).to.equal(401);
            expect(await status(one, 'GET /me')).to.equal(401);

            const first = await login(one);
            expect((await call(one, 'GET /me', first)).result).to.equal({ id: '42' });

            const second: Tokens = (await renew(other, first)).result;
            expect((await call(other, 'GET /me', second)).result).to.equal({ id: '42' });
            expect((await renew(one, first)).statusCode).to.equal(401);

            expect(await logout(one, second)).to.equal(204);
            expect(await me(one, second)).to.equal(401);
            expect(await me(other, second)).to.equal(401);
        });
    }

    describe('before', () => {

        it('leaves the refresh token alive, and the JWT in a query', async () => {

            const server = await open('before');
            const pair = await login(server);
            expect(await logout(server, pair)).to.equal(204);

            expect(await status(server, `GET /me?token=${pair.token}`)).to.equal(200);
            expect(await status(server, 'GET /me', { headers: { authorization: `bearer ${pair.token}` } })).to.equal(200);
            expect((await renew(server, pair)).statusCode).to.equal(200);
        });

        it('ends every login of the user in the same second', async () => {

            const server = await open('before');
            let [phone, laptop] = [await login(server), await login(server)];
            while (phone.token !== laptop.token) {
                [phone, laptop] = [laptop, await login(server)];
            }

            expect(await logout(server, phone)).to.equal(204);
            expect(await me(server, laptop)).to.equal(401);
        });
    });

    describe('after', () => {

        it('ends both tokens, and what the login had before, in two processes', async () => {

            const [one, other] = [await open('after'), await open('after')];
            const first = await login(one);
            const second: Tokens = (await renew(one, first)).result;
            const elsewhere = await login(one);
            expect(await logout(one, second)).to.equal(204);

            for (const server of [one, other]) {
                expect(await me(server, first)).to.equal(401);
                expect(await status(server, `GET /me?token=${second.token}`)).to.equal(401);
                expect(await status(server, 'GET /me', { headers: { authorization: `bearer ${second.token}` } })).to.equal(401);
                expect((await renew(server, second)).statusCode).to.equal(401);
                expect(await me(server, elsewhere)).to.equal(200);
            }
        });

        it('renews once, of two requests at the same time', async () => {

            const server = await open('after');
            const pair = await login(server);

            const answers = await Promise.all([renew(server, pair), renew(server, pair)]);
            expect(answers.map(({ statusCode }) => statusCode).sort()).to.equal([200, 401]);
        });

        it('takes both tokens as well, and then invalidates the refresh token in its table', async () => {

            const server = await open('after');
            const { token, refreshToken } = await login(server);
            expect(await status(server, 'POST /logout', { token, headers: { 'x-refresh-token': refreshToken } })).to.equal(204);

            expect(await client.exists(`refresh:${refreshToken}`)).to.equal(0);
        });
    });

    describe('with tokens in circulation', () => {

        it('goes on with a pair of old', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const pair = await login(old);

            expect(await me(current, pair)).to.equal(200);
            const renewed: Tokens = (await renew(current, pair)).result;
            expect(await me(current, renewed)).to.equal(200);
            expect(await logout(current, renewed)).to.equal(204);
            expect((await renew(current, renewed)).statusCode).to.equal(401);
        });

        it('goes on in an old process with a pair of ours', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const pair = await login(current);

            expect(await me(old, pair)).to.equal(200);
            const renewed: Tokens = (await renew(old, pair)).result;
            expect(await me(current, renewed)).to.equal(200);
            expect((await renew(current, renewed)).statusCode).to.equal(200);
        });

        it('logs out a pair of old, if it is whole', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const { token, refreshToken } = await login(old);

            expect(await status(current, 'POST /logout', { token, headers: { 'x-refresh-token': refreshToken } })).to.equal(204);
            expect(await me(current, { token, refreshToken })).to.equal(401);
            expect((await renew(current, { token, refreshToken })).statusCode).to.equal(401);
        });

        it('revokes what the old blacklist holds', async () => {

            const { carryOver } = load('test/migration/blacklist/carry-over.js');
            const [old, current] = [await open('before'), await open('after')];
            const [dead, live] = [await login(old), await login(current)];

            await client.mset('blacklist:Bearer nothing', '1', `blacklist:Bearer ${live.token}x`, '1');
            await logout(old, dead);
            expect(await me(current, dead)).to.equal(200);

            expect(await carryOver(current, client)).to.equal(1);
            expect(await me(current, dead)).to.equal(401);
            expect(await me(current, live)).to.equal(200);
        });

        it('stops carrying over where a revocation cannot be written', async () => {

            const { carryOver } = load('test/migration/blacklist/carry-over.js');
            const [old, current] = [await open('before'), await open('after')];
            await logout(old, await login(old));
            await apps.close();

            const carrying: Promise<number> = carryOver(current, client);
            await expect(carrying).to.reject('The token store cannot be reached');
        });
    });
});
