import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Net from 'node:net';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { Child, compile } from '../support/process';
import { RedisServer } from '../support/redis';
import { pairOf } from '../support/server';
import { until } from '../support/until';

import type { Pair } from '../support/server';
import type { TokenResponse } from '../../lib';


export const lab = Lab.script();
const { after, before, describe, it } = lab;


const root = Path.join(__dirname, '..', '..');

const lease = 200;


// As a platform freezes a function between two requests, a laptop sleeps, or a debugger stops

describe('A process that was frozen for longer than its lease', { timeout: 20_000 }, () => {

    let folder: string;
    let redis: RedisServer;
    let proxy: Proxy;
    let frozen: Child;
    let other: Child;

    before(async () => {

        folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-'));
        Fs.copyFileSync(Path.join(root, 'package.json'), Path.join(folder, 'package.json'));
        compile(Path.join(root, 'lib'), Path.join(folder, 'lib'));
        Fs.symlinkSync(Fs.realpathSync(Path.join(root, 'node_modules')), Path.join(folder, 'node_modules'));

        redis = await RedisServer.start({ port: true, args: ['--repl-diskless-sync-delay', '0'] });
        proxy = await Proxy.listen(redis.port!);
        [frozen, other] = await Promise.all([launch(), launch()]) as [Child, Child];
    });

    after(async () => {

        frozen.kill('SIGKILL');
        other.kill('SIGKILL');
        proxy.close();
        await redis.stop();
        Fs.rmSync(folder, { recursive: true });
    });

    const launch = () => Child.start('lease-process.js', Path.join(folder, 'lib'), JSON.stringify({ redis: { host: '127.0.0.1', port: proxy.port }, lease, timeout: 400 }));

    const login = async (process: Child): Promise<Pair> => pairOf(await process.call('login') as TokenResponse);

    const me = async (process: Child, pair: Pair): Promise<number> => await process.call('me', pair) as number;

    // Logs out in the other process, which has to wait until the lease of the frozen one is over, and thaws it when that is done and `work` as well

    const freezeDuringLogout = async function (work: () => Promise<unknown> = () => Promise.resolve()): Promise<{ dead: Pair; live: Pair; first: number[] }> {

        const [dead, live] = [await login(frozen), await login(frozen)];
        expect(await Promise.all([dead, live].map((pair) => frozen.call('me', pair)))).to.equal([200, 200]);

        frozen.kill('SIGSTOP');
        let first: Promise<number>[];
        try {
            expect(await other.call('logout', dead)).to.equal(204);
            await work();

            // These are there before it runs again

            first = [me(frozen, dead), me(frozen, live)];
        }
        finally {
            frozen.kill('SIGCONT');
        }

        return { dead, live, first: await Promise.all(first) };
    };

    const expectRecovery = async function ({ dead, live, first }: Awaited<ReturnType<typeof freezeDuringLogout>>): Promise<void> {

        expect([401, 503], 'what was logged out').to.include(first[0]);
        expect([200, 503], 'what was not').to.include(first[1]);

        // No request of a live token is refused on the way back, and none of a dead one accepted

        const seen = new Set<unknown>();
        await until(async () => {

            const [gone, there] = await Promise.all([frozen.call('me', dead), frozen.call('me', live)]);
            seen.add(`${gone} ${there}`);
            return gone === 401 && there === 200;
        });

        expect([...seen].filter((pair) => !/^(401|503) (200|503)$/.test(String(pair)))).to.equal([]);
        expect(await frozen.call('logout', live)).to.equal(204);
        expect(await other.call('me', live)).to.equal(401);
    };

    it('accepts nothing that was logged out meanwhile, and soon everything else', async () => {

        const result = await freezeDuringLogout();
        await expectRecovery(result);
    });

    it('does so where Redis was restarted without its data meanwhile', async () => {

        const result = await freezeDuringLogout(async () => {

            await redis.restart();
            await until(async () => await other.call('me', await login(other).catch(() => ({ jwt: '' }))) === 200);
        });

        // Its sessions went with the data: one is left to log out by its access token

        expect([401, 503]).to.include(result.first[0]);
        await until(async () => await frozen.call('me', result.dead) === 401 && await frozen.call('me', result.live) === 200);
    });

    it('does so where a replica was promoted meanwhile', async () => {

        const replica = await RedisServer.start({ port: true, args: ['--replicaof', '127.0.0.1', `${redis.port}`, '--repl-diskless-sync-delay', '0'] });
        const [old, promoted] = [new Redis(redis.options()), new Redis(replica.options())];
        try {
            await until(async () => (await promoted.info('replication')).includes('master_link_status:up'));

            const result = await freezeDuringLogout(async () => {

                // As Sentinel does it

                await old.wait(1, 1000);
                await promoted.replicaof('NO', 'ONE');
                proxy.target = replica.port!;
                await old.multi().replicaof('127.0.0.1', replica.port!).call('CLIENT', 'KILL', 'TYPE', 'normal').call('CLIENT', 'KILL', 'TYPE', 'pubsub').exec();
                await until(async () => await other.call('me', await login(other).catch(() => ({ jwt: '' }))) === 200);
            });

            await expectRecovery(result);
        }
        finally {
            old.disconnect();
            promoted.disconnect();
            await replica.stop();
        }
    });
});


/** One address for a server that changes, as a service has it. */
class Proxy {

    target: number;
    readonly #server: Net.Server;

    private constructor(target: number) {

        this.target = target;
        this.#server = Net.createServer((socket) => {

            const upstream = Net.connect(this.target, '127.0.0.1');
            socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
            upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
            socket.pipe(upstream).pipe(socket);
        });
    }

    static async listen(target: number): Promise<Proxy> {

        const proxy = new this(target);
        proxy.#server.listen(0, '127.0.0.1');
        await once(proxy.#server, 'listening');
        return proxy;
    }

    get port(): number {

        return (this.#server.address() as Net.AddressInfo).port;
    }

    close(): void {

        this.#server.close();
    }
}
