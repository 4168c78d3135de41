import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { LeasedBlacklist } from '../../lib/blacklist/leased-blacklist';
import { Unsupported } from '../../lib/errors/outage';
import { RedisLink } from '../../lib/store/link';
import { hurry, unhurried } from '../support/clock';
import { RedisServer } from '../support/redis';
import { bearer, prepare } from '../support/server';
import { until } from '../support/until';

import type { Request } from '@hapi/hapi';
import type { RouteOptions, Status, StrategyOptions } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, beforeEach, describe, it } = lab;


const { connect } = RedisLink;


describe('an outage', () => {

    let redis: RedisServer;
    let prepared: Prepared;

    beforeEach(async () => {

        redis = await RedisServer.start();
    });

    afterEach(async () => {

        unhurried();
        RedisLink.connect = connect;
        await prepared.server.stop();
        await redis.stop();
    });

    const start = async function (strategy: Partial<StrategyOptions> = {}, startWithoutStore = false): Promise<Prepared> {

        prepared = await prepare(strategy, { redis: redis.url, lease: 200, timeout: 100, startWithoutStore });
        return prepared;
    };

    const status = (): Status => prepared.server.plugins['hard-logout'].status();

    const ask = async (method: string, url: string, jwt: string) => (await prepared.server.inject({ method, url, headers: bearer(jwt) })).statusCode;

    const add = (path: string, method: 'GET' | 'POST', settings: RouteOptions) => {

        prepared.server.route({ method, path, options: { plugins: { 'hard-logout': settings } }, handler: () => 'served' });
    };

    it('is reported by an event when the lease is lost, and when it is held again', async () => {

        await start();
        const events: unknown[] = [];
        prepared.server.events.on({ name: 'hard-logout', channels: ['outage', 'recovery'] }, (outage) => events.push(outage));
        await prepared.server.initialize();

        expect(status()).to.include({ store: 'redis', outages: 0, lastOutage: null, served: 0 });
        expect(status().lease!.heldSince!).to.be.within(Date.now() - 5000, Date.now());
        expect(status().cache).to.include({ isComplete: true, max: 10_000, misses: 0 });

        await redis.kill();
        await until(() => status().lastOutage !== null);
        expect(status().lease!.heldSince).to.be.null();
        expect(events).to.equal([{ began: status().lastOutage!.began, ended: null, reason: status().lastOutage!.reason }]);
        expect(status().lastOutage!.reason).to.match(/^Redis: /);

        await redis.restart();
        await until(() => status().lastOutage!.ended !== null);
        await until(() => status().lease!.heldSince !== null);
        expect(events).to.have.length(2);
        expect(status().outages).to.equal(1);
        expect(status().lease!.generation).to.be.above(1);
    });

    it('is a 503 by default', async () => {

        await start();
        await prepared.server.initialize();
        const { jwt } = await prepared.login();

        await redis.kill();
        await until(async () => await ask('GET', '/me', jwt) === 503);
        expect(status().served).to.equal(0);
    });

    it('is accepted for reads where the strategy says so, but for nothing else, and for no token that is known to be revoked', async () => {

        await start({ onOutage: 'serve' });
        add('/strict', 'GET', { onOutage: 'reject' });
        add('/write', 'POST', {});
        await prepared.server.initialize();

        const [kept, ended] = [await prepared.login(), await prepared.login()];
        const { statusCode } = await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${ended.refreshToken}`, headers: bearer(ended.jwt) });
        expect(statusCode).to.equal(204);
        const { request } = await prepared.server.inject({ url: '/me', headers: bearer(kept.jwt) });

        const logged: string[][] = [];
        prepared.server.events.on({ name: 'request', channels: 'app' }, (_: Request, { tags }) => logged.push(tags));

        await redis.kill();
        await until(async () => await ask('GET', '/strict', kept.jwt) === 503);

        expect(await ask('GET', '/me', kept.jwt)).to.equal(200);
        expect(logged).to.equal([['hard-logout', 'outage', 'served', 'warn']]);
        expect(await ask('GET', '/me', ended.jwt)).to.equal(401);
        expect(await ask('POST', '/write', kept.jwt)).to.equal(503);
        expect(await ask('POST', `/logout?refreshToken=${kept.refreshToken}`, kept.jwt)).to.equal(503);

        const { verify } = prepared.server.auth as unknown as { verify: (request: unknown) => Promise<void> };
        await verify(request);
        expect(status().served).to.equal(2);
    });

    it('is accepted by a route that says so', async () => {

        await start();
        add('/lenient', 'GET', { onOutage: 'serve' });
        await prepared.server.initialize();
        const { jwt } = await prepared.login();

        await redis.kill();
        await until(async () => await ask('GET', '/me', jwt) === 503);
        expect(await ask('GET', '/lenient', jwt)).to.equal(200);
    });

    it('is not what a bug is', async () => {

        await start({ onOutage: 'serve' });
        await prepared.server.initialize();
        const { jwt } = await prepared.login();

        const { cutoff } = LeasedBlacklist.prototype;
        try {
            const bug = () => {

                throw new TypeError('a bug');
            };

            for (const broken of [bug, async () => bug()]) {
                LeasedBlacklist.prototype.cutoff = broken;
                expect(await ask('GET', '/me', jwt)).to.equal(500);
                expect(status().served).to.equal(0);
            }
        }
        finally {
            LeasedBlacklist.prototype.cutoff = cutoff;
        }
    });

    for (const [what, method, settings] of [
        ['writes', 'POST', {}],
        ['asks for a refresh token', 'GET', { tokens: 'either' }],
        ['revokes', 'GET', { tokens: 'access', revoke: true, allowSafeMethods: true }]
    ] as const) {

        // eslint-disable-next-line no-loop-func
        it(`is not accepted by a route that ${what}`, async () => {

            await start();
            add('/route', method, { ...settings, onOutage: 'serve' });
            await expect(prepared.server.initialize()).to.reject(`hard-logout: the route ${method} /route has onOutage 'serve', which is for GET with tokens 'access'`);
        });
    }

    it('at the start is answered 503 until it is over, where the option says so', async () => {

        await start({}, true);
        await redis.kill();
        hurry();
        await prepared.server.initialize();
        unhurried();
        expect(status().lastOutage).to.include({ ended: null });

        await redis.restart();
        await until(() => status().lastOutage!.ended !== null);

        // Logins have a connection of their own, which is back half a second later at most

        let jwt!: string;
        await until(async () => {

            jwt = (await prepared.login().catch(() => ({ jwt: '' }))).jwt;
            return jwt !== '';
        });

        expect(await ask('GET', '/me', jwt)).to.equal(200);
    });

    it('is not what a server has that cannot carry a lease', async () => {

        await start({}, true);
        RedisLink.connect = () => Promise.reject(new Unsupported('Redis cannot carry the lease'));
        await expect(prepared.server.initialize()).to.reject('Redis cannot carry the lease');
    });
});
