import { once } from 'node:events';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { quietly } from '../../lib/store/quietly';
import { RedisServer } from '../support/redis';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


describe('quietly()', () => {

    let server: RedisServer;
    let client: Redis;

    before(async () => {

        server = await RedisServer.start();
    });

    after(() => server.stop());

    beforeEach(async () => {

        client = new Redis({ ...server.options(), protocol: 3 });
        await client.flushall();
        await client.config('RESETSTAT');
    });

    afterEach(() => client.disconnect());

    const calls = async function (): Promise<string[]> {

        return Array.from((await client.info('commandstats')).matchAll(/cmdstat_(\S+?):/g), (match) => match[1]!);
    };

    it('sends commands that have no reply, between others that have theirs', async () => {

        const append = (await quietly(client))('APPEND', 'text');
        const replies: Promise<unknown>[] = [];
        for (const word of ['one ', 2, ' drei ', 'ü']) {
            append(word);
            replies.push(client.get('text'), client.echo(String(word)));
        }

        expect(await Promise.all(replies)).to.equal(['one ', 'one ', 'one 2', '2', 'one 2 drei ', ' drei ', 'one 2 drei ü', 'ü']);
        expect(await calls()).to.include('client|reply');
    });

    it('hears of no error', async () => {

        const send = (await quietly(client))('NO-SUCH-COMMAND');
        send('one');
        send();
        expect(await client.echo('here')).to.equal('here');
    });

    it('sends them with a reply where the user may not do without, and where that is an error, too', async () => {

        await client.acl('SETUSER', 'few', 'reset', 'on', '>secret', '~*', '+@all', '-client|reply', '-incr');
        const few = new Redis({ ...server.options(), username: 'few', password: 'secret' });
        const quiet = await quietly(few);
        quiet('APPEND')('text', 'one');
        quiet('INCR', 'number')();
        expect(await few.get('text')).to.equal('one');
        few.disconnect();
    });

    it('sends nothing on a connection that is gone', async () => {

        const append = (await quietly(client))('APPEND', 'text');
        const errors: Error[] = [];
        client.on('error', (error) => errors.push(error));
        client.stream.end();
        append('one');
        await once(client, 'close');
        append('one');
        expect(errors).to.be.empty();
        const never = new Redis({ ...server.options(), lazyConnect: true });
        never.client = (() => Promise.resolve('OK')) as any;
        (await quietly(never))('APPEND', 'text')('one');
        const other = new Redis(server.options());
        expect(await other.exists('text')).to.equal(0);
        other.disconnect();
    });
});
