import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { examineRedis, judgeSentinels } from '../../lib/cli/doctor';
import { Output } from '../../lib/cli/terminal';
import { RedisStore } from '../../lib/store/redis';
import { CommandLine, command, Deployment, issuer, unread } from '../support/command';
import { RedisServer } from '../support/redis';
import { launchSentinel } from '../support/sentinel';
import { until } from '../support/until';

import type { PluginSettings } from '../../lib/options/settings';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const app = new Deployment(lab);


describe('doctor', { timeout: 20_000 }, () => {

    const cleanups: (() => unknown)[] = [];

    afterEach(async () => {

        for (const cleanup of cleanups.splice(0).reverse()) {
            await cleanup();
        }
    });

    const launch = async function (...args: string[]): Promise<{ server: RedisServer; raw: Redis }> {

        const server = await RedisServer.start({ port: true, args: ['--appendonly', 'yes', '--repl-diskless-sync-delay', '0', ...args] });
        cleanups.push(() => server.stop());
        const raw = new Redis(server.url);
        cleanups.push(() => raw.disconnect());
        await app.register([issuer], { raw, prefix: 'hard-logout' });
        return { server, raw };
    };

    // What is not good

    const problems = async function (redis: string, ...args: string[]): Promise<[about: string, text: string, command: string | null][]> {

        const { code, stdout, stderr } = await command('doctor', '--redis', redis, '--json', ...args);
        const bad = JSON.parse(stdout).filter(({ isGood }: any) => !isGood);
        expect({ code, stderr: /^$|^hard-logout: \d of \d+ checks (is|are) not good\n$/.test(stderr) }).to.equal({ code: bad.length > 0 ? 1 : 0, stderr: true });
        return bad.map(({ about, text, command: toType }: any) => [about, text, toType]);
    };


    it('says in one line each what is good', async () => {

        await app.launch();
        await app.raw.config('SET', 'appendonly', 'yes');
        try {
            const { code, stdout, stderr } = await app.cli('doctor');
            expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
            expect(stdout.replace(/\d+(\.\d+)+|\d+(?= MB)/g, 'N').replace(/behind|ahead of/, 'ahead of')).to.equal([
                'good  version      Redis N',
                'good  role         it is a master',
                'good  eviction     none (maxmemory-policy is noeviction)',
                'good  persistence  an append-only file',
                'good  replicas     none',
                'good  memory       N MB, without a limit',
                'good  clock        N s ahead of this machine\'s',
                'good  rights       the user "default" has all the rights that are needed',
                `good  strategies   of the issuer "${issuer}"`,
                'good  processes    1 process, with a lease of 100 ms',
                ''
            ].join('\n'));

            // It leaves nothing behind

            expect(await app.raw.keys('*doctor*')).to.equal([]);
        }
        finally {
            await app.raw.config('SET', 'appendonly', 'no');
        }
    });

    it('has colours for a person', async () => {

        const { server } = await app.launch({}, { lease: 600 });
        await server.stop();
        await app.raw.del(`{${app.prefix}}:blacklist:issuers`);
        await app.register(['']);
        await app.raw.zadd(`{${app.prefix}}:blacklist:members`, -1, 'gone');
        const line = new CommandLine(['doctor', ...app.where], { isTTY: true });
        await line.says(/\r\u001b\[Kchecking Redis, and waiting for each process to confirm, \d s$/);
        const { code, stdout, stderr } = await line.done;
        expect(code).to.equal(1);
        expect(stdout).to.match(/^\u001b\[32mgood\u001b\[39m {6}version {6}/m);
        expect(stdout).to.match(/^\u001b\[31m\u001b\[1mnot good\u001b\[22m\u001b\[39m {2}persistence {2}Redis writes .* In redis-cli: CONFIG SET appendonly yes$/m);
        expect(stdout).to.match(/ {2}without an issuer$/m);
        expect(stderr).to.endWith('hard-logout: 2 of 10 checks are not good\n');
    });

    it('finds a server that evicts, or has evicted, or is about to', async () => {

        const { server, raw } = await launch('--maxmemory-policy', 'allkeys-lru');
        expect(await problems(server.url)).to.equal([['eviction', 'Redis has the maxmemory-policy allkeys-lru: as soon as it has a maxmemory, it evicts, and a logout may be lost. Set maxmemory-policy to noeviction', 'CONFIG SET maxmemory-policy noeviction']]);

        await raw.config('SET', 'maxmemory', '100mb');
        const [[about, text, toType]] = await problems(server.url) as [[string, string, string]];
        expect([about, text]).to.equal(['eviction', 'Redis: it evicts (maxmemory-policy is allkeys-lru), so that a logout may be lost. Set maxmemory-policy to noeviction']);

        // What it says to type is what helps

        await raw.call(...toType.split(' ') as [string]);
        expect(await problems(server.url)).to.equal([]);

        const used = Number(/^used_memory:(\d+)/m.exec(await raw.info('memory'))![1]);
        await raw.config('SET', 'maxmemory', Math.round(used * 1.1));
        const [[, full, more]] = await problems(server.url) as [[string, string, string]];
        expect(full).to.match(/^(8|9)\d % of maxmemory is used: once it is full, all responses are 503\. Give it more$/);
        await raw.call(...more.split(' ') as [string]);
        expect(await problems(server.url)).to.equal([]);

        await raw.set('victim', 'a'.repeat(100_000));
        await raw.config('SET', 'maxmemory-policy', 'allkeys-random');
        await raw.config('SET', 'maxmemory', '1');
        await raw.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');
        await app.register([issuer], { raw, prefix: 'hard-logout' });
        expect((await problems(server.url)).map(([, evicted]) => evicted)).to.equal([`it has evicted ${/^evicted_keys:(\d+)/m.exec(await raw.info('stats'))![1]} keys since it started: logouts may be lost. Revoke everything issued until now: hard-logout revoke --issued-before`]);
    });

    it('finds a server that keeps no file', async () => {

        const { server } = await launch('--appendonly', 'no');
        expect((await problems(server.url)).map(([about, , toType]) => [about, toType])).to.equal([['persistence', 'CONFIG SET appendonly yes']]);
    });

    it('finds a replica, and a master that waits for too few of them or for too many', async () => {

        const { server, raw } = await launch();
        const replica = await launch('--replicaof', '127.0.0.1', `${server.port}`, '--replica-read-only', 'no');
        await until(async () => (await raw.info('replication')).includes('state=online'));
        expect(await problems(server.url)).to.equal([]);
        expect((await problems(replica.server.url)).map(([about, text]) => [about, text])).to.equal([['role', `it is a replica, which accepts no writes. Give the address of its master, 127.0.0.1:${server.port}, or of the Sentinels`]]);

        await raw.config('SET', 'min-replicas-to-write', '1');
        const lag = ['writes', 'min-replicas-max-lag is 10 s: for so long a master that is cut off accepts writes, and then loses them', 'CONFIG SET min-replicas-max-lag 2'];
        expect(await problems(server.url)).to.equal([lag]);
        await raw.config('SET', 'min-replicas-max-lag', '2');
        expect(await problems(server.url)).to.equal([]);

        await raw.config('SET', 'min-replicas-to-write', '2');
        expect((await problems(server.url)).map(([about, text]) => [about, text])).to.include([['writes', 'it accepts no writes, because min-replicas-to-write is 2 and it reaches 1 replica: all responses are 503. Bring the replicas back']]);
        await raw.config('SET', 'min-replicas-to-write', '0');

        await launch('--replicaof', '127.0.0.1', `${server.port}`, '--replica-read-only', 'no');
        await until(async () => (await raw.info('replication')).includes('connected_slaves:2'));
        expect(await problems(server.url)).to.equal([['replicas', 'Redis has no min-replicas-to-write: a failover may lose logouts that were confirmed. With 2 replicas, set min-replicas-to-write to 1 or more', 'CONFIG SET min-replicas-to-write 1']]);
    });

    it('finds Sentinels that are too few, too quick, or away', async () => {

        const { server, raw } = await launch('--min-replicas-max-lag', '2');
        const sentinel = await launchSentinel(server.port!, cleanups);
        await until(async () => (await sentinel.raw.call('SENTINEL', 'MASTERS') as unknown[]).length === 1);
        await launch('--replicaof', '127.0.0.1', `${server.port}`, '--replica-read-only', 'no');
        await until(async () => (await raw.info('replication')).includes('state=online'));

        const few = ['sentinels', 'there is 1: if one is cut off together with the master, no failover is possible. Run three or more', null];
        const url = `redis+sentinel://127.0.0.1:${sentinel.port}`;
        expect(await problems(`${url}/main`)).to.equal([few]);

        await raw.config('SET', 'min-replicas-to-write', '1');
        const quick = 'down-after-milliseconds is 1000, and has to be longer than min-replicas-max-lag plus a second (3000): otherwise two masters may accept writes at the same time. In redis-cli, on each Sentinel';
        expect(await problems(`${url},127.0.0.1:1/main`)).to.equal([
            ['sentinels', '127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1', null],
            few,
            ['sentinels', quick, 'SENTINEL SET main down-after-milliseconds 4000']
        ]);
    });

    it('finds a clock that is more than a minute off', async () => {

        const { server } = await launch();
        const { now } = Date;
        Date.now = () => now() + 61_000;
        try {
            const found = await problems(server.url);
            expect(found.map(([about, text]) => [about, text])).to.equal([['clock', '61.0 s behind this machine\'s: with more than a minute, revocations end too early. Set both clocks by NTP']]);
        }
        finally {
            Date.now = now;
        }
    });

    it('finds the rights that a user lacks', async () => {

        const { server, raw } = await launch();
        const user = async (...rules: string[]) => raw.acl('SETUSER', 'few', 'reset', 'on', '>secret', ...rules);
        const url = server.url.replace('redis://', 'redis://few:secret@');
        const rights = async () => (await problems(url)).filter(([about]) => about === 'rights');

        await user('~*', '&*', '+@all', '-zrem', '-subscribe', '-evalsha', '-hdel');
        expect(await rights()).to.equal([['rights', 'the user "few" lacks 4 rights', 'ACL SETUSER few +evalsha +hdel +zrem +subscribe']]);
        await user('~{hard-logout}:blacklist*', '&*', '+@all');
        expect(await rights()).to.equal([['rights', 'the user "few" lacks 1 right', 'ACL SETUSER few ~hard-logout:{*}:session*']]);
        await user('~hard-logout:{*}:session*', '&other', '+@all', '-get');
        const [[, , toType]] = await rights() as [[string, string, string]];
        expect(toType).to.equal('ACL SETUSER few +get ~{hard-logout}:blacklist* &{hard-logout}:blacklist:news:*');

        await raw.call(...toType.split(' ') as [string]);
        expect(await rights()).to.equal([]);

        // What it may not read is not good either

        await user('~*', '&*', '+@all', '-info', '-time');
        const found = await problems(url);
        expect(found.map(([about]) => about)).to.equal(['server', 'clock', 'rights', 'processes']);
        expect(found[0]![1]).to.match(/^NOPERM .*'info'/);
    });

    it('finds strategies that are not there, and processes that are gone', async () => {

        const { server, raw } = await launch();
        const { stdout } = await command('doctor', '--redis', server.url);
        expect(stdout).to.endWith('  none in the registry: either none is running, or they have lease: false and ask Redis at every request\n');
        expect((await problems(server.url, '--prefix', 'another')).map(([about, text]) => [about, text.split('.')[0]])).to.equal([['strategies', 'No strategy is registered in this Redis under the prefix "another"']]);

        const store = new RedisStore({ redis: server.url, prefix: 'hard-logout', timeout: 500 } as PluginSettings, () => undefined);
        await store.revoke([]);
        await store.stop();
        await raw.hset('{hard-logout}:blacklist:log', 'lease', 100);
        await raw.zadd('{hard-logout}:blacklist:members', 0, 'gone', 0, 'also');
        expect((await problems(server.url)).map(([about, text]) => [about, text]).sort()).to.equal([
            ['processes', 'also has confirmed nothing for 100 ms, which is a lease: it has crashed or is paused. The next logout waits for it, once'],
            ['processes', 'gone has confirmed nothing for 100 ms, which is a lease: it has crashed or is paused. The next logout waits for it, once']
        ]);
    });
});


describe('What doctor finds', () => {

    // Masters that say no more than this

    const examined = async function (infos: string[], { redis = '/run/redis' as unknown, config = async (): Promise<string[]> => [] } = {}) {

        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const masters = infos.map((info, i) => ({
            options: { host: 'host', port: i },
            info: async () => info,
            config,
            time: async () => [Date.now() / 1000, 0],
            duplicate: () => ({ on: () => undefined, connect: async () => undefined, call: async () => null, disconnect: () => undefined })
        }));

        const store = { start: async () => undefined, masters: async () => masters, registered: async () => [{ name: 'a' }], survey: async () => ({ epoch: null, lease: 0, size: 0, members: [] }) };
        const context = { output: new Output({ stdout, stderr }, true), store, terminal: { stdout, signal: new AbortController().signal } };
        await examineRedis({ plugin: { redis, timeout: 100, prefix: 'p' }, issuers: [] } as any, context as any).catch(() => undefined);
        return JSON.parse(unread(stdout)) as { about: string; text: string; isGood: boolean }[];
    };

    const textOf = async (about: string, ...found: Parameters<typeof examined>) => (await examined(...found)).filter((check) => check.about === about).map(({ text }) => text);


    it('is the version, of Valkey as well', async () => {

        const versions = ['redis_version:6.2.0', 'redis_version:10.1.0', 'redis_version:7.2.4\r\nvalkey_version:8.0.1', 'redis_version:6.0.16', 'redis_version:5.9.9', ''];
        expect(await Promise.all(versions.map(async (info) => (await textOf('version', [info]))[0]))).to.equal([
            'Redis 6.2.0',
            'Redis 10.1.0',
            'Valkey 8.0.1',
            'Redis 6.0.16: a lease needs 6.2 or later. Update it, or give the plugin lease: false',
            'Redis 5.9.9: a lease needs 6.2 or later. Update it, or give the plugin lease: false',
            'Redis 0: a lease needs 6.2 or later. Update it, or give the plugin lease: false'
        ]);
    });

    it('is shown for each master of a Cluster', async () => {

        const client = { status: 'ready', disconnect: () => undefined };
        const found = await examined(['redis_version:7.0.0', 'role:slave\r\nmaster_host:other\r\nmaster_port:1'], { redis: client });
        expect(found.filter(({ about }) => /^(version|role|sentinels)/.test(about)).map(({ about, isGood }) => [about, isGood])).to.equal([
            ['version host:0', true], ['role host:0', true], ['version host:1', false], ['role host:1', false]
        ]);
    });

    it('is nothing where the server does not show it', async () => {

        expect((await examined(['redis_version:7.0.0\nmaxmemory:100\nused_memory:10'])).filter(({ isGood }) => !isGood)).to.equal([]);
        expect(await textOf('memory', ['maxmemory:100\nused_memory:10'])).to.equal(['10 % of maxmemory']);
        expect((await examined(['redis_version:7.0.0'], { config: () => Promise.reject(new Error('NOPERM')) })).filter(({ isGood }) => !isGood)).to.equal([]);
        expect(await textOf('sentinels', ['redis_version:7.0.0'], { redis: { sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'main' } })).to.equal(['127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1']);
    });

    it('is what Sentinels agree on', () => {

        const sentinel = { address: 'a:1', problem: null, count: 3, downAfter: 4000 };
        const judge = (found: object, least: number, lag: number) => judgeSentinels([{ ...sentinel, ...found }], { name: 'main', least, lag }).map(({ isGood, text }) => [isGood, text.split(/[,:] /)[0]]);

        expect(judge({}, 1, 2)).to.equal([[true, '3']]);
        expect(judge({ downAfter: 3000 }, 0, 2)).to.equal([[true, '3']]);
        expect(judge({ downAfter: 3000 }, 1, 2)).to.equal([[false, 'down-after-milliseconds is 3000']]);
        expect(judge({ count: 2 }, 1, 2)).to.equal([[false, 'there are 2']]);
        expect(judge({ problem: 'NOQUORUM' }, 1, 2)).to.equal([[false, 'a:1']]);
    });
});
