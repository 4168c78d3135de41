import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { WriteBack } from '../../lib/blacklist/write-back';
import { forever } from '../../lib/store/contract';

import type { Revocation } from '../../lib/store/contract';


export const lab = Lab.script();
const { describe, it } = lab;


describe('WriteBack', () => {

    it('is of all that this process knows and the store does not have', () => {

        const writeBack = new WriteBack([revocation('lost'), revocation('found'), revocation('subject', 2000)], 0);
        writeBack.found(revocation('found'));
        writeBack.found(revocation('never known'));

        expect(Array.from(writeBack.batches())).to.equal([[revocation('lost'), revocation('subject', 2000)]]);
    });

    it('is also of what the store has with an earlier cut-off, and not with the same or a later one', () => {

        const writeBack = new WriteBack([revocation('earlier', 2000), revocation('same', 2000), revocation('later', 2000)], 0);
        writeBack.found(revocation('earlier', 1999));
        writeBack.found(revocation('same', 2000));
        writeBack.found(revocation('later', 2001));

        expect(Array.from(writeBack.batches())).to.equal([[revocation('earlier', 2000)]]);
    });

    it('is for the time that is left, and for the least time at least', () => {

        const writeBack = new WriteBack([revocation('short', forever, 1000), revocation('long', forever, 9000)], 5000);

        expect(Array.from(writeBack.batches())).to.equal([[revocation('short', forever, 5000), revocation('long', forever, 9000)]]);
    });

    it('comes in batches of 500, and in none where nothing is lost', () => {

        const known = Array.from({ length: 1001 }, (_, i) => revocation(`key ${i}`));

        expect(Array.from(new WriteBack(known, 0).batches(), (batch) => batch.length)).to.equal([500, 500, 1]);
        expect(Array.from(new WriteBack([], 0).batches())).to.be.empty();
    });
});


const revocation = function (key: string, cutoff = forever, ttl = 60_000): Revocation {

    return { key, cutoff, ttl };
};
