import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { suffixes } from '../../lib/store/blacklist-scripts';
import { register, registeredTerms } from '../../lib/store/terms';
import { useRedis } from '../support/redis';


export const lab = Lab.script();
const { describe, it } = lab;


const minute = 60_000;


// What a revocation is kept for by them is tested with the stores

describe('Terms', () => {

    const keys = suffixes.map((suffix) => `{app}:blacklist${suffix}`);

    const stage = useRedis(lab);

    it('are the greatest of each issuer, any sessions, and the last lease', async () => {

        const { client } = stage;
        expect(await registeredTerms(client, keys)).to.equal([]);

        const terms = { issuer: 'digest', name: '7 8 words\nof an issuer', life: 5 * minute, tolerance: 1000 };
        expect(await register(client, keys, [{ ...terms, hasSessions: true }], 2000)).to.equal(5 * minute + 2000);
        expect(await register(client, keys, [{ ...terms, life: minute, tolerance: 3000 }], 0)).to.equal(5 * minute + 6000);
        expect(await registeredTerms(client, keys)).to.equal([{ ...terms, tolerance: 3000, lease: 2000, hasSessions: true }]);
        await register(client, keys, [{ ...terms, hasSessions: false }], 1000);
        expect(await registeredTerms(client, keys)).to.equal([{ ...terms, tolerance: 3000, lease: 1000, hasSessions: true }]);
    });
});
