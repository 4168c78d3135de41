import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { observe } from '../../lib/cli/beats';
import { interruptible } from '../../lib/cli/failure';
import { join } from '../../lib/cli/join';
import { Observer } from '../../lib/cli/observer';
import { Output } from '../../lib/cli/output';
import { Feed } from '../../lib/cli/watch';
import { forever } from '../../lib/store/contract';
import { FakeClock, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { Peer } from '../../lib/store/contract';


export const lab = Lab.script();
const { describe, it } = lab;


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


describe('An observer', () => {

    it('hears all, is waited for by nobody, and changes nothing', async () => {

        const clock = new FakeClock();
        const server = new FakeServer(clock);
        server.isSettled = false;
        server.revoke('-', 0, [{ key: 'a', cutoff: 5, ttl: 1000 }]);
        server.registry.set('other', '1:1000');

        let beats = 0;
        const link = await server.connect('observer');
        const observer = new Observer(link, () => ++beats);

        const heard: string[] = [];
        await observer.subscribe({ news: ({ revocations }) => heard.push(revocations[0]!.key), acknowledged: () => undefined, closed: () => heard.push('closed') });
        expect(await observer.beat()).to.equal({ isKnown: true, size: 0 });
        expect(beats).to.equal(1);
        expect(await observer.cutoffs(['a', 'b'])).to.equal([5, null]);
        for await (const page of observer.pages()) {
            expect(page).to.equal([{ key: 'a', cutoff: 5, ttl: 1000 }]);
        }

        server.revoke('other', 1, [{ key: 'b', cutoff: 6, ttl: 1000 }]);
        const log = server.log.length;
        expect(await observer.isSettled()).to.be.true();
        await observer.settle();
        expect(await observer.revoke()).to.equal([]);
        observer.acknowledge();
        await observer.strike();
        await observer.leave();
        expect(server.log).to.have.length(log);
        expect(server.isSettled).to.be.false();
        expect(Array.from(server.registry.keys())).to.equal(['other']);

        expect(heard).to.equal(['b']);
        observer.close();
        expect(link.isClosed).to.be.true();
    });

    it('notices a connection that is gone', async () => {

        const clock = new FakeClock();
        const server = new FakeServer(clock);
        let beats = 0;
        const observer = new Observer(await server.connect('observer'), () => ++beats);
        server.pause();
        const beat = watch(observer.beat());
        await clock.advance(1000);
        expect(beat.outcome).to.be.instanceof(Error);
        expect(beats).to.equal(0);
    });
});


describe('A feed', () => {

    it('tells of each change of the connection once', () => {

        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const feed = new Feed(new Output({ stdout, stderr }, false), new Map(), true);
        const revocation = { key: 'a', cutoff: forever, ttl: 1000 };

        feed.lose(new Error('not yet'));
        feed.take([revocation]);
        feed.connect();
        feed.connect();
        feed.lose(new Error('a'));
        feed.lose(new Error('b'));
        feed.take([revocation, { ...revocation, ttl: 0 }]);
        feed.connect();

        expect(stderr.read().toString()).to.equal('hard-logout: watching\n' +
            'hard-logout: the connection is lost: a\n' +
            'hard-logout: connected again: what was missed has been told\n');
        expect(stdout.read().toString()).to.match(/^\S+Z {2}a {2}something: revoked\n$/);
    });
});


describe('A signal', () => {

    it('interrupts what begins after it', async () => {

        const signal = AbortSignal.abort('SIGTERM');
        const error = await expect(interruptible(new Promise(() => undefined), signal, 'nothing')).to.reject('SIGTERM: nothing');
        expect(error).to.include({ code: 143 });
    });

    it('is not listened to for longer than it takes', async () => {

        const { signal } = new AbortController();
        const removed: unknown[] = [];
        signal.removeEventListener = (...args: unknown[]) => removed.push(args[0]);
        expect(await interruptible(Promise.resolve(1), signal, 'nothing')).to.equal(1);
        expect(removed).to.equal(['abort']);
    });

    it('lets nobody join who was looking around', async () => {

        const calls: string[] = [];
        const store = {
            start: async () => calls.push('start'),
            survey: async () => ({ now: Date.now(), peers: [] }),
            connect: async () => calls.push('connect')
        };

        const context = { store, terminal: { signal: AbortSignal.abort('SIGINT') }, onEnd: () => calls.push('onEnd') } as any;
        await expect(join({ issuers: [''], target: {}, plugin: { lease: 100 } } as any, context)).to.reject('ended');
        expect(calls).to.equal(['start']);
    });
});
