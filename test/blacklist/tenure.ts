import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Lease } from '../../lib/blacklist/lease';
import { Tenure } from '../../lib/blacklist/tenure';
import { FakeClock } from '../support/clock';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('Tenure', () => {

    let clock: FakeClock;
    let lease: Lease;
    let tenure: Tenure;
    let told: string[];

    beforeEach(() => {

        clock = new FakeClock().freeze();
        lease = new Lease(1000, clock);
        told = [];
        tenure = new Tenure(lease, clock, (event) => told.push(event));
    });

    afterEach(() => clock.release());

    const hold = function (): void {

        lease.renew(lease.mark());
        tenure.update();
    };

    it('tells once that the lease is held, and since when', async () => {

        tenure.update();
        expect(tenure.since).to.be.null();

        hold();
        const since = Date.now();
        await clock.advance(500);
        hold();
        expect(told).to.equal(['held']);
        expect(tenure.since).to.equal(since);
    });

    it('tells once that it is lost', async () => {

        hold();
        await clock.advance(1000);
        expect(tenure.since).to.be.null();
        tenure.update();
        tenure.update();
        expect(told).to.equal(['held', 'lost']);
    });

    it('calls no break what a join takes within a lease', async () => {

        hold();
        const since = Date.now();
        expect(tenure.suspend()).to.be.true();
        expect(lease.isHeld).to.be.false();
        await clock.advance(999);
        tenure.update();
        expect(told).to.equal(['held']);

        hold();
        expect(told).to.equal(['held']);
        expect(tenure.since).to.equal(since);
    });

    it('calls it one when it takes longer, also with a join that follows', async () => {

        hold();
        tenure.suspend();
        await clock.advance(500);
        expect(tenure.suspend()).to.be.false();
        await clock.advance(500);
        tenure.update();
        expect(told).to.equal(['held', 'lost']);
    });

    it('says nothing of its end', () => {

        hold();
        tenure.end();
        tenure.update();
        expect(lease.isHeld).to.be.false();
        expect(told).to.equal(['held']);

        hold();
        expect(told).to.equal(['held', 'held']);
    });
});
