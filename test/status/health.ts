import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { HealthCheck } from '../../lib/status/health';
import { Outage } from '../../lib/errors/outage';
import { RedisServer } from '../support/redis';
import { jwt, prepare } from '../support/server';

import type { OutagePolicy, Status, StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('health()', () => {

    let server: Hapi.Server | undefined;
    let redis: RedisServer | undefined;

    afterEach(async () => {

        await server?.stop();
        await redis?.stop();
        server = redis = undefined;
    });

    const health = () => server!.plugins['hard-logout'].health();

    /** Resolves with the first event of a channel. */
    const next = (channel: 'outage' | 'recovery') => server!.events.once({ name: 'hard-logout', channels: channel });


    it('is that of a process on its own', async () => {

        ({ server } = await prepare());
        expect(await health()).to.equal({ statusCode: 200, state: 'ready', strategies: { session: 'ready' } });
    });

    it('names each strategy, and none of another scheme', async () => {

        ({ server } = await prepare());
        server.auth.scheme('other', () => ({ api: {}, authenticate: (request, h) => h.authenticated({ credentials: {} }) }));
        server.auth.strategy('others', 'other');
        server.auth.strategy('browser', 'hard-logout', { jwt } satisfies StrategyOptions);
        expect((await health()).strategies).to.equal({ session: 'ready', browser: 'ready' });
    });

    it('is ready without a strategy, if the store is', async () => {

        server = Hapi.server();
        await server.register(plugin);
        expect(await health()).to.equal({ statusCode: 200, state: 'ready', strategies: {} });
    });

    const follow = async function (lease: number | false): Promise<void> {

        redis = await RedisServer.start({ isSettled: true });
        ({ server } = await prepare({}, { redis: redis.url, lease, timeout: 200 }));
        server.auth.strategy('reads', 'hard-logout', { jwt, onOutage: 'serve' } satisfies StrategyOptions);

        await server.initialize();
        expect(await health()).to.equal({ statusCode: 200, state: 'ready', strategies: { session: 'ready', reads: 'ready' } });

        // Nothing is answered: a probe does not wait for that either

        const lost = lease && next('outage');
        redis.pause();
        expect(await health()).to.equal({
            statusCode: 503,
            state: 'unavailable',
            strategies: { session: 'unavailable', reads: 'degraded' }
        });

        await lost;
        const recovered = lease && next('recovery');
        redis.resume();
        await recovered;
        expect((await health()).state).to.equal('ready');
    };

    it('follows Redis down and up again, with a lease', () => follow(300));

    it('follows Redis down and up again, without one', () => follow(false));

    it('is that of a server that has not reached Redis yet', async () => {

        redis = await RedisServer.start({ port: true });
        const { url } = redis;
        await redis.stop();

        ({ server } = await prepare({}, { redis: url, timeout: 50 }));

        // Where Redis is, and why it does not answer, is for the log

        expect(await health()).to.equal({ statusCode: 503, state: 'unavailable', strategies: { session: 'unavailable' } });
    });


    // A store and a lease by hand

    type Lease = { heldSince: number | null } | undefined;

    const examine = function (policies: OutagePolicy[], answer: () => (number | null)[] | Promise<(number | null)[]>, lease?: () => Lease) {

        return new HealthCheck({
            store: { kind: 'redis', cutoffs: answer } as any,
            blacklist: { status: () => ({ lease: lease?.() } as Status) },
            routes: { strategies: () => policies.map((onOutage, i) => ({ name: `${i}`, onOutage })) }
        });
    };

    const away = () => Promise.reject(new Outage('Redis: connect ECONNREFUSED 10.0.0.1:6379'));

    it('asks for a lease as of the end of its question', async () => {

        let heldSince: number | null = 1;
        const check = examine(['reject'], async () => {

            heldSince = null;
            return [null];
        }, () => ({ heldSince }));

        expect((await check.health()).state).to.equal('unavailable');
        heldSince = 1;
        expect((await examine(['reject'], () => [null], () => ({ heldSince })).health()).state).to.equal('ready');
    });

    it('equals the worst of the strategies', async () => {

        const stateOf = async (outages: OutagePolicy[]) => {

            const { statusCode, state } = await examine(outages, away).health();
            return [statusCode, state];
        };

        expect(await stateOf([])).to.equal([503, 'unavailable']);
        expect(await stateOf(['reject'])).to.equal([503, 'unavailable']);
        expect(await stateOf(['serve'])).to.equal([200, 'degraded']);
        expect(await stateOf(['serve', 'serve'])).to.equal([200, 'degraded']);
        expect(await stateOf(['serve', 'reject'])).to.equal([503, 'unavailable']);
    });

    it('asks one question at a time, however many want to know, and asks anew afterwards', async () => {

        const answers: ((cutoffs: null[]) => void)[] = [];
        const check = examine(['reject'], () => new Promise((resolve) => answers.push(resolve)));

        const first = [check.health(), check.health(), check.health()];
        expect(answers).to.have.length(1);
        answers[0]!([null]);
        expect((await Promise.all(first)).map(({ state }) => state)).to.equal(['ready', 'ready', 'ready']);

        const second = check.health();
        expect(answers).to.have.length(2);
        answers[1]!([null]);
        expect((await second).state).to.equal('ready');
    });

    it('does not take a bug for an outage, and does not keep it', async () => {

        const answers = [() => Promise.reject(new Error('broken')), () => [null]];
        const check = examine(['reject'], () => answers.shift()!());
        await expect(check.health()).to.reject('broken');
        expect((await check.health()).state).to.equal('ready');
    });
});
