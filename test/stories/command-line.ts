import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { beganAt } from '../../lib/jwt/claims';
import { Child, compile } from '../support/process';
import { RedisServer } from '../support/redis';
import { pairOf } from '../support/server';
import { payload } from '../support/tokens';

import type { Claims, TokenResponse } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const root = Path.join(__dirname, '..', '..');

const lease = 500;


describe('The command line beside processes of the app', { timeout: 30_000 }, () => {

    let folder: string;
    let redis: RedisServer;
    let raw: Redis;
    let apps: Child[];
    const lines: ChildProcess.ChildProcess[] = [];

    before(async () => {

        folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-'));
        Fs.copyFileSync(Path.join(root, 'package.json'), Path.join(folder, 'package.json'));
        compile(Path.join(root, 'lib'), Path.join(folder, 'lib'));
        Fs.symlinkSync(Fs.realpathSync(Path.join(root, 'node_modules')), Path.join(folder, 'node_modules'));
        Fs.writeFileSync(Path.join(folder, 'package.json'), '{}');

        redis = await RedisServer.start();
        await redis.settle();
        raw = new Redis(redis.path!);
        apps = await Promise.all([0, 1].map(() => Child.start('lease-process.js', Path.join(folder, 'lib'), JSON.stringify({ redis: redis.path, lease }))));
    });

    after(async () => {

        apps.forEach((app) => app.kill('SIGKILL'));
        raw.disconnect();
        await redis.stop();
        Fs.rmSync(folder, { recursive: true });
    });

    afterEach(() => lines.splice(0).forEach((line) => line.kill('SIGKILL')));

    const main = () => Path.join(folder, 'lib', 'cli', 'main.js');

    const spawn = function (command: string, ...args: string[]): ChildProcess.ChildProcess {

        const line = ChildProcess.spawn(command, args, { env: { ...process.env, REDIS_URL: redis.path }, stdio: ['pipe', 'pipe', 'pipe'] });
        lines.push(line);
        return line;
    };

    const cli = (...args: string[]) => spawn(process.execPath, main(), ...args);

    const says = async function (line: ChildProcess.ChildProcess, pattern: RegExp): Promise<void> {

        let text = '';
        await new Promise<void>((resolve) => {

            const read = (chunk: Buffer) => {

                text += chunk;
                if (pattern.test(text)) {
                    resolve();
                }
            };

            line.stdout!.on('data', read);
            line.stderr!.on('data', read);
        });
    };

    const exit = async (line: ChildProcess.ChildProcess): Promise<number> => (await once(line, 'exit'))[0];

    const registry = () => raw.zcard('{hard-logout}:blacklist:members');

    const login = async (): Promise<Pair> => pairOf(await apps[0]!.call('login') as TokenResponse);

    const everywhere = (pair: Pair) => Promise.all(apps.map((app) => app.call('me', pair)));

    it('is done when every process refuses', async () => {

        const jti = ({ jwt }: Pair) => payload(jwt).jti as string;
        const sid = ({ jwt }: Pair) => payload(jwt).sid as string;
        const targets = [
            (pair: Pair) => ['--session', sid(pair)],
            (pair: Pair) => ['--jti', jti(pair)],
            () => ['--subject', '42', '--yes'],
            (pair: Pair) => ['--issued-before', new Date(beganAt(payload(pair.jwt) as unknown as Claims)! + 1).toISOString(), '--yes']
        ];

        for (const target of targets) {
            const pair = await login();
            expect(await everywhere(pair)).to.equal([200, 200]);
            expect(await exit(cli('revoke', ...target(pair)))).to.equal(0);
            expect(await everywhere(pair)).to.equal([401, 401]);
            expect(await registry()).to.equal(2);
        }
    });

    it('is done when a process that stands still cannot accept any more', async () => {

        const paused = await Child.start('lease-process.js', Path.join(folder, 'lib'), JSON.stringify({ redis: redis.path, lease }));
        try {
            const pair = pairOf(await paused.call('login') as TokenResponse);
            expect(await paused.call('me', pair)).to.equal(200);
            paused.kill('SIGSTOP');
            expect(await exit(cli('revoke', '--session', payload(pair.jwt).sid as string))).to.equal(0);
            paused.kill('SIGCONT');
            expect(await paused.call('me', pair)).to.not.equal(200);
        }
        finally {
            paused.kill('SIGKILL');
            await paused.exit;
        }
    });

    it('has an exit code for each end', async () => {

        const ends = [cli('--help'), cli('status'), cli('revoke'), cli('revoke', '--subject', '42')].map(exit);

        // Which is waited for, as long as a server may take to start

        const nowhere = spawn(process.execPath, '--require', Path.join(root, 'test', 'support', 'hurry.js'), main(), 'status', '--redis', '/nowhere');
        expect(await Promise.all([...ends, exit(nowhere)])).to.equal([0, 0, 2, 2, 1]);
    });

    it('leaves the registry when a signal ends it', async () => {

        // While it waits for a process that is gone

        await raw.zadd('{hard-logout}:blacklist:members', 0, 'gone');
        for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
            const others = await registry();
            const news = raw.duplicate();
            await news.subscribe('{hard-logout}:blacklist:news:0');
            const told = once(news, 'message');

            const line = cli('revoke', '--jti', signal);
            const ended = exit(line);
            await told;
            news.disconnect();
            expect(await registry()).to.equal(others + 1);
            line.kill(signal);
            expect(await ended).to.equal(code);
            expect(await registry()).to.equal(others);
        }

        await raw.zrem('{hard-logout}:blacklist:members', 'gone');
    });

    it('watches until a signal ends it', async () => {

        const line = cli('watch');
        const ended = exit(line);
        await says(line, /watching\n$/);
        const told = says(line, /something: revoked\n/);
        expect(await exit(cli('revoke', '--jti', 'watched'))).to.equal(0);
        await told;

        line.kill('SIGINT');
        expect(await ended).to.equal(130);
    });

    it('ends when nobody reads it any more', async () => {

        const line = cli('watch', '--json');
        const ended = exit(line);
        await says(line, /connected/);
        line.stdout!.destroy();
        await exit(cli('revoke', '--jti', 'unread'));
        expect(await ended).to.equal(141);
    });

    // util-linux's, which gives a terminal to what it runs

    const hasTerminal = process.platform === 'linux' && ChildProcess.spawnSync('script', ['--version']).status === 0;

    it('asks on a terminal, where Ctrl-C is an answer', { skip: !hasTerminal }, async () => {

        const ask = async function (answer: string): Promise<number> {

            const line = spawn('script', '-qec', `'${process.execPath}' '${main()}' revoke --subject 42`, '/dev/null');
            const ended = exit(line);
            await says(line, /Type yes to go on: $/);
            line.stdin!.write(answer);
            return ended;
        };

        const pair = await login();
        expect(await ask('no\n')).to.equal(3);
        expect(await ask('\u0004')).to.equal(3);
        expect(await ask('\u0003')).to.equal(130);
        expect(await everywhere(pair)).to.equal([200, 200]);
        expect(await ask('yes\n')).to.equal(0);
        expect(await everywhere(pair)).to.equal([401, 401]);
    });

    it('has colours and ages on a terminal, unless NO_COLOR is set', { skip: !hasTerminal }, async () => {

        // Node shows no colours where `CI` is set

        const show = async function (...args: string[]): Promise<string> {

            const line = spawn('script', '-qec', `env -u CI -u FORCE_COLOR -u NO_COLOR ${args.join(' ')} '${process.execPath}' '${main()}' sessions --subject 43`, '/dev/null');
            let text = '';
            line.stdout!.on('data', (chunk) => (text += chunk));
            await once(line, 'close');
            return text;
        };

        await apps[0]!.call('login', '43');
        expect(await show('TERM=xterm-256color')).to.match(/^\u001b\[1mSESSION\u001b\[22m +\u001b\[1mCREATED\u001b\[22m .*\r\n\S{38} {2}(now|\d+ seconds? ago) +never {4}in 29 days\r\n$/);
        expect(await show('TERM=xterm-256color', 'NO_COLOR=1')).to.match(/^SESSION +CREATED .*\r\n\S{38} {2}(now|\d+ seconds? ago) +never {4}in 29 days\r\n$/);
    });
});
