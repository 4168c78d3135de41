import { randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { firstOf, indexIn, keyIn, secondOf, thirdOf, width } from '../../lib/blacklist/bucket';


export const lab = Lab.script();
const { describe, it } = lab;


describe('A bucket', () => {

    const bucketOf = (...names: string[]) => names.flatMap((name) => [firstOf(name), secondOf(name), thirdOf(name), 1, 2]);

    it('has names, and where each of them is', () => {

        const names = ['A'.repeat(22), '_'.repeat(22), '-'.repeat(22), ...Array.from({ length: 100 }, () => randomBytes(16).toString('base64url'))];
        const bucket = bucketOf(...names);
        expect(names.map((name) => indexIn(bucket, firstOf(name), name))).to.equal(names.map((_, i) => i * width));
        expect(names.map((_, i) => keyIn(bucket, i * width))).to.equal(names);
        expect(bucket.every(Number.isSafeInteger)).to.be.true();

        const other = randomBytes(16).toString('base64url');
        expect(indexIn(bucket, firstOf(other), other)).to.equal(-1);
        expect(indexIn([], firstOf(other), other)).to.equal(-1);
    });

    it('tells names apart that differ in any one character', () => {

        const name = 'qSAAteB4WgkmyH1aJkPNbA';
        const bucket = bucketOf(name);
        for (let i = 0; i < name.length; ++i) {
            const other = `${name.slice(0, i)}${name[i] === 'x' ? 'y' : 'x'}${name.slice(i + 1)}`;
            expect(indexIn(bucket, firstOf(other), other)).to.equal(-1);
        }
    });

    it('takes a name in another form for one that is filled up, so that it is found', () => {

        for (const name of ['', 'short', 'with: other signs', 'é', 'longer-than-twenty-two-characters']) {
            expect(indexIn(bucketOf('first', name), firstOf(name), name)).to.equal(width);
        }
    });
});
