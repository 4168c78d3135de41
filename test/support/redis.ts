import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Net from 'node:net';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { Redis } from 'ioredis';

import { RedisStore } from '../../lib/store/redis';

import type { script } from '@hapi/lab';
import type { PluginOptions } from '../../lib';
import type { PluginSettings } from '../../lib/options/settings';


export interface RedisServerOptions {
    /** More arguments for the server; of one kind the last wins. */
    args?: string[];

    /** Listens on a free TCP port of the loopback interface instead of on a unix socket. */
    port?: boolean;

    /** Is to servers of the app as one that has run for a while: `prepare()` calls `settle()`. */
    isSettled?: boolean;
}


// By their places

const settledServers = new Map<string, RedisServer>();


/**
 * A real Redis (or Valkey) server of one's own: empty, without persistence, out of everybody's way.
 *
 * It never outlives this process: a guard beside it reads from a pipe that only this process holds open, and when that ends,
 * for whatever reason, kills the server and removes its folder.
 */
export class RedisServer {

    readonly path?: string;
    readonly port?: number;

    readonly #folder: string;
    readonly #args: string[];
    #server?: ChildProcess.ChildProcess;
    #guard?: ChildProcess.ChildProcess;

    private constructor(folder: string, port: number | undefined, args: string[]) {

        this.#folder = folder;

        if (port) {
            this.port = port;
            this.#args = ['--port', `${port}`, '--bind', '127.0.0.1'];
        }
        else {
            this.path = Path.join(folder, 'redis.sock');
            this.#args = ['--port', '0', '--unixsocket', this.path];
        }

        this.#args.push('--dir', folder, '--save', '', '--appendonly', 'no', '--daemonize', 'no', ...args);
    }

    /** Resolves when the server accepts connections. */
    static async start({ args = [], port = false, isSettled = false }: RedisServerOptions = {}): Promise<RedisServer> {

        const freePort = port ? await findPort() : undefined;
        const folder = await Fs.promises.mkdtemp(Path.join(Os.tmpdir(), 'hard-logout-'));
        const server = new RedisServer(folder, freePort, args);

        try {
            await server.#launch();
        }
        catch (err) {
            await server.stop();
            throw err;
        }

        if (isSettled) {
            settledServers.set(server.url, server);
        }

        return server;
    }

    /** Settles what a server of the app is about to use, if that is on a `RedisServer` with `isSettled`. */
    static async settle({ redis, prefix }: PluginOptions): Promise<void> {

        const place = typeof redis === 'object' && 'path' in redis ? redis.path : redis;
        await settledServers.get(place as string)?.settle(prefix);
    }

    /** Its place as ioredis takes it in a string. */
    get url(): string {

        return this.path ?? `redis://127.0.0.1:${this.port}`;
    }

    /** Its place as ioredis takes it in options. */
    options(): { path: string } | { host: string; port: number } {

        return this.path ? { path: this.path } : { host: '127.0.0.1', port: this.port! };
    }

    /**
     * Makes a log of the blacklist that counts as older than a lease. So the first process that joins does not wait for one and a half leases, as it does in
     * each log that is new: members of an older log may still trust their memory. Tests of joining, and of what Redis has lost, do without.
     */
    async settle(prefix = 'hard-logout'): Promise<void> {

        const settings = { redis: this.options(), prefix, timeout: 5000, lease: 1500, startWithoutStore: false, cache: { max: 1 } } satisfies Omit<PluginSettings, 'events'>;
        const store = new RedisStore(settings, () => undefined);
        await store.start();
        try {
            if ((await store.survey()).epoch === null) {
                const { epoch } = await store.revoke([]);
                await store.settle(epoch);
            }
        }
        finally {
            await store.stop();
        }
    }

    /** Freezes the process: connections stay open, nothing is answered. */
    pause(): void {

        this.#server!.kill('SIGSTOP');
    }

    resume(): void {

        this.#server!.kill('SIGCONT');
    }

    /** Ends the process, and all data with it. Resolves when it is gone. */
    async kill(): Promise<void> {

        await end(this.#server);
        await end(this.#guard);
    }

    /** Starts an empty server at the same place. */
    async restart(): Promise<void> {

        await this.kill();
        await this.#launch();
    }

    /** Ends the process and removes every trace of it. */
    async stop(): Promise<void> {

        await this.kill();
        settledServers.delete(this.url);
        await Fs.promises.rm(this.#folder, { recursive: true, force: true });
    }

    async #launch(): Promise<void> {

        this.#server = ChildProcess.spawn(findServer(), this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });

        this.#guard = ChildProcess.spawn('sh', ['-c', 'read -r line; kill -KILL "$0"; rm -rf "$1"', `${this.#server.pid}`, this.#folder], {
            detached: true,
            stdio: ['pipe', 'ignore', 'ignore']
        });

        await ready(this.#server);

        unref(this.#server);
        unref(this.#guard);
    }
}

const findServer = function (): string {

    const folders = process.env.PATH!.split(Path.delimiter);
    const files = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((folder) => Path.join(folder, name)));
    const file = files.find((candidate) => Fs.existsSync(candidate));
    if (!file) {
        throw new Error('Neither redis-server nor valkey-server is on the PATH');
    }

    return file;
};

export const findPort = async function (): Promise<number> {

    const server = Net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as Net.AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
};

const ready = function (server: ChildProcess.ChildProcess): Promise<void> {

    return new Promise((resolve, reject) => {

        let output = '';

        const read = (chunk: Buffer) => {

            output += chunk;
            if (/ready to accept connections/i.test(output)) {
                server.stdout!.off('data', read).resume();
                server.stderr!.off('data', read).resume();
                server.off('close', fail);
                resolve();
            }
        };

        const fail = () => reject(new Error(`The Redis server did not start:\n${output}`));

        server.stdout!.on('data', read);
        server.stderr!.on('data', read);
        server.once('close', fail);
    });
};

const end = async function (child: ChildProcess.ChildProcess | undefined): Promise<void> {

    if (!child || child.exitCode !== null || child.signalCode !== null) {
        return;
    }

    child.ref();
    child.kill('SIGKILL');
    await once(child, 'exit');
};

const unref = function (child: ChildProcess.ChildProcess): void {

    child.unref();

    for (const stream of child.stdio) {
        (stream as Net.Socket | null)?.unref();
    }
};


/** A server for the tests of a describe(), with a client, emptied before each of them. */
export const useRedis = function ({ before, after, beforeEach }: ReturnType<typeof script>): { server: RedisServer; client: Redis } {

    const stage = {} as { server: RedisServer; client: Redis };

    before(async () => {

        stage.server = await RedisServer.start();
        stage.client = new Redis(stage.server.url);
    });

    after(async () => {

        stage.client.disconnect();
        await stage.server.stop();
    });

    beforeEach(() => stage.client.flushall());

    return stage;
};
