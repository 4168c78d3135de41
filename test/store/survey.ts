import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { suffixes } from '../../lib/store/blacklist-scripts';
import { prefixes, survey } from '../../lib/store/survey';
import { useRedis } from '../support/redis';


export const lab = Lab.script();
const { describe, it } = lab;


describe('A survey', () => {

    const keys = suffixes.map((suffix) => `{app}:blacklist${suffix}`);

    const stage = useRedis(lab);

    it('is what a person wants to know of the blacklist', async () => {

        const { client, server } = stage;
        const found = await survey(client, keys);
        expect(found).to.equal({ now: found.now, size: 0, epoch: null, lease: 0, members: [] });
        expect(found.now).to.be.within(Date.now() - 5000, Date.now() + 1);

        await client.zadd(keys[1]!, 2, 'token');
        await client.hset(keys[3]!, { epoch: 'first', lease: 1000 });
        await client.zadd(keys[4]!, 1, 'ahead', 0, 'behind');
        const rest = await survey(client, keys);
        expect(rest).to.equal({ now: rest.now, size: 1, epoch: 'first', lease: 1000, members: [{ id: 'behind', position: 0 }, { id: 'ahead', position: 1 }] });

        // Replies look different with other options of the client

        const other = new Redis({ ...server.options(), protocol: 2, replyMapping: 'legacy' });
        expect((await survey(other, keys)).members).to.equal(rest.members);
        other.disconnect();
    });

    it('knows the prefixes under which processes listen', async () => {

        const { client, server } = stage;
        expect(await prefixes(client)).to.equal([]);
        const listening = new Redis(server.url);
        await listening.subscribe('{other}:blacklist:news:0', '{app}:blacklist:news:0', '{app}:blacklist:news:0:one', '{app}:news');
        expect(await prefixes(client)).to.equal(['app', 'other']);

        // A user without the right to ask

        await client.acl('SETUSER', 'few', 'on', '>secret', '+@all', '-pubsub');
        const few = new Redis({ ...server.options(), username: 'few', password: 'secret' });
        expect(await prefixes(few)).to.equal([]);
        few.disconnect();
        listening.disconnect();
    });
});
