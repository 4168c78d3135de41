import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { EditionTurns, Turns } from '../../lib/blacklist/turns';
import { Outage } from '../../lib/errors/outage';
import { settle, watch } from '../support/clock';


export const lab = Lab.script();
const { describe, it, beforeEach } = lab;


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


describe('Turns of editions', () => {

    let edition: number;
    let waits: { resolve: () => void; reject: (error: Error) => void }[];
    let turns: EditionTurns;

    beforeEach(() => {

        edition = 0;
        waits = [];
        turns = new EditionTurns(() => edition, () => new Promise((resolve, reject) => waits.push({ resolve, reject })));
    });

    const confirm = () => watch(turns.run());

    it('waits for nothing where nothing was ever revoked', async () => {

        await turns.run();
        expect(waits).to.be.empty();
    });

    it('waits once for what was learned, and not again', async () => {

        edition = 1;
        const confirmed = confirm();
        await settle();
        expect(waits).to.have.length(1);
        expect(confirmed.outcome).to.be.null();

        waits[0]!.resolve();
        await settle();
        expect(confirmed.outcome).to.be.undefined();

        await turns.run();
        expect(waits).to.have.length(1);
    });

    it('waits once for all who ask meanwhile, where nothing new was learned', async () => {

        edition = 1;
        const confirmed = [confirm(), confirm()];
        await settle();
        confirmed.push(confirm());
        await settle();
        expect(waits).to.have.length(1);

        waits[0]!.resolve();
        await settle();
        expect(confirmed.map(({ outcome }) => outcome)).to.equal([undefined, undefined, undefined]);
    });

    it('waits again, once, for those who ask after something new was learned', async () => {

        edition = 1;
        const first = confirm();
        await settle();
        edition = 2;
        const second = [confirm(), confirm()];
        await settle();
        expect(waits).to.have.length(1);

        waits[0]!.resolve();
        await settle();
        expect(first.outcome).to.be.undefined();
        expect(second.map(({ outcome }) => outcome)).to.equal([null, null]);
        expect(waits).to.have.length(2);

        waits[1]!.resolve();
        await settle();
        expect(second.map(({ outcome }) => outcome)).to.equal([undefined, undefined]);
    });

    it('does not count what is learned during a wait as confirmed by it', async () => {

        edition = 1;
        confirm();
        await settle();
        edition = 2;
        waits[0]!.resolve();
        await settle();

        const later = confirm();
        await settle();
        expect(waits).to.have.length(2);
        expect(later.outcome).to.be.null();
    });

    it('fails for all who wait, and waits anew for those who ask after that', async () => {

        edition = 1;
        const first = [confirm(), confirm()];
        await settle();
        edition = 2;
        const second = confirm();
        waits[0]!.reject(new Outage('lost'));
        await settle();
        first.forEach(({ outcome }) => expect(outcome).to.be.an.error(Outage, 'lost'));
        expect(second.outcome).to.be.null();

        waits[1]!.resolve();
        await settle();
        expect(second.outcome).to.be.undefined();
    });
});
