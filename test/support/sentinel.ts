import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs/promises';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { Redis } from 'ioredis';

import { findPort } from './redis';


/** A Sentinel of one's own, for a master called `main`. A guard beside it reads from a pipe that only this process holds open, and ends it with that. */
export const launchSentinel = async function (master: number, cleanups: (() => unknown)[]): Promise<{ port: number; raw: Redis }> {

    const folder = await Fs.mkdtemp(Path.join(Os.tmpdir(), 'hard-logout-'));
    const port = await findPort();
    const file = Path.join(folder, 'sentinel.conf');
    await Fs.writeFile(file, [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor main 127.0.0.1 ${master} 1`,
        'sentinel down-after-milliseconds main 1000',
        'sentinel failover-timeout main 5000'
    ].join('\n'));

    const script = '"$(command -v redis-server || command -v valkey-server)" "$0" --sentinel & read -r line; kill -KILL $!; rm -rf "$1"';
    const guard = ChildProcess.spawn('sh', ['-c', script, file, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    cleanups.push(async () => {

        guard.stdin!.end();
        await once(guard, 'exit');
    });

    const raw = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 20 });
    raw.on('error', () => undefined);
    cleanups.push(() => raw.disconnect());
    return { port, raw };
};
