import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as Path from 'node:path';


export interface Fleet {
    uri: string;

    /** What was started, in one sentence. */
    summary: string;

    /** Resolves when a process has ended that nothing had asked to. */
    failed: Promise<string>;
    stop: () => Promise<void>;
}


/**
 * Starts the app in two processes that share one port and one Redis: that of `REDIS_URL`, or one that is started for the purpose and ends with them. Where there
 * is none, it starts one process, which stores everything in its memory.
 */
export const startFleet = async function (): Promise<Fleet> {

    const { REDIS_URL, JWT_KEY = randomBytes(32).toString('hex'), OPERATIONS_PORT } = process.env;
    const redis = REDIS_URL ? { program: 'REDIS_URL', url: REDIS_URL, stop: () => undefined } : await startRedis();

    cluster.setupPrimary({ exec: Path.join(__dirname, '..', 'server.js'), stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

    const fork = function (number: number) {

        const operations = OPERATIONS_PORT && { OPERATIONS_PORT: Number(OPERATIONS_PORT) + number - 1 };
        return cluster.fork({ JWT_KEY, DEMO_PROCESS: number, REDIS_URL: redis?.url ?? '', ...operations });
    };

    const workers = redis ? [fork(1), fork(2)] : [fork(1)];

    const ends = workers.map((worker) => once(worker, 'exit'));
    const failed = Promise.race(ends).then(() => 'A process of the app has ended');
    const stop = async () => {

        workers.forEach((worker) => worker.process.kill());
        await Promise.all(ends);
        redis?.stop();
    };

    try {
        const ready = Promise.all(workers.map((worker) => once(worker, 'message')));
        const [[uri]] = await Promise.race([ready, failed.then((problem) => Promise.reject(new Error(problem)))]) as [[string]];
        const summary = redis ? `Two processes of the app share one Redis (${redis.program}).` :
            'One process of the app runs, and stores everything in its memory: there is no redis-server on the PATH. Install one, or set REDIS_URL, to see two processes.';

        return { uri, summary, failed, stop };
    }
    catch (error) {
        await stop();
        throw error;
    }
};


// A Redis or Valkey on a private socket, without persistence. Null where neither is installed

const startRedis = async function (): Promise<{ program: string; url: string; stop: () => void } | null> {

    const folder = mkdtempSync(Path.join(tmpdir(), 'futureflix-'));
    const url = Path.join(folder, 'redis.sock');
    const remove = () => rmSync(folder, { recursive: true, force: true });

    for (const program of ['redis-server', 'valkey-server']) {

        // Detached: Ctrl-C must not end it before the app

        const server = spawn(program, ['--port', '0', '--unixsocket', url, '--dir', folder, '--save', ''], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
        const isReady = await new Promise<boolean>((resolve) => {

            server.stdout.on('data', (lines) => /ready to accept connections/i.test(lines) && resolve(true));
            server.once('error', () => resolve(false));
            server.once('exit', () => resolve(false));
        });

        if (isReady) {
            server.unref();
            const stop = () => {

                server.kill('SIGKILL');
                remove();
            };

            process.once('exit', stop);
            return { program, url, stop };
        }
    }

    remove();
    return null;
};
