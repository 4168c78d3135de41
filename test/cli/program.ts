import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { start } from '../../lib/cli/program';
import { hurry, unhurried } from '../support/clock';
import { CommandLine, command, Deployment } from '../support/command';
import { findPort, RedisServer } from '../support/redis';
import { until } from '../support/until';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const app = new Deployment(lab);


describe('The command line', () => {

    afterEach(unhurried);

    it('fails where there is no Redis, without showing a password', async () => {

        // A second for each of twelve: in less, a busy machine does not get to the reason

        hurry(5);
        const urls = ['redis://user:hush@127.0.0.1:1', 'rediss://:hush@127.0.0.1:1', '/nowhere/redis.sock'];
        const lines = [['revoke', '--jti', 'a'], ['sessions', '--subject', '42'], ['status'], ['watch', '--json']];
        const fail = async function (line: string[], url: string): Promise<void> {

            const { code, stdout, stderr } = await command(...line, '--redis', url);
            expect({ code, stdout }).to.equal({ code: 1, stdout: '' });
            expect(stderr).to.startWith('hard-logout: Redis: connect ');
            expect(stderr).to.not.contain('hush');
        };

        await Promise.all(lines.flatMap((line) => urls.map((url) => fail(line, url))));
    });

    it('fails where the password is wrong, without showing it', async () => {

        const own = await RedisServer.start({ port: true, args: ['--requirepass', 'secret'] });
        try {
            const enter = (password: string) => new CommandLine(['status'], { env: { REDIS_URL: `redis://:${password}@127.0.0.1:${own.port}` } }).done;
            hurry(5);
            const { code, stdout, stderr } = await enter('hush');
            unhurried();
            expect({ code, stdout }).to.equal({ code: 1, stdout: '' });
            expect(stderr).to.startWith('hard-logout: Redis: WRONGPASS ');
            expect(stderr).to.not.contain('hush');
            expect(await enter('secret')).to.include({ code: 0, stderr: '' });
        }
        finally {
            await own.stop();
        }
    });
});


describe('The command line on a Cluster', () => {

    it('is given several nodes, and closes its connections', async () => {

        const own = await RedisServer.start({ port: true, args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', `${await findPort()}`] });
        const raw = new Redis(own.url);
        try {
            await raw.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
            await until(async () => (await raw.call('CLUSTER', 'INFO') as string).includes('cluster_state:ok'));
            expect(await command('status', '--redis', own.url, '--redis', own.url)).to.include({ code: 0, stderr: '' });
            const clients = async () => (await raw.call('CLIENT', 'LIST') as string).trim().split('\n');
            await until(async () => (await clients()).length === 1);
        }
        finally {
            raw.disconnect();
            await own.stop();
        }
    });
});


describe('The process of the command line', () => {

    const fake = function (...args: string[]) {

        return Object.assign(new EventEmitter(), {
            argv: ['node', 'hard-logout', ...args],
            env: { REDIS_URL: app.redis.path },
            stdin: new PassThrough(),
            stdout: new PassThrough(),
            stderr: new PassThrough(),
            exitCode: undefined as number | undefined
        });
    };

    it('ends by a signal, once', async () => {

        for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
            const process = fake('watch');
            const done = start(process as any);
            process.emit(signal, signal);
            expect(process.listenerCount(signal)).to.equal(0);
            await done;
            expect(process.exitCode).to.equal(code);
            expect(process.eventNames()).to.be.empty();
        }
    });

    it('ends when nobody reads it any more', async () => {

        const process = fake('watch');
        const done = start(process as any);
        process.stdout.emit('error', new Error('EPIPE'));
        process.stdout.emit('error', new Error('EPIPE'));
        await done;
        expect(process.exitCode).to.equal(141);
    });
});
