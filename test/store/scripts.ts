import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import * as Scripts from '../../lib/store/scripts';
import { RedisServer } from '../support/redis';


export const lab = Lab.script();
const { describe, it, before, after } = lab;


// What they do is tested with the stores that run them

describe('The scripts', { timeout: 10_000 }, () => {

    let server: RedisServer;
    let raw: Redis;

    before(async () => {

        server = await RedisServer.start();
        raw = new Redis(server.url);
    });

    after(async () => {

        raw.disconnect();
        await server.stop();
    });

    it('can be read by Redis, which gives them the same digests', async () => {

        for (const { lua, sha } of Object.values(Scripts)) {
            expect(await raw.script('LOAD', lua)).to.equal(sha);
        }
    });

    it('are different ones', () => {

        const digests = Object.values(Scripts).map(({ sha }) => sha);
        expect(new Set(digests).size).to.equal(digests.length);
    });
});
