import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Path from 'node:path';
import { createInterface } from 'node:readline';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { systemClock } from '../../lib/blacklist/clock';
import { patience } from '../../lib/blacklist/lease';
import { LeasedBlacklist } from '../../lib/blacklist/leased-blacklist';
import { forever } from '../../lib/blacklist/blacklist';
import * as LogScripts from '../../lib/store/blacklist-scripts';
import { RedisStore } from '../../lib/store/redis';
import { registration } from '../../lib/store/terms';
import { RedisServer } from '../support/redis';

import type { PluginSettings } from '../../lib/options/settings';


export const lab = Lab.script();
const { describe, it, before, after } = lab;


const lease = 500;

const hasPython = ChildProcess.spawnSync('python3', ['--version']).status === 0;


// PROTOCOL.md is enough to be a member. Skipped without python3 (Debian: apt install python3)

describe('A member in Python', { skip: !hasPython, timeout: 20_000 }, () => {

    let server: RedisServer;
    let raw: Redis;
    let blacklist: LeasedBlacklist;
    let store: RedisStore;
    let python: Python;

    before(async () => {

        server = await RedisServer.start();
        raw = new Redis(server.path!);
        store = new RedisStore({ redis: server.path, prefix: 'p', timeout: 1000 } as PluginSettings, () => undefined);
        blacklist = new LeasedBlacklist({
            lease,
            timeout: 1000,
            max: 100,
            clock: systemClock,
            connect: () => store.connect(lease),
            report: () => undefined,
            arrived: () => undefined
        });

        await blacklist.start();
        await blacklist.revoke([revocation('before')]);
        python = new Python(server.path!);
        expect(await python.says()).to.equal('joined');
    });

    after(async () => {

        python?.process.kill('SIGKILL');
        await blacklist?.stop();
        await store?.stop();
        raw?.disconnect();
        await server?.stop();
    });

    it('is one like any other, and knows what was revoked before', async () => {

        const [members, heads] = [await raw.zrange('{p}:blacklist:members', '0', '-1'), await raw.hget('{p}:blacklist:log', 'head')];
        expect(members.some((id) => id.includes(`:${python.process.pid}:`))).to.be.true();
        expect(members).to.have.length(2);
        expect(heads).to.equal('1');
        expect(await python.ask('check before')).to.equal('revoked');
        expect(await python.ask('check clean')).to.equal('accepted');
    });

    it('refuses what is revoked, from when that is done', async () => {

        for (let i = 0; i < 20; ++i) {
            expect(await python.ask(`check token-${i}`)).to.equal('accepted');
            await blacklist.revoke([revocation(`token-${i}`)]);
            expect(await python.ask(`check token-${i}`)).to.equal('revoked');
        }
    });

    it('revokes in every process', async () => {

        for (let i = 0; i < 20; ++i) {
            expect(blacklist.cutoff([`other-${i}`])).to.equal(0);
            expect(await python.ask(`revoke other-${i}`)).to.equal('done');
            expect(blacklist.cutoff([`other-${i}`])).to.equal(forever);
        }
    });

    it('is waited for, and accepts nothing after a pause', async () => {

        python.process.kill('SIGSTOP');
        const began = performance.now();
        await blacklist.revoke([revocation('paused')]);
        expect(performance.now() - began).to.be.above(patience(lease) - 5);
        python.process.kill('SIGCONT');
        expect(await python.ask('check paused')).to.not.equal('accepted');
        expect(await python.ask('check paused')).to.not.equal('accepted');
    });

    it('leaves, and is not waited for any more', async () => {

        expect(await python.ask('leave')).to.equal('left');
        await once(python.process, 'exit');
        const began = performance.now();
        await blacklist.revoke([revocation('alone')]);
        expect(performance.now() - began).to.be.below(lease);
        expect(await raw.zcard('{p}:blacklist:members')).to.equal(1);
    });
});


class Python {

    readonly process: ChildProcess.ChildProcess;
    readonly #lines: AsyncIterator<string>;

    constructor(path: string) {

        const program = Path.join(__dirname, '../support/member.py');
        this.process = ChildProcess.spawn('python3', [program, path, 'p', `${lease}`], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
        const scripts = Object.entries({ ...LogScripts, register: registration }).filter(([, script]) => !Array.isArray(script)).map(([name, script]) => [name, (script as { lua: string }).lua]);
        this.process.stdin!.write(`${JSON.stringify(Object.fromEntries(scripts))}\n`);
    }

    async says(): Promise<string | undefined> {

        return (await this.#lines.next()).value;
    }

    ask(command: string): Promise<string | undefined> {

        this.process.stdin!.write(`${command}\n`);
        return this.says();
    }
}


const revocation = (key: string) => ({ key, cutoff: forever, ttl: 60_000 });
