import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import * as Scripts from '../../lib/store/session-scripts';
import { RedisServer } from '../support/redis';


export const lab = Lab.script();
const { describe, it, before, after } = lab;


// What they do is tested with the stores that run them

describe('The scripts', { timeout: 10_000 }, () => {

    const all = Object.values(Scripts).filter((each) => typeof each === 'object');

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

        for (const { lua, sha } of all) {
            expect(await raw.script('LOAD', lua)).to.equal(sha);
        }
    });

    it('are different ones', () => {

        expect(new Set(all.map(({ sha }) => sha)).size).to.equal(all.length);
    });
});
