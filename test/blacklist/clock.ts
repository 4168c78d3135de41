import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { isPast, marginOf, maxSkew, systemClock } from '../../lib/blacklist/clock';


export const lab = Lab.script();
const { describe, it } = lab;


describe('marginOf()', () => {

    it('is enough for one process that is ahead of Redis and another that is behind it', () => {

        expect(marginOf(0)).to.equal(2 * maxSkew);
    });

    it('is enough for an issuer whose clock is ahead, and for a token that is accepted after its end', () => {

        expect(marginOf(5000)).to.equal(2 * maxSkew + 10_000);
    });
});


describe('systemClock', () => {

    it('counts milliseconds that never go back, whatever the time of day does', () => {

        const { now } = Date;
        try {
            const before = systemClock.now();
            Date.now = () => 0;
            const after = systemClock.now();
            expect(after).to.be.at.least(before);
            expect(after - before).to.be.below(1000);
        }
        finally {
            Date.now = now;
        }
    });

    it('calls back after a delay, not before', async () => {

        const began = systemClock.now();
        await new Promise<void>((resolve) => systemClock.after(20, resolve));

        expect(systemClock.now() - began).to.be.within(18, 4000);
    });

    it('does not call back what was called off', async () => {

        let calls = 0;
        const callOff = systemClock.after(1, () => ++calls);
        callOff();

        await new Promise<void>((resolve) => systemClock.after(5, resolve));

        expect(calls).to.equal(0);
    });

    it('keeps no process alive', () => {

        const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

        const before = timers();
        const callOff = systemClock.after(60_000, () => undefined);
        expect(timers()).to.equal(before);
        callOff();
    });
});



describe('isPast()', () => {

    it('accepts a moment that is past for a clock that is a minute ahead, and no later one', () => {

        const { now } = Date;
        Date.now = () => 1_700_000_000_000;
        try {
            expect([1, 1_700_000_000_000, 1_700_000_060_000].map(isPast)).to.equal([true, true, true]);
            expect([-1, 0, NaN, 1_700_000_060_001].map(isPast)).to.equal([false, false, false, false]);
        }
        finally {
            Date.now = now;
        }
    });
});
