import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { absence, Lease, patience } from '../../lib/blacklist/lease';
import { FakeClock } from '../support/clock';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('Lease', () => {

    let clock: FakeClock;
    let lease: Lease;
    let reports: string[];

    beforeEach(() => {

        clock = new FakeClock().freeze();
        lease = new Lease(1000, clock, (event) => reports.push(event));
        reports = [];
    });

    afterEach(() => clock.release());

    it('is not held before the first confirmation', () => {

        expect(lease.isHeld).to.be.false();
    });

    it('is held for its length', async () => {

        lease.renew(lease.mark());
        expect(lease.isHeld).to.be.true();

        await clock.advance(999);
        expect(lease.isHeld).to.be.true();

        await clock.advance(1);
        expect(lease.isHeld).to.be.false();
    });

    it('counts from the mark, not from the renewal', async () => {

        const mark = lease.mark();
        await clock.advance(900);
        lease.renew(mark);
        expect(lease.isHeld).to.be.true();

        await clock.advance(100);
        expect(lease.isHeld).to.be.false();
    });

    it('counts from the mark, though the time of day was set back meanwhile', async () => {

        const mark = lease.mark();
        await clock.advance(900);
        lease.renew(mark);
        clock.jump(-10_000);
        await clock.advance(100);
        expect(lease.isHeld).to.be.false();
    });

    it('is not held by a renewal that comes later than its length', async () => {

        const mark = lease.mark();
        await clock.advance(1000);
        lease.renew(mark);
        expect(lease.isHeld).to.be.false();
    });

    it('is prolonged by each renewal', async () => {

        for (let i = 0; i < 5; ++i) {
            lease.renew(lease.mark());
            await clock.advance(999);
            expect(lease.isHeld).to.be.true();
        }

        await clock.advance(1);
        expect(lease.isHeld).to.be.false();
    });

    it('is not shortened by an older renewal', async () => {

        const older = lease.mark();
        await clock.advance(500);
        const newer = lease.mark();
        lease.renew(newer);
        lease.renew(older);

        // Of the time of day the last mark counts, as that may be set back

        clock.jump(-500);

        await clock.advance(999);
        expect(lease.isHeld).to.be.true();
    });

    it('ends when it is suspended, until the next renewal', () => {

        lease.renew(lease.mark());
        lease.suspend();
        expect(lease.isHeld).to.be.false();

        lease.renew(lease.mark());
        expect(lease.isHeld).to.be.true();
    });

    it('ends when the time of day has moved on by its length: the machine may have been suspended', () => {

        lease.renew(lease.mark());
        clock.jump(999);
        expect(lease.isHeld).to.be.true();

        clock.jump(1);
        expect(lease.isHeld).to.be.false();

        lease.renew(lease.mark());
        expect(lease.isHeld).to.be.true();
    });

    it('is not prolonged by a time of day that goes back', async () => {

        lease.renew(lease.mark());
        clock.jump(-60_000);
        await clock.advance(999);
        expect(lease.isHeld).to.be.true();

        await clock.advance(1);
        expect(lease.isHeld).to.be.false();
    });

    it('counts from the time of day of the mark too', () => {

        const mark = lease.mark();
        clock.jump(600);
        lease.renew(mark);
        expect(lease.isHeld).to.be.true();

        clock.jump(400);
        expect(lease.isHeld).to.be.false();
    });

    describe('that is claimed', () => {

        it('runs until its end, though it is not trusted any more', async () => {

            lease.renew(lease.mark());
            lease.suspend();
            const isRunning = lease.claim();
            expect(lease.isHeld).to.be.false();
            expect(isRunning()).to.be.true();
            await clock.advance(999);
            expect(isRunning()).to.be.true();
            await clock.advance(1);
            expect(isRunning()).to.be.false();
        });

        it('ends by its own clock, though the time of day was set back', async () => {

            lease.renew(lease.mark());
            const isRunning = lease.claim();
            clock.jump(-5000);
            await clock.advance(1000);
            expect(isRunning()).to.be.false();
        });

        it('ends by the time of day as well', () => {

            lease.renew(lease.mark());
            const isRunning = lease.claim();
            clock.jump(1000);
            expect(isRunning()).to.be.false();
        });

        it('can be claimed once, until it is renewed', () => {

            expect(lease.claim()()).to.be.false();
            lease.renew(lease.mark());
            expect(lease.claim()()).to.be.true();
            expect(lease.claim()()).to.be.false();
            lease.renew(lease.mark());
            expect(lease.claim()()).to.be.true();
        });

        it('is not there once it was given up for good', () => {

            lease.renew(lease.mark());
            lease.end();
            expect(lease.claim()()).to.be.false();
        });
    });

    it('is waited for as long as any that was heard of', () => {

        expect(lease.patience).to.equal(patience(1000));
        lease.hear(500);
        expect(lease.patience).to.equal(patience(1000));
        lease.hear(3000);
        lease.hear(2000);
        expect(lease.patience).to.equal(patience(3000));
    });

    describe('reports', () => {

        it('once that it is held, and since when', async () => {

            lease.update();
            expect(lease.heldSince).to.be.null();

            lease.renew(lease.mark());
            const since = Date.now();
            await clock.advance(500);
            lease.renew(lease.mark());
            lease.update();
            expect(reports).to.equal(['held']);
            expect(lease.heldSince).to.equal(since);
        });

        it('once that it is lost', async () => {

            lease.renew(lease.mark());
            await clock.advance(1000);
            expect(lease.heldSince).to.be.null();
            lease.update();
            lease.update();
            expect(reports).to.equal(['held', 'lost']);

            const since = Date.now();
            lease.renew(lease.mark());
            expect(reports).to.equal(['held', 'lost', 'held']);
            expect(lease.heldSince).to.equal(since);
        });

        it('no loss for a join that takes less than a lease', async () => {

            lease.renew(lease.mark());
            const since = Date.now();
            lease.suspend();
            expect(lease.isHeld).to.be.false();
            await clock.advance(999);
            lease.update();
            expect(reports).to.equal(['held']);

            lease.renew(lease.mark());
            expect(reports).to.equal(['held']);
            expect(lease.heldSince).to.equal(since);
        });

        it('a loss for one that takes longer, also with a join that follows', async () => {

            lease.renew(lease.mark());
            lease.suspend();
            await clock.advance(500);
            lease.suspend();
            await clock.advance(500);
            lease.update();
            expect(reports).to.equal(['held', 'lost']);
        });

        it('nothing when it is given up for good', () => {

            lease.renew(lease.mark());
            lease.end();
            lease.update();
            expect(lease.isHeld).to.be.false();
            expect(reports).to.equal(['held']);

            lease.renew(lease.mark());
            expect(reports).to.equal(['held', 'held']);
        });
    });
});


describe('patience', () => {

    it('outlasts a lease that is counted by a clock 10 % slower', () => {

        for (const lease of [100, 1500, 60_000]) {
            expect(patience(lease)).to.be.above(lease * 1.1);
        }
    });

    it('is hardly longer than the lease', () => {

        expect(patience(1500)).to.be.within(1660, 1661);
    });
});


describe('absence', () => {

    it('is enough to notice that a server is silent, with clocks that differ, and to connect to the next one', () => {

        for (const lease of [100, 1500, 60_000]) {
            const noticed = lease / 4 + lease;
            expect(absence(lease)).to.be.above(1.1 * noticed + lease / 4);
        }
    });
});
