import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { marginOf } from '../../lib/blacklist/clock';
import { patience } from '../../lib/blacklist/lease';
import { LeasedBlacklist } from '../../lib/blacklist/leased';
import { Outage, Unsupported } from '../../lib/errors/outage';
import { forever } from '../../lib/store/contract';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { Memo } from '../../lib/blacklist/blacklist';
import type { RegisteredTerms, Revocation } from '../../lib/store/contract';
import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('LeasedBlacklist', () => {

    let clock: FakeClock;
    let server: FakeServer;

    beforeEach(() => {

        clock = new FakeClock().freeze();
        server = new FakeServer(clock);
    });

    afterEach(() => clock.release());

    const create = function (id: string, { max = 100 } = {}): Process {

        const links: FakeLink[] = [];
        const reports: string[] = [];
        const arrivals: string[][] = [];
        const { lease, timeout, store } = server;

        const connect = async () => {

            const link = await server.connect(id);
            links.push(link);
            return link;
        };

        const blacklist = new LeasedBlacklist({
            id,
            lease,
            timeout,
            max,
            store,
            clock,
            connect,
            report: (event) => reports.push(event),
            arrived: (revocations) => arrivals.push(revocations.map(({ key }) => key))
        });

        return { blacklist, links, reports, arrivals };
    };

    // A process that joined so long ago that no revocation has to wait for that

    const join = async function (id: string, options?: { max?: number }): Promise<Process> {

        const joined = create(id, options);
        await joined.blacklist.start();
        await clock.advance(patience(server.lease));
        server.log.length = 0;
        return joined;
    };

    // One whose memory is too small for what the server holds

    const joinPartial = async function (id = 'a', max = 3): Promise<Process> {

        server.revoke('-', 0, fill(max + 2));
        return await join(id, { max });
    };


    // Checks and revocations of two processes with tiny memories, and connections that are lost

    const flood = async function (tellsOwnNewsLast: boolean): Promise<void> {

        server = new FakeServer(clock, { tellsOwnNewsLast });
        const processes = [await join('a', { max: 3 }), await join('b', { max: 3 })];
        const random = seeded(7);
        const truth = new Map<string, number>();
        const memos = processes.map(() => new Map<string, Memo>());
        let questions = 0;

        for (let i = 0; i < 600; ++i) {
            const which = random(2);
            const { blacklist, links } = processes[which]!;
            const key = `key ${random(12)}`;
            const dice = random(40);
            if (dice === 0) {
                links.at(-1)!.cut();
                await clock.advance(2000);
            }
            else if (dice < 8) {
                const cutoff = random(8) === 0 ? forever : 1 + random(1000);
                truth.set(key, Math.max(cutoff, truth.get(key) ?? 0));
                await blacklist.revoke([revocation(key, cutoff, 10_000_000)]);
            }
            else {
                const memo = memos[which]!.get(key) ?? {};
                memos[which]!.set(key, memo);
                const check = blacklist.cutoff([key], memo);
                questions += typeof check === 'number' ? 0 : 1;
                expect(await check).to.equal(truth.get(key) ?? 0);
            }
        }

        expect(questions).to.be.within(100, 450);
    };


    describe('that is held as a whole', () => {

        it('answers at once, what is clean and what is not, and asks nothing', async () => {

            server.revoke('-', 0, [revocation('session'), revocation('subject', 1000), revocation('everyone', 2000)]);
            const { blacklist } = await join('a');

            expect(blacklist.cutoff(['token'])).to.equal(0);
            expect(blacklist.cutoff(['token', 'session'])).to.equal(forever);
            expect(blacklist.cutoff(['subject', 'everyone', 'token'])).to.equal(2000);
            expect(server.count('cutoffs')).to.equal(0);
            expect(blacklist.status().cache).to.equal({ size: 3, max: 100, isComplete: true, hits: 3, misses: 0 });
        });

        it('is kept whole by news', async () => {

            const { blacklist } = await join('a');
            server.revoke('-', 0, [revocation('token'), revocation('subject', 1000)]);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
            expect(blacklist.cutoff(['subject'])).to.equal(1000);

            server.revoke('-', 0, [revocation('subject', 500)]);
            expect(blacklist.cutoff(['subject'])).to.equal(1000);
            expect(server.count('cutoffs')).to.equal(0);
        });

        it('is read in pages', async () => {

            server = new FakeServer(clock, { pageSize: 4 });
            server.revoke('-', 0, fill(10));
            const { blacklist } = await join('a', { max: 10 });
            expect(blacklist.status().cache).to.include({ size: 10, isComplete: true });
            expect(blacklist.cutoff(['key 9'])).to.equal(forever);
        });

        it('misses nothing that happens while it is read', async () => {

            server = new FakeServer(clock, { pageSize: 1 });
            server.revoke('-', 0, [revocation('first', 1000), revocation('second', 1000)]);
            const link = server.prepare('a');
            const { blacklist } = create('a');
            const start = blacklist.start();
            link.answers.shut();
            await settle();
            for (let i = 0; i < 3; ++i) {
                link.answers.next();
                await settle();
            }

            server.revoke('-', 0, [revocation('first', 2000), revocation('token')]);
            link.answers.open();
            await start;

            expect(blacklist.cutoff(['first'])).to.equal(2000);
            expect(blacklist.cutoff(['second'])).to.equal(1000);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is not trusted before it has been read', async () => {

            server.revoke('-', 0, [revocation('token')]);
            const link = server.prepare('a');
            const { blacklist } = create('a');
            const start = blacklist.start();
            link.answers.shut();
            await settle();
            link.answers.next();
            await settle();

            const check = watch(blacklist.cutoff(['token']) as Promise<number>);
            await settle();
            expect(check.outcome).to.be.null();

            link.answers.open();
            await start;
            await settle();
            expect(check.outcome).to.equal(forever);
        });

        it('lets go of what has served its time, once a minute', async () => {

            const { blacklist } = await join('a');
            server.revoke('-', 0, [revocation('token', forever, 10_000), revocation('session', forever, 100_000)]);
            await clock.advance(50_000);
            expect(blacklist.status().cache.size).to.equal(2);

            await clock.advance(20_000);
            expect(blacklist.status().cache.size).to.equal(1);

            await clock.advance(60_000);
            expect(blacklist.status().cache).to.include({ size: 0, isComplete: true });
        });

        it('lets go earlier of what is shortened, in every process', async () => {

            const a = await join('a');
            const b = await join('b');
            await a.blacklist.revoke([revocation('session', forever, 1_000_000), revocation('subject', 1000, 1_000_000)]);
            server.shorten(revocation('session', forever, 1000));
            server.shorten(revocation('subject', 999, 1000));
            expect(b.blacklist.cutoff(['session'])).to.equal(forever);

            await clock.advance(120_000);
            for (const { blacklist } of [a, b]) {
                expect(blacklist.cutoff(['session'])).to.equal(0);
                expect(blacklist.cutoff(['subject'])).to.equal(1000);
            }
        });

        it('does not acknowledge what is only shortened', async () => {

            await join('a');
            server.revoke('-', 0, [revocation('session')]);
            await settle();
            server.log.length = 0;
            server.shorten(revocation('session', forever, 1000));
            await settle();
            expect(server.log).to.be.empty();
        });
    });


    describe('with a memo of the same keys', () => {

        it('does not look at what was clean until something is revoked', async () => {

            server.revoke('-', 0, [revocation('revoked')]);
            const { blacklist } = await join('a');
            const memo: Memo = {};
            expect(blacklist.cutoff(['token', 'subject'], memo)).to.equal(0);

            // Not looked at: these keys are others

            expect(blacklist.cutoff(['revoked'], memo)).to.equal(0);
            expect(blacklist.status().cache).to.include({ hits: 2, misses: 0 });

            server.revoke('-', 0, [revocation('subject', 1000)]);
            expect(blacklist.cutoff(['token', 'subject'], memo)).to.equal(1000);
            expect(blacklist.cutoff(['token', 'subject'], memo)).to.equal(1000);
        });

        it('hears of what it revoked itself', async () => {

            const { blacklist } = await join('a');
            const memo: Memo = {};
            expect(blacklist.cutoff(['token'], memo)).to.equal(0);
            await blacklist.revoke([revocation('token')]);
            expect(blacklist.cutoff(['token'], memo)).to.equal(forever);
        });

        it('trusts it under a lease only', async () => {

            const { blacklist, links } = await join('a');
            const memo: Memo = {};
            expect(blacklist.cutoff(['token'], memo)).to.equal(0);

            clock.stall(1000);
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['token'], memo);
            expect(check).to.be.an.instanceof(Promise);
            links[0]!.answers.open();
            expect(await check).to.equal(0);
            expect(blacklist.cutoff(['token'], memo)).to.equal(0);
        });

        it('remembers nothing of what it had to ask, or could not tell', async () => {

            const { blacklist } = await joinPartial();
            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            const memo: Memo = {};
            expect(await blacklist.cutoff(['token'], memo)).to.equal(forever);
            expect(memo.clean).to.be.undefined();
        });
    });

    describe('without a lease', () => {

        it('answers what is dead for good all the same', async () => {

            const { blacklist } = await join('a');
            server.revoke('-', 0, [revocation('token'), revocation('subject', 1000)]);
            clock.stall(1000);
            expect(blacklist.cutoff(['other', 'token'])).to.equal(forever);
            expect(blacklist.known(['token'])).to.equal(forever);
            expect(blacklist.known(['other', 'subject'])).to.equal(1000);
            expect(blacklist.known(['other'])).to.equal(0);
        });

        it('answers nothing else before a heartbeat, which alone is enough', async () => {

            const { blacklist, links } = await join('a');
            clock.stall(1000);
            links[0]!.answers.shut();
            const check = watch(blacklist.cutoff(['token']) as Promise<number>);
            await settle();
            expect(check.outcome).to.be.null();
            expect(server.log).to.equal(['a beat']);

            links[0]!.answers.open();
            await settle();
            expect(check.outcome).to.equal(0);
            expect(blacklist.cutoff(['token'])).to.equal(0);
            expect(server.count('cutoffs')).to.equal(0);
        });

        it('believes the news that came before the heartbeat was answered', async () => {

            const { blacklist, links } = await join('a');
            links[0]!.stream.shut();
            server.revoke('-', 0, [revocation('token')]);
            clock.stall(1000);
            const check = blacklist.cutoff(['token']);
            expect(check).to.be.an.instanceof(Promise);
            links[0]!.stream.open();
            expect(await check).to.equal(forever);
        });

        it('answers nothing at all when the heartbeat is refused, or not answered', async () => {

            const { blacklist, links } = await join('a');
            clock.stall(1000);
            server.refusals.set('beat', new Outage('NOREPLICAS'));
            await expect(blacklist.cutoff(['token']) as Promise<number>).to.reject(Outage, 'NOREPLICAS');

            server.refusals.clear();
            await clock.advance(50);
            links[1]!.freeze();
            clock.stall(1000);
            const check = watch(blacklist.cutoff(['token']) as Promise<number>);
            await clock.advance(1000);
            expect(check.outcome).to.be.an.error(Outage);
        });

        it('answers nothing when the heartbeat is answered too late to be worth anything', async () => {

            const { blacklist, links } = await join('a');
            clock.stall(1000);
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['token']) as Promise<number>;
            await settle();
            clock.stall(1000);
            links[0]!.answers.open();
            await expect(check).to.reject(Outage, 'Redis: no lease');
        });

        it('waits for the connection as long as a question may take', async () => {

            const { blacklist, links } = await join('a');
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await clock.advance(1000);
            const check = watch(blacklist.cutoff(['token']) as Promise<number>);
            await clock.advance(199);
            expect(check.outcome).to.be.null();
            await clock.advance(1);
            expect(check.outcome).to.be.an.error(Outage, 'ECONNREFUSED');
        });

        it('goes on where the connection is replaced while the lease lasts', async () => {

            const { blacklist, links } = await join('a');
            links[0]!.cut();
            await settle();
            expect(blacklist.cutoff(['token'])).to.equal(0);
            await clock.advance(50);
            expect(blacklist.cutoff(['token'])).to.equal(0);
        });

        it('is not trusted when the time of day has jumped', async () => {

            const { blacklist } = await join('a');
            clock.jump(5000);
            const check = blacklist.cutoff(['token']);
            expect(check).to.be.an.instanceof(Promise);
            expect(await check).to.equal(0);
            expect(blacklist.cutoff(['token'])).to.equal(0);
        });
    });


    describe('that is held in part', () => {

        it('says so, and asks about what it does not hold, once', async () => {

            const { blacklist, reports } = await joinPartial();
            expect(reports).to.equal(['partial', 'held']);
            expect(blacklist.status().cache).to.include({ size: 3, isComplete: false });

            const check = blacklist.cutoff(['token', 'session']);
            expect(check).to.be.an.instanceof(Promise);
            expect(await check).to.equal(0);
            expect(server.log).to.equal(['a cutoffs token,session']);

            expect(blacklist.cutoff(['token', 'session'])).to.equal(0);
            expect(blacklist.status().cache).to.include({ hits: 1, misses: 1 });
        });

        it('keeps what is dead, too', async () => {

            const { blacklist } = await joinPartial();
            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            server.entries.set('subject', { cutoff: 1000, expires: 1_000_000 });
            expect(await blacklist.cutoff(['token'])).to.equal(forever);
            expect(await blacklist.cutoff(['subject'])).to.equal(1000);

            server.log.length = 0;
            expect(blacklist.cutoff(['token'])).to.equal(forever);
            expect(blacklist.cutoff(['subject'])).to.equal(1000);
            expect(server.count('cutoffs')).to.equal(0);
        });

        it('learns by news that what was clean is dead', async () => {

            const { blacklist } = await joinPartial();
            await blacklist.cutoff(['token']);
            server.revoke('-', 0, [revocation('token')]);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('asks about all keys where it does not hold one of them', async () => {

            const { blacklist } = await joinPartial();
            await blacklist.cutoff(['token']);
            server.log.length = 0;
            await blacklist.cutoff(['token', 'session']);
            expect(server.log).to.equal(['a cutoffs token,session']);
        });

        it('asks once however many want to know', async () => {

            const { blacklist } = await joinPartial();
            const checks = Array.from({ length: 10 }, () => blacklist.cutoff(['token', 'session']));
            expect(await Promise.all(checks)).to.equal(Array(10).fill(0));
            expect(server.log).to.equal(['a cutoffs token,session']);
        });

        it('is not misled by an answer that news have overtaken while another was waited for', async () => {

            const { blacklist, links } = await joinPartial();
            const [{ answers }] = links as [FakeLink];
            answers.shut();
            void blacklist.cutoff(['session']);
            await settle();
            const check = watch(blacklist.cutoff(['token', 'session']) as Promise<number>);
            await settle();
            expect(server.log).to.equal(['a cutoffs session', 'a cutoffs token']);

            answers.next();
            await settle();
            server.revoke('-', 0, [revocation('session')]);
            await settle();
            expect(check.outcome).to.be.null();

            answers.open();
            await settle();
            expect(check.outcome).to.equal(forever);
        });

        it('asks behind a heartbeat where the lease is gone', async () => {

            const { blacklist } = await joinPartial();
            clock.stall(1000);
            expect(await blacklist.cutoff(['token'])).to.equal(0);
            expect(server.log).to.equal(['a beat', 'a cutoffs token']);
        });

        it('accepts no answer that finds the lease gone', async () => {

            const { blacklist, links } = await joinPartial();
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['token']) as Promise<number>;
            await settle();
            expect(server.log).to.equal(['a cutoffs token']);

            clock.stall(1000);
            links[0]!.answers.open();
            await expect(check).to.reject(Outage, 'Redis: no lease');
        });

        it('refuses by such an answer what is dead', async () => {

            const { blacklist, links } = await joinPartial();
            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['token']) as Promise<number>;
            await settle();
            clock.stall(1000);
            links[0]!.answers.open();
            expect(await check).to.equal(forever);
        });

        it('does not take a clean answer that news have overtaken', async () => {

            const { blacklist, links } = await joinPartial();
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['token']);
            await settle();
            server.revoke('-', 0, [revocation('token')]);
            links[0]!.answers.open();

            expect(await check).to.equal(forever);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('does not take it either when it has dropped again what the news said', async () => {

            const { blacklist, links } = await joinPartial('a', 2);
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['subject']);
            await settle();
            server.revoke('-', 0, [revocation('subject', 1000)]);
            server.revoke('-', 0, [revocation('flood 1'), revocation('flood 2')]);
            expect(blacklist.known(['subject'])).to.equal(0);
            links[0]!.answers.open();

            expect(await check).to.equal(1000);
            expect(await blacklist.cutoff(['subject'])).to.equal(1000);
        });

        it('fails where it cannot ask', async () => {

            const { blacklist } = await joinPartial();
            server.refusals.set('cutoffs', new Outage('LOADING'));
            await expect(blacklist.cutoff(['token']) as Promise<number>).to.reject(Outage, 'LOADING');
        });

        it('asks again on the next connection about what was clean, and about the latest cut-off', async () => {

            const { blacklist, links } = await joinPartial('a', 4);
            server.entries.set('subject', { cutoff: 1000, expires: 1_000_000 });
            await blacklist.cutoff(['token', 'subject']);
            links[0]!.cut();

            // Nobody has told this process

            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            server.entries.set('subject', { cutoff: 2000, expires: 1_000_000 });
            await clock.advance(50);
            for (let i = 0; i < 10; ++i) {
                blacklist.known([`key ${i}`]);
            }

            expect(await blacklist.cutoff(['subject'])).to.equal(2000);
            expect(await blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('does not accept what an earlier connection had found clean', async () => {

            server = new FakeServer(clock, { timeout: 5000 });
            const { blacklist, links } = await joinPartial();
            const [old] = links;
            old!.lingers = true;
            old!.answers.shut();
            const check = watch(blacklist.cutoff(['token']) as Promise<number>);
            await settle();

            // Given up for want of heartbeats

            server.revoke('-', 0, []);
            await clock.advance(1200);
            old!.stream.shut();
            server.revoke('-', 0, [revocation('token'), ...fill(10, 'flood')]);
            await clock.advance(400);
            expect(links).to.have.length(2);
            expect(blacklist.known(['token'])).to.equal(0);

            old!.stream.open();
            old!.answers.open();
            await settle();
            expect(check.outcome).to.equal(forever);
        });

        it('does not share what was asked on an earlier connection', async () => {

            server = new FakeServer(clock, { timeout: 5000 });
            const { blacklist, links } = await joinPartial();
            const [old] = links;
            old!.lingers = true;
            old!.answers.shut();
            void (blacklist.cutoff(['token']) as Promise<number>).catch(() => undefined);
            await settle();

            await clock.advance(1200);
            old!.stream.shut();
            server.revoke('-', 0, [revocation('token'), ...fill(10, 'flood')]);
            await clock.advance(400);
            expect(links).to.have.length(2);
            expect(blacklist.known(['token'])).to.equal(0);

            const check = watch(blacklist.cutoff(['token']) as Promise<number>);
            await settle();
            expect(check.outcome).to.equal(forever);
        });

        it('does not keep what an earlier connection answers', async () => {

            server = new FakeServer(clock, { timeout: 5000 });
            const { blacklist, links } = await joinPartial();
            const [old] = links;
            old!.lingers = true;
            old!.answers.shut();
            const check = blacklist.cutoff(['token', 'key 0']) as Promise<number>;
            await settle();
            await clock.advance(1600);
            expect(links).to.have.length(2);

            // Nobody is told, and nothing else is asked

            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            links[1]!.answers.shut();
            old!.answers.open();
            await settle();
            expect(blacklist.known(['token'])).to.equal(0);
            const another = blacklist.cutoff(['token']);
            expect(another).to.be.an.instanceof(Promise);

            links[1]!.answers.open();
            expect(await check).to.equal(forever);
            expect(await another).to.equal(forever);
        });

        it('does not take its own cut-off for the latest', async () => {

            const { blacklist, links } = await joinPartial('a', 2);
            server.revoke('-', 0, [revocation('subject', 2000)]);
            links[0]!.answers.shut();
            const revoked = blacklist.revoke([revocation('subject', 1000)]);
            await settle();
            server.revoke('-', 0, fill(2, 'flood'));
            expect(blacklist.known(['subject'])).to.equal(0);
            links[0]!.answers.open();
            await revoked;

            expect(await blacklist.cutoff(['subject'])).to.equal(2000);
        });

        it('asks nothing more once everything fits again, and says so', async () => {

            const { blacklist, reports } = await joinPartial('a', 10);
            await blacklist.cutoff(['token']);
            expect(server.count('cutoffs')).to.equal(1);

            for (let i = 0; i < 4; ++i) {
                server.entries.delete(`key ${i}`);
            }

            await clock.advance(250);
            expect(blacklist.status().cache).to.include({ isComplete: true });
            expect(reports).to.equal(['partial', 'held']);

            server.log.length = 0;
            expect(blacklist.cutoff(['never seen'])).to.equal(0);
            await clock.advance(10_000);
            expect(server.count('cutoffs')).to.equal(0);
            expect(server.count('pages')).to.equal(0);
            expect(reports).to.equal(['partial', 'held']);
        });

        it('does not read it again before there is room', async () => {

            const { blacklist } = await joinPartial('a', 10);
            for (let i = 0; i < 3; ++i) {
                server.entries.delete(`key ${i}`);
            }

            expect(server.entries.size).to.equal(9);
            await clock.advance(1000);
            expect(server.count('pages')).to.equal(0);
            expect(blacklist.status().cache.isComplete).to.be.false();
        });

        it('reads it once at a time, and again where that failed', async () => {

            const { blacklist, links, reports } = await joinPartial('a', 10);
            server.entries.clear();
            server.refusals.set('pages', new Outage('LOADING'));
            await clock.advance(250);
            expect(reports).to.equal(['partial', 'held', 'failed']);
            expect(blacklist.status().cache.isComplete).to.be.false();

            server.refusals.clear();
            server.log.length = 0;
            const { pages } = links[0]!;
            let release!: () => void;
            const held = new Promise<void>((resolve) => {

                release = resolve;
            });

            links[0]!.pages = async function *() {

                server.log.push('a read');
                await held;
                yield* pages.call(links[0]);
            };

            await clock.advance(1000);
            expect(server.count('read')).to.equal(1);
            expect(blacklist.status().cache.isComplete).to.be.false();

            release();
            await settle();
            expect(blacklist.status().cache.isComplete).to.be.true();
        });

        it('comes about by news as well, and is said once', async () => {

            server.revoke('-', 0, fill(3));
            const { blacklist, reports } = await join('a', { max: 3 });
            expect(blacklist.status().cache.isComplete).to.be.true();

            server.revoke('-', 0, fill(3, 'more'));
            server.revoke('-', 0, fill(3, 'and more'));
            expect(blacklist.status().cache.isComplete).to.be.false();
            expect(reports).to.equal(['held', 'partial']);

            expect(await blacklist.cutoff(['key 0'])).to.equal(forever);
            expect(await blacklist.cutoff(['token'])).to.equal(0);
        });

        it('becomes whole again by a new connection, too', async () => {

            const { blacklist, links } = await joinPartial();
            server.entries.clear();
            clock.stall(1_000_000);
            links[0]!.cut();
            await clock.advance(50);
            expect(blacklist.status().cache.isComplete).to.be.true();
        });

        it('never answers wrong, however many keys flood it', () => flood(false));

        it('never answers wrong, where a process hears of its own news last', () => flood(true));
    });


    describe('a revocation', () => {

        it('holds in every process when it is done', async () => {

            const a = await join('a');
            const b = await join('b');
            const c = await join('c');
            await a.blacklist.revoke([revocation('token'), revocation('subject', 1000)]);

            for (const { blacklist } of [a, b, c]) {
                expect(blacklist.cutoff(['token'])).to.equal(forever);
                expect(blacklist.cutoff(['subject'])).to.equal(1000);
            }

            expect(server.log).to.equal(['a revoke', 'b acknowledge', 'c acknowledge']);
            expect(a.blacklist.status().lease).to.include({ processes: 3 });
        });

        it('is acknowledged once for all that came in one piece, to each revoker', async () => {

            const a = await join('a');
            const b = await join('b');
            const c = await join('c');
            c.links[0]!.stream.shut();
            const revoked = [
                a.blacklist.revoke([revocation('first')]),
                b.blacklist.revoke([revocation('second')]),
                a.blacklist.revoke([revocation('third')])
            ];

            await settle();
            server.log.length = 0;
            c.links[0]!.stream.open();
            await Promise.all(revoked);
            expect(server.log).to.equal(['c acknowledge', 'c acknowledge']);
            expect(c.blacklist.cutoff(['first'])).to.equal(forever);
        });

        it('is not done before every process has acknowledged it', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(200);
            expect(revoked.outcome).to.be.null();

            // Until then it may be accepted there

            expect(b.blacklist.cutoff(['token'])).to.equal(0);
            expect(a.blacklist.cutoff(['token'])).to.equal(forever);

            b.links[0]!.stream.open();
            await settle();
            expect(revoked.outcome).to.be.undefined();
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('may be acknowledged before the registry is known', async () => {

            const a = await join('a');
            await join('b');
            a.links[0]!.answers.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(server.log).to.equal(['a revoke', 'b acknowledge']);

            a.links[0]!.answers.open();
            await settle();
            expect(revoked.outcome).to.be.undefined();
        });

        it('waits for one that is silent exactly until its lease has surely run out, and then strikes it off', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(patience(1000) - 1);
            expect(revoked.outcome).to.be.null();
            expect(server.registry.has('b')).to.be.true();

            // The end of its own lease came before

            const check = watch(b.blacklist.cutoff(['token']) as Promise<number>);
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();
            expect(server.registry.has('b')).to.be.false();
            expect(check.outcome).to.be.null();

            const next = watch(a.blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.undefined();
            expect(a.blacklist.status().lease!.processes).to.equal(1);
        });

        it('waits as long as the lease of the other is, not its own', async () => {

            const a = await join('a');
            server.registry.set('b', '1:3000');
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(patience(3000) - 1);
            expect(revoked.outcome).to.be.null();
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();
        });

        it('strikes off nobody who has beaten since', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(patience(1000));
            expect(revoked.outcome).to.be.undefined();
            expect(server.count('strike')).to.equal(1);
            expect(server.registry.has('b')).to.be.true();
        });

        it('finds out a process that comes back after it was struck off', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = a.blacklist.revoke([revocation('token')]);
            await clock.advance(patience(1000));
            await revoked;
            expect(server.registry.has('b')).to.be.false();

            const checks: { outcome: unknown }[] = [];
            for (let i = 0; i < 10; ++i) {
                checks.push(watch(Promise.resolve(b.blacklist.cutoff(['token']))));
                await clock.advance(100);
            }

            await clock.advance(2000);
            expect(checks.every(({ outcome }) => outcome === forever || outcome instanceof Outage)).to.be.true();
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
            expect(server.registry.has('b')).to.be.true();

            const next = watch(a.blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.undefined();
            expect(b.blacklist.cutoff(['session'])).to.equal(forever);
        });

        it('says when one could not be struck off', async () => {

            const a = await join('a');
            server.registry.set('b', '1:1000');
            server.refusals.set('strike', new Outage('READONLY'));
            const revoked = a.blacklist.revoke([revocation('token')]);
            await clock.advance(patience(1000));
            await revoked;
            expect(a.reports).to.equal(['held', 'failed']);
        });

        it('waits for a struck off process anew, once that is back, and does not believe what it said before', async () => {

            const a = await join('a');
            server.registry.set('b', '1:1000');
            const revoked = a.blacklist.revoke([revocation('token')]);
            a.links[0]!.acknowledged('a', 'b', 0);
            await clock.advance(patience(1000));
            await revoked;

            server.registry.set('b', '2:1000');
            const next = watch(a.blacklist.revoke([revocation('session')]));
            await clock.advance(patience(1000) - 1);
            expect(next.outcome).to.be.null();
        });

        it('waits out a lease after joining: a server without memory may have forgotten others', async () => {

            const { blacklist } = create('a');
            await blacklist.start();
            await clock.advance(400);
            const revoked = watch(blacklist.revoke([revocation('token')]));
            await clock.advance(patience(1000) - 401);
            expect(revoked.outcome).to.be.null();
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();

            const next = watch(blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.undefined();
        });

        it('waits it out after each connection, for one that was forgotten and still trusts its memory', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            server.forget();
            a.links[0]!.cut();
            await clock.advance(50);
            expect(Array.from(server.registry.keys())).to.equal(['a']);

            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(b.blacklist.cutoff(['token'])).to.equal(0);
            await clock.advance(patience(1000) - 1);
            expect(revoked.outcome).to.be.null();

            const check = watch(b.blacklist.cutoff(['token']) as Promise<number>);
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();

            await clock.advance(2000);
            expect(check.outcome).to.satisfy((outcome: unknown) => outcome === forever || outcome instanceof Outage);
        });

        it('waits out a lease where the registry has lost its own entry', async () => {

            const a = await join('a');
            server.registry.clear();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));

            // The heartbeat that finds it out comes later

            await settle();
            server.registry.set('a', '1:1000');
            await clock.advance(patience(1000) - 1);
            expect(revoked.outcome).to.be.null();
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();
        });

        it('fails where the connection is lost before all have acknowledged it, and can be repeated', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            a.links[0]!.cut();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'the connection was lost');

            b.links[0]!.stream.open();
            const again = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(patience(1000) + 50);
            expect(again.outcome).to.be.undefined();
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('fails where its answer comes after the end of the connection', async () => {

            server = new FakeServer(clock, { timeout: 5000 });
            const a = await join('a');
            const [old] = a.links;
            old!.lingers = true;
            old!.answers.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(1600);
            expect(a.links).to.have.length(2);

            old!.answers.open();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: the connection was lost before the revocation was known everywhere');

            // What it has learned by it, it keeps

            expect(a.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('fails where the connection is lost while it waits for what the registry may not show', async () => {

            const a = create('a');
            await a.blacklist.start();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(500);
            expect(revoked.outcome).to.be.null();

            a.links[0]!.cut();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'the connection was lost');
        });

        it('fails where the store does not answer, and is not known', async () => {

            const a = await join('a');
            server.refusals.set('revoke', new Outage('READONLY'));
            await expect(a.blacklist.revoke([revocation('token')])).to.reject(Outage, 'READONLY');
            expect(a.blacklist.cutoff(['token'])).to.equal(0);
        });

        it('fails where there is no connection in time', async () => {

            const a = await join('a');
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            a.links[0]!.cut();
            await settle();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(200);
            expect(revoked.outcome).to.be.an.error(Outage, 'ECONNREFUSED');
        });

        it('waits for a connection that is on its way', async () => {

            const a = await join('a');
            a.links[0]!.cut();
            await settle();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(50);
            expect(server.entries.has('token')).to.be.true();
            await clock.advance(patience(1000));
            expect(revoked.outcome).to.be.undefined();
        });

        it('reaches one who joins meanwhile', async () => {

            const a = await join('a');
            const link = server.prepare('b');
            link.answers.shut();
            const b = create('b');
            const start = b.blacklist.start();
            await settle();
            link.answers.next();
            await settle();

            // Subscribed, and about to be told what there was before

            await a.blacklist.revoke([revocation('token')]);
            link.answers.open();
            await start;
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('of several at once are told apart', async () => {

            const a = await join('a');
            const b = await join('b');
            const revoked = ['first', 'second', 'third'].map((key) => a.blacklist.revoke([revocation(key)]));
            await Promise.all(revoked);
            for (const key of ['first', 'second', 'third']) {
                expect(b.blacklist.cutoff([key])).to.equal(forever);
            }
        });
    });


    describe('confirm()', () => {

        // Of three processes one does not hear of a revocation that the first waits for

        const revoking = async function (): Promise<{ a: Process; b: Process; revoked: { outcome: unknown } }> {

            const [a, b, c] = [await join('a'), await join('b'), await join('c')];
            c.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
            expect(c.blacklist.cutoff(['token'])).to.equal(0);
            return { a, b, revoked };
        };

        it('waits for what another call has revoked and still waits for', async () => {

            const { a, revoked } = await revoking();
            const confirmed = watch(a.blacklist.confirm());
            await clock.advance(patience(1000) - 1);
            expect([revoked.outcome, confirmed.outcome]).to.equal([null, null]);

            await clock.advance(1);
            expect([revoked.outcome, confirmed.outcome]).to.equal([undefined, undefined]);
        });

        it('waits for what another process has revoked and still waits for', async () => {

            const { b } = await revoking();
            const confirmed = watch(b.blacklist.confirm());
            await clock.advance(patience(1000) - 1);
            expect(confirmed.outcome).to.be.null();

            await clock.advance(1);
            expect(confirmed.outcome).to.be.undefined();
        });

        it('fails where the connection is lost meanwhile', async () => {

            const { b } = await revoking();
            const confirmed = watch(b.blacklist.confirm());
            await settle();
            b.links[0]!.cut();
            await settle();
            expect(confirmed.outcome).to.be.an.error(Outage);

            const repeated = watch(b.blacklist.confirm());
            await clock.advance(50 + 2 * patience(1000));
            expect(repeated.outcome).to.be.undefined();
        });

        it('costs nothing where nothing was revoked since, and one wait for hundreds of calls', async () => {

            const a = await join('a');
            const b = await join('b');
            await b.blacklist.revoke([revocation('token')]);
            server.log.length = 0;
            await Promise.all(Array.from({ length: 500 }, () => a.blacklist.confirm()));
            expect(server.log).to.equal(['a revoke', 'b acknowledge']);

            await a.blacklist.confirm();
            expect(server.log).to.have.length(2);
            expect(a.arrivals).to.equal([['token']]);
        });

        it('writes nothing', async () => {

            const a = await join('a');
            server.revoke('-', 0, [revocation('token')]);
            const before = new Map(server.entries);
            await a.blacklist.confirm();
            expect(server.entries).to.equal(before);
        });
    });


    describe('register()', () => {

        it('tells the store for how long tokens are accepted, before this process accepts any', async () => {

            const { blacklist } = create('a');
            blacklist.register(terms());
            blacklist.register(terms({ issuer: 'other' }));
            await blacklist.start();
            expect(server.log).to.equal(['a subscribe', 'a register', 'a pages', 'a isSettled', 'a beat']);
            expect(Array.from(server.terms.values())).to.equal([terms(), terms({ issuer: 'other' })]);
        });

        it('tells it again where it was lost', async () => {

            const { blacklist } = create('a');
            blacklist.register(terms());
            await blacklist.start();
            server.restart({ withMemory: false });
            expect(server.terms.size).to.equal(0);

            await clock.advance(50);
            expect(Array.from(server.terms.values())).to.equal([terms()]);
        });

        it('tells it of a strategy that is registered later, and reports where it could not', async () => {

            const { blacklist, reports } = await join('a');
            blacklist.register(terms());
            await settle();
            expect(Array.from(server.terms.values())).to.equal([terms()]);

            server.refusals.set('register', new Outage('READONLY'));
            blacklist.register(terms({ issuer: 'other' }));
            await settle();
            expect(reports).to.equal(['held', 'failed']);
        });

        it('tells nothing where there is nothing to tell', async () => {

            await join('a');
            server.restart({ withMemory: true });
            await clock.advance(50);
            expect(server.count('register')).to.equal(0);
        });
    });


    describe('that the server has lost', () => {

        it('is written back by whoever joins, with the time it has left', async () => {

            const { blacklist } = await join('a');
            server.revoke('-', 0, [revocation('token', forever, 5000), revocation('subject', 1000, 8000)]);
            await clock.advance(1000);
            server.restart({ withMemory: false });
            await clock.advance(50);

            const now = clock.now();
            expect(server.entries.get('token')).to.equal({ cutoff: forever, expires: now + 3950 });
            expect(server.entries.get('subject')).to.equal({ cutoff: 1000, expires: now + 6950 });
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is written back for as long as any of its kind is needed, since what it had made needless may be there again', async () => {

            const { blacklist } = await join('a');
            const most = 60_000 + marginOf(1000);
            blacklist.register(terms({ life: 60_000, tolerance: 1000 }));
            blacklist.register(terms({ issuer: 'other', life: 7000 }));
            await settle();
            server.revoke('-', 0, [revocation('session', forever, 50_000), revocation('subject', 1000, most + 80_000)]);
            server.shorten(revocation('session', forever, 5000));
            server.restart({ withMemory: false });
            await clock.advance(50);

            const now = clock.now();
            expect(server.entries.get('session')).to.equal({ cutoff: forever, expires: now + most });
            expect(server.entries.get('subject')).to.equal({ cutoff: 1000, expires: now + most + 79_950 });
        });

        it('is written back before the process trusts its memory', async () => {

            const { links } = await join('a');
            server.revoke('-', 0, [revocation('token')]);
            await settle();
            server.log.length = 0;
            server.forget();
            links[0]!.cut();
            await clock.advance(50);
            expect(server.log).to.equal(['a subscribe', 'a pages', 'a revoke', 'a isSettled', 'a beat']);
        });

        it('is told again: to one who starts there, before it trusts its memory', async () => {

            const a = await join('a');
            server.revoke('-', 0, [revocation('token')]);
            server.forget();
            server.door.shut();
            a.links[0]!.cut();
            await settle();

            server.door.open();
            const b = create('b');
            const start = b.blacklist.start();
            const check = watch(Promise.resolve(b.blacklist.cutoff(['token'])));
            await settle();
            expect(b.blacklist.known(['token'])).to.equal(0);
            expect(server.entries.has('token')).to.be.false();

            await clock.advance(1000);
            await start;
            expect(check.outcome).to.be.an.error(Outage);
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is missed though the connection was not', async () => {

            const a = await join('a');
            const b = await join('b');
            await a.blacklist.revoke([revocation('token')]);
            server.forget();
            await clock.advance(400);
            expect(server.entries.has('token')).to.be.true();
            expect(Array.from(server.registry.keys())).to.only.include(['a', 'b']);
            expect(a.blacklist.cutoff(['token'])).to.equal(forever);
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is written back where it has an earlier cut-off, and nothing else is', async () => {

            const { links } = await join('a');
            server.revoke('-', 0, [revocation('subject', 2000), revocation('same', 1000), revocation('later', 1000)]);
            server.entries.set('subject', { cutoff: 1500, expires: 1_000_000 });
            server.entries.set('later', { cutoff: 3000, expires: 1_000_000 });
            const told: string[] = [];
            const { tell } = server;
            server.tell = (news) => {

                told.push(...news.revocations.map(({ key, cutoff }) => `${key} ${cutoff}`));
                tell.call(server, news);
            };

            links[0]!.cut();
            await clock.advance(50);
            expect(told).to.equal(['subject 2000']);
            expect(server.cutoffs(['subject', 'same', 'later'])).to.equal([2000, 1000, 3000]);
        });

        it('is written back in batches', async () => {

            await join('a', { max: 2000 });
            const sizes: number[] = [];
            const { revoke } = server;
            server.revoke('-', 0, fill(1201));
            server.revoke = (from, sequence, revocations) => {

                sizes.push(revocations.length);
                return revoke.call(server, from, sequence, revocations);
            };

            server.restart({ withMemory: false });
            await clock.advance(50);
            expect(sizes).to.equal([500, 500, 201]);
            expect(server.entries.size).to.equal(1201);
        });

        it('is not written back when its time is over, or was never known', async () => {

            const { blacklist, links } = await joinPartial('a', 10);
            server.entries.clear();
            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            await blacklist.cutoff(['token']);
            server.entries.clear();
            clock.stall(100_000);
            links[0]!.cut();
            await clock.advance(50);
            expect(server.entries.size).to.equal(0);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is written back even if there is no room to keep it', async () => {

            const { blacklist, links } = await join('a', { max: 4 });
            server.revoke('-', 0, fill(4));
            server.entries.clear();
            server.revoke('-', 0, []);
            for (const { key } of fill(6, 'other')) {
                server.entries.set(key, { cutoff: forever, expires: 1_000_000 });
            }

            links[0]!.cut();
            await clock.advance(50);
            expect(server.entries.size).to.equal(10);
            expect(await blacklist.cutoff(['key 0'])).to.equal(forever);
        });

        it('keeps the process from trusting its memory where it cannot be written back', async () => {

            const { blacklist, links } = await join('a');
            server.revoke('-', 0, [revocation('token')]);
            server.forget();
            server.refusals.set('revoke', new Outage('NOREPLICAS'));
            links[0]!.cut();
            await clock.advance(1000);
            expect(blacklist.status().lease!.heldSince).to.be.null();

            server.refusals.clear();
            await clock.advance(1500);
            expect(blacklist.status().lease!.heldSince).to.not.be.null();
            expect(server.entries.has('token')).to.be.true();
        });
    });


    describe('what arrives', () => {

        it('is told once, from wherever it came', async () => {

            const a = await join('a');
            const b = await join('b');
            await a.blacklist.revoke([revocation('token'), revocation('session')]);
            expect(a.arrivals).to.equal([['token', 'session']]);
            expect(b.arrivals).to.equal([['token', 'session']]);

            await b.blacklist.revoke([revocation('token')]);
            server.shorten(revocation('token', forever, 1000));
            expect(a.arrivals).to.have.length(1);
            expect(b.arrivals).to.have.length(1);
        });

        it('is told before the revocation is called done', async () => {

            const a = await join('a');
            const b = await join('b');
            const order: string[] = [];
            b.arrivals.push = () => order.push('invalidated');
            await a.blacklist.revoke([revocation('token')]).then(() => order.push('done'));
            expect(order).to.equal(['invalidated', 'done']);
        });

        it('is told again where the cut-off is later', async () => {

            const { arrivals } = await join('a');
            server.revoke('-', 0, [revocation('subject', 1000)]);
            server.revoke('-', 0, [revocation('subject', 500), revocation('other', 500)]);
            server.revoke('-', 0, [revocation('subject', 1001)]);
            expect(arrivals).to.equal([['subject'], ['other'], ['subject']]);
        });

        it('is told by a join, as far as it happened meanwhile', async () => {

            server.revoke('-', 0, [revocation('old')]);
            const { arrivals, links } = await join('a');
            expect(arrivals).to.equal([['old']]);

            server.door.shut();
            links[0]!.cut();
            server.revoke('-', 0, [revocation('missed')]);
            server.door.open();
            await clock.advance(50);
            expect(arrivals).to.equal([['old'], ['missed']]);
        });
    });


    describe('start() and stop()', () => {

        it('begin and end its part', async () => {

            const { blacklist, reports } = create('a');
            await blacklist.start();
            expect(server.registry.has('a')).to.be.true();
            expect(reports).to.equal(['held']);

            await blacklist.stop();
            expect(server.registry.has('a')).to.be.false();
            expect(server.links.size).to.equal(0);
        });

        it('fail where the server cannot carry it', async () => {

            server.refusals.set('connect', new Unsupported('too old'));
            const { blacklist, reports } = create('a');
            await expect(blacklist.start()).to.reject(Unsupported, 'too old');
            expect(reports).to.equal(['failed']);
            await blacklist.stop();
        });

        it('leave nobody waiting for a process that is gone', async () => {

            const a = await join('a');
            const b = await join('b');
            await b.blacklist.stop();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(revoked.outcome).to.be.undefined();
        });

        it('end a revocation that waits for others', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            await a.blacklist.stop();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: stopped');
        });
    });


    describe('status()', () => {

        it('tells how things stand', async () => {

            const { blacklist, links } = create('a', { max: 50 });
            expect(blacklist.status()).to.equal({
                lease: { heldSince: null, generation: 0, processes: 0 },
                cache: { size: 0, max: 50, isComplete: false, hits: 0, misses: 0 }
            });

            const began = Date.now();
            await blacklist.start();
            expect(blacklist.status()).to.equal({
                lease: { heldSince: began, generation: 1, processes: 0 },
                cache: { size: 0, max: 50, isComplete: true, hits: 0, misses: 0 }
            });

            links[0]!.cut();
            await clock.advance(50);
            expect(blacklist.status().lease!.generation).to.equal(2);
        });
    });
});


interface Process {
    blacklist: LeasedBlacklist;
    links: FakeLink[];
    reports: string[];
    arrivals: string[][];
}


const revocation = function (key: string, cutoff = forever, ttl = 60_000): Revocation {

    return { key, cutoff, ttl };
};


const terms = function (given: Partial<RegisteredTerms> = {}): RegisteredTerms {

    return { issuer: 'issuer', name: 'https://issuer.example', life: 1000, tolerance: 0, ...given };
};


const fill = function (count: number, name = 'key'): Revocation[] {

    return Array.from({ length: count }, (_, i) => revocation(`${name} ${i}`));
};


// Numbers below a limit, the same ones each time

const seeded = function (seed: number): (limit: number) => number {

    let state = seed;
    return (limit) => {

        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (state >> 8) % limit;
    };
};
