import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { forever } from '../../lib/blacklist/blacklist';
import * as Scripts from '../../lib/store/blacklist-scripts';
import { argumentsOf, cutoffs, enter, newEpoch, parseNews, progress } from '../../lib/store/log';
import { evaluate } from '../../lib/store/script';
import { RedisServer } from '../support/redis';
import { revocation } from '../support/stored';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach } = lab;


describe('The log on any connection', { timeout: 10_000 }, () => {

    const address = { keys: Scripts.suffixes.map((suffix) => `app${suffix}`), channel: 'app:news' };

    let server: RedisServer;
    let client: Redis;

    before(async () => {

        server = await RedisServer.start();
        client = new Redis({ path: server.path });
    });

    after(async () => {

        client.disconnect();
        await server.stop();
    });

    beforeEach(async () => {

        await client.flushall();
    });


    describe('cutoffs()', () => {

        it('returns the cut-off of each key, or null', async () => {

            await enter(client, address, [revocation({ key: 'token' }), revocation({ key: 'subject', cutoff: 1_900_000_000_000 })]);
            expect(await cutoffs(client, address, ['subject', 'clean', 'token'])).to.equal([1_900_000_000_000, null, forever]);
        });
    });


    describe('enter()', () => {

        it('begins a log, and returns where its write is in it', async () => {

            const first = await enter(client, address, [revocation({})]);
            expect(first).to.equal({ epoch: first.epoch, position: 1, published: 1, least: 1, isSettled: false, lease: 0 });
            expect(await enter(client, address, [])).to.equal({ ...first, position: 2, published: 2, least: 2 });
        });
    });


    describe('progress()', () => {

        it('returns how far the members are, and null in another epoch', async () => {

            const { epoch } = await enter(client, address, []);
            await evaluate(client, Scripts.settle, address.keys, [epoch]);
            expect(await progress(client, address, epoch)).to.equal({ published: 1, least: 1, isSettled: true, lease: 0 });
            expect(await progress(client, address, 'another')).to.be.null();
        });
    });


    describe('argumentsOf()', () => {

        it('has six arguments for each revocation, with no time that is too short', () => {

            const terms = { issuer: 'issuer', life: 1000, tolerance: 10 };
            expect(argumentsOf([{ key: 'a', cutoff: 1, ttl: 1500.25 }, { key: 'b', cutoff: 2, ttl: 5, terms }, { key: 'c', cutoff: 3, ttl: 5, terms: { issuer: 'issuer', tolerance: 0 } }])).to.equal([
                'a', 1, 1501, '', '', '',
                'b', 2, 5, 'issuer', 1000, 10,
                'c', 3, 5, 'issuer', '', 0
            ]);
        });
    });


    describe('parseNews()', () => {

        it('reads the positions, and what was written there', () => {

            expect(parseNews(`epoch 3 4 token ${forever} 60000 subject 1000 5`)).to.equal({ epoch: 'epoch', first: 3, last: 4, revocations: [revocation({ key: 'token' }), revocation({ key: 'subject', cutoff: 1000, ttl: 5 })] });
            expect(parseNews('epoch 5 5 ')).to.equal({ epoch: 'epoch', first: 5, last: 5, revocations: [] });
        });
    });


    describe('newEpoch()', () => {

        it('is another one each time', () => {

            expect(newEpoch()).to.match(/^[\w-]{16}$/).and.to.not.equal(newEpoch());
        });
    });
});
