import { createRequire } from 'node:module';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as FastCheck from 'fast-check';


export const lab = Lab.script();

const { after, before, describe, it } = lab;


// What `npm run fuzz` runs as well, there with other input each time

const load = createRequire(__filename);

const { World } = load('../../bench/fuzz/world');

const { properties } = load('../../bench/fuzz/properties');

const world: { start(library: string): Promise<unknown>; stop(): Promise<void>; victimsLive(): Promise<boolean>; spellings: number; statuses: Record<string, number> } = new World();

const seed = 20_261_122;


describe('Whatever comes in', () => {

    before(() => world.start(Path.join(__dirname, '../../lib')));

    after(() => world.stop());

    // The names are those of the properties

    for (const name of Object.keys(properties(world))) {

        it(name, { timeout: 60_000 }, async () => {

            await FastCheck.assert(properties(world)[name], { seed, numRuns: 150 });
        });
    }

    it('nobody was logged out who did not ask for it, and spellings were tried that jose accepts', async () => {

        expect(await world.victimsLive()).to.be.true();
        expect(world.spellings).to.be.above(20);
        expect(world.statuses).to.include(['202', '204', '400', '401', '403']);
    });
});
