import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { SignJWT } from 'jose';

import { hardLogout } from '../../lib';
import { RedisServer } from '../support/redis';
import { Apps, call, key, login, status } from './support/app';

import type { Server } from '@hapi/hapi';
import type { Tokens } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('the tutorial\'s stack', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(() => {

        redis.resume();
        return apps.close();
    });

    after(() => redis.stop());

    const open = (version: string) => apps.open(`tutorial/${version}`, { redis: redis.url, key });

    const me = (server: Server, { token }: Pick<Tokens, 'token'>) => status(server, 'GET /me', { token });

    const renew = (server: Server, { refreshToken }: Tokens) => call(server, `POST /token?refreshToken=${refreshToken}`);

    const logout = (server: Server, { token, refreshToken }: Tokens, method = 'POST') => status(server, `${method} /logout?refreshToken=${refreshToken}`, { token });

    const expired = function (): Promise<string> {

        const now = Math.floor(Date.now() / 1000);
        return new SignJWT({ sub: '42', jti: 'an hour ago', iat: now - 3600, exp: now - 2700 }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(key));
    };

    const methods: Record<string, string> = { before: 'GET', between: 'GET', after: 'POST' };

    for (const version of Object.keys(methods)) {
        it(`responds to the same calls ${version}, in two processes`, async () => {

            const [one, other] = [await open(version), await open(version)];

            expect(await status(one, 'POST /login', { payload: { name: 'ada', password: 'hopper' } })).to.equal(401);
            expect(await status(one, 'GET /me')).to.equal(401);

            const first = await login(one);
            expect((await call(one, 'GET /me', first)).result).to.equal({ name: 'ada' });

            const renewed = await renew(other, first);
            expect(renewed.statusCode).to.equal(200);
            const second = { ...first, ...renewed.result } as Tokens;
            expect((await call(other, 'GET /me', second)).result).to.equal({ name: 'ada' });
            expect((await renew(one, first)).statusCode).to.equal(200);

            expect(await status(one, `${methods[version]} /logout`, second)).to.equal(401);
            expect(await logout(one, second, methods[version])).to.equal(204);

            for (const server of [one, other]) {
                expect(await me(server, second)).to.equal(401);
                expect((await renew(server, second)).statusCode).to.equal(401);
            }
        });
    }

    describe('before', () => {

        it('leaves alive what was minted earlier from the same login', async () => {

            const server = await open('before');
            const first = await login(server);
            const second = { ...first, ...(await renew(server, first)).result } as Tokens;

            expect(await logout(server, second, 'GET')).to.equal(204);
            expect(await me(server, first)).to.equal(200);
        });

        it('takes the JWT of one user and the refresh token of another for a pair', async () => {

            const server = await open('before');
            const ada = await login(server);
            const grace = await login(server, { name: 'grace', password: 'hopper' });

            expect(await logout(server, { ...ada, refreshToken: grace.refreshToken }, 'GET')).to.equal(204);
            expect(await me(server, grace)).to.equal(200);
            expect((await renew(server, grace)).statusCode).to.equal(401);
            expect((await renew(server, ada)).statusCode).to.equal(200);
        });

        it('lets nobody log out whose JWT has expired, and the refresh token lives on', async () => {

            const server = await open('before');
            const pair = await login(server);

            expect(await logout(server, { ...pair, token: await expired() }, 'GET')).to.equal(401);
            expect((await renew(server, pair)).statusCode).to.equal(200);
        });
    });

    describe('between', () => {

        it('logs out whoever has a refresh token and a JWT that has expired', async () => {

            const server = await open('between');
            const pair = await login(server);

            expect(await logout(server, { ...pair, token: await expired() })).to.equal(204);
            expect((await renew(server, pair)).statusCode).to.equal(401);
        });

        it('ends a token outside of a request', async () => {

            const server = await open('between');
            const pair = await login(server);

            await hardLogout(server).revoke({ accessToken: pair.token });
            expect(await me(server, pair)).to.equal(401);
        });
    });

    describe('after', () => {

        it('ends all that came from the login', async () => {

            const server = await open('after');
            const first = await login(server);
            const second: Tokens = (await renew(server, first)).result;

            expect(await logout(server, second)).to.equal(204);
            expect(await me(server, first)).to.equal(401);
        });

        it('lets clients keep their first refresh token', async () => {

            const server = await open('after');
            const pair = await login(server);

            expect((await renew(server, pair)).result.refreshToken).to.equal(pair.refreshToken);
        });

        it('asks for patience while Redis is away, and takes no renewal for an exchange', { timeout: 5000 }, async () => {

            const server = await open('after');
            const pair = await login(server);

            redis.pause();
            expect((await renew(server, pair)).statusCode).to.equal(503);
        });

        it('refuses a pair of two users, and revokes nothing', async () => {

            const server = await open('after');
            const ada = await login(server);
            const grace = await login(server, { name: 'grace', password: 'hopper' });

            expect(await logout(server, { ...ada, refreshToken: grace.refreshToken })).to.equal(401);
            for (const pair of [ada, grace]) {
                expect(await me(server, pair)).to.equal(200);
                expect((await renew(server, pair)).statusCode).to.equal(200);
            }
        });
    });

    describe('side by side', () => {

        it('serves the tokens of old processes and new ones in both', async () => {

            const [old, current] = [await open('before'), await open('between')];

            for (const server of [old, current]) {
                const pair = await login(server);
                for (const other of [old, current]) {
                    expect(await me(other, pair)).to.equal(200);
                    expect(await me(other, (await renew(other, pair)).result)).to.equal(200);
                }
            }
        });

        it('ends in both what is logged out in either', async () => {

            const [old, current] = [await open('before'), await open('between')];

            for (const server of [old, current]) {
                const pair = await login(server);
                expect(await logout(server, pair, 'GET')).to.equal(204);

                for (const other of [old, current]) {
                    expect(await me(other, pair)).to.equal(401);
                    expect((await renew(other, pair)).statusCode).to.equal(401);
                }
            }
        });
    });

    describe('with tokens in circulation', () => {

        it('exchanges a refresh token of old for a session, once', async () => {

            const [old, current] = [await open('between'), await open('after')];
            const pair = await login(old);
            expect(await me(current, pair)).to.equal(200);

            const answers = await Promise.all([renew(current, pair), renew(current, pair)]);
            expect(answers.map(({ statusCode }) => statusCode).sort()).to.equal([200, 401]);

            const exchanged: Tokens = answers.find(({ statusCode }) => statusCode === 200)!.result;
            expect(await me(current, exchanged)).to.equal(200);
            expect((await renew(current, exchanged)).statusCode).to.equal(200);
            expect(await logout(current, exchanged)).to.equal(204);
            expect(await me(current, exchanged)).to.equal(401);
            expect((await renew(current, exchanged)).statusCode).to.equal(401);
        });

        it('refuses a refresh token that old processes have revoked, and what never was one', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const pair = await login(old);
            await logout(old, pair, 'GET');

            for (const refreshToken of [pair.refreshToken, 'nothing', '']) {
                expect((await renew(current, { ...pair, refreshToken })).statusCode).to.equal(401);
            }

            expect(await status(current, 'POST /token?refreshToken=a&refreshToken=b')).to.equal(400);
        });

        it('refuses a logout with a refresh token of old, which can be exchanged first', async () => {

            const [old, current] = [await open('between'), await open('after')];
            const pair = await login(old);

            expect(await logout(current, pair)).to.equal(401);
            const exchanged: Tokens = (await renew(current, pair)).result;
            expect(await logout(current, exchanged)).to.equal(204);
        });

        it('goes on refusing what was revoked in between', async () => {

            const [old, current] = [await open('between'), await open('after')];
            const pair = await login(old);
            await logout(old, pair);

            expect(await me(current, pair)).to.equal(401);
        });
    });

    describe('rolled back', () => {

        it('serves and refuses what the version between did', async () => {

            const current = await open('between');
            const [live, dead] = [await login(current), await login(current)];
            expect(await logout(current, dead)).to.equal(204);
            await apps.close();

            const old = await open('before');
            expect(await me(old, live)).to.equal(200);
            expect((await renew(old, live)).statusCode).to.equal(200);
            expect(await me(old, dead)).to.equal(401);
            expect((await renew(old, dead)).statusCode).to.equal(401);
        });
    });
});
