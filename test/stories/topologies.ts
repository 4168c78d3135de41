import * as ChildProcess from 'node:child_process';
import * as Fs from 'node:fs/promises';
import * as Os from 'node:os';
import * as Path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Cluster, Redis } from 'ioredis';

import { systemClock } from '../../lib/blacklist/clock';
import { identify, identifyToken } from '../../lib/blacklist/identities';
import { LeasedBlacklist } from '../../lib/blacklist/leased-blacklist';
import { Outage } from '../../lib/errors/outage';
import { forever } from '../../lib/blacklist/blacklist';
import { RedisStore } from '../../lib/store/redis';
import { command } from '../support/command';
import { entriesOf } from '../support/entries';
import { findPort, RedisServer } from '../support/redis';
import { launchSentinel } from '../support/sentinel';
import { until } from '../support/until';

import type { PluginSettings } from '../../lib/options/settings';
import type { Revocation } from '../../lib/store/blacklist-contract';


export const lab = Lab.script();
const { describe, it, before, after, afterEach } = lab;


const lease = 500;


const [first, second] = [identifyToken('', '1'), identifyToken('', '2')];


describe('The lease', { timeout: 30_000 }, () => {

    const cleanups: (() => unknown)[] = [];

    afterEach(() => clean(cleanups));

    const start = async function (redis: PluginSettings['redis']): Promise<Process> {

        const reasons: string[] = [];
        const settings = { redis, prefix: 'p', timeout: 500, lease, startWithoutStore: false, cache: { max: 100 } } as PluginSettings;
        const store = new RedisStore(settings, (error) => reasons.push(error.message));
        const connect = () => store.connect(lease);
        const report = (event: string, error?: Error) => reasons.push(`${event} ${error?.message}`);
        const blacklist = new LeasedBlacklist({ lease, timeout: 500, max: 100, clock: systemClock, connect, report, arrived: () => undefined });
        cleanups.push(() => store.stop(), () => blacklist.stop());

        await store.start();
        await blacklist.start();
        return { blacklist, store, reasons };
    };


    describe('on a Cluster', () => {

        let nodes: Node[];
        const cluster: (() => unknown)[] = [];

        before(async () => {

            nodes = await Promise.all([0, 1, 2].map(() => launchNode(cluster)));
            await Promise.all(nodes.map(async ({ raw }, i) => {

                await raw.call('CLUSTER', 'ADDSLOTSRANGE', Math.ceil(16384 / 3 * i), Math.ceil(16384 / 3 * (i + 1)) - 1);
                await raw.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
            }));

            // A node that has met another takes no epoch any more

            for (const { port, bus } of nodes) {
                await nodes[0]!.raw.call('CLUSTER', 'MEET', '127.0.0.1', port, bus);
            }

            await until(async () => {

                const states = await Promise.all(nodes.map(({ raw }) => raw.call('CLUSTER', 'INFO') as Promise<string>));
                return states.every((state) => state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:3'));
            });
        });

        after(() => clean(cluster));

        // Where the connections of the lease are

        const serving = async function (): Promise<number[]> {

            const lists = await Promise.all(nodes.map(({ raw }) => raw.call('CLIENT', 'LIST') as Promise<string>));
            return lists.map((list) => list.split('name=hard-logout:lease').length - 1);
        };

        const owner = async function (): Promise<number> {

            const slot = await nodes[0]!.raw.call('CLUSTER', 'KEYSLOT', '{p}:blacklist') as number;
            const ranges = await nodes[0]!.raw.call('CLUSTER', 'SLOTS') as [number, number, [string, number]][];
            const [, , [, port]] = ranges.find(([from, to]) => from <= slot && slot <= to)!;
            return nodes.findIndex((node) => node.port === port);
        };

        it('is kept by the master that has the slot of the blacklist, and goes where that goes', async () => {

            const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })), { redisOptions: { connectTimeout: 1000 } });
            cleanups.push(() => client.disconnect());
            const a = await start(client);
            const b = await start(client);

            const from = await owner();
            const connections = [0, 0, 0];
            connections[from] = 2;
            expect(await serving()).to.equal(connections);

            await insist(() => a.blacklist.revoke([revocation(first)]));
            expect(b.blacklist.cutoff([first])).to.equal(forever);
            await until(async () => a.blacklist.status().lease!.processes === 2);

            // The slot moves while both serve

            const to = (from + 1) % 3;
            await migrate(nodes, from, to);
            expect(await owner()).to.equal(to);

            await insist(() => a.blacklist.revoke([revocation(second)]));
            for (const { blacklist } of [a, b]) {
                expect(await insist(async () => await blacklist.cutoff([first, second]))).to.equal(forever);
                expect(await insist(async () => await blacklist.cutoff(['clean']))).to.equal(0);
            }

            await until(async () => (await serving())[to] === 2);
            expect(a.reasons.some((reason) => /MOVED|ASK/.test(reason))).to.be.true();
            expect([...(await entriesOf(nodes[to]!.raw, '{p}:blacklist')).keys()]).to.only.include([first, second]);
            await until(async () => await nodes[to]!.raw.zcard('{p}:blacklist:members') === 2);

            // The sessions are elsewhere: what has come back there is not missed here

            await a.store.create({ subject: '42', id: 'one' }, { family: '', secret: '', claims: '{}', data: 'null', ttl: 60_000, maxAge: 60_000, accessTtl: 1, max: 100 });
            await a.store.remove({ subject: '42', id: 'one' }, { revocations: [{ ...revocation(first), ttl: 1000 }], margin: 0 });
            expect((await a.store.list('42')).sessions).to.be.empty();
            expect((await entriesOf(nodes[to]!.raw, '{p}:blacklist')).get(first)!.expires).to.be.above(Date.now() + 10_000);

            // The sessions' half goes on by the client of the user

            expect(await a.store.cutoffs([first, 'clean'])).to.equal([forever, null]);
            expect(client.status).to.equal('ready');
        });

        it('is joined by the command line, which is given several nodes', async () => {

            const urls = nodes.map(({ port }) => `redis://127.0.0.1:${port}`);
            await nodes[await owner()]!.raw.hset('{p}:blacklist:issuers', identify('everyone', ''), '1000 0 0 0 ');
            const client = new Cluster(urls);
            cleanups.push(() => client.disconnect());
            const { blacklist } = await start(client);

            const { code, stdout, stderr } = await command('revoke', '--jti', 'a', '--prefix', 'p', '--redis', urls[1]!, '--redis', urls[2]!);
            expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
            expect(stdout).to.endWith('1 process has it.\n');
            expect(blacklist.cutoff([identifyToken('', 'a')])).to.equal(forever);

            // A single address leads to a single server

            const one = await command('status', '--prefix', 'p', '--redis', urls[(await owner() + 1) % 3]!);
            expect(one.code).to.equal(1);
            expect(one.stderr).to.startWith('hard-logout: Redis: MOVED ').and.to.endWith(': it is a node of a Cluster. Give --redis once for each of several nodes\n');
        });
    });


    describe('on a Sentinel', () => {

        it('is kept by the master, and goes to the next', async () => {

            const master = await RedisServer.start({ port: true, args: ['--repl-diskless-sync-delay', '0'] });
            cleanups.push(() => master.stop());
            const replica = await RedisServer.start({ port: true, args: ['--replicaof', '127.0.0.1', `${master.port}`] });
            cleanups.push(() => replica.stop());
            const sentinel = await launchSentinel(master.port!, cleanups);
            await until(async () => ((await sentinel.raw.call('SENTINEL', 'REPLICAS', 'main')) as unknown[]).length === 1);

            const redis = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' };
            const { blacklist } = await start(redis);
            await insist(() => blacklist.revoke([revocation(first)]));

            const raw = new Redis(replica.options());
            cleanups.push(() => raw.disconnect());
            await until(async () => (await entriesOf(raw, '{p}:blacklist')).size === 1);
            await until(async () => (await sentinel.raw.call('SENTINEL', 'FAILOVER', 'main').catch(() => null)) === 'OK');
            await until(async () => (await raw.role())[0] === 'master');

            await insist(async () => {

                await blacklist.revoke([revocation(second)]);
                if ((await entriesOf(raw, '{p}:blacklist')).size < 2) {
                    throw new Outage('still the old master');
                }
            });

            expect(blacklist.cutoff([first, second])).to.equal(forever);
            expect(await insist(async () => await blacklist.cutoff(['clean']))).to.equal(0);
            expect(await raw.zcard('{p}:blacklist:members')).to.equal(1);

            // The command line finds the master by the same Sentinel

            await raw.hset('{p}:blacklist:issuers', identify('everyone', ''), '1000 0 0 0 ');
            const { code, stderr } = await command('revoke', '--jti', 'a', '--prefix', 'p', '--redis', `redis+sentinel://127.0.0.1:${sentinel.port}/main`);
            expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
            expect(blacklist.cutoff([identifyToken('', 'a')])).to.equal(forever);
        });
    });


    describe('over TLS', () => {

        it('is kept with the certificate that the options trust, and with no other', async () => {

            const folder = await Fs.mkdtemp(Path.join(Os.tmpdir(), 'hard-logout-'));
            cleanups.push(() => Fs.rm(folder, { recursive: true }));
            const [key, cert] = [Path.join(folder, 'key.pem'), Path.join(folder, 'cert.pem')];
            await promisify(ChildProcess.execFile)('openssl', [
                'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
                '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert
            ]);

            const port = await findPort();
            const server = await RedisServer.start({
                port: true,
                args: ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no']
            });

            cleanups.push(() => server.stop());

            const tls = { ca: await Fs.readFile(cert) };
            const client = new Redis({ host: '127.0.0.1', port, tls });
            cleanups.push(() => client.disconnect());

            const a = await start({ host: '127.0.0.1', port, tls });
            const b = await start(client);
            await insist(() => a.blacklist.revoke([revocation('token')]));
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
            expect(await client.call('CLIENT', 'LIST')).to.match(/ name=hard-logout:lease /);

            const stranger = { redis: `rediss://127.0.0.1:${port}`, prefix: 'p', timeout: 500 } as PluginSettings;
            await expect(new RedisStore(stranger, () => undefined).connect(lease)).to.reject(Outage, /certificate/);
        });
    });
});


interface Process {
    blacklist: LeasedBlacklist;
    store: RedisStore;
    reasons: string[];
}


interface Node {
    raw: Redis;
    port: number;
    bus: number;
}


const launchNode = async function (cleanups: (() => unknown)[]): Promise<Node> {

    const bus = await findPort();
    const server = await RedisServer.start({ port: true, args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-port', `${bus}`] });
    const raw = new Redis(server.options());
    cleanups.push(() => server.stop(), () => raw.disconnect());
    return { raw, port: server.port!, bus };
};


const migrate = async function (nodes: Node[], from: number, to: number): Promise<void> {

    const [source, target] = [nodes[from]!, nodes[to]!];
    const slot = await source.raw.call('CLUSTER', 'KEYSLOT', '{p}:blacklist') as number;
    const ids = await Promise.all(nodes.map(({ raw }) => raw.call('CLUSTER', 'MYID') as Promise<string>));

    await target.raw.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from]!);
    await source.raw.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to]!);
    const keys = await source.raw.call('CLUSTER', 'GETKEYSINSLOT', slot, 100) as string[];
    await source.raw.call('MIGRATE', '127.0.0.1', target.port, '', 0, 5000, 'KEYS', ...keys);
    for (const { raw } of [target, source, ...nodes]) {
        await raw.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to]!);
    }
};


const revocation = function (key: string): Revocation {

    return { key, cutoff: forever, ttl: 60_000 };
};


// An outage is over sooner or later; anything else is a failure

async function insist<T>(attempt: () => Promise<T>): Promise<T> {

    for (let i = 0; i < 200; ++i) {
        try {
            return await attempt();
        }
        catch (error) {
            if (!(error instanceof Outage)) {
                throw error;
            }

            await sleep(50);
        }
    }

    return await attempt();
}


const clean = async function (cleanups: (() => unknown)[]): Promise<void> {

    for (const cleanup of cleanups.splice(0).reverse()) {
        await cleanup();
    }
};
