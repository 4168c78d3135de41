import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify } from '../../lib/blacklist/identities';
import { strategySettings } from '../../lib/options/schema';
import { disagreements } from '../../lib/status/agreement';
import { jwt } from '../support/server';

import type { JwtOptions } from '../../lib';


export const lab = Lab.script();
const { beforeEach, describe, it } = lab;


describe('disagreements()', () => {

    let stored: Map<string, string>;
    let calls: [name: string, ttl: number][];

    beforeEach(() => {

        stored = new Map();
        calls = [];
    });

    const store = {
        exchange: async (name: string, text: string, ttl: number) => {

            const before = stored.get(name) ?? null;
            stored.set(name, text);
            calls.push([name, ttl]);
            return before;
        }
    };

    const named = (name: string, options: Partial<JwtOptions> = {}) => ({ name, jwt: strategySettings({ jwt: { ...jwt, ...options } }).jwt });

    const start = (options: Partial<JwtOptions> = {}, lease: number | false = 1500) => disagreements([named('session', options)], lease, store);


    it('are none of strategies that agree, however long their tokens live', async () => {

        expect(await start()).to.equal([]);
        expect(await start()).to.equal([]);
        expect(await start({ maxAge: 1000, ttl: 1000, audience: 'another', key: 'another secret of 32 bytes or more' })).to.equal([]);
        expect(calls.map(([, ttl]) => ttl)).to.equal([30 * 86_400_000, 30 * 86_400_000, 1000]);
    });

    it('are those with the strategy that was registered last', async () => {

        await start({ sessionClaim: 'session' });
        expect(await start()).to.equal([{ strategy: 'session', option: 'jwt.sessionClaim', own: '"sid"', other: '"session"' }]);
        expect(await start({ clockTolerance: 0 }, false)).to.equal([
            { strategy: 'session', option: 'jwt.clockTolerance', own: '0', other: '5000' },
            { strategy: 'session', option: 'lease', own: 'false', other: '1500' }
        ]);
        expect(await start({ clockTolerance: 0 }, false)).to.equal([]);
    });

    it('are those of each issuer, and of those without one', async () => {

        await start({ issuer: ['a', 'b'] });
        await start({ issuer: undefined, clockTolerance: 1 });
        expect(await start({ issuer: ['b', 'c'], clockTolerance: 2 })).to.equal([{ strategy: 'session', option: 'jwt.clockTolerance', own: '2', other: '5000' }]);
        expect(await start({ issuer: undefined })).to.equal([{ strategy: 'session', option: 'jwt.clockTolerance', own: '5000', other: '1' }]);
        expect(Array.from(stored.keys())).to.equal(['a', 'b', '', 'c'].map((issuer) => `agreed:${identify('everyone', issuer)}`));
    });

    it('are also those of two strategies of one process', async () => {

        const two = [named('one'), named('two', { sessionClaim: 'session' })];
        expect(await disagreements(two, 1500, store)).to.equal([{ strategy: 'two', option: 'jwt.sessionClaim', own: '"session"', other: '"sid"' }]);
    });

    it('leave out what another version does not know', async () => {

        stored.set(`agreed:${identify('everyone', jwt.issuer)}`, '{"lease":1000,"more":1}');
        expect(await start()).to.equal([{ strategy: 'session', option: 'lease', own: '1500', other: '1000' }]);
    });
});
