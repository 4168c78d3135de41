import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';
import * as Jose from 'jose';

import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { bearer, prepare } from '../support/server';
import { until } from '../support/until';

import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const day = 86_400_000;

describe('A Redis that comes back with data from before a logout', { timeout: 30_000 }, () => {

    let redis: RedisServer;
    let admin: Redis;
    let prepared: Prepared;

    beforeEach(async () => {

        redis = await RedisServer.start({ args: ['--save', '3600 1'] });
        admin = new Redis(redis.url).on('error', () => undefined);
        prepared = await prepare({}, { redis: redis.url, lease: 300 });
        await prepared.server.start();
    });

    afterEach(async () => {

        await prepared.server.stop();
        admin.disconnect();
        await redis.stop();
    });

    // Of a session that was ended a row stays for a while, without its claims

    const rows = async () => {

        const keys = await admin.keys('hard-logout:*:session:*');
        const texts = await Promise.all(keys.map((key) => admin.get(key)));
        return keys.filter((_, i) => texts[i]!.includes('"sub"'));
    };

    // Moments at which the revocations that Redis holds expire

    const expiries = async () => Array.from((await entriesOf(admin, '{hard-logout}:blacklist')).values(), ({ expires }) => expires);

    /** Ends one of two sessions, and has Redis come back as it was before. Answers how the ended one is renewed then. */
    const renewed = async function (end: (own: Pair, other: Pair) => Promise<Pair>) {

        const [own, other] = [await prepared.login(), await prepared.login()];
        await admin.save();
        const ended = await end(own, other);

        // Once the row is gone, the revocation is for its access tokens only

        await until(async () => (await expiries()).every((moment) => moment < Date.now() + day));
        expect(await rows()).to.have.length(1);

        await redis.restart();
        expect(await rows()).to.have.length(2);
        await until(async () => (await expiries()).length === 1);
        expect((await expiries())[0]).to.be.above(Date.now() + 30 * day);

        const { statusCode, result } = await prepared.server.inject({ method: 'POST', url: `/token?refreshToken=${ended.refreshToken}` });
        return { statusCode, message: (result as { message: string }).message };
    };

    const refused = { statusCode: 401, message: 'The refresh token was revoked' };

    it('learns of a logout, for as long as the session could live', async () => {

        expect(await renewed(async (own) => {

            const logout = await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${own.refreshToken}`, headers: bearer(own.jwt) });
            expect(logout.statusCode).to.equal(204);
            return own;
        })).to.equal(refused);
    });

    it('learns which sessions were ended from another one', async () => {

        expect(await renewed(async (own, other) => {

            await prepared.auth.revoke({ subject: '42', except: Jose.decodeJwt(own.jwt).sid as string });
            return other;
        })).to.equal(refused);
    });
});
