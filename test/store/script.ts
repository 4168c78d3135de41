import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { evaluate } from '../../lib/store/script';
import { stamp as script } from '../../lib/store/session-scripts';
import { RedisServer } from '../support/redis';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach } = lab;


describe('evaluate()', { timeout: 10_000 }, () => {

    let server: RedisServer;
    let client: Redis;

    before(async () => {

        server = await RedisServer.start();
        client = new Redis(server.url);
    });

    after(async () => {

        client.disconnect();
        await server.stop();
    });

    beforeEach(() => client.flushall());

    const stamp = (key: string) => evaluate(client, script, [key], [1000]);

    it('sends a script to a server that does not have it', async () => {

        for (let i = 0; i < 3; ++i) {
            await client.script('FLUSH');
            expect(await stamp('key')).to.be.a.number();
        }
    });

    it('sends it once, and then its digest', async () => {

        await client.script('FLUSH');
        await client.config('RESETSTAT');

        for (let i = 0; i < 5; ++i) {
            await stamp('key');
        }

        const stats = await client.info('commandstats');
        expect(stats).to.match(/cmdstat_evalsha:calls=5,/);
        expect(stats).to.match(/cmdstat_eval:calls=1,/);
    });

    it('sends it for each of those who call it at once', async () => {

        await client.script('FLUSH');
        const moments = await Promise.all(Array.from({ length: 50 }, () => stamp('key')));
        expect(new Set(moments).size).to.equal(50);
    });

    it('does not run a script again that failed', async () => {

        await client.set('key', 'of another type');
        await stamp('other');
        await client.config('RESETSTAT');

        await expect(stamp('key')).to.reject(Error, /WRONGTYPE/);
        expect(await client.info('commandstats')).to.not.contain('cmdstat_eval:');
    });
});
