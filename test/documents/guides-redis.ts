import * as ChildProcess from 'node:child_process';
import * as Files from 'node:fs';
import * as Fs from 'node:fs/promises';
import * as Os from 'node:os';
import * as Path from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Cluster, Redis } from 'ioredis';
import { parseDocument } from 'yaml';

import { neededCommands } from '../../lib/cli/rights';
import { command } from '../support/command';
import { blockUnder, example, read, root } from '../support/documents';
import { findPort, RedisServer } from '../support/redis';
import { bearer, prepare } from '../support/server';
import { launchSentinel } from '../support/sentinel';

import type { PluginOptions } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


const document = 'docs/redis.md';

const lease = 100;

const execFile = promisify(ChildProcess.execFile);


describe('the guide to Redis', () => {

    const cleanups: (() => unknown)[] = [];

    afterEach(async () => {

        for (const cleanup of cleanups.splice(0).reverse()) {
            await cleanup();
        }
    });

    const launch = async function (...args: string[]): Promise<{ redis: RedisServer; admin: Redis }> {

        const redis = await RedisServer.start({ port: true, args });
        const admin = new Redis(redis.options());
        cleanups.push(() => redis.stop(), () => admin.disconnect());
        return { redis, admin };
    };

    // Of one node, which has all slots

    const launchCluster = async function (): Promise<{ redis: RedisServer; admin: Redis }> {

        const { redis, admin } = await launch('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', `${await findPort()}`);
        await admin.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
        let info = '';
        while (!info.includes('cluster_state:ok')) {
            info = await admin.call('CLUSTER', 'INFO') as string;
        }

        return { redis, admin };
    };

    const start = async function (options: PluginOptions): Promise<Prepared> {

        const prepared = await prepare({ refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } }, { lease, ...options });
        cleanups.push(() => prepared.server.stop());
        for (const revoke of ['token', 'others', 'subject'] as const) {
            prepared.server.route({ method: 'POST', path: `/end/${revoke}`, options: { plugins: { 'hard-logout': { revoke } } }, handler: () => null });
        }

        await prepared.server.initialize();
        return prepared;
    };

    const end = async function ({ server, login }: Prepared, path: string): Promise<number> {

        const { jwt, refreshToken } = await login();
        return (await server.inject({ method: 'POST', url: `${path}?refreshToken=${refreshToken}`, headers: bearer(jwt) })).statusCode;
    };

    // A logout in one process is one in the other

    const prove = async function (a: Prepared, b: Prepared): Promise<void> {

        const { jwt, refreshToken } = await a.login();
        expect((await b.me(jwt)).statusCode).to.equal(200);
        expect((await a.server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(jwt) })).statusCode).to.equal(204);
        expect((await b.me(jwt)).statusCode).to.equal(401);
    };

    it('has a configuration that Redis takes', async () => {

        const lines = blockUnder(document, 'Configuration', 'conf').text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
        const settings = lines.map((line) => line.split(' ') as [string, string]);
        const { admin } = await launch(...settings.flatMap(([name, value]) => [`--${name}`, value]));

        const held = await Promise.all(settings.map(async ([name]) => (await admin.config('GET', name) as string[])[1]));
        expect(held).to.equal(settings.map(([, value]) => value.replace('1gb', `${2 ** 30}`)));
    });

    it('says that all requests are a 503 where writes are refused for longer than a lease', async () => {

        const { redis, admin } = await launch();
        const prepared = await start({ redis: redis.url });
        const { jwt } = await prepared.login();

        for (const [name, value, harmless, reason] of [['maxmemory', '1', '0', /OOM/], ['min-replicas-to-write', '1', '0', /NOREPLICAS/]] as const) {
            const outage = new Promise<any>((resolve) => prepared.server.events.once({ name: 'log', filter: 'outage' }, resolve));
            await admin.config('SET', name, value);
            expect((await outage).data).to.match(reason);
            expect((await prepared.me(jwt)).statusCode).to.equal(503);

            const recovery = new Promise((resolve) => prepared.server.events.once({ name: 'log', filter: 'recovery' }, resolve));
            await admin.config('SET', name, harmless);
            await recovery;
            expect((await prepared.me(jwt)).statusCode).to.equal(200);
        }
    });


    describe('has a user', () => {

        const [, , user, ...rules] = blockUnder(document, 'Access control', 'redis').text.trim().split(' ');

        const login = { username: 'hard-logout', password: 'a-long-password' };

        const restrict = async function (admin: Redis, ...also: string[]): Promise<void> {

            expect(await admin.acl('SETUSER', user!, ...rules, ...also)).to.equal('OK');
            await admin.config('RESETSTAT');
        };

        // What was done, by whomever, and what was refused

        const report = async function (admin: Redis): Promise<{ done: string[]; refused: string[] }> {

            const done = Array.from((await admin.info('commandstats')).matchAll(/^cmdstat_(\S+):calls=[1-9]/gm), ([, name]) => name!);
            const refused = (await admin.acl('LOG') as unknown[]).map((entry) => JSON.stringify(entry)).filter((entry) => !entry.includes('client|setinfo'));
            return { done, refused };
        };

        it('who may do all that is done, with a lease, without, and by the command line, and nothing else', { timeout: 30_000 }, async () => {

            const { redis, admin } = await launch();
            await restrict(admin);

            for (const options of [{}, { lease: false as const }]) {
                const place = { ...redis.options(), ...login };
                const [a, b] = [await start({ ...options, redis: place }), await start({ ...options, redis: place })];
                await prove(a, b);
                for (const path of ['/end/token', '/end/others', '/end/subject']) {
                    expect(await end(a, path)).to.be.within(200, 204);
                }

                // One session more than a subject may have, a used token, a session of a list, everybody

                for (let i = 0; i < 101; ++i) {
                    await a.login('43');
                }

                const { refreshToken } = await a.login();
                await a.auth.refresh(refreshToken);
                await expect(a.auth.refresh(refreshToken)).to.reject();
                expect((await a.auth.explain(refreshToken)).code).to.equal('refresh_token_revoked');
                await a.login();
                const [session] = await a.auth.sessions('42');
                await a.auth.revoke({ session: session!.id });
                await a.auth.revoke({ issuedBefore: Date.now() });

                // Among many processes the second of two logouts is published later, with what comes then

                const members = '{hard-logout}:blacklist:members';
                await admin.zadd(members, ...Array.from({ length: 10_000 }, (_, i) => [1_000_000, `process ${i}`]).flat());
                await Promise.all([a, b].map(({ auth }) => auth.revoke({ issuedBefore: Date.now() })));
                await admin.zremrangebyscore(members, 1_000_000, 1_000_000);

                const { username, password } = login;
                const url = `redis://${username}:${password}@127.0.0.1:${redis.port}`;
                for (const args of [['status'], ['sessions', '--subject', '42'], ['revoke', '--jti', 'one'], ['revoke', '--subject', '42', '--yes']]) {
                    expect((await command(...args, '--redis', url)).code).to.equal(0);
                }

                await Promise.all([a.server.stop(), b.server.stop()]);
            }

            const { done, refused } = await report(admin);
            expect(refused).to.equal([]);

            const allowed = rules.filter((rule) => rule.startsWith('+')).map((rule) => rule.slice(1));
            expect(done.filter((called) => !/^(acl|config|client\|setinfo)/.test(called)).sort()).to.equal(allowed.sort());
        });

        it('whose rights the command line tries, all of them', () => {

            expect(neededCommands.map((name) => `+${name}`).sort()).to.equal(rules.filter((rule) => rule.startsWith('+')).sort());
        });

        it('who gets at no keys and channels of another prefix', async () => {

            const { redis, admin } = await launch();
            await restrict(admin);
            await expect(start({ redis: { ...redis.options(), ...login }, prefix: 'other' })).to.reject(/NOPERM/);
        });

        it('who needs one rule more for another database', async () => {

            const { redis, admin } = await launch();
            await restrict(admin);
            const place = { ...redis.options(), ...login, db: 1 };
            const count = async (database: number) => await admin.select(database) && await admin.dbsize();

            const errors: string[] = [];
            const refused = await prepare({}, { lease, redis: place });
            cleanups.push(() => refused.server.stop());
            refused.server.events.on({ name: 'log', filter: { tags: ['hard-logout', 'store', 'warn'], all: true } }, ({ data }) => errors.push(String(data)));
            await refused.server.initialize();
            expect(errors[0]).to.match(/NOPERM.*select/);
            expect(await count(1)).to.equal(0);
            expect(await count(0)).to.be.above(0);
            await refused.server.stop();

            await restrict(admin, '+select');
            await prove(await start({ redis: place }), await start({ redis: place }));
            expect(await count(1)).to.be.above(0);
        });

        it('who needs some more on a Cluster', async () => {

            const { redis, admin } = await launchCluster();
            const [also] = /`(\+cluster\|[^`]+)`/.exec(read(document))!.slice(1);
            await restrict(admin, ...also!.split(' '));

            const client = () => new Cluster([{ host: '127.0.0.1', port: redis.port! }], { redisOptions: login });
            const [one, two] = [client(), client()];
            cleanups.push(() => one.disconnect(), () => two.disconnect());
            await prove(await start({ redis: one }), await start({ redis: two }));

            const { done, refused } = await report(admin);
            expect(refused).to.equal([]);
            expect(done.filter((called) => called.startsWith('cluster|')).sort()).to.equal(also!.split(' ').map((rule) => rule.slice(1)).sort());
        });
    });

    describe('has options for TLS', () => {

        // One certificate is the authority, the server's and the client's

        const launchWithTls = async function (auth: 'yes' | 'no'): Promise<{ port: number; key: string; certificate: string }> {

            const folder = await Fs.mkdtemp(Path.join(Os.tmpdir(), 'hard-logout-'));
            cleanups.push(() => Fs.rm(folder, { recursive: true }));
            const [key, certificate] = [Path.join(folder, 'key.pem'), Path.join(folder, 'certificate.pem')];
            await execFile('openssl', [
                'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
                '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate
            ]);

            const port = await findPort();
            const args = ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate, '--tls-auth-clients', auth];
            const redis = await RedisServer.start({ port: true, args });
            cleanups.push(() => redis.stop());
            return { port, key, certificate };
        };

        it('with a certificate authority of one\'s own', async () => {

            const { port, certificate } = await launchWithTls('no');
            const { options } = example('docs/redis.md', 'TLS');
            await prove(await start(options('127.0.0.1', port, certificate)), await start(options('127.0.0.1', port, certificate)));
        });

        it('with a client certificate, and says what it is where that is missing', async () => {

            const { port, key, certificate } = await launchWithTls('yes');
            const { options } = example('docs/redis.md', 'Client certificates');
            const files = { authority: certificate, certificate, key };
            await prove(await start(options('127.0.0.1', port, files)), await start(options('127.0.0.1', port, files)));

            const [, quoted] = /`Redis: ECONNRESET(: [^`]+)`/.exec(read(document))!;
            const { options: without } = example('docs/redis.md', 'TLS');
            const { redis } = without('127.0.0.1', port, certificate);
            const { code, stderr } = await command('status', '--redis', `redis://127.0.0.1:${port}`);
            expect(code).to.not.equal(0);
            expect(stderr).to.include('the server ended the connection. Does it want TLS (rediss://, or tls)?');

            const prepared = await prepare({}, { redis, timeout: 100 });
            cleanups.push(() => prepared.server.stop());
            await expect(prepared.server.initialize()).to.reject(new RegExp(`^Redis: (ECONNRESET|EPIPE|ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)${quoted!.replace(/[().?]/g, '\\$&')}$`));
        });
    });

    describe('has a file to copy', () => {

        // One that has it all: names, types and no key twice

        const parse = function (heading: string): any {

            const parsed = parseDocument(blockUnder(document, heading, 'yaml').text, { strict: true, uniqueKeys: true });
            expect([...parsed.errors, ...parsed.warnings]).to.equal([]);
            return parsed.toJS();
        };

        const operations = Object.fromEntries(['/live', '/ready'].map((path) => [path, Files.readFileSync(Path.join(root, 'example', 'operations.ts'), 'utf8').includes(`path: '${path}'`)]));
        const variables = Files.readFileSync(Path.join(root, 'example', 'server.ts'), 'utf8').match(/(?<=[ {])[A-Z_]+(?=[: ,])/g)!;

        it('for Compose, whose Redis starts, is set up as it says above, and serves', async () => {

            const { services: { redis: store, app }, volumes } = parse('Compose');
            const [program, ...args] = store.command.split(' ');
            expect(program).to.equal('redis-server');

            const configuration = blockUnder(document, 'Configuration', 'conf').text;
            for (let i = 0; i < args.length; i += 2) {
                expect(configuration).to.include(`\n${args[i].slice(2)} ${args[i + 1]}\n`);
            }

            const { redis } = await launch(...args);
            const prepared = await start({ redis: redis.url });
            await prove(prepared, await start({ redis: redis.url }));

            expect(store.volumes).to.equal(Object.keys(volumes).map((name) => `${name}:/data`));
            expect(app.depends_on).to.equal({ redis: { condition: 'service_healthy' } });
            expect(Object.keys(app.environment).filter((name) => !variables.includes(name))).to.equal([]);
            expect(app.healthcheck.test[3]).to.include(`:${app.environment.OPERATIONS_PORT}/live`);
            expect(operations['/live']).to.be.true();

            // What asks for its health is a program

            await expect(execFile(process.execPath, app.healthcheck.test.slice(2))).to.reject();
        });

        it('for Kubernetes, whose probes ask what the example answers, on its port', () => {

            const { kind, spec: { selector, template } } = parse('Kubernetes');
            const [container, ...others] = template.spec.containers;
            expect([kind, others.length]).to.equal(['Deployment', 0]);
            expect(selector.matchLabels).to.equal(template.metadata.labels);

            const environment = Object.fromEntries(container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]));
            expect(Object.keys(environment).filter((name) => !variables.includes(name))).to.equal([]);
            const ports = Object.fromEntries(container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [name, `${containerPort}`]));
            expect(ports).to.equal({ http: environment.PORT, operations: environment.OPERATIONS_PORT });

            for (const [probe, path] of [['startupProbe', '/live'], ['livenessProbe', '/live'], ['readinessProbe', '/ready']]) {
                expect(container[probe!].httpGet).to.equal({ path, port: 'operations' });
                expect(operations[path!]).to.be.true();
            }

            expect(template.spec.terminationGracePeriodSeconds as number).to.be.above(container.lifecycle.preStop.sleep.seconds);
        });
    });

    it('has options for Sentinels', async () => {

        const { redis } = await launch();
        const sentinel = await launchSentinel(redis.port!, cleanups);

        const { options } = example('docs/redis.md', 'Sentinel');
        const sentinels = [{ host: '127.0.0.1', port: sentinel.port }];
        await prove(await start(options(sentinels, 'main')), await start(options(sentinels, 'main')));
    });

    it('has a client for a Cluster', async () => {

        const { redis } = await launchCluster();
        const { options } = example('docs/redis.md', 'Cluster');
        const [a, b] = [options([redis.options()]), options([redis.options()])];
        cleanups.push(a.close, b.close);
        await prove(await start(a.plugin), await start(b.plugin));
    });
});
