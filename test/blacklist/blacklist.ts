import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { forever, isRevoked } from '../../lib/blacklist/blacklist';


export const lab = Lab.script();
const { describe, it } = lab;


describe('isRevoked()', () => {

    it('is true of what was issued at or before the cut-off', () => {

        expect(isRevoked(999, 1000)).to.be.true();
        expect(isRevoked(1000, 1000)).to.be.true();
        expect(isRevoked(1001, 1000)).to.be.false();
        expect(isRevoked(forever, forever)).to.be.true();
    });

    it('is false where there is no cut-off, however long ago it was issued', () => {

        expect(isRevoked(0, 0)).to.be.false();
        expect(isRevoked(-60_000, 0)).to.be.false();
    });
});
