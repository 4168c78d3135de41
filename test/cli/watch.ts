import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { identify } from '../../lib/blacklist/identities';
import { LeasedBlacklist } from '../../lib/blacklist/leased-blacklist';
import { Output } from '../../lib/cli/terminal';
import { Feed, Observer } from '../../lib/cli/watch';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, watch } from '../support/clock';
import { CommandLine, Deployment, issuer, sid, unread } from '../support/command';
import { FakeServer } from '../support/link';
import { RedisServer } from '../support/redis';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


describe('watch', () => {

    const follow = async function (...args: string[]): Promise<CommandLine> {

        const line = new CommandLine(['watch', ...app.where, ...args]);
        await line.says(/hard-logout: watching\n$/);
        return line;
    };

    it('tells of revocations as they arrive, without being waited for', async () => {

        const { auth, login } = await app.launch();
        await auth.revoke({ session: sid(await login()) });
        const pair = await login();

        const line = await follow();
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

    it('tells of what is named', async () => {

        const { auth, login } = await app.launch();
        const pair = await login();
        const lines = await Promise.all([follow('--subject', '42', '--json'), follow('--session', sid(pair), '--json'), follow('--jti', 'a', '--json')]);

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
        const line = await follow('--json');

        const kill = async function (): Promise<void> {

            const clients = (await app.raw.call('CLIENT', 'LIST') as string).split('\n').filter((client) => / name=hard-logout:lease /.test(client));
            const ids = clients.map((client) => /^id=(\d+)/.exec(client)![1]!);

            // Together, so that it is written while nobody listens

            await Promise.all([...ids.map((id) => app.raw.call('CLIENT', 'KILL', 'ID', id)), app.raw.hset(`{${app.prefix}}:blacklist`, 'missed', `5:${Date.now() + 60_000}`), app.raw.hset(`{${app.prefix}}:blacklist`, 'over', '5:5')]);
        };

        await kill();
        await line.says(/connected again: what was missed has been shown\n$/);
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


describe('An observer', () => {

    it('hears all, is waited for by no process, and changes nothing', async () => {

        const clock = new FakeClock();
        const server = new FakeServer(clock);
        server.revoke([{ key: 'a', cutoff: 5, ttl: 1000 }]);
        server.members.set('other', 1);

        let beats = 0;
        const link = await server.connect('observer');
        const observer = new Observer(link, () => ++beats);
        expect(observer.id).to.equal('observer');

        const heard: string[] = [];
        await observer.subscribe({ news: ({ revocations }) => heard.push(revocations[0]!.key), told: () => undefined, closed: () => heard.push('closed') });
        expect(await observer.confirm()).to.equal({ published: 0, least: 0, lease: 0, size: 0, members: 0 });
        expect(beats).to.equal(1);
        expect(await observer.cutoffs(['a', 'b'])).to.equal([5, null]);
        for await (const page of observer.pages()) {
            expect(page).to.equal([{ key: 'a', cutoff: 5, ttl: 1000 }]);
        }

        server.revoke([{ key: 'b', cutoff: 6, ttl: 1000 }]);
        const calls = server.calls.length;
        expect(await observer.open()).to.equal({ epoch: '', head: 0, isSettled: true, lease: 0 });
        expect(await observer.restoration()).to.equal({ restoring: '', isSettled: true });
        expect(await observer.restore()).to.equal('-');
        expect(await Promise.all([observer.restored(), observer.settle(), observer.strike(), observer.leave()])).to.equal([true, true, true, true]);
        expect(await Promise.all([observer.write(), observer.suspect(), observer.register()])).to.equal([null, null, 0]);
        expect(server.calls).to.have.length(calls);
        expect(server.members).to.equal(new Map([['other', 1]]));

        expect(heard).to.equal(['b']);
        observer.close();
        expect(link.isClosed).to.be.true();
    });

    it('writes nothing back that Redis has lost', async () => {

        const clock = new FakeClock();
        const server = new FakeServer(clock);
        const blacklist = new LeasedBlacklist({
            lease: 1000,
            timeout: 200,
            max: 10,
            clock,
            connect: async () => new Observer(await server.connect('observer'), () => undefined),
            report: () => undefined,
            arrived: () => undefined
        });

        await blacklist.start();
        server.revoke([{ key: 'a', cutoff: 5, ttl: 10_000 }]);
        expect(blacklist.known(['a'])).to.equal(5);
        server.restart({ withMemory: false });
        server.calls.length = 0;
        await clock.advance(2000);
        expect(blacklist.status().lease!.generation).to.equal(2);
        expect(new Set(server.calls)).to.equal(new Set(['observer subscribe', 'observer pages', 'observer cutoffs -']));
        expect(server.log).to.be.null();
        await blacklist.stop();
    });

    it('notices a connection that is gone', async () => {

        const clock = new FakeClock();
        const server = new FakeServer(clock);
        let beats = 0;
        const observer = new Observer(await server.connect('observer'), () => ++beats);
        server.pause();
        const confirmed = watch(observer.confirm());
        await clock.advance(1000);
        expect(confirmed.outcome).to.be.instanceof(Error);
        expect(beats).to.equal(0);
    });
});


describe('A feed', () => {

    it('tells of each change of the connection once', () => {

        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const feed = new Feed(new Output({ stdout, stderr }, false), new Map(), true);
        const revocation = { key: 'a', cutoff: forever, ttl: 1000 };

        feed.lose(new Error('not yet'));
        feed.take([revocation]);
        feed.connect();
        feed.connect();
        feed.lose(new Error('a'));
        feed.lose(new Error('b'));
        feed.take([revocation, { ...revocation, ttl: 0 }]);
        feed.connect();

        expect(unread(stderr)).to.equal('hard-logout: watching\n' +
            'hard-logout: the connection is lost: a\n' +
            'hard-logout: connected again: what was missed has been shown\n');
        expect(unread(stdout)).to.match(/^\S+Z {2}a {2}something: revoked\n$/);
    });
});
