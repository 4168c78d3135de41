import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { hardLogout, plugin } from '../../lib';
import { identify } from '../../lib/blacklist/identities';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { bearer, jwt, pairOf, prepare } from '../support/server';
import { mint, payload } from '../support/tokens';

import type { StrategyApi, StrategyOptions } from '../../lib';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


const minute = 60_000;

const day = 24 * 60 * minute;

const realNow = Date.now;


// The one has short-lived tokens only, the other sessions for months and much patience with clocks

const short: StrategyOptions = { jwt: { ...jwt, maxAge: 2 * minute, clockTolerance: 0 } };

// Sessions whose row tells when their last access token ends, and no patience

const strict: StrategyOptions = { jwt: { ...jwt, clockTolerance: 0 }, refreshToken: { query: 'refreshToken' }, sessions: { maxAge: 90 * day } };

const long: StrategyOptions = { jwt: { ...jwt, clockTolerance: 5 * minute }, refreshToken: { query: 'refreshToken' }, sessions: { maxAge: 90 * day } };


describe('Two strategies of one issuer', () => {

    describe('on one server', () => {

        let server: Hapi.Server;
        let one: StrategyApi;
        let other: StrategyApi;
        let now: number;

        beforeEach(async () => {

            now = Date.UTC(2030, 0, 1);
            Date.now = () => now;

            server = Hapi.server({ debug: false });

            // Room for one revocation: each question goes to the store

            await server.register({ plugin, options: { cache: { max: 1 } } });
            server.auth.strategy('short', 'hard-logout', short);
            server.auth.strategy('strict', 'hard-logout', strict);
            server.auth.strategy('long', 'hard-logout', long);
            one = hardLogout(server, 'short');
            other = hardLogout(server, 'long');
            server.route({ method: 'GET', path: '/me', options: { auth: 'long' }, handler: (request) => request.auth.credentials });
            await server.initialize();
        });

        afterEach(async () => {

            Date.now = realNow;
            await server.stop();
        });

        const me = async (token: string) => (await server.inject({ url: '/me', headers: bearer(token) })).statusCode;

        // What has expired goes with the next write, and what was cached

        const pass = async function (time: number): Promise<void> {

            now += time;
            await one.revoke({ jti: 'another' });
        };

        it('keep a revocation of a subject for as long as either accepts its tokens', async () => {

            const token = await mint({ exp: Math.floor(now / 1000) + 20 * day / 1000 });
            expect(await me(token)).to.equal(200);
            await one.revoke({ subject: '42' });
            expect(await me(token)).to.equal(401);

            await pass(day);
            expect(await me(token)).to.equal(401);

            await pass(18 * day);
            expect(await me(token)).to.equal(401);
        });

        it('keep a revocation of a session for as long as either accepts its tokens', async () => {

            const { refreshToken, jwt: accessToken } = pairOf(await other.issue(null, { sub: '42' }));
            await one.revoke({ session: payload(accessToken).sid as string });
            for (const time of [day, 28 * day]) {
                await pass(time);
                await expect(other.refresh(refreshToken)).to.reject('The refresh token was revoked');
            }
        });

        it('keep a revocation of everyone for as long as either accepts their tokens', async () => {

            const token = await mint({ exp: Math.floor(now / 1000) + 20 * day / 1000 });
            now += minute;
            await one.revoke({ issuedBefore: now });
            await pass(19 * day);
            expect(await me(token)).to.equal(401);
        });

        it('keep a revocation of a token that the one strategy accepts for less time than it says', async () => {

            const token = await mint({ exp: Math.floor(now / 1000) + 20 * day / 1000, sid: undefined });
            await one.revoke({ accessToken: token });
            await pass(19 * day);
            expect(await me(token)).to.equal(401);
        });

        it('keep a revocation of a token by its jti for as long', async () => {

            const token = await mint({ exp: Math.floor(now / 1000) + 20 * day / 1000, jti: 'a token' });
            await one.revoke({ jti: 'a token' });
            await pass(19 * day);
            expect(await me(token)).to.equal(401);
        });

        it('keep a revocation of a token for the clock tolerance of either', async () => {

            const token = await mint({ exp: Math.floor(now / 1000) + 60 });
            await one.revoke({ accessToken: token });
            await pass(minute + 4 * minute);
            expect(await me(token)).to.equal(401);
        });

        it('keep a revocation of a session for the clock tolerance of either, once its row is gone', async () => {

            const auth = hardLogout(server, 'strict');
            const { jwt: accessToken } = pairOf(await auth.issue(null, { sub: '42' }));
            await auth.revoke({ session: payload(accessToken).sid as string });
            await pass(15 * minute + 5 * minute - 1000);
            expect(await me(accessToken)).to.equal(401);
            expect((await hardLogout(server, 'long').explain(accessToken)).code).to.equal('access_token_revoked');
        });
    });


    describe('in two services on one Redis', () => {

        let redis: RedisServer;
        let raw: Redis;

        before(async () => {

            redis = await RedisServer.start({ isSettled: true });
            raw = new Redis(redis.url);
        });

        after(async () => {

            raw.disconnect();
            await redis.stop();
        });

        const life = async function (prefix: string, key: string): Promise<number> {

            return (await entriesOf(raw, `{${prefix}}:blacklist`)).get(key)!.expires - Date.now();
        };

        const check = async function (lease: 500 | false): Promise<void> {

            const prefix = `lease-${lease}`;
            const options = { redis: redis.url, prefix, lease };
            const [one, other] = [await prepare({ refreshToken: undefined, ...short }, options), await prepare(long, options)];
            try {
                await one.server.initialize();
                await one.auth.revoke({ subject: '43' });
                expect(await life(prefix, identify('subject', jwt.issuer, '43'))).to.be.below(day);

                await other.server.initialize();
                await one.auth.revoke({ subject: '42' });
                expect(await life(prefix, identify('subject', jwt.issuer, '42'))).to.be.above(90 * day + 10 * minute);
                expect(await raw.hget(`{${prefix}}:blacklist:issuers`, identify('everyone', jwt.issuer))).to.equal(`${90 * day} ${5 * minute} ${lease || 0} 1 ${jwt.issuer}`);
            }
            finally {
                await Promise.all([one.server.stop(), other.server.stop()]);
            }
        };

        it('keep a revocation for as long as the other accepts what it covers', () => check(500));

        it('keep a revocation for as long as the other accepts what it covers, without a lease', () => check(false));
    });
});
