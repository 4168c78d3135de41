import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { examine } from '../../lib/store/durability';
import { RedisServer } from '../support/redis';
import { until } from '../support/until';

import type { Cluster, RedisOptions } from 'ioredis';
import type { Client } from '../../lib/store/call';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


describe('examine()', { timeout: 20_000 }, () => {

    const cleanups: (() => unknown)[] = [];

    afterEach(async () => {

        for (const cleanup of cleanups.splice(0).reverse()) {
            await cleanup();
        }
    });

    const launch = async function (...args: string[]): Promise<RedisServer> {

        const server = await RedisServer.start({ port: true, args });
        cleanups.push(() => server.stop());
        return server;
    };

    const connect = function (server: RedisServer, options: RedisOptions = {}): Redis {

        const client = new Redis({ ...server.options(), ...options });
        cleanups.push(() => client.disconnect());
        return client;
    };

    const examined = async (...args: string[]) => examine(connect(await launch(...args)), 1000);

    const fails = function (message: string) {

        return () => Promise.reject(new Error(message));
    };


    it('finds nothing wrong with a server that evicts nothing and keeps a file', async () => {

        expect(await examined('--appendonly', 'yes', '--maxmemory', '100mb')).to.equal({ refusal: null, warnings: [] });
    });

    it('refuses a server that evicts, whichever keys it chooses', async () => {

        for (const policy of ['allkeys-lru', 'volatile-ttl']) {
            expect(await examined('--appendonly', 'yes', '--maxmemory', '100mb', '--maxmemory-policy', policy)).to.equal({
                refusal: `Redis: it evicts (maxmemory-policy is ${policy}), so that a logout may be lost. Set maxmemory-policy to noeviction`,
                warnings: []
            });
        }
    });

    it('warns of a server that evicts once it has a limit', async () => {

        expect(await examined('--appendonly', 'yes', '--maxmemory-policy', 'volatile-lru')).to.equal({
            refusal: null,
            warnings: ['Redis has the maxmemory-policy volatile-lru: as soon as it has a maxmemory, it evicts, and a logout may be lost. Set maxmemory-policy to noeviction']
        });
    });

    it('warns of a server that keeps no file', async () => {

        expect(await examined()).to.equal({
            refusal: null,
            warnings: ['Redis writes no append-only file: after a restart of Redis a token that was revoked may be accepted again. Set appendonly to yes']
        });
    });

    it('says once for all that it may not know', async () => {

        const server = await launch();
        await connect(server).acl('SETUSER', 'default', '-info');
        const { refusal, warnings } = await examine(connect(server, { enableReadyCheck: false }), 1000);
        expect(refusal).to.be.null();
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.match(/^Redis does not show .* \(Redis: NOPERM .*\)\. Allow INFO, or check maxmemory-policy, appendonly and min-replicas-to-write yourself$/);
    });

    it('does not wait for a server that does not answer', async () => {

        const client = { info: () => new Promise(() => undefined) } as unknown as Client;
        const { warnings } = await examine(client, 20);
        expect(warnings[0]).to.include('(Redis: no answer within 20 ms)');
    });

    it('asks every master of a Cluster, and says what is alike once', async () => {

        const infos = ['maxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:0\r\n', 'maxmemory:9\r\nmaxmemory_policy:allkeys-lfu\r\naof_enabled:0\r\n'];
        const roles: string[] = [];
        const cluster = {
            isCluster: true,
            nodes: (role: string) => {

                roles.push(role);
                return [...infos.map((info) => ({ info: () => Promise.resolve(info) })), { info: fails('Connection is closed.') }];
            }
        } as unknown as Cluster;

        const { refusal, warnings } = await examine(cluster, 1000);
        expect(roles).to.equal(['master']);
        expect(refusal).to.include('(maxmemory-policy is allkeys-lfu)');
        expect(warnings).to.have.length(2);
        expect(warnings[0]).to.include('append-only');
        expect(warnings[1]).to.include('Connection is closed.');
    });

    describe('with replicas', () => {

        const remedy = (replicas: number, least: number) => `With ${replicas} replicas, set min-replicas-to-write to ${least} or more`;

        const missing = (replicas: number, least: number) => {

            return `Redis has no min-replicas-to-write: a failover may lose logouts that were confirmed. ${remedy(replicas, least)}`;
        };

        const few = (replicas: number, number: number, least: number) => {

            return `Redis has min-replicas-to-write ${number}: two masters may both take writes during a failover, which loses logouts. ${remedy(replicas, least)}`;
        };

        it('demands that more of them than half of the others have a write', async () => {

            const master = await launch('--appendonly', 'yes', '--repl-diskless-sync-delay', '0');
            const client = connect(master);
            const warnings = async () => (await examine(client, 1000)).warnings;
            const replicate = async (count: number) => {

                await launch('--replicaof', '127.0.0.1', `${master.port}`);
                await until(async () => (await client.info('replication')).includes(`connected_slaves:${count}`));
            };

            expect(await warnings()).to.equal([]);

            // One: its restart must not stop the app

            await replicate(1);
            expect(await warnings()).to.equal([]);

            await replicate(2);
            expect(await warnings()).to.equal([missing(2, 1)]);
            await client.config('SET', 'min-replicas-to-write', 1);
            expect(await warnings()).to.equal([]);

            await replicate(3);
            expect(await warnings()).to.equal([few(3, 1, 2)]);
            await client.config('SET', 'min-replicas-to-write', 2);
            expect(await warnings()).to.equal([]);
            await client.config('SET', 'min-replicas-to-write', 0);
            expect(await warnings()).to.equal([missing(3, 2)]);
        });

        it('keeps silent about what is not shown', async () => {

            const info = 'maxmemory_policy:noeviction\naof_enabled:1\nconnected_slaves:5\nmin_slaves_good_slaves:5\n';
            expect(await examine({ info: () => Promise.resolve('redis_version:9\n') } as unknown as Client, 1000)).to.equal({ refusal: null, warnings: [] });
            const shows = (config: () => Promise<unknown>) => examine({ info: () => Promise.resolve(info), config } as unknown as Client, 1000);

            expect((await shows(fails('NOPERM'))).warnings).to.equal([]);
            expect((await shows(() => Promise.resolve([]))).warnings).to.equal([]);
            expect((await shows(() => Promise.resolve(['min-replicas-to-write', '2']))).warnings).to.equal([few(5, 2, 3)]);
            expect((await shows(() => Promise.resolve({ 'min-replicas-to-write': '2' }))).warnings).to.equal([few(5, 2, 3)]);
            expect((await shows(() => Promise.resolve(['min-replicas-to-write', '3']))).warnings).to.equal([]);
        });
    });
});
