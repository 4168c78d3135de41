import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { forever } from '../../lib/blacklist/blacklist';
import { identify } from '../../lib/blacklist/identities';
import { blockOf, blocks, cutoffIn, revocationsOf } from '../../lib/store/blocks';
import { now } from '../../lib/store/script';
import { useRedis } from '../support/redis';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Blocks', () => {

    const names = Array.from({ length: 1000 }, (_, i) => identify('token', '', `${i}`));
    const stage = useRedis(lab);

    const run = (lua: string, ...args: string[]) => stage.client.eval(now + blocks + lua, 0, ...args);

    it('are the same for processes and for scripts', async () => {

        expect(blockOf('qSAAteB4WgkmyH1aJkPNbA')).to.equal('qS0');
        expect(await run('local found = {} for _, name in ipairs(ARGV) do table.insert(found, blockOf(name)) end return found', ...names)).to.equal(names.map(blockOf));
    });

    it('are many, and have about as many names each', () => {

        const counts = new Map<string, number>();
        for (let i = 0; i < 65_536; ++i) {
            const block = blockOf(identify('token', '', `${i}`));
            counts.set(block, (counts.get(block) ?? 0) + 1);
        }

        expect(counts.size).to.be.within(27_000, 32_768);
        expect(Math.max(...counts.values())).to.be.below(20);
    });

    it('take an entry in, and give it back, wherever it is among others', async () => {

        const filled = await run('local block = "" for i, name in ipairs(ARGV) do block = with(block, name, i, now) end return block', 'one', 'two', 'three') as string;
        expect(filled).to.match(/^ one:1:\d{13} two:2:\d{13} three:3:\d{13}$/);

        const moment = filled.slice(-13);
        for (const [name, i] of [['one', 1], ['two', 2], ['three', 3]] as const) {
            expect(await run('return { take(ARGV[1], ARGV[2]) }', filled, name)).to.equal([filled.replace(` ${name}:${i}:${moment}`, ''), `${i}`, moment]);
        }

        // A name is not taken for another that ends like it, nor for a number

        for (const name of ['ne', 'wo', 'four', '1', '']) {
            expect(await run('return { take(ARGV[1], ARGV[2]) }', filled, name)).to.equal([filled]);
        }
    });


    describe('cutoffIn()', () => {

        it('returns the exact cut-off of an entry, or null', () => {

            const block = ` token:${forever}:1795362977502 other-one:1795362977502:1795362977500 one:1:5`;
            expect(['token', 'other-one', 'one', 'on', 'ther-one', '1', ''].map((name) => cutoffIn(block, name))).to.equal([forever, 1_795_362_977_502, 1, null, null, null, null]);
            expect(cutoffIn(null, 'token')).to.be.null();
        });
    });


    describe('revocationsOf()', () => {

        it('reads names and exact numbers, and returns how long each entry lives from now', () => {

            const page = ['to3', ` token:${forever}:1795362977502 é-ü:0:1795362977500`, 'ex0', ' expired:1795362977502:1795362977499'];
            expect(revocationsOf(page, 1_795_362_977_500)).to.equal([
                { key: 'token', cutoff: forever, ttl: 2 },
                { key: 'é-ü', cutoff: 0, ttl: 0 },
                { key: 'expired', cutoff: 1_795_362_977_502, ttl: -1 }
            ]);
            expect(revocationsOf([], 0)).to.equal([]);
        });
    });
});
