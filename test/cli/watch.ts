import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { identify } from '../../lib/blacklist/identities';
import { Output } from '../../lib/cli/terminal';
import { Feed, follow } from '../../lib/cli/watch';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, settle, watch } from '../support/clock';
import { CommandLine, Deployment, issuer, sid, unread } from '../support/command';
import { FakeServer } from '../support/link';
import { RedisServer } from '../support/redis';

import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


describe('watch', () => {

    const begin = async function (...args: string[]): Promise<CommandLine> {

        const line = new CommandLine(['watch', ...app.where, ...args]);
        await line.says(/hard-logout: watching\n$/);
        return line;
    };

    it('shows revocations as they arrive, without being waited for', async () => {

        const { auth, login } = await app.launch();
        await auth.revoke({ session: sid(await login()) });
        const pair = await login();

        const line = await begin();
        expect(await app.registry()).to.have.length(1);
        await auth.revoke({ session: sid(pair) });
        const key = identify('session', issuer, sid(pair));
        await line.says(new RegExp(`^\\S+Z {2}${key} {2}something: revoked\n$`, 'm'));

        await auth.revoke({ issuedBefore: 1_600_000_000_000 });
        await line.says(/ {2}everybody: revoked what was issued before 2020-09-13T12:26:40.000Z\n$/);
        expect(auth).to.exist();

        line.signal('SIGINT');
        const { code, stdout, stderr } = await line.done;
        expect(code).to.equal(130);
        expect(stdout.split('\n')).to.have.length(3);
        expect(stderr).to.equal('hard-logout: watching\nhard-logout: SIGINT: no longer watching\n');
    });

    it('shows what is named', async () => {

        const { auth, login } = await app.launch();
        const pair = await login();
        const lines = await Promise.all([begin('--subject', '42', '--json'), begin('--session', sid(pair), '--json'), begin('--jti', 'a', '--json')]);

        await app.revoke('--jti', 'a');
        await auth.revoke({ session: sid(pair) });
        await auth.revoke({ subject: '42' });
        await auth.revoke({ subject: '43' });
        await auth.revoke({ issuedBefore: 1_600_000_000_000 });
        await Promise.all(lines.map((line) => line.says(/"everybody"/)));

        lines.forEach((line) => line.signal('SIGTERM'));
        const told = await Promise.all(lines.map(async (line) => (await line.done).stdout.trim().split('\n').map((text) => JSON.parse(text))));
        expect(told.map((events) => events.map(({ event, kind, id }) => [event, kind, id]))).to.equal([
            [['connected', undefined, undefined], ['revoked', 'subject', '42'], ['revoked', 'everybody', null]],
            [['connected', undefined, undefined], ['revoked', 'session', sid(pair)], ['revoked', 'everybody', null]],
            [['connected', undefined, undefined], ['revoked', 'token', 'a'], ['revoked', 'everybody', null]]
        ]);

        const [, subject, everybody] = told[0]!;
        expect(subject.before as number).to.be.between(Date.now() - 5000, Date.now() + 1);
        expect(everybody).to.include({ before: 1_600_000_000_000, key: identify('everyone', issuer) });
        expect(told[1]![1]).to.include({ before: null, key: identify('session', issuer, sid(pair)) });
        expect(told[1]![1].ttl as number).to.be.above(60_000);
    });

    it('says so when it loses the connection, and then what it has missed', async () => {

        const { auth } = await app.launch();
        const line = await begin('--json');

        const kill = async function (): Promise<void> {

            const clients = (await app.raw.call('CLIENT', 'LIST') as string).split('\n').filter((client) => / name=hard-logout:lease /.test(client));
            const ids = clients.map((client) => /^id=(\d+)/.exec(client)![1]!);

            // Together, so that it is written while nobody listens

            await Promise.all([...ids.map((id) => app.raw.call('CLIENT', 'KILL', 'ID', id)), app.raw.hset(`{${app.prefix}}:blacklist:blocks`, { mi5: ` missed:5:${Date.now() + 60_000}`, ov3: ' over:5:5' })]);
        };

        await kill();
        await line.says(/connected again: revocations that were missed have been shown\n$/);
        expect(auth).to.exist();

        line.signal('SIGINT');
        const { stdout, stderr } = await line.done;
        const events = stdout.trim().split('\n').map((text) => JSON.parse(text));
        expect(events.map(({ event }) => event)).to.equal(['connected', 'lost', 'revoked', 'connected']);
        expect(events[1].reason).to.equal('Redis: the connection was lost');
        expect(events[2]).to.include({ key: 'missed', before: 6, kind: null, id: null });
        expect(stderr).to.contain('hard-logout: the connection is lost: Redis: the connection was lost\n');
    });

    it('says so once, for as long as Redis is gone', { timeout: 15_000 }, async () => {

        const own = await RedisServer.start();
        const raw = new Redis(own.path!);
        try {
            await app.register([issuer], { raw, prefix: 'hard-logout' });
            const line = new CommandLine(['watch', '--redis', own.path!]);
            await line.says(/watching/);
            raw.disconnect();
            await own.restart();
            await line.says(/connected again/);
            own.pause();
            await line.says(/the connection is lost[^]*the connection is lost/);
            own.resume();
            await line.says(/connected again[^]*connected again/);
            line.signal('SIGINT');
            expect((await line.done).stderr.match(/the connection is lost/g)).to.have.length(2);
        }
        finally {
            raw.disconnect();
            await own.stop();
        }
    });
});


const createFeed = function () {

    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    return { stdout, stderr, feed: new Feed(new Output({ stdout, stderr }, false), { known: new Map(), writesAll: true, max: 10 }) };
};


describe('follow()', () => {

    const stage = function () {

        const clock = new FakeClock().freeze();
        const server = new FakeServer(clock);
        const controller = new AbortController();
        const { stdout, stderr, feed } = createFeed();
        const links: FakeLink[] = [];
        const connect = async () => {

            links.push(await server.connect('watch'));
            return links.at(-1)!;
        };

        return { clock, server, controller, stdout, stderr, links, options: { connect, feed, clock, signal: controller.signal } };
    };

    it('hears all, is waited for by no process, and changes nothing', async () => {

        const { clock, server, controller, stdout, links, options } = stage();
        server.members.set('other', 0);
        server.revoke([{ key: 'a', cutoff: 5, ttl: 1000 }]);
        const followed = watch(follow(options));
        await settle();
        server.revoke([{ key: 'b', cutoff: 6, ttl: 1000 }]);
        await clock.advance(1000);
        expect(unread(stdout)).to.match(/^\S+Z {2}b {2}something: revoked what was issued before 1970-01-01T00:00:00.007Z\n$/);

        server.restart({ withMemory: false });
        await clock.advance(1000);
        expect(new Set(server.calls)).to.equal(new Set(['watch subscribe', 'watch pages', 'watch page', 'watch cutoffs -']));
        expect(links.length).to.equal(2);
        expect(links[0]!.isClosed).to.be.true();
        expect(server.log).to.be.null();

        controller.abort();
        links[1]!.close();
        await clock.advance(1000);
        expect(followed.outcome).to.be.undefined();
        expect(links.length).to.equal(2);
        clock.release();
    });

    it('notices a connection that is gone', async () => {

        const { clock, server, controller, stderr, links, options } = stage();
        const followed = watch(follow(options));
        await settle();
        server.pause();
        await clock.advance(2000);
        expect(unread(stderr)).to.contain('the connection is lost');
        controller.abort();
        links.at(-1)!.close();
        await clock.advance(2000);
        expect(followed.outcome).to.be.undefined();
        clock.release();
    });

    it('closes a connection that comes when the command has ended', async () => {

        const { server, controller, links, options } = stage();
        controller.abort();
        await follow(options);
        expect(links[0]!.isClosed).to.be.true();
        expect(server.calls).to.be.empty();
        options.clock.release();
    });

    it('ends where the first connection cannot be made', async () => {

        const { server, links, options } = stage();
        server.refusals.set('subscribe', new Error('NOPERM'));
        await expect(follow(options)).to.reject('NOPERM');
        expect(links[0]!.isClosed).to.be.true();
        options.clock.release();
    });
});


describe('A feed', () => {

    it('shows each change of the connection once', () => {

        const { stdout, stderr, feed } = createFeed();
        const revocation = { key: 'a', cutoff: forever, ttl: 1000 };

        feed.lose(new Error('not yet'));
        feed.take([revocation]);
        feed.connect();
        feed.connect();
        feed.lose(new Error('a'));
        feed.lose(new Error('b'));
        feed.take([{ ...revocation, key: 'b' }, { ...revocation, key: 'b' }, { ...revocation, key: 'c', ttl: 0 }]);
        feed.connect();

        expect(unread(stderr)).to.equal('hard-logout: watching\n' +
            'hard-logout: the connection is lost: a\n' +
            'hard-logout: connected again: revocations that were missed have been shown\n');
        expect(unread(stdout)).to.match(/^\S+Z {2}b {2}something: revoked\n$/);
    });
});
