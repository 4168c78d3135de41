import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Turns } from '../../lib/blacklist/turns';
import { settle, watch } from '../support/clock';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Turns', () => {

    // Each turn waits until it is ended

    const prepare = function () {

        const ends: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
        const turns = new Turns(() => new Promise<number>((resolve, reject) => ends.push({ resolve, reject })));
        return { turns, ends };
    };

    it('share one that has not begun', async () => {

        const { turns, ends } = prepare();
        const asked = [turns.run(), turns.run()].map(watch);
        await settle();
        expect(ends).to.have.length(1);
        ends[0]!.resolve(1);
        await settle();
        expect(asked.map(({ outcome }) => outcome)).to.equal([1, 1]);
    });

    it('begin when the one before has ended, for all who asked meanwhile', async () => {

        const { turns, ends } = prepare();
        const first = watch(turns.run());
        await settle();
        const others = [turns.run(), turns.run()].map(watch);
        await settle();
        expect(ends).to.have.length(1);

        ends[0]!.resolve(1);
        await settle();
        expect(first.outcome).to.equal(1);
        expect(ends).to.have.length(2);
        ends[1]!.resolve(2);
        await settle();
        expect(others.map(({ outcome }) => outcome)).to.equal([2, 2]);
    });

    it('go on after one that failed', async () => {

        const { turns, ends } = prepare();
        const first = watch(turns.run());
        await settle();
        const second = watch(turns.run());
        ends[0]!.reject(new Error('failed'));
        await settle();
        expect(first.outcome).to.be.an.error('failed');
        ends[1]!.resolve(2);
        await settle();
        expect(second.outcome).to.equal(2);
    });

    it('are idle when none is under way, however it ended', async () => {

        const { turns, ends } = prepare();
        await turns.idle();
        turns.run().catch(() => undefined);
        await settle();
        const idle = watch(turns.idle());
        await settle();
        expect(idle.outcome).to.be.null();
        ends[0]!.reject(new Error('failed'));
        await settle();
        expect(idle.outcome).to.be.undefined();
    });
});
