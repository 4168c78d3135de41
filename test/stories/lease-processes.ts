import * as Fs from 'node:fs';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { entriesOf } from '../support/entries';
import { Child, compile } from '../support/process';
import { RedisServer } from '../support/redis';
import { until } from '../support/until';

import type { Status } from '../../lib/types';


export const lab = Lab.script();
const { describe, it, before, after } = lab;


const root = Path.join(__dirname, '..', '..');

const lease = 500;


describe('Processes that share a Redis', { timeout: 30_000 }, () => {

    let folder: string;
    let redis: RedisServer;
    let processes: Process[];

    before(async () => {

        folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-'));
        Fs.copyFileSync(Path.join(root, 'package.json'), Path.join(folder, 'package.json'));
        compile(Path.join(root, 'lib'), Path.join(folder, 'lib'));
        Fs.symlinkSync(Fs.realpathSync(Path.join(root, 'node_modules')), Path.join(folder, 'node_modules'));

        redis = await RedisServer.start();
        processes = await Promise.all([0, 1, 2].map(() => launch()));
    });

    after(async () => {

        processes.forEach((process) => process.kill('SIGKILL'));
        await redis.stop();
        Fs.rmSync(folder, { recursive: true });
    });

    const launch = function (): Promise<Process> {

        return Process.launch(Path.join(folder, 'lib'), { redis: redis.path, lease, timeout: 400 });
    };

    // A pair that every process accepts

    const login = async function (): Promise<Pair> {

        const pair = await processes[0]!.login();
        await everywhere(pair, 200);
        return pair;
    };

    const everywhere = async function (pair: Pair, status: number): Promise<void> {

        for (const process of processes) {
            await until(async () => await process.me(pair) === status);
        }
    };

    // From the moment of the answer on

    const expectDead = async function (...pairs: Pair[]): Promise<void> {

        const statuses = await Promise.all(processes.flatMap((process) => pairs.map((pair) => process.me(pair))));
        expect(statuses.filter((status) => status !== 401 && status !== 503)).to.equal([]);
    };

    // Says how often the client had to try: an answer of 503 is honest

    const logout = async function (process: Process, pair: Pair): Promise<number> {

        let attempts = 0;
        await until(async () => {

            ++attempts;
            const status = await process.logout(pair);
            expect([204, 401, 503]).to.include(status);

            // Of an attempt that failed the writing may have come through

            return status === 204 || attempts > 1 && status === 401;
        });

        await expectDead(pair);
        return attempts;
    };

    const settled = async function (pair: Pair): Promise<void> {

        await everywhere(pair, 401);
        await everywhere(await login(), 200);
    };


    it('all refuse at once what one has logged out', async () => {

        for (const process of processes) {
            const pair = await login();
            await logout(process, pair);
            await settled(pair);
        }

        // How many there are, a process learns with its next heartbeat

        for (const process of processes) {
            await until(async () => (await process.status()).lease!.processes === 3);
            expect((await process.status()).cache).to.include({ isComplete: true, size: (await processes[0]!.status()).cache.size });
        }
    });

    it('refuse it when their connections are cut at the same time', async () => {

        const raw = new Redis({ path: redis.path });
        const pairs = [await login(), await login(), await login()];
        const cut = raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub') as Promise<number>;
        await Promise.all(processes.map((process, i) => logout(process, pairs[i]!)));
        expect(await cut).to.equal(3);
        raw.disconnect();

        for (const pair of pairs) {
            await everywhere(pair, 401);
        }

        await settled(pairs[0]!);
    });

    it('answer nothing they do not know while Redis stands still, and refuse what they do', async () => {

        const [dead, live] = [await login(), await login()];
        await logout(processes[0]!, dead);

        redis.pause();
        try {
            expect(await processes[1]!.logout(live)).to.equal(503);
            await everywhere(live, 503);
            await expectDead(dead);
        }
        finally {
            redis.resume();
        }

        // A logout that was answered 503 is not done, or done: in the end all agree

        await logout(processes[1]!, live);
        await settled(live);
    });

    it('remember for a Redis that was restarted without its data', async () => {

        const [dead, live] = [await login(), await login()];
        await logout(processes[0]!, dead);
        await redis.restart();

        for (let i = 0; i < 20; ++i) {
            await expectDead(dead);
        }

        await everywhere(live, 200);
        await everywhere(dead, 401);

        const late = await login();
        await logout(processes[2]!, late);
        await settled(late);

        const raw = new Redis({ path: redis.path });
        expect((await entriesOf(raw, '{hard-logout}:blacklist')).size).to.be.at.least(4);
        raw.disconnect();
    });

    it('do not wait for ever for one that stands still, and it believes nothing when it wakes', async () => {

        const pair = await login();
        const paused = processes[2]!;
        paused.kill('SIGSTOP');
        const others = processes.filter((process) => process !== paused);

        let statuses: Promise<number>[];
        try {
            const began = performance.now();
            expect(await others[0]!.logout(pair)).to.equal(204);
            expect(performance.now() - began).to.be.within(lease, lease + 2000);

            statuses = [paused.me(pair), paused.me(pair)];
        }
        finally {
            paused.kill('SIGCONT');
        }

        statuses.push(paused.me(pair));
        for (const status of await Promise.all(statuses)) {
            expect(status).to.not.equal(200);
        }

        await expectDead(pair);
        await settled(pair);
    });

    it('wait once for one that was killed', async () => {

        const killed = processes[2]!;
        const [first, second] = [await login(), await login()];
        killed.kill('SIGKILL');
        await killed.exit;
        processes = processes.filter((process) => process !== killed);

        await logout(processes[0]!, first);
        await logout(processes[0]!, second);
        await until(async () => (await processes[0]!.status()).lease!.processes === 2);
        await settled(second);
    });

    it('do not wait for one that was stopped', async () => {

        const stopped = processes[1]!;
        const pair = await login();
        await stopped.stop();
        await stopped.exit;
        processes = processes.filter((process) => process !== stopped);

        await logout(processes[0]!, pair);
        await settled(pair);
        await until(async () => (await processes[0]!.status()).lease!.processes === 1);
    });

    it('let one join that knows at once what happened before', async () => {

        const pair = await login();
        await logout(processes[0]!, pair);
        const joined = await launch();
        processes.push(joined);
        expect(await joined.me(pair)).to.equal(401);
        await settled(pair);
    });
});


interface Pair {
    jwt: string;
    refreshToken: string;
}


class Process extends Child {

    static async launch(library: string, options: object): Promise<Process> {

        return await super.start('lease-process.js', library, JSON.stringify(options)) as Process;
    }

    async login(): Promise<Pair> {

        let pair: Pair | undefined;
        await until(async () => {

            const issued = await this.call('login').catch(() => null) as { access_token: string; refresh_token: string } | null;
            pair = issued ? { jwt: issued.access_token, refreshToken: issued.refresh_token } : undefined;
            return issued !== null;
        });

        return pair!;
    }

    me(pair: Pair): Promise<number> {

        return this.call('me', pair) as Promise<number>;
    }

    logout(pair: Pair): Promise<number> {

        return this.call('logout', pair) as Promise<number>;
    }

    status(): Promise<Status> {

        return this.call('status') as Promise<Status>;
    }

    stop(): Promise<unknown> {

        return this.call('stop');
    }
}
