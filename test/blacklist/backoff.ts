import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Backoff } from '../../lib/blacklist/backoff';
import { FakeClock, settle, watch } from '../support/clock';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Backoff', () => {

    const pauses = async function (backoff: Backoff, clock: FakeClock, count: number): Promise<number[]> {

        const lengths: number[] = [];
        for (let i = 0; i < count; ++i) {
            const began = clock.now();
            const pause = watch(backoff.pause());
            while (pause.outcome === null) {
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
        const pause = watch(backoff.pause());
        await settle();
        expect(pause.outcome).to.be.null();

        backoff.wake();
        await settle();
        expect(pause.outcome).to.be.undefined();
    });
});
