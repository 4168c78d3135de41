import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { observe } from '../../lib/cli/status';
import { FakeClock, watch } from '../support/clock';
import { CommandLine, command, Deployment, issuer, sid } from '../support/command';

import type { Peer } from '../../lib/store/contract';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


describe('status', () => {

    const noFile = 'Redis writes no append-only file: after a restart of Redis a token that was revoked may be accepted again. Set appendonly to yes';

    it('shows the processes that live, those that do not, and the blacklist', async () => {

        expect(await app.cli('status', '--issuer', issuer)).to.include({ code: 2 });
        const status = (...args: string[]) => command('status', ...app.where, ...args);

        const empty = await status();
        expect(empty).to.include({ code: 0, stderr: '' });
        expect(empty.stdout).to.equal(`Redis is not settled: it is new, or was restarted, promoted or emptied, and a process that joins waits for a lease\n${noFile}\n0 revocations, 0 processes\n`);

        const { login, auth } = await app.launch();
        await auth.revoke({ session: sid(await login()) });
        const [id] = await app.registry();
        await app.raw.hset(`{${app.prefix}}:blacklist:processes`, 'gone', '7:200');

        const { code, stdout } = await status('--json');
        expect(code).to.equal(0);
        const { processes, ...rest } = JSON.parse(stdout);
        expect(rest).to.equal({ isSettled: true, revocations: 1, problems: [noFile] });
        expect(processes).to.have.length(2);
        const [living, gone] = processes[0].id === id ? processes : processes.reverse();
        expect(living).to.include({ id, lease: app.lease });
        expect(living.beat as number).to.be.between(-1, 200);
        expect(gone).to.equal({ id: 'gone', lease: 200, beat: null });

        const lines = (await status()).stdout.split('\n');
        expect(lines.slice(0, 4)).to.equal(['Redis is settled', noFile, '1 revocation, 2 processes', '']);
        expect(lines[4]).to.match(/^PROCESS {31}LEASE {3}LAST HEARTBEAT$/);
        expect(lines).to.include(`${'gone'.padEnd(36)}  200 ms  none within its lease: gone, or paused`);
        expect(lines.find((line) => line.startsWith(id!))).to.match(/^\S+ {2}100 ms {2}\d+ ms ago$/);
        expect(await app.registry()).to.have.length(2);
    });

    it('says first what makes Redis unfit', async () => {

        await app.raw.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru', 'appendonly', 'yes');
        try {
            const { stdout } = await command('status', ...app.where, '--json');
            expect(JSON.parse(stdout).problems).to.equal(['Redis: it evicts (maxmemory-policy is allkeys-lru), so that a logout may be lost. Set maxmemory-policy to noeviction']);
        }
        finally {
            await app.raw.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction', 'appendonly', 'no');
        }
    });

    it('shows a person that it is watching', async () => {

        await app.raw.hset(`{${app.prefix}}:blacklist:processes`, 'gone', '7:600');
        const line = new CommandLine(['status', ...app.where], { isTTY: true });
        await line.says(/\r\u001b\[Kwatching for heartbeats, \d s$/);
        expect((await line.done).stderr).to.endWith('s\r\u001b[K');
    });
});


describe('Heartbeats, as seen in the registry', () => {

    // Processes by what the registry says of them at a moment (ms)

    const look = async function (processes: Record<string, (now: number) => { beat: number; lease: number } | null>, time: number) {

        const clock = new FakeClock();
        let reads = 0;
        const read = async (): Promise<Peer[]> => {

            ++reads;
            return Object.entries(processes).flatMap(([id, at]) => {

                const found = at(clock.now());
                return found ? [{ id, beat: `${found.beat}:${found.lease}`, lease: found.lease }] : [];
            });
        };

        const observed = watch(observe(read, clock));
        await clock.advance(time);
        return { outcome: observed.outcome, reads };
    };

    it('are as old as the look that saw the last of them', async () => {

        const processes = {
            quick: (now: number) => ({ beat: Math.floor((now + 50) / 125), lease: 500 }),
            slow: (now: number) => ({ beat: Math.floor(now / 375), lease: 1500 })
        };

        expect((await look(processes, 399)).outcome).to.be.null();
        expect((await look(processes, 400)).outcome).to.equal([
            { id: 'quick', lease: 500, beat: 50 },
            { id: 'slow', lease: 1500, beat: 0 }
        ]);
    });

    it('are waited for until the longest lease has surely run out', async () => {

        const processes = { gone: () => ({ beat: 1, lease: 1000 }), short: () => ({ beat: 1, lease: 100 }) };
        expect((await look(processes, 1029)).outcome).to.be.null();
        expect((await look(processes, 1050)).outcome).to.equal([{ id: 'gone', lease: 1000, beat: null }, { id: 'short', lease: 100, beat: null }]);
    });

    it('are those of processes that are still there', async () => {

        const processes = {
            leaves: (now: number) => (now < 100 ? { beat: now, lease: 500 } : null),
            stays: (now: number) => ({ beat: Math.floor(now / 125), lease: 500 }),
            joins: (now: number) => (now > 0 ? { beat: now, lease: 500 } : null)
        };

        expect((await look(processes, 150)).outcome).to.equal([{ id: 'stays', lease: 500, beat: 0 }]);
        expect(await look({}, 0)).to.equal({ outcome: [], reads: 1 });
    });
});
