import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { evaluate } from '../../lib/store/script';
import { stamp as script } from '../../lib/store/session-scripts';
import { useRedis } from '../support/redis';


export const lab = Lab.script();
const { describe, it } = lab;


describe('evaluate()', { timeout: 10_000 }, () => {

    const stage = useRedis(lab);

    const stamp = (key: string) => evaluate(stage.client, script, [key], [1000]);

    it('sends a script to a server that does not have it', async () => {

        for (let i = 0; i < 3; ++i) {
            await stage.client.script('FLUSH');
            expect(await stamp('key')).to.be.a.number();
        }
    });

    it('sends it once, and then its digest', async () => {

        await stage.client.script('FLUSH');
        await stage.client.config('RESETSTAT');

        for (let i = 0; i < 5; ++i) {
            await stamp('key');
        }

        const stats = await stage.client.info('commandstats');
        expect(stats).to.match(/cmdstat_evalsha:calls=5,/);
        expect(stats).to.match(/cmdstat_eval:calls=1,/);
    });

    it('sends it for each of those who call it at once', async () => {

        await stage.client.script('FLUSH');
        const moments = await Promise.all(Array.from({ length: 50 }, () => stamp('key')));
        expect(new Set(moments).size).to.equal(50);
    });

    it('does not run a script again that failed', async () => {

        await stage.client.set('key', 'of another type');
        await stamp('other');
        await stage.client.config('RESETSTAT');

        await expect(stamp('key')).to.reject(Error, /WRONGTYPE/);
        expect(await stage.client.info('commandstats')).to.not.contain('cmdstat_eval:');
    });
});
