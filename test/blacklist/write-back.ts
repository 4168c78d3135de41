import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { marginOf } from '../../lib/blacklist/clock';
import { identify } from '../../lib/blacklist/identities';
import { absence, Lease } from '../../lib/blacklist/lease';
import { WriteBack } from '../../lib/blacklist/write-back';
import { Outage } from '../../lib/errors/outage';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';
import { createProcess, fill, joinProcess, revocation } from '../support/processes';

import type { RegisteredTerms, Revocation } from '../../lib/store/blacklist-contract';
import type { Process } from '../support/processes';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('What the log has lost', () => {

    let clock: FakeClock;
    let server: FakeServer;

    beforeEach(() => {

        clock = new FakeClock().freeze();
        server = new FakeServer(clock);
    });

    afterEach(() => clock.release());

    const create = (name: string, options?: { max?: number }) => createProcess(server, name, options);

    const join = (name: string, options?: { max?: number }) => joinProcess(server, name, options);

    // One whose memory is too small for what the server holds

    const joinPartial = async function (name: string, max: number) {

        server.revoke(fill(max + 2));
        return await join(name, { max });
    };


    it('is written back by a process that joins, with the time it has left', async () => {

        const { blacklist } = await join('a');
        server.revoke([revocation('token', forever, 5000), revocation('subject', 1000, 8000)]);
        await clock.advance(1000);
        server.restart({ withMemory: false });
        await clock.advance(50);

        const now = clock.now();
        expect(server.entries.get('token')).to.equal({ cutoff: forever, expires: now + 3950 });
        expect(server.entries.get('subject')).to.equal({ cutoff: 1000, expires: now + 6950 });
        expect(blacklist.cutoff(['token'])).to.equal(forever);
    });

    it('is written back for as long as any of its kind is needed, since what it had made needless may be there again', async () => {

        const { blacklist } = await join('a');
        const most = 60_000 + marginOf(1000);
        blacklist.register(terms({ life: 60_000, tolerance: 1000 }));
        blacklist.register(terms({ issuer: 'other', life: 7000 }));
        await settle();
        server.revoke([revocation('session', forever, 50_000), revocation('subject', 1000, most + 80_000)]);
        server.shorten(revocation('session', forever, 5000));
        const now = clock.now();
        server.restart({ withMemory: false });
        await clock.advance(50);

        expect(server.entries.get('session')).to.equal({ cutoff: forever, expires: now + 37.5 + most });
        expect(server.entries.get('subject')).to.equal({ cutoff: 1000, expires: now + most + 80_000 });
    });

    it('is written back before the process trusts its memory', async () => {

        const { links } = await join('a');
        server.revoke([revocation('token')]);
        await settle();
        server.calls.length = 0;
        server.forget();
        links[0]!.cut();
        await clock.advance(50);
        expect(server.calls).to.equal(['a subscribe', 'a open', 'a restoration', 'a pages', 'a restore', 'a restored', 'a confirm']);
    });

    it('is published again: to one who starts there, before it trusts its memory', async () => {

        const a = await join('a');
        server.revoke([revocation('token')]);
        server.forget();
        server.door.shut();
        a.links[0]!.cut();
        await settle();

        server.door.open();
        const b = create('b');
        const start = b.blacklist.start();
        const check = watch(Promise.resolve(b.blacklist.cutoff(['token'])));
        await settle();
        expect(b.blacklist.known(['token'])).to.equal(0);
        expect(server.entries.has('token')).to.be.false();

        await clock.advance(50 + absence(1000));
        await start;
        expect(check.outcome).to.be.an.error(Outage);
        expect(b.blacklist.cutoff(['token'])).to.equal(forever);
    });

    it('is missed though the connection was not', async () => {

        const a = await join('a');
        const b = await join('b');
        await a.blacklist.revoke([revocation('token')]);
        server.forget();
        await clock.advance(400);
        expect(server.entries.has('token')).to.be.true();
        expect(Array.from(server.members.keys())).to.only.include(['a#2', 'b#2']);
        expect(a.blacklist.cutoff(['token'])).to.equal(forever);
        expect(b.blacklist.cutoff(['token'])).to.equal(forever);
    });

    it('is written back where it has an earlier cut-off, and nothing else is', async () => {

        const { links } = await join('a');
        const [subject, same, later] = ['1', '2', '3'].map((value) => identify('subject', '', value)) as [string, string, string];
        server.revoke([revocation(subject, 2000), revocation(same, 1000), revocation(later, 1000)]);
        server.entries.set(subject, { cutoff: 1500, expires: 1_000_000 });
        server.entries.set(later, { cutoff: 3000, expires: 1_000_000 });
        const told: string[] = [];
        const { append } = server;
        server.append = (revocations) => {

            told.push(...revocations.map(({ key, cutoff }) => `${key} ${cutoff}`));
            return append.call(server, revocations);
        };

        links[0]!.cut();
        await clock.advance(50);
        expect(told).to.equal([`${subject} 2000`]);
        expect(server.cutoffs([subject, same, later])).to.equal([2000, 1000, 3000]);
    });

    it('is written back in batches', async () => {

        await join('a', { max: 2000 });
        const sizes: number[] = [];
        server.revoke(fill(1201));
        await settle();
        const { append } = server;
        server.append = (revocations) => {

            sizes.push(revocations.length);
            return append.call(server, revocations);
        };

        server.restart({ withMemory: false });
        await clock.advance(50);
        expect(sizes).to.equal([500, 500, 201]);
        expect(server.entries.size).to.equal(1201);
    });

    it('is not written back when its time is over, or was never known', async () => {

        const { blacklist, links } = await joinPartial('a', 10);
        server.entries.clear();
        server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
        await blacklist.cutoff(['token']);
        server.entries.clear();
        clock.stall(100_000);
        links[0]!.cut();
        await clock.advance(50);
        expect(server.entries.size).to.equal(0);
        expect(blacklist.cutoff(['token'])).to.equal(forever);
    });

    it('is written back even if there is no room to keep it', async () => {

        const { blacklist, links } = await join('a', { max: 4 });
        server.revoke(fill(4));
        server.entries.clear();
        server.revoke([]);
        for (const { key } of fill(6, 'other')) {
            server.entries.set(key, { cutoff: forever, expires: 1_000_000 });
        }

        links[0]!.cut();
        await clock.advance(50);
        expect(server.entries.size).to.equal(10);
        expect(await blacklist.cutoff(['key 0'])).to.equal(forever);
    });

    // A failover to a server that lacks a write, which is no longer cached

    const lose = async function ({ blacklist }: Process, key: string) {

        for (const clean of fill(10, 'clean')) {
            await blacklist.cutoff([clean.key]);
        }

        expect(blacklist.known([key])).to.equal(0);
        server.entries.delete(key);
        server.restart({ withMemory: true });
    };

    it('is written back if it is recent, though there was no room to keep it', async () => {

        const a = await joinPartial('a', 3);
        server.revoke([revocation('token')]);
        await clock.advance(9000);

        // The blacklist is read more than once: what comes behind it fails

        server.refusals.set('restore', new Outage('LOADING'));
        await lose(a, 'token');
        await clock.advance(30_000);
        expect(a.links.length).to.be.above(10);
        expect(server.entries.has('token')).to.be.false();

        server.refusals.clear();
        await clock.advance(3000);
        expect(server.entries.get('token')!.cutoff).to.equal(forever);
        expect(await a.blacklist.cutoff(['token'])).to.equal(forever);
    });

    it('is recent for some seconds after an outage as well, since another may follow', async () => {

        const a = await joinPartial('a', 3);
        server.revoke([revocation('token', forever, 200_000)]);
        await clock.advance(9000);
        server.refusals.set('connect', new Outage('unreachable'));
        a.links[0]!.cut();
        await clock.advance(30_000);
        server.refusals.clear();
        await clock.advance(11_000);

        await lose(a, 'token');
        await clock.advance(3000);
        expect(server.entries.get('token')!.cutoff).to.equal(forever);
    });

    it('is not recent for ever', async () => {

        const a = await joinPartial('a', 3);
        server.revoke([revocation('token', forever, 200_000)]);
        await clock.advance(21_000);
        await lose(a, 'token');
        await clock.advance(3000);
        expect(server.entries.has('token')).to.be.false();
    });

    it('keeps the process from trusting its memory where it cannot be written back', async () => {

        const { blacklist, links } = await join('a');
        server.revoke([revocation('token')]);
        server.forget();
        server.refusals.set('restore', new Outage('NOREPLICAS'));
        links[0]!.cut();
        await clock.advance(1000);
        expect(blacklist.status().lease!.heldSince).to.be.null();

        server.refusals.clear();
        await clock.advance(750 + absence(1000));
        expect(blacklist.status().lease!.heldSince).to.not.be.null();
        expect(server.entries.has('token')).to.be.true();
    });
});


describe('WriteBack', () => {

    let clock: FakeClock;
    let server: FakeServer;

    beforeEach(() => {

        clock = new FakeClock();
        server = new FakeServer(clock);
        server.log = null;
    });

    const open = async function (name: string) {

        const link = await server.connect(name);
        const { epoch } = await link.open('');
        server.calls.length = 0;
        return { link, writeBack: new WriteBack({ link, epoch, clock, lease: new Lease(1000, clock, () => undefined) }) };
    };

    // What one of the processes knows is read at once

    const missing = function (...revocations: Revocation[]): () => Promise<Revocation[]> {

        return async () => revocations.filter(({ key }) => !server.entries.has(key));
    };

    it('is begun by the one who made the log, and ended by it', async () => {

        const { writeBack } = await open('a');
        expect(server.log!.restoring).to.equal('a 0');
        await writeBack.run(missing(revocation('token')));
        expect(server.calls).to.equal(['a restoration', 'a restore', 'a restored']);
        expect(server.entries.has('token')).to.be.true();
        expect(server.log!.restoring).to.equal('');
        expect(server.log!.published).to.equal(1);
    });

    it('is waited for by the others, who find nothing missing then', async () => {

        const a = await open('a');
        const b = await open('b');
        a.link.answers.shut();
        const first = watch(a.writeBack.run(missing(revocation('token'))));
        const second = watch(b.writeBack.run(missing(revocation('token'))));
        await clock.advance(30);
        expect(second.outcome).to.be.null();
        expect(server.count('restore')).to.equal(0);

        a.link.answers.open();
        await clock.advance(40);
        expect([first.outcome, second.outcome]).to.equal([undefined, undefined]);
        expect(server.count('restore')).to.equal(1);
    });

    it('is looked at more and more rarely, but four times in a lease', async () => {

        await open('a');
        const { writeBack } = await open('b');
        let pieces = 0;
        const times: number[] = [];
        const push = server.calls.push.bind(server.calls);
        server.calls.push = (line) => {

            server.log!.restoring = `a ${++pieces}`;
            times.push(clock.now());
            return push(line);
        };

        watch(writeBack.run(missing()));
        await clock.advance(1100);
        expect(times).to.equal([0, 10, 30, 70, 150, 310, 560, 810, 1060]);
    });

    it('is taken over from one that has come to a standstill', async () => {

        await open('a');
        const { writeBack } = await open('b');
        const done = watch(writeBack.run(missing(revocation('token'))));
        await clock.advance(300);
        server.log!.restoring = 'a 1';
        await clock.advance(509);
        expect(done.outcome).to.be.null();
        await clock.advance(200);
        expect(done.outcome).to.be.undefined();
        expect(server.entries.has('token')).to.be.true();
        expect(server.log!.restoring).to.equal('');
    });

    it('is left alone where nothing is missing', async () => {

        await open('a');
        const { writeBack } = await open('b');
        const done = watch(writeBack.run(missing()));
        await clock.advance(500);
        expect(done.outcome).to.be.undefined();
        expect(server.count('restored')).to.equal(0);
        expect(server.log!.restoring).to.equal('a 0');
    });

    it('is not done twice by two who are sure at once that nobody does it', async () => {

        const a = await open('a');
        const b = await open('b');
        server.log!.restoring = '';
        const found = [revocation('token')];
        const reads: string[] = [];
        const read = async function (name: string): Promise<Revocation[]> {

            reads.push(name);
            return reads.length > 2 ? [] : found;
        };

        const done = [watch(a.writeBack.run(() => read('a'))), watch(b.writeBack.run(() => read('b')))];
        await clock.advance(100);
        expect(done.map(({ outcome }) => outcome)).to.equal([undefined, undefined]);
        expect(reads).to.equal(['a', 'b', 'b']);
        expect(server.log!.head).to.equal(1);
        expect(server.log!.restoring).to.equal('');
    });

    it('fails where the log was begun anew', async () => {

        const { writeBack } = await open('a');
        server.log!.epoch = 'another';
        for (const call of [writeBack.run(missing()), writeBack.settle()]) {
            await expect(call).to.reject(Outage, 'Redis: the blacklist was lost, and is begun anew');
        }

        const other = await open('b');
        server.log!.restoring = '';
        await expect(other.writeBack.run(async () => {

            server.log!.epoch = 'and another';
            return [revocation('token')];
        })).to.reject(Outage);
    });

    describe('before an epoch is trusted', () => {

        it('is waited for as long as those who know may be away, and each piece begins that anew', async () => {

            const { writeBack } = await open('a');
            server.log!.restoring = 'b 0';
            const settled = watch(writeBack.settle());
            await clock.advance(800);
            server.log!.restoring = 'b 1';
            await clock.advance(absence(1000) - 1);
            expect(settled.outcome).to.be.null();
            await clock.advance(251);
            expect(settled.outcome).to.be.undefined();
            expect(server.log!.isSettled).to.be.true();
        });

        it('is over as soon as another process has waited', async () => {

            const { writeBack } = await open('a');
            const settled = watch(writeBack.settle());
            await clock.advance(500);
            server.log!.isSettled = true;
            await clock.advance(250);
            expect(settled.outcome).to.be.undefined();
            expect(server.count('settle')).to.equal(0);
        });

        it('fails where the server stands still: no process can come back meanwhile', async () => {

            const { writeBack } = await open('a');
            const settled = watch(writeBack.settle());
            await clock.advance(500);
            server.pause();
            await clock.advance(450);
            expect(settled.outcome).to.be.an.error(Outage, 'no answer within 200 ms');
        });

        it('fails where it is another one in the end', async () => {

            const { writeBack } = await open('a');
            const settled = watch(writeBack.settle());
            await clock.advance(absence(1000) - 1);
            server.settle = () => false;
            await clock.advance(1);
            expect(settled.outcome).to.be.an.error(Outage);
        });
    });
});


const terms = function (given: Partial<RegisteredTerms> = {}): RegisteredTerms {

    return { issuer: 'issuer', name: 'https://issuer.example', life: 1000, tolerance: 0, ...given };
};
