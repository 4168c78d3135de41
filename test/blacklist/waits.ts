import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { Backoff, NextLink, pause, waitForWriteBack, within } from '../../lib/blacklist/waits';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach } = lab;


describe('pause()', () => {

    it('takes its time', async () => {

        const clock = new FakeClock();
        const paused = watch(pause(clock, 100));
        await clock.advance(99);
        expect(paused.outcome).to.be.null();

        await clock.advance(1);
        expect(paused.outcome).to.be.undefined();
    });
});


describe('within()', () => {

    const reason = () => new Outage('too late');

    it('resolves and rejects as the promise does, and leaves no timer', async () => {

        const clock = new FakeClock();
        expect(await within(Promise.resolve(1), 100, clock, reason)).to.equal(1);
        await expect(within(Promise.reject(new Error('refused')), 100, clock, reason)).to.reject('refused');
        expect(clock.timers).to.equal(0);
    });

    it('rejects when the promise takes longer', async () => {

        const clock = new FakeClock();
        const bounded = watch(within(new Promise(() => undefined), 100, clock, reason));
        await clock.advance(99);
        expect(bounded.outcome).to.be.null();

        await clock.advance(1);
        expect(bounded.outcome).to.be.an.error(Outage, 'too late');
    });
});


describe('NextLink', () => {

    let clock: FakeClock;
    let link: FakeLink;
    let next: NextLink;

    beforeEach(async () => {

        clock = new FakeClock();
        link = await new FakeServer(clock).connect('a');
        next = new NextLink(clock);
        await clock.advance(1000);
    });

    const wait = () => watch(next.wait(200, () => new Outage('no connection')));

    it('comes to everyone who waits, and leaves no timer', async () => {

        const waits = [wait(), wait()];
        await settle();
        expect(waits.map(({ outcome }) => outcome)).to.equal([null, null]);

        next.resolve(link);
        await settle();
        waits.forEach(({ outcome }) => expect(outcome).to.shallow.equal(link));
        expect(clock.timers).to.equal(0);
    });

    it('is waited for no longer than the timeout', async () => {

        const waiting = wait();
        await clock.advance(199);
        expect(waiting.outcome).to.be.null();

        await clock.advance(1);
        expect(waiting.outcome).to.be.an.error(Outage, 'no connection');
        next.resolve(link);
        await settle();
        expect(waiting.outcome).to.be.an.error(Outage, 'no connection');
    });

    it('may never come, which ends the wait at once and leaves no timer', async () => {

        const waiting = wait();
        next.reject(new Outage('too old'));
        await settle();
        expect(waiting.outcome).to.be.an.error(Outage, 'too old');
        expect(clock.timers).to.equal(0);
    });

    it('is not the last one', async () => {

        next.resolve(link);
        const waiting = wait();
        await settle();
        expect(waiting.outcome).to.be.null();
    });
});


describe('Backoff', () => {

    const pauses = async function (backoff: Backoff, clock: FakeClock, count: number): Promise<number[]> {

        const lengths: number[] = [];
        for (let i = 0; i < count; ++i) {
            const began = clock.now();
            const paused = watch(backoff.pause());
            while (paused.outcome === null) {
                await clock.advance(5);
            }

            lengths.push(clock.now() - began);
        }

        return lengths;
    };

    it('pauses at first shortly, then longer, up to half a second', async () => {

        const clock = new FakeClock();
        expect(await pauses(new Backoff(clock, 10_000), clock, 6)).to.equal([50, 100, 200, 400, 500, 500]);
    });

    it('pauses no longer than it may', async () => {

        const clock = new FakeClock();
        expect(await pauses(new Backoff(clock, 75), clock, 3)).to.equal([50, 75, 75]);
    });

    it('begins anew after an attempt that was good', async () => {

        const clock = new FakeClock();
        const backoff = new Backoff(clock, 10_000);
        await pauses(backoff, clock, 3);
        backoff.reset();
        expect(await pauses(backoff, clock, 2)).to.equal([50, 100]);
    });

    it('can be woken, also when it does not pause', async () => {

        const backoff = new Backoff(new FakeClock(), 10_000);
        backoff.wake();
        const paused = watch(backoff.pause());
        await settle();
        expect(paused.outcome).to.be.null();

        backoff.wake();
        await settle();
        expect(paused.outcome).to.be.undefined();
    });

    it('leaves no timer when it is woken', async () => {

        const clock = new FakeClock();
        const backoff = new Backoff(clock, 10_000);
        const paused = backoff.pause();
        backoff.wake();
        await paused;
        expect(clock.timers).to.equal(0);
    });
});


describe('waitForWriteBack()', () => {

    let clock: FakeClock;
    let server: FakeServer;
    let link: FakeLink;

    beforeEach(async () => {

        clock = new FakeClock();
        server = new FakeServer(clock, { lease: 1000, timeout: 200 });
        server.isSettled = false;
        link = await server.connect('a');
    });

    it('takes no time where the server is settled, and changes nothing', async () => {

        server.isSettled = true;
        await waitForWriteBack(link, 1000, clock);
        expect(server.log).to.equal(['a isSettled']);
    });

    it('takes a lease where it is not, then marks it', async () => {

        const settled = watch(waitForWriteBack(link, 1000, clock));
        await clock.advance(999);
        expect(settled.outcome).to.be.null();
        expect(server.isSettled).to.be.false();

        await clock.advance(1);
        expect(settled.outcome).to.be.undefined();
        expect(server.isSettled).to.be.true();
    });

    it('is over as soon as another process has waited', async () => {

        const settled = watch(waitForWriteBack(link, 1000, clock));
        await clock.advance(400);
        server.isSettled = true;
        await clock.advance(100);
        expect(settled.outcome).to.be.undefined();
        expect(server.count('settle')).to.equal(0);
    });

    it('does not count the time in which the server stands still', async () => {

        const settled = watch(waitForWriteBack(link, 1000, clock));
        await clock.advance(100);
        server.pause();
        await clock.advance(350);
        expect(settled.outcome).to.be.an.error(Outage);

        server.resume();
        await clock.advance(2000);
        expect(server.isSettled).to.be.false();
    });

    it('fails with the connection', async () => {

        const settled = watch(waitForWriteBack(link, 1000, clock));
        await settle();
        link.cut();
        await clock.advance(250);
        expect(settled.outcome).to.be.an.error(Outage);
    });
});
