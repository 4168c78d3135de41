import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { blockUnder } from '../support/documents';
import { run } from '../support/run';
import { bearer, prepare } from '../support/server';

import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { after, before, describe, it } = lab;


const load = (name: string) => require(require.resolve(name, { paths: [Path.join(__dirname, 'node_modules')] }));


describe('the guide to metrics', () => {

    let prepared: Prepared;

    before(async () => {

        prepared = await prepare();
    });

    after(() => prepared.server.stop());

    // A login, a logout, and a refusal

    const live = async function (): Promise<void> {

        const { server, login } = prepared;
        const { jwt, refreshToken } = await login();
        const logout = await server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(jwt) });
        expect(logout.statusCode).to.equal(204);
        expect((await server.inject({ url: '/me', headers: bearer(jwt) })).statusCode).to.equal(401);
    };

    const observe = function (heading: string, modules: Record<string, unknown>): void {

        const { text, file } = blockUnder('docs/metrics.md', heading, 'js');
        run(text, file, modules).observe(prepared.server);
    };

    it('has OpenTelemetry export what happens', async () => {

        const Api = load('@opentelemetry/api');
        const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
        const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
        const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
        Api.metrics.setGlobalMeterProvider(provider);

        observe('OpenTelemetry', { '@opentelemetry/api': Api });
        await live();
        await provider.forceFlush();

        const found = new Map<string, { attributes: object; value: any }[]>();
        for (const { descriptor, dataPoints } of exporter.getMetrics().flatMap(({ scopeMetrics }: any) => scopeMetrics).flatMap(({ metrics }: any) => metrics)) {
            found.set(`${descriptor.name} ${descriptor.unit}`, dataPoints);
        }

        const [revocation] = found.get('hard_logout.revocation.duration s')!;
        expect(revocation!.attributes).to.equal({ 'hard_logout.extent': 'session' });
        expect(revocation!.value.count).to.equal(1);
        expect(found.get('hard_logout.refusals {request}')).to.have.length(1);
        expect(found.get('hard_logout.refusals {request}')![0]).to.include({ attributes: { 'hard_logout.code': 'access_token_revoked' }, value: 1 });
        expect(found.get('hard_logout.sessions {session}')![0]).to.include({ attributes: { 'hard_logout.event': 'issued', 'hard_logout.strategy': 'session' }, value: 1 });
        expect(found.get('hard_logout.revocations {revocation}')![0]).to.include({ attributes: { 'hard_logout.extent': 'session', 'hard_logout.strategy': 'session' }, value: 1 });
        expect(found.get('hard_logout.cache.checks {check}')!.map(({ attributes }) => attributes)).to.equal([{ 'hard_logout.cache.result': 'hit' }, { 'hard_logout.cache.result': 'miss' }]);
        await provider.shutdown();
    });

    it('has prom-client export what happens', async () => {

        const PromClient = load('prom-client');
        observe('prom-client', { 'prom-client': PromClient });
        await live();

        const text: string = await PromClient.register.metrics();
        expect(text).to.include([
            'hard_logout_revocation_duration_seconds_count{extent="session",error=""} 1',
            'hard_logout_refusals_total{code="access_token_revoked"} 1',
            'hard_logout_sessions_total{event="issued",strategy="session"} 1',
            'hard_logout_revocations_total{extent="session",strategy="session"} 1'
        ]);
        expect(text).to.match(/^hard_logout_cache_checks_total\{result="hit"\} \d+$/m);
    });
});
