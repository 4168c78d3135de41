import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { KeySetOutage, Outage, Unsupported } from '../../lib/errors/outage';


export const lab = Lab.script();

const { describe, it } = lab;


describe('Outage', () => {

    it('says by its code what could not be reached', () => {

        expect(new Outage('away')).to.include({ name: 'Outage', code: 'store_unavailable' });
        expect(new Unsupported('old')).to.include({ name: 'Unsupported', code: 'store_unavailable' });
        expect(new KeySetOutage('away')).to.include({ name: 'KeySetOutage', code: 'key_set_unavailable' });
        expect(new KeySetOutage()).to.be.an.instanceof(Outage);
    });
});
