import { hasSubscribers } from 'node:diagnostics_channel';
import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout } from '../../lib';
import { load } from '../support/run';
import { bearer, pairOf, prepare } from '../support/server';

import type { Server } from '@hapi/hapi';

import type * as Operations from '../../example/operations';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


/** The samples in the text format of Prometheus. */
const parse = function (text: string): Map<string, number> {

    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
};


describe('the example\'s operations', () => {

    let app: Server;
    let operations: Server;

    beforeEach(async () => {

        ({ server: app } = await prepare());
        const { addOperations }: typeof Operations = load('example/operations.ts');
        operations = addOperations(app, { port: 0 });
    });

    afterEach(() => app.stop());

    const metrics = async () => parse((await operations.inject('/metrics')).payload);


    it('start and stop with the app, and listen to this machine only', async () => {

        await app.start();
        expect(operations.info).to.include({ host: '127.0.0.1', address: '127.0.0.1' });
        expect((await fetch(`${operations.info.uri}/live`)).status).to.equal(200);

        await app.stop();
        expect(operations.info.started).to.equal(0);
    });

    it('tell life from readiness', async () => {

        expect((await operations.inject('/live')).statusCode).to.equal(200);

        const ready = await operations.inject('/ready');
        expect(ready.statusCode).to.equal(200);
        expect(ready.headers['cache-control']).to.equal('no-store');
        expect(ready.result).to.equal({ statusCode: 200, state: 'ready', strategies: { session: 'ready' } });

        app.plugins['hard-logout'].health = async () => ({ statusCode: 503, state: 'unavailable', strategies: {} });
        expect((await operations.inject('/ready')).statusCode).to.equal(503);
        expect((await operations.inject('/live')).statusCode).to.equal(200);
    });

    it('count what happens to tokens', async () => {

        expect([...(await metrics()).keys()].filter((key) => /sessions|revocations|refusals/.test(key))).to.equal([]);

        const login = async () => pairOf((await app.inject({ method: 'POST', url: '/login' })).result as any);
        const renew = async (refreshToken: string) => (await app.inject({ method: 'POST', url: `/token?refreshToken=${refreshToken}` })).statusCode;

        const one = await login();
        const two = await login();
        expect(await renew(two.refreshToken)).to.equal(200);
        await hardLogout(app).revoke({ subject: '42' });

        const headers = bearer(one.jwt);
        expect((await app.inject({ url: '/me', headers })).statusCode).to.equal(401);
        expect((await app.inject({ url: '/me', headers })).statusCode).to.equal(401);
        expect((await app.inject('/me')).statusCode).to.equal(401);
        expect((await app.inject('/nowhere')).statusCode).to.equal(404);

        const counted = await metrics();
        expect(Object.fromEntries([...counted].filter(([key]) => /sessions|revocations|refusals|duration_seconds_count/.test(key)))).to.equal({
            'hard_logout_sessions_total{event="issued",strategy="session"}': 2,
            'hard_logout_sessions_total{event="refreshed",strategy="session"}': 1,
            'hard_logout_revocations_total{extent="subject",strategy="session"}': 1,
            'hard_logout_revocation_duration_seconds_count{extent="subject",error=""}': 1,
            'hard_logout_refusals_total{code="access_token_revoked"}': 2,
            'hard_logout_refusals_total{code="credentials_missing"}': 1
        });

        const { cache } = app.plugins['hard-logout'].status();
        expect([counted.get('hard_logout_cache_hits_total'), counted.get('hard_logout_cache_misses_total')]).to.equal([cache.hits, cache.misses]);
    });

    it('count nothing of another app that has stopped', async () => {

        await app.start();
        await app.stop();
        expect(hasSubscribers('hard_logout.refusals')).to.be.false();
    });

    it('show the lease where there is one', async () => {

        const { status } = app.plugins['hard-logout'];
        const lease = { heldSince: 1 as number | null, generation: 2, processes: 3 };
        app.plugins['hard-logout'].status = () => ({ ...status(), store: 'redis', lease, served: 4 });

        const held = await metrics();
        expect(held.get('hard_logout_lease_held')).to.equal(1);
        expect(held.get('hard_logout_processes')).to.equal(3);
        expect(held.get('hard_logout_cache_complete')).to.equal(0);
        expect(held.get('hard_logout_served_total')).to.equal(4);

        lease.heldSince = null;
        expect((await metrics()).get('hard_logout_lease_held')).to.equal(0);
    });

    it('are all that docs/metrics.md would have one watch', async () => {

        const names = (await operations.inject('/metrics')).payload.match(/(?<=^# TYPE )\w+/gm)!;
        const watched = Fs.readFileSync(Path.join(__dirname, '..', '..', 'docs', 'metrics.md'), 'utf8').match(/(?<=^\| `)hard_logout_\w+/gm)!;
        expect(watched).to.have.length(5);
        expect(names).to.include(watched);
    });
});
