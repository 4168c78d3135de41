import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { observe } from '../../lib/cli/status';
import { FakeClock, watch } from '../support/clock';
import { CommandLine, command, Deployment, issuer, sid } from '../support/command';

import type { Survey } from '../../lib/store/survey';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


describe('status', () => {

    it('shows the processes that live, those that do not, and the blacklist', async () => {

        expect(await app.cli('status', '--issuer', issuer)).to.include({ code: 2 });
        const status = (...args: string[]) => command('status', ...app.where, ...args);

        const empty = await status();
        expect(empty).to.include({ code: 0, stderr: '' });
        expect(empty.stdout).to.equal('Redis is not settled: it is new, or was restarted, promoted or emptied. A process that joins now waits for a lease\n0 revocations, 0 processes\n');

        const { login, auth } = await app.launch();
        await auth.revoke({ session: sid(await login()) });
        const [id] = await app.registry();
        await app.raw.zadd(`{${app.prefix}}:blacklist:members`, 0, 'gone');

        const { code, stdout } = await status('--json');
        expect(code).to.equal(0);
        const { processes, ...rest } = JSON.parse(stdout);
        expect(rest).to.equal({ isSettled: true, revocations: 1, lease: app.lease });
        expect(processes).to.have.length(2);
        const [living, gone] = processes[0].id === id ? processes : processes.reverse();
        expect(living.id).to.equal(id).and.to.contain(`:${process.pid}:`);
        expect(living.confirmed as number).to.be.between(-1, 100);
        expect(gone).to.equal({ id: 'gone', confirmed: null });

        const lines = (await status()).stdout.split('\n');
        expect(lines.slice(0, 3)).to.equal(['Redis is settled', '1 revocation, 2 processes, a lease of 100 ms', '']);
        expect(lines[3]).to.match(/^PROCESS +CONFIRMED$/);
        expect(lines).to.include(`${'gone'.padEnd(id!.length)}  not within a lease: crashed, or paused`);
        expect(lines.find((line) => line.startsWith(id!))).to.match(/^\S+ {2}within \d+ ms$/);
        expect(await app.registry()).to.have.length(2);
    });

    it('shows a person that it is watching', async () => {

        const { auth, login } = await app.launch({}, { lease: 600 });
        await auth.revoke({ session: sid(await login()) });
        await app.raw.zadd(`{${app.prefix}}:blacklist:members`, 0, 'gone');
        const line = new CommandLine(['status', ...app.where], { isTTY: true });
        await line.says(/\r\u001b\[Kwaiting for each process to confirm, \d s$/);
        expect((await line.done).stderr).to.endWith('s\r\u001b[K');
    });
});


describe('Members, as they confirm', () => {

    // By their positions at a moment (ms), of which 5 is to be confirmed, with a lease of 500 ms

    const look = async function (members: Record<string, (now: number) => number | null>, time: number) {

        const clock = new FakeClock();
        let reads = 0;
        const read = async (): Promise<Survey['members']> => {

            ++reads;
            return Object.entries(members).flatMap(([id, at]) => {

                const position = at(clock.now());
                return position === null ? [] : [{ id, position }];
            });
        };

        const observed = watch(observe({ position: 5, lease: 500, read }, clock));
        await clock.advance(time);
        return { outcome: observed.outcome, reads };
    };

    it('are as quick as the look that saw it', async () => {

        const members = { quick: () => 5, slow: (now: number) => (now < 120 ? 4 : 6) };
        expect((await look(members, 149)).outcome).to.be.null();
        expect((await look(members, 150)).outcome).to.equal([{ id: 'quick', confirmed: 0 }, { id: 'slow', confirmed: 150 }]);
    });

    it('are waited for until the longest lease has surely run out', async () => {

        const members = { gone: () => 4, here: () => 5 };
        expect((await look(members, 559)).outcome).to.be.null();
        expect((await look(members, 600)).outcome).to.equal([{ id: 'gone', confirmed: null }, { id: 'here', confirmed: 0 }]);
    });

    it('are those that are still there', async () => {

        const members = { leaves: (now: number) => (now < 100 ? 4 : null), stays: () => 5, joins: (now: number) => (now > 0 ? 1 : null) };
        expect((await look(members, 100)).outcome).to.equal([{ id: 'stays', confirmed: 0 }]);
        expect(await look({}, 0)).to.equal({ outcome: [], reads: 1 });
    });
});
