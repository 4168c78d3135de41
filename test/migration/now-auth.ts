import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { SignJWT } from 'jose';

import { RedisServer } from '../support/redis';
import { Apps, call, key, login, status } from './support/app';

export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('@now-ims/hapi-now-auth', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(() => apps.close());

    after(() => redis.stop());

    const [oldest, old, current] = ['the oldest', 'the old', 'the current'].map((age) => `${age} ${key}`);

    const open = (version: string) => {

        return apps.open(`now-auth/${version}`, version === 'before' ? { key: old, retiredKey: oldest } : { redis: redis.url, key: current, retiredKey: old });
    };

    for (const version of ['before', 'after']) {
        it(`responds to the same calls ${version}`, async () => {

            const server = await open(version);

            expect(await status(server, 'POST /login', { payload: { name: 'ada', password: '' } })).to.equal(401);
            expect(await status(server, 'GET /me')).to.equal(401);

            const { token } = await login(server);
            expect((await call(server, 'GET /me', { token })).result).to.equal({ name: 'ada' });
            expect(await status(server, 'POST /logout', { token })).to.equal(204);
        });
    }

    describe('before', () => {

        it('leaves the JWT alive', async () => {

            const server = await open('before');
            const { token } = await login(server);
            expect(await status(server, 'POST /logout', { token })).to.equal(204);

            expect(await status(server, 'GET /me', { token })).to.equal(200);
        });
    });

    describe('after', () => {

        it('ends the JWT in two processes, and no other of the same moment', async () => {

            const [one, other] = [await open('after'), await open('after')];
            const [{ token }, elsewhere] = [await login(one), await login(one)];
            expect(await status(one, 'POST /logout', { token })).to.equal(204);

            for (const server of [one, other]) {
                expect(await status(server, 'GET /me', { token })).to.equal(401);
                expect(await status(server, 'GET /me', { token: elsewhere.token })).to.equal(200);
            }
        });

        it('refuses a token of another key', async () => {

            const server = await open('after');

            for (const [secret, kid] of [[oldest], [current], [old, '2'], [current, '3']]) {
                const jwt = new SignJWT({ sub: '42' }).setIssuedAt().setExpirationTime('1h').setProtectedHeader({ alg: 'HS256', kid });
                expect(await status(server, 'GET /me', { token: await jwt.sign(Buffer.from(secret!)) })).to.equal(401);
            }
        });
    });

    describe('with tokens in circulation', () => {

        it('serves those of old, and ends them', async () => {

            const server = await open('after');
            const { token } = await login(await open('before'));

            expect(await status(server, 'GET /me', { token })).to.equal(200);
            expect(await status(server, 'POST /logout', { token })).to.equal(204);
            expect(await status(server, 'GET /me', { token })).to.equal(401);
        });
    });
});
