import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { RedisServer } from '../support/redis';
import { Apps, call, cookiesOf, key, status } from './support/app';

import type { Server } from '@hapi/hapi';
import type { Answer } from './support/app';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('a JWT in a cookie', () => {

    const apps = new Apps();
    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start();
    });

    afterEach(() => apps.close());

    after(() => redis.stop());

    const open = (version: string) => apps.open(`cookie/${version}`, { redis: redis.url, key });

    const payload = { name: 'ada', password: 'lovelace' };

    const sent = (cookies: Record<string, string>) => ({ headers: { cookie: Object.entries(cookies).map((pair) => pair.join('=')).join('; ') } });

    /** What a browser holds after a login, as it sends it. */
    const enter = async function (server: Server) {

        return sent(cookiesOf(await call(server, 'POST /login', { payload })));
    };

    const attributes = ({ headers }: Answer) => [headers['set-cookie']].flat().find((line) => line!.startsWith('USER_SESSION='))!.split('; ').slice(1).sort();

    for (const version of ['before', 'after']) {
        it(`responds to the same calls ${version}`, async () => {

            const server = await open(version);

            expect(await status(server, 'POST /login', { payload: { ...payload, password: '' } })).to.equal(401);
            expect(await status(server, 'GET /me')).to.equal(401);

            const answer = await call(server, 'POST /login', { payload });
            expect(answer.result).to.equal({ name: 'ada' });
            expect(attributes(answer)).to.equal(['HttpOnly', 'Max-Age=604800', 'Path=/', 'SameSite=Lax', 'Secure'].concat(attributes(answer).filter((text) => text.startsWith('Expires='))).sort());

            const cookies = sent(cookiesOf(answer));
            expect((await call(server, 'GET /me', cookies)).result).to.equal({ name: 'ada' });

            const logout = await call(server, 'POST /logout', cookies);
            expect(logout.statusCode).to.equal(204);
            expect(cookiesOf(logout).USER_SESSION).to.equal('');
        });
    }

    describe('before', () => {

        it('leaves the JWT alive for whoever has a copy', async () => {

            const server = await open('before');
            const cookies = await enter(server);
            expect(await status(server, 'POST /logout', cookies)).to.equal(204);

            expect(await status(server, 'GET /me', cookies)).to.equal(200);
        });

        it('does what a page of another origin asks for', async () => {

            const server = await open('before');
            const { headers } = await enter(server);

            expect(await status(server, 'POST /logout', { headers: { ...headers, 'sec-fetch-site': 'same-site' } })).to.equal(204);
        });
    });

    describe('after', () => {

        it('ends both tokens in two processes', async () => {

            const [one, other] = [await open('after'), await open('after')];
            const first = await call(one, 'POST /login', { payload });
            const renewed = cookiesOf(await call(one, 'POST /token', sent(cookiesOf(first))));
            expect(Object.keys(renewed).sort()).to.equal(['USER_SESSION', '__Host-USER_REFRESH']);

            const logout = await call(one, 'POST /logout', sent(renewed));
            expect(logout.statusCode).to.equal(204);
            expect(cookiesOf(logout)).to.equal({ USER_SESSION: '', '__Host-USER_REFRESH': '' });

            for (const server of [one, other]) {
                for (const cookies of [cookiesOf(first), renewed]) {
                    expect(await status(server, 'GET /me', sent(cookies))).to.equal(401);
                    expect(await status(server, 'POST /token', sent(cookies))).to.equal(401);
                }
            }
        });

        it('refuses what a page of another origin asks for', async () => {

            const server = await open('after');
            const cookies = await enter(server);

            expect(await status(server, 'POST /logout', { headers: { ...cookies.headers, 'sec-fetch-site': 'same-site' } })).to.equal(403);
            expect(await status(server, 'GET /me', cookies)).to.equal(200);
        });
    });

    describe('with cookies in circulation', () => {

        it('serves those of old, ends them and clears them', async () => {

            const [old, current] = [await open('before'), await open('after')];
            const cookies = await enter(old);
            expect((await call(current, 'GET /me', cookies)).result).to.equal({ name: 'ada' });

            const logout = await call(current, 'POST /logout', cookies);
            expect(logout.statusCode).to.equal(204);
            expect(cookiesOf(logout).USER_SESSION).to.equal('');
            expect(await status(current, 'GET /me', cookies)).to.equal(401);
        });

        it('refuses two of one name', async () => {

            const server = await open('after');
            const { headers: { cookie } } = await enter(server);

            expect(await status(server, 'GET /me', { headers: { cookie: `${cookie}; USER_SESSION=another` } })).to.equal(400);
        });
    });
});
