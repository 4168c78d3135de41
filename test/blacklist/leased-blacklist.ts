import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { patience } from '../../lib/blacklist/lease';
import { Outage, Unsupported } from '../../lib/errors/outage';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';
import { createProcess, fill, joinProcess, revocation } from '../support/processes';

import type { Memo } from '../../lib/blacklist/blacklist';
import type { RegisteredTerms } from '../../lib/store/blacklist-contract';
import type { FakeLink } from '../support/link';
import type { Process } from '../support/processes';


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

    const create = (name: string, options?: { max?: number }) => createProcess(server, name, options);

    const join = (name: string, options?: { max?: number }) => joinProcess(server, name, options);

    // One whose memory is too small for what the server holds

    const joinPartial = async function (id = 'a', max = 3): Promise<Process> {

        server.revoke(fill(max + 2));
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

            server.revoke([revocation('session'), revocation('subject', 1000), revocation('everyone', 2000)]);
            const { blacklist } = await join('a');

            expect(blacklist.cutoff(['token'])).to.equal(0);
            expect(blacklist.cutoff(['token', 'session'])).to.equal(forever);
            expect(blacklist.cutoff(['subject', 'everyone', 'token'])).to.equal(2000);
            expect(server.count('cutoffs')).to.equal(0);
            expect(blacklist.status().cache).to.equal({ size: 3, max: 100, isComplete: true, hits: 3, misses: 0 });
        });

        it('is kept whole by news', async () => {

            const { blacklist } = await join('a');
            server.revoke([revocation('token'), revocation('subject', 1000)]);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
            expect(blacklist.cutoff(['subject'])).to.equal(1000);

            server.revoke([revocation('subject', 500)]);
            expect(blacklist.cutoff(['subject'])).to.equal(1000);
            expect(server.count('cutoffs')).to.equal(0);
        });

        it('is read in pages', async () => {

            server = new FakeServer(clock, { pageSize: 4 });
            server.revoke(fill(10));
            const { blacklist } = await join('a', { max: 10 });
            expect(blacklist.status().cache).to.include({ size: 10, isComplete: true });
            expect(blacklist.cutoff(['key 9'])).to.equal(forever);
        });

        it('misses nothing that happens while it is read', async () => {

            server = new FakeServer(clock, { pageSize: 1 });
            server.revoke([revocation('first', 1000), revocation('second', 1000)]);
            const link = server.prepare('a');
            const { blacklist } = create('a');
            const start = blacklist.start();
            link.answers.shut();
            await settle();
            for (let i = 0; i < 3; ++i) {
                link.answers.next();
                await settle();
            }

            server.revoke([revocation('first', 2000), revocation('token')]);
            link.answers.open();
            await start;

            expect(blacklist.cutoff(['first'])).to.equal(2000);
            expect(blacklist.cutoff(['second'])).to.equal(1000);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is not trusted before it has been read', async () => {

            server.revoke([revocation('token')]);
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
            server.revoke([revocation('token', forever, 10_000), revocation('session', forever, 100_000)]);
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

        it('does not confirm what is only shortened', async () => {

            await join('a');
            server.revoke([revocation('session')]);
            await settle();
            server.calls.length = 0;
            server.shorten(revocation('session', forever, 1000));
            await settle();
            expect(server.calls).to.be.empty();
        });
    });


    describe('with a memo of the same keys', () => {

        it('does not look at what was clean until something is revoked', async () => {

            server.revoke([revocation('revoked')]);
            const { blacklist } = await join('a');
            const memo: Memo = {};
            expect(blacklist.cutoff(['token', 'subject'], memo)).to.equal(0);

            // Not looked at: these keys are others

            expect(blacklist.cutoff(['revoked'], memo)).to.equal(0);
            expect(blacklist.status().cache).to.include({ hits: 2, misses: 0 });

            server.revoke([revocation('subject', 1000)]);
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
            server.revoke([revocation('token'), revocation('subject', 1000)]);
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
            expect(server.calls).to.equal(['a confirm']);

            links[0]!.answers.open();
            await settle();
            expect(check.outcome).to.equal(0);
            expect(blacklist.cutoff(['token'])).to.equal(0);
            expect(server.count('cutoffs')).to.equal(0);
        });

        it('believes the news that came before the heartbeat was answered', async () => {

            const { blacklist, links } = await join('a');
            links[0]!.stream.shut();
            server.revoke([revocation('token')]);
            clock.stall(1000);
            const check = blacklist.cutoff(['token']);
            expect(check).to.be.an.instanceof(Promise);
            links[0]!.stream.open();
            expect(await check).to.equal(forever);
        });

        it('answers nothing at all when the heartbeat is refused, or not answered', async () => {

            const { blacklist, links } = await join('a');
            clock.stall(1000);
            server.refusals.set('confirm', new Outage('NOREPLICAS'));
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
            expect(blacklist.status().cache).to.include({ size: 2, isComplete: false });

            const check = blacklist.cutoff(['token', 'session']);
            expect(check).to.be.an.instanceof(Promise);
            expect(await check).to.equal(0);
            expect(server.calls).to.equal(['a cutoffs token,session']);

            expect(blacklist.cutoff(['token', 'session'])).to.equal(0);
            expect(blacklist.status().cache).to.include({ hits: 1, misses: 1 });
        });

        it('keeps what is dead, too', async () => {

            const { blacklist } = await joinPartial();
            server.entries.set('token', { cutoff: forever, expires: 1_000_000 });
            server.entries.set('subject', { cutoff: 1000, expires: 1_000_000 });
            expect(await blacklist.cutoff(['token'])).to.equal(forever);
            expect(await blacklist.cutoff(['subject'])).to.equal(1000);

            server.calls.length = 0;
            expect(blacklist.cutoff(['token'])).to.equal(forever);
            expect(blacklist.cutoff(['subject'])).to.equal(1000);
            expect(server.count('cutoffs')).to.equal(0);
        });

        it('learns by news that what was clean is dead', async () => {

            const { blacklist } = await joinPartial();
            await blacklist.cutoff(['token']);
            server.revoke([revocation('token')]);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('asks about all keys where it does not hold one of them', async () => {

            const { blacklist } = await joinPartial();
            await blacklist.cutoff(['token']);
            server.calls.length = 0;
            await blacklist.cutoff(['token', 'session']);
            expect(server.calls).to.equal(['a cutoffs token,session']);
        });

        it('asks once however many want to know', async () => {

            const { blacklist } = await joinPartial();
            const checks = Array.from({ length: 10 }, () => blacklist.cutoff(['token', 'session']));
            expect(await Promise.all(checks)).to.equal(Array(10).fill(0));
            expect(server.calls).to.equal(['a cutoffs token,session']);
        });

        it('is not misled by an answer that news have overtaken while another was waited for', async () => {

            const { blacklist, links } = await joinPartial();
            const [{ answers }] = links as [FakeLink];
            answers.shut();
            void blacklist.cutoff(['session']);
            await settle();
            const check = watch(blacklist.cutoff(['token', 'session']) as Promise<number>);
            await settle();
            expect(server.calls).to.equal(['a cutoffs session', 'a cutoffs token']);

            answers.next();
            await settle();
            server.revoke([revocation('session')]);
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
            expect(server.calls).to.equal(['a confirm', 'a cutoffs token']);
        });

        it('accepts no answer that finds the lease gone', async () => {

            const { blacklist, links } = await joinPartial();
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['token']) as Promise<number>;
            await settle();
            expect(server.calls).to.equal(['a cutoffs token']);

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
            server.revoke([revocation('token')]);
            links[0]!.answers.open();

            expect(await check).to.equal(forever);
            expect(blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('does not take it either when it has dropped again what the news said', async () => {

            const { blacklist, links } = await joinPartial('a', 2);
            links[0]!.answers.shut();
            const check = blacklist.cutoff(['subject']);
            await settle();
            server.revoke([revocation('subject', 1000)]);
            server.revoke([revocation('flood 1'), revocation('flood 2')]);
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

            server.revoke([]);
            await clock.advance(1200);
            old!.stream.shut();
            server.revoke([revocation('token'), ...fill(10, 'flood')]);
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
            server.revoke([revocation('token'), ...fill(10, 'flood')]);
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
            server.revoke([revocation('subject', 2000)]);
            links[0]!.answers.shut();
            const revoked = blacklist.revoke([revocation('subject', 1000)]);
            await settle();
            server.revoke(fill(2, 'flood'));
            expect(blacklist.known(['subject'])).to.equal(0);
            links[0]!.answers.open();
            await revoked;

            expect(await blacklist.cutoff(['subject'])).to.equal(2000);
        });

        it('does not take for the latest what was read before news that it has dropped', async () => {

            server.revoke([...fill(3), revocation('subject', 1000)]);
            const link = server.prepare('a');
            const { pages } = link;
            link.pages = async function *() {

                // A page on its way: news of later are taken in before it, as ioredis does where both arrive at once

                for await (const page of pages.call(link)) {
                    server.revoke([revocation('subject', 2000)]);
                    await settle();
                    yield page;
                }
            };

            const { blacklist } = await join('a', { max: 3 });
            expect(blacklist.known(['subject'])).to.equal(1000);
            expect(await blacklist.cutoff(['subject'])).to.equal(2000);
            expect(blacklist.cutoff(['subject'])).to.equal(2000);
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

            server.calls.length = 0;
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
            server.calls.length = 0;
            const { pages } = links[0]!;
            let release!: () => void;
            const held = new Promise<void>((resolve) => {

                release = resolve;
            });

            links[0]!.pages = async function *() {

                server.calls.push('a read');
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

            server.revoke(fill(3));
            const { blacklist, reports } = await join('a', { max: 3 });
            expect(blacklist.status().cache.isComplete).to.be.true();

            server.revoke(fill(3, 'more'));
            server.revoke(fill(3, 'and more'));
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
            server.calls.length = 0;
            await Promise.all(Array.from({ length: 500 }, () => a.blacklist.confirm()));
            expect(server.calls).to.equal(['a write', 'b acknowledge']);

            await a.blacklist.confirm();
            expect(server.calls).to.have.length(2);
            expect(a.arrivals).to.equal([['token']]);
        });

        it('writes nothing', async () => {

            const a = await join('a');
            server.revoke([revocation('token')]);
            const before = new Map(server.entries);
            await a.blacklist.confirm();
            expect(server.entries).to.equal(before);
        });
    });


    describe('register()', () => {

        it('registers for how long tokens are accepted, before this process accepts any', async () => {

            const { blacklist } = create('a');
            blacklist.register(terms());
            blacklist.register(terms({ issuer: 'other' }));
            await blacklist.start();
            expect(server.calls).to.equal(['a subscribe', 'a open', 'a register', 'a restoration', 'a pages', 'a confirm']);
            expect(Array.from(server.terms.values())).to.equal([terms(), terms({ issuer: 'other' })]);
        });

        it('registers it again where it was lost', async () => {

            const { blacklist } = create('a');
            blacklist.register(terms());
            await blacklist.start();
            server.restart({ withMemory: false });
            expect(server.terms.size).to.equal(0);

            await clock.advance(50);
            expect(Array.from(server.terms.values())).to.equal([terms()]);
        });

        it('registers a strategy that comes later, and reports where it could not', async () => {

            const { blacklist, reports } = await join('a');
            blacklist.register(terms());
            await settle();
            expect(Array.from(server.terms.values())).to.equal([terms()]);

            server.refusals.set('register', new Outage('READONLY'));
            blacklist.register(terms({ issuer: 'other' }));
            await settle();
            expect(reports).to.equal(['held', 'failed']);
        });

        it('registers nothing where there is nothing to register', async () => {

            await join('a');
            server.restart({ withMemory: true });
            await clock.advance(50);
            expect(server.count('register')).to.equal(0);
        });
    });


    describe('what arrives', () => {

        it('is reported once, from wherever it came', async () => {

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

        it('is reported before the revocation is called done', async () => {

            const a = await join('a');
            const b = await join('b');
            const order: string[] = [];
            b.arrivals.push = () => order.push('invalidated');
            await a.blacklist.revoke([revocation('token')]).then(() => order.push('done'));
            expect(order).to.equal(['invalidated', 'done']);
        });

        it('is reported again where the cut-off is later', async () => {

            const { arrivals } = await join('a');
            server.revoke([revocation('subject', 1000)]);
            server.revoke([revocation('subject', 500), revocation('other', 500)]);
            server.revoke([revocation('subject', 1001)]);
            expect(arrivals).to.equal([['subject'], ['other'], ['subject']]);
        });

        it('is reported as soon as a reply has it, where that comes before the news', async () => {

            const { blacklist, arrivals } = await joinPartial();
            server.revoke([revocation('subject', 500)]);
            const before = arrivals.length;
            server.delaysNews = true;
            server.revoke([revocation('subject', 1000)]);
            expect(await blacklist.cutoff(['subject', 'token'])).to.equal(1000);
            expect(arrivals.slice(before)).to.equal([['subject']]);

            await clock.advance(250);
            expect(arrivals.slice(before)).to.equal([['subject']]);
        });

        it('is reported by a join, as far as it happened meanwhile', async () => {

            server.revoke([revocation('old')]);
            const { arrivals, links } = await join('a');
            expect(arrivals).to.equal([['old']]);

            server.door.shut();
            links[0]!.cut();
            server.revoke([revocation('missed')]);
            server.door.open();
            await clock.advance(50);
            expect(arrivals).to.equal([['old'], ['missed']]);
        });
    });


    describe('start() and stop()', () => {

        it('begin and end its part', async () => {

            const { blacklist, reports } = create('a');
            await blacklist.start();
            expect(server.members.has('a')).to.be.true();
            expect(reports).to.equal(['held']);

            await blacklist.stop();
            expect(server.members.has('a')).to.be.false();
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

        it('returns how things stand', async () => {

            const { blacklist, links } = create('a', { max: 50 });
            expect(blacklist.status()).to.equal({
                lease: { heldSince: null, generation: 0, processes: 0 },
                cache: { size: 0, max: 50, isComplete: false, hits: 0, misses: 0 }
            });

            const began = Date.now();
            await blacklist.start();
            expect(blacklist.status()).to.equal({
                lease: { heldSince: began, generation: 1, processes: 1 },
                cache: { size: 0, max: 50, isComplete: true, hits: 0, misses: 0 }
            });

            links[0]!.cut();
            await clock.advance(50);
            expect(blacklist.status().lease!.generation).to.equal(2);
        });
    });
});


const terms = function (given: Partial<RegisteredTerms> = {}): RegisteredTerms {

    return { issuer: 'issuer', name: 'https://issuer.example', life: 1000, tolerance: 0, ...given };
};


// Numbers below a limit, the same ones each time

const seeded = function (seed: number): (limit: number) => number {

    let state = seed;
    return (limit) => {

        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (state >> 8) % limit;
    };
};
