import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { Backoff, Next, pause, within } from '../../lib/blacklist/timers';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


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


describe('Next', () => {

    let clock: FakeClock;
    let link: FakeLink;
    let next: Next<FakeLink>;

    beforeEach(async () => {

        clock = new FakeClock();
        link = await new FakeServer(clock).connect('a');
        next = new Next(clock);
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

    afterEach(() => new FakeClock().release());

    const pauses = async function (backoff: Backoff, clock: FakeClock, count: number): Promise<number[]> {

        const lengths: number[] = [];
        for (let i = 0; i < count; ++i) {
            const began = clock.now();
            const paused = watch(backoff.pause());
            while (paused.outcome === null) {
                await clock.advance(0.25);
            }

            lengths.push(clock.now() - began);
        }

        return lengths;
    };

    it('pauses at first shortly, then longer, up to half a second', async () => {

        const clock = new FakeClock().freeze();
        expect(await pauses(new Backoff(clock, 10_000), clock, 6)).to.equal([37.5, 75, 150, 300, 375, 375]);
    });

    it('pauses no longer than it may', async () => {

        const clock = new FakeClock().freeze();
        expect(await pauses(new Backoff(clock, 75), clock, 3)).to.equal([37.5, 56.25, 56.25]);
    });

    it('begins anew after an attempt that was good', async () => {

        const clock = new FakeClock().freeze();
        const backoff = new Backoff(clock, 10_000);
        await pauses(backoff, clock, 3);
        backoff.reset();
        expect(await pauses(backoff, clock, 2)).to.equal([37.5, 75]);
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
