import { randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { collect, firstOf, indexIn, rowOf, width } from '../../lib/blacklist/bucket';

import type { Revocation } from '../../lib/store/blacklist-contract';


export const lab = Lab.script();
const { describe, it } = lab;


describe('A bucket', () => {

    const bucketOf = (...names: string[]) => names.flatMap((name) => rowOf(name, 1, 2));

    const collected = (bucket: number[], now: number, found = new Map<string, Revocation>()) => {

        collect(bucket, now, found);
        return found;
    };


    it('has names, and where each of them is', () => {

        const names = ['A'.repeat(22), '_'.repeat(22), '-'.repeat(22), ...Array.from({ length: 100 }, () => randomBytes(16).toString('base64url'))];
        const bucket = bucketOf(...names);
        expect(names.map((name) => indexIn(bucket, firstOf(name), name))).to.equal(names.map((_, i) => i * width));
        expect(Array.from(collected(bucket, 1).keys())).to.equal(names);
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

    it('collects what is needed for a known time, where it is not known as late', () => {

        const names = Array.from({ length: 7 }, () => randomBytes(16).toString('base64url'));
        const [needed, over, unknown, clean, earlier, same, later] = names as [string, string, string, string, string, string, string];
        const bucket = [
            ...rowOf(needed, -1000, 51), ...rowOf(over, 1000, 50), ...rowOf(unknown, 1000, Infinity), ...rowOf(clean, 0, 60),
            ...rowOf(earlier, 1000, 60), ...rowOf(same, 1000, 60), ...rowOf(later, 1000, 60)
        ];

        const found = new Map([[earlier, 999], [same, 1000], [later, 1001]].map(([key, cutoff]) => [key, { key, cutoff, ttl: 1 }] as [string, Revocation]));
        expect(Array.from(collected(bucket, 50, found).values())).to.equal([
            { key: earlier, cutoff: 1000, ttl: 10 },
            { key: same, cutoff: 1000, ttl: 1 },
            { key: later, cutoff: 1001, ttl: 1 },
            { key: needed, cutoff: 1000, ttl: 1 }
        ]);
    });
});
