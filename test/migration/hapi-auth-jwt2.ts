import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { SignJWT } from 'jose';

import { RedisServer } from '../support/redis';
import { Apps, call, key, login, status } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('plain hapi-auth-jwt2', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(() => apps.close());

    after(() => redis.stop());

    const open = (version: string) => apps.open(`hapi-auth-jwt2/${version}`, { redis: redis.url, key });

    const refreshing = (refreshToken: string) => ({ headers: { 'x-refresh-token': refreshToken } });

    for (const version of ['before', 'after']) {
        it(`serves its clients ${version}, which send the token in three ways`, async () => {

            const server = await open(version);
            expect(await status(server, 'POST /login', { payload: { name: 'ada', password: '' } })).to.equal(401);
            expect(await status(server, 'GET /me')).to.equal(401);
            expect(await status(server, 'GET /me?token=x')).to.equal(401);
            expect(await status(server, 'GET /me', { headers: { authorization: 'x' } })).to.equal(401);

            const { token } = await login(server);
            expect((await call(server, 'GET /me', { token })).result).to.equal({ name: 'ada' });
            expect((await call(server, 'GET /me', { headers: { authorization: token } })).result).to.equal({ name: 'ada' });
            expect((await call(server, `GET /me?token=${token}`)).result).to.equal({ name: 'ada' });
        });
    }

    it('ends both tokens in two processes, however they are sent', async () => {

        const [one, other] = [await open('after'), await open('after')];
        const first = await login(one);
        const { result: second } = await call(other, 'POST /token', refreshing(first.refreshToken));

        expect(await status(one, 'POST /logout', { token: second.token, ...refreshing(second.refreshToken) })).to.equal(204);
        for (const server of [one, other]) {
            for (const { token, refreshToken } of [first, second]) {
                expect(await status(server, 'GET /me', { token })).to.equal(401);
                expect(await status(server, 'GET /me', { headers: { authorization: token } })).to.equal(401);
                expect(await status(server, `GET /me?token=${token}`)).to.equal(401);
                expect(await status(server, 'POST /token', refreshing(refreshToken))).to.equal(401);
            }
        }
    });

    it('logs out a client that has only its token, with the refresh token that it never stored', async () => {

        const server = await open('after');
        const { token, refreshToken } = await login(server);
        expect(await status(server, `POST /logout?token=${token}`)).to.equal(204);
        expect(await status(server, `GET /me?token=${token}`)).to.equal(401);
        expect(await status(server, 'POST /token', refreshing(refreshToken))).to.equal(401);
    });

    it('accepts the tokens in circulation, and ends them', async () => {

        const [old, current] = [await open('before'), await open('after')];
        const { token } = await login(old);
        expect(await status(current, `GET /me?token=${token}`)).to.equal(200);
        expect(await status(current, 'POST /logout', { token })).to.equal(204);
        expect(await status(current, `GET /me?token=${token}`)).to.equal(401);

        // The old process has no list to look into

        expect(await status(old, 'GET /me', { token })).to.equal(200);
    });

    it('exchanges a token in circulation for a session, and no token that has one', async () => {

        const current = await open('after');
        const now = Math.floor(Date.now() / 1000);
        const token = await new SignJWT({ sub: '42', name: 'ada', iat: now - 3600, exp: now + 3600 }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(key));
        const exchange = await call(current, 'POST /session', { token });
        expect(exchange.statusCode).to.equal(200);
        expect(await status(current, 'POST /session', { token })).to.equal(401);
        expect(await status(current, 'GET /me', { token })).to.equal(401);

        const { token: access, refreshToken } = exchange.result;
        expect((await call(current, 'GET /me', { token: access })).result).to.equal({ name: 'ada' });
        expect(await status(current, 'POST /session', { token: access })).to.equal(400);
        expect(await status(current, 'POST /token', refreshing(refreshToken))).to.equal(200);
        expect(await status(current, 'POST /logout', { token: access })).to.equal(204);
        expect(await status(current, 'POST /token', refreshing(refreshToken))).to.equal(401);
    });
});
