import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Batch } from '../../lib/request/batch';


export const lab = Lab.script();
const { describe, it } = lab;


const join = (batch: Batch, times: number): (Promise<void> | undefined)[] => Array.from({ length: times }, () => batch.join());


describe('Batch', () => {

    it('has nobody wait who arrives alone, except one in 31', async () => {

        const batch = new Batch();
        for (let i = 0; i < 3; ++i) {
            expect(join(batch, 30)).to.equal(new Array(30).fill(undefined));
            await batch.join()!;
        }
    });

    for (const size of [3, 4]) {
        it(`has a batch wait until all of it has joined, and the next one ${size < 4 ? 'not, since 3 are' : 'too, since 4 are no longer'} few`, async () => {

            const batch = new Batch();
            const order: string[] = [];
            const ends = join(batch, 30 + size).slice(30);
            const members = ends.map((end) => end!.then(() => order.push('end')));
            setImmediate(() => order.push('turn'));
            await Promise.resolve();
            expect(order).to.equal([]);

            await Promise.all(members);
            expect(order).to.equal(new Array(size).fill('end'));
            expect(batch.join() === undefined).to.equal(size < 4);
        });
    }

    it('does without the timers that the tests of an app have replaced', async () => {

        const batch = new Batch();
        const { setImmediate } = globalThis;
        globalThis.setImmediate = (() => undefined) as unknown as typeof setImmediate;
        try {
            await Promise.all(join(batch, 31));
        }
        finally {
            globalThis.setImmediate = setImmediate;
        }
    });

    it('has nobody wait any more when a batch was small', async () => {

        const batch = new Batch();
        await Promise.all(join(batch, 30 + 16));
        await batch.join()!;

        expect(batch.join()).to.be.undefined();
    });
});
