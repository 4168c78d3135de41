import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Confirmation } from '../../lib/blacklist/confirmation';
import { Outage } from '../../lib/errors/outage';
import { settle, watch } from '../support/clock';


export const lab = Lab.script();
const { describe, it, beforeEach } = lab;


describe('Confirmation', () => {

    let edition: number;
    let waits: { resolve: () => void; reject: (error: Error) => void }[];
    let confirmation: Confirmation;

    beforeEach(() => {

        edition = 0;
        waits = [];
        confirmation = new Confirmation(() => edition, () => new Promise((resolve, reject) => waits.push({ resolve, reject })));
    });

    const confirm = () => watch(confirmation.confirm());

    it('waits for nothing where nothing was ever revoked', async () => {

        await confirmation.confirm();
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

        await confirmation.confirm();
        expect(waits).to.have.length(1);
    });

    it('waits once for all who ask meanwhile, where nothing new was learned', async () => {

        edition = 1;
        const confirmed = [confirm(), confirm(), confirm()];
        await settle();
        expect(waits).to.have.length(1);

        waits[0]!.resolve();
        await settle();
        expect(confirmed.map(({ outcome }) => outcome)).to.equal([undefined, undefined, undefined]);
    });

    it('waits again, once, for those who ask after something new was learned', async () => {

        edition = 1;
        const first = confirm();
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
