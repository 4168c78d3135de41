import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { absence, patience } from '../../lib/blacklist/lease';
import { Outage } from '../../lib/errors/outage';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';
import { accepts, createProcess, joinProcess, revocation } from '../support/processes';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('A revocation', () => {

    const wait = patience(1000);

    let clock: FakeClock;
    let server: FakeServer;

    beforeEach(() => {

        clock = new FakeClock().freeze();
        server = new FakeServer(clock);
    });

    afterEach(() => clock.release());

    const create = (name: string, options?: { max?: number }) => createProcess(server, name, options);

    const join = (name: string, options?: { max?: number }) => joinProcess(server, name, options);


    describe('that all confirm', () => {

        it('holds in every process when it is done', async () => {

            const a = await join('a');
            const b = await join('b');
            const c = await join('c');
            await a.blacklist.revoke([revocation('token'), revocation('subject', 1000)]);

            for (const { blacklist } of [a, b, c]) {
                expect(blacklist.cutoff(['token'])).to.equal(forever);
                expect(blacklist.cutoff(['subject'])).to.equal(1000);
            }

            expect(server.calls).to.equal(['a write', 'b acknowledge', 'c acknowledge']);
            await clock.advance(250);
            expect(a.blacklist.status().lease).to.include({ processes: 3 });
            expect(server.waits).to.be.empty();
        });

        it('is not done before', async () => {

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

        it('is confirmed once with all that came in one piece', async () => {

            const a = await join('a');
            const b = await join('b');
            const c = await join('c');
            c.links[0]!.stream.shut();
            const revoked = [a, b, a].map(({ blacklist }, i) => blacklist.revoke([revocation(`token ${i}`)]));
            await settle();
            server.calls.length = 0;
            c.links[0]!.stream.open();
            await Promise.all(revoked);
            expect(server.calls).to.equal(['c acknowledge']);
            expect(c.blacklist.cutoff(['token 0'])).to.equal(forever);
        });

        it('goes together with others that come while a write is under way', async () => {

            const a = await join('a');
            a.links[0]!.commands.shut();
            const first = watch(a.blacklist.revoke([revocation('first')]));
            await settle();
            const others = ['second', 'third'].map((key) => watch(a.blacklist.revoke([revocation(key)])));
            await settle();
            a.links[0]!.commands.open();
            await settle();
            expect(server.count('write')).to.equal(2);
            expect([first, ...others].map(({ outcome }) => outcome)).to.equal([undefined, undefined, undefined]);
            expect(server.cutoffs(['first', 'second', 'third'])).to.equal([forever, forever, forever]);
        });

        it('may be confirmed before its writer knows its position', async () => {

            const a = await join('a');
            await join('b');
            a.links[0]!.answers.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(server.members.get('b')).to.equal(1);

            a.links[0]!.answers.open();
            await settle();
            expect(revoked.outcome).to.be.undefined();
        });

        it('is done with the reply where its writer is alone', async () => {

            const a = await join('a');
            a.links[0]!.answers.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(server.calls[0]).to.equal('a write');
            a.links[0]!.answers.next();
            await settle();
            expect(revoked.outcome).to.be.undefined();
            expect(a.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is not done before its own news have come, where a process hears of those last', async () => {

            server = new FakeServer(clock, { tellsOwnNewsLast: true });
            const a = await join('a');
            const [link] = a.links;
            link!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();

            // The reply, and then the news

            link!.stream.next();
            await settle();
            expect(revoked.outcome).to.be.null();
            link!.stream.next();
            await settle();
            expect(revoked.outcome).to.be.undefined();
            expect(a.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is not done where the lease has run out before they have come', async () => {

            server = new FakeServer(clock, { tellsOwnNewsLast: true });
            const a = await join('a');
            const [link] = a.links;
            link!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            link!.stream.next();
            await settle();
            clock.stall(1000);
            server.forget();
            link!.stream.open();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: the blacklist was lost, and is begun anew');
        });

        it('of several at once are distinguished', async () => {

            const a = await join('a');
            const b = await join('b');
            const first = watch(a.blacklist.revoke([revocation('first')]));
            await settle();
            expect(first.outcome).to.be.undefined();

            b.links[0]!.stream.shut();
            const second = watch(a.blacklist.revoke([revocation('second')]));
            await settle();
            expect(second.outcome).to.be.null();
            expect(server.members.get('b')).to.equal(1);

            b.links[0]!.stream.open();
            await settle();
            expect(second.outcome).to.be.undefined();
        });

        it('has the position that it was given, however late it was executed', async () => {

            const a = await join('a');
            const b = await join('b');
            a.links[0]!.commands.shut();
            const late = watch(a.blacklist.revoke([revocation('late')]));
            await settle();
            const early = watch(b.blacklist.revoke([revocation('early')]));
            await settle();
            expect(server.members.get('b')).to.equal(1);
            expect(early.outcome).to.be.null();

            // What was confirmed of the write before counts for nothing behind it

            b.links[0]!.stream.shut();
            a.links[0]!.commands.open();
            await settle();
            expect(server.members.get('a')).to.equal(2);
            expect(server.members.get('b')).to.equal(1);
            expect(late.outcome).to.be.null();
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
            await a.blacklist.revoke([revocation('token')]);
            expect(b.blacklist.status().lease!.heldSince).to.be.null();

            link.answers.open();
            await start;
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('is published by a confirmation where it was not at once', async () => {

            const a = await join('a');
            const b = await join('b');
            server.delaysNews = true;
            const [one, two] = [watch(a.blacklist.revoke([revocation('one')])), watch(b.blacklist.revoke([revocation('two')]))];
            await settle();
            expect([one.outcome, two.outcome]).to.equal([null, null]);
            expect(server.log!.published).to.equal(0);

            await clock.advance(1);
            expect([one.outcome, two.outcome]).to.equal([undefined, undefined]);
            expect(server.log!.published).to.equal(2);
        });

        it('is asked for again as long as it is not published', async () => {

            const a = await join('a');
            server.delaysNews = true;
            const publish = server.publish;
            server.publish = () => undefined;
            const revoked = watch(a.blacklist.revoke([revocation('one')]));
            await settle();
            const second = watch(a.blacklist.revoke([revocation('two')]));
            await clock.advance(5);
            expect(revoked.outcome).to.be.null();
            expect(server.count('confirm')).to.equal(5);

            server.publish = publish;
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();
            expect(second.outcome).to.be.undefined();

            server.calls.length = 0;
            await clock.advance(100);
            expect(server.calls).to.be.empty();
        });

        it('is asked for no more often the more members there are', async () => {

            const a = await join('a');
            for (let i = 0; i < 250; ++i) {
                server.members.set(`member ${i}`, 5);
            }

            await clock.advance(250);
            server.calls.length = 0;
            server.publish = () => undefined;
            watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(9);
            expect(server.count('confirm')).to.equal(0);
            await clock.advance(2);
            expect(server.count('confirm')).to.equal(1);
        });
    });


    describe('that not all confirm', () => {

        it('waits for a silent member exactly until its lease has surely run out', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(wait - 1);
            expect(revoked.outcome).to.be.null();

            // The end of its own lease came before

            const check = watch(b.blacklist.cutoff(['token']) as Promise<number>);
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();
            expect(check.outcome).to.be.null();
        });

        it('counts from when its news came back, since the others may have had them no earlier', async () => {

            const a = await join('a');
            server.members.set('gone', 0);
            server.refusals.set('suspect', new Outage('not yet'));
            const { publish } = server;
            server.publish = () => undefined;
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(500);
            server.publish = publish;
            await clock.advance(wait - 1);
            expect(revoked.outcome).to.be.null();
            await clock.advance(2);
            expect(revoked.outcome).to.be.undefined();
        });

        it('removes the silent member, so that the next one does not wait for it', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(125);
            expect(server.count('suspect')).to.equal(1);
            await clock.advance(wait - 1);
            expect(revoked.outcome).to.be.undefined();
            expect(server.members.has('b')).to.be.true();

            const next = watch(a.blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.null();
            await clock.advance(1);
            expect(next.outcome).to.be.undefined();
            expect(server.members.has('b')).to.be.false();
            expect(server.count('suspect')).to.equal(1);
        });

        it('removes the silent member also while others log out and suspect it as well', async () => {

            const [a, b] = [await join('a'), await join('b')];
            server.members.set('gone', 0);
            watch(a.blacklist.revoke([revocation('one')]));
            await clock.advance(wait / 2);
            watch(b.blacklist.revoke([revocation('two')]));
            await clock.advance(wait / 2);
            watch(a.blacklist.revoke([revocation('three')]));
            expect(server.members.has('gone')).to.be.true();

            // The earliest suspicion counts

            await clock.advance(125);
            expect(server.count('suspect')).to.equal(2);
            expect(server.count('strike')).to.equal(1);
            expect(server.members.has('gone')).to.be.false();
        });

        it('removes the silent member also where the one that suspected it first is gone', async () => {

            const [a, b] = [await join('a'), await join('b')];
            server.members.set('gone', 0);
            watch(a.blacklist.revoke([revocation('one')]));
            await clock.advance(125);
            await a.blacklist.stop();
            watch(b.blacklist.revoke([revocation('two')]));
            await clock.advance(125 + wait);
            expect(server.count('suspect')).to.equal(2);
            expect(server.members.has('gone')).to.be.false();
        });

        it('removes no member that has confirmed anything since', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(wait);
            expect(revoked.outcome).to.be.undefined();
            await clock.advance(125);
            expect(server.count('strike')).to.equal(1);
            expect(server.members.has('b')).to.be.true();
        });

        it('suspects nobody where all confirm in time, and once at a time', async () => {

            const a = await join('a');
            await a.blacklist.revoke([revocation('token')]);
            await clock.advance(1000);
            expect(server.count('suspect')).to.equal(0);

            server.members.set('gone', 0);
            watch(a.blacklist.revoke([revocation('one')]));
            await clock.advance(50);
            watch(a.blacklist.revoke([revocation('two')]));
            await clock.advance(500);
            expect(server.count('suspect')).to.equal(1);
        });

        it('reports when a member could not be suspected, or removed', async () => {

            const a = await join('a');
            server.members.set('gone', 0);
            server.refusals.set('suspect', new Outage('READONLY'));
            watch(a.blacklist.revoke([revocation('one')]));
            await clock.advance(125);
            expect(a.reports).to.equal(['held', 'failed']);

            server.refusals.set('strike', new Outage('READONLY'));
            server.refusals.delete('suspect');
            watch(a.blacklist.revoke([revocation('two')]));
            await clock.advance(125 + wait);
            expect(server.count('strike')).to.equal(1);
            expect(a.reports).to.equal(['held', 'failed', 'failed']);
        });

        it('waits as long as the longest lease that a member has had, in any epoch', async () => {

            const a = await join('a');
            server.log!.lease = 3000;
            await clock.advance(250);
            server.restart({ withMemory: true });
            await clock.advance(200);
            server.log!.isSettled = true;

            server.members.set('gone', 0);
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(patience(3000) - 1);
            expect(revoked.outcome).to.be.null();
            await clock.advance(1);
            expect(revoked.outcome).to.be.undefined();
        });

        it('is waited for by a member that comes back after it was removed', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = a.blacklist.revoke([revocation('token')]);
            await clock.advance(125 + wait);
            await revoked;
            expect(server.members.has('b')).to.be.false();

            const checks: { outcome: unknown }[] = [];
            for (let i = 0; i < 10; ++i) {
                checks.push(watch(Promise.resolve(b.blacklist.cutoff(['token']))));
                await clock.advance(100);
            }

            await clock.advance(2000);
            expect(checks.every(({ outcome }) => outcome === forever || outcome instanceof Outage)).to.be.true();
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
            expect(server.members.has('b#2')).to.be.true();

            const next = watch(a.blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.undefined();
            expect(b.blacklist.cutoff(['session'])).to.equal(forever);
        });

        it('is not done where the log was lost meanwhile, though its connection was not', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));

            // Behind each heartbeat of its own that would find out

            await clock.advance(wait - 1);
            server.forget();
            await clock.advance(1);
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: the blacklist was lost, and is begun anew');
        });

        it('fails with its connection, which may lead to a log without it', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(wait - 1);
            a.links[0]!.cut();
            server.forget();
            await clock.advance(1);
            expect(revoked.outcome).to.be.an.error(Outage, 'the connection was lost');
        });

        it('waits for a server that began anew while its farewell was on its way', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.lingers = true;
            b.links[0]!.commands.shut();
            const stopped = watch(b.blacklist.stop());
            await clock.advance(200);
            expect(stopped.outcome).to.be.undefined();
            await b.blacklist.start();
            expect(Array.from(server.members.keys())).to.equal(['a', 'b#2']);

            b.links[0]!.commands.open();
            await settle();
            expect(server.members.has('b#2')).to.be.true();

            b.links[1]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(b.blacklist.cutoff(['token'])).to.equal(0);
            expect(revoked.outcome).to.be.null();
        });
    });


    describe('in a young epoch', () => {

        // b holds a lease, and the new log does not know it

        const lose = async function (lostBy: () => void) {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            lostBy();
            await clock.advance(300);
            expect(Array.from(server.members.keys())).to.equal(['a#2']);
            return { a, b };
        };

        const survives = async function (lostBy: () => void): Promise<void> {

            const { a, b } = await lose(lostBy);
            expect(accepts(b)).to.be.true();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(server.members.get('a#2')).to.equal(server.log!.head);
            expect(revoked.outcome).to.be.null();
            for (let i = 0; i < 60; ++i) {
                await clock.advance(20);
                expect(revoked.outcome === undefined && accepts(b)).to.be.false();
            }

            expect(revoked.outcome).to.be.undefined();
        };

        const cutFirst = () => server.links.values().next().value!.cut();

        const restart = function (withData: boolean): void {

            server.log = null;
            if (!withData) {
                server.forget();
            }

            cutFirst();
        };

        it('waits for members that the log has forgotten, since it was emptied, with every connection left', () => survives(() => server.forget()));

        it('waits for members that the log has forgotten, since its server was restarted without its data', () => survives(() => restart(false)));

        it('waits for members that the log has forgotten, since its server was restarted with its data', () => survives(() => restart(true)));

        it('waits until a patience has passed since the log was opened, not since the write', async () => {

            server.log = null;
            const a = create('a');
            const start = a.blacklist.start();
            await clock.advance(absence(1000));
            await start;
            await a.blacklist.revoke([revocation('token')]);

            server.restart({ withMemory: true });
            await clock.advance(50);
            await clock.advance(1000);
            const next = watch(a.blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.null();
            await clock.advance(wait - 1000);
            expect(next.outcome).to.be.undefined();
        });

        it('is looked at once more in the end: it may have been lost again', async () => {

            const { a } = await lose(() => server.forget());
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(250 + 37.5 + wait - 1 - clock.now());
            expect(revoked.outcome).to.be.null();
            server.forget();
            await clock.advance(1);
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: the blacklist was lost, and is begun anew');
        });

        it('is old enough as soon as the log says so', async () => {

            const { a } = await lose(() => server.forget());
            server.log!.isSettled = true;
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(revoked.outcome).to.be.undefined();

            // And stays so, whatever the log says later

            server.log!.isSettled = false;
            const next = watch(a.blacklist.revoke([revocation('session')]));
            await settle();
            expect(next.outcome).to.be.undefined();
        });
    });


    describe('that is heard of without a lease', () => {

        it('is looked at once more: the log may have been lost while this process stood still', async () => {

            const a = await join('a');
            const b = await join('b');
            a.links[0]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            clock.stall(1000);
            server.forget();
            a.links[0]!.stream.open();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: the blacklist was lost, and is begun anew');
            expect(accepts(b, 'other')).to.be.false();
        });

        it('is done where the log is still the same', async () => {

            const a = await join('a');
            await join('b');
            const link = a.links[0]!;
            link.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            clock.stall(1000);
            link.stream.open();
            await settle();
            expect(revoked.outcome).to.be.undefined();
        });

        it('is looked at again where the reply came too late to renew the lease', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.freeze();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(wait - 1);
            a.links[0]!.answers.shut();
            await clock.advance(1);
            clock.stall(1000);
            server.calls.length = 0;
            a.links[0]!.answers.next();
            await settle();
            expect(revoked.outcome).to.be.null();
            a.links[0]!.answers.open();
            await settle();
            expect(revoked.outcome).to.be.undefined();
            expect(server.count('confirm')).to.be.at.least(1);
        });
    });


    describe('fails', () => {

        it('where the connection is lost before all have confirmed it, and can be repeated', async () => {

            const a = await join('a');
            const b = await join('b');
            b.links[0]!.stream.shut();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            a.links[0]!.cut();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'the connection was lost');

            b.links[0]!.stream.open();
            await clock.advance(50);
            const again = watch(a.blacklist.revoke([revocation('token')]));
            await settle();
            expect(again.outcome).to.be.undefined();
            expect(b.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('where the reply comes after the end of the connection', async () => {

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
            expect(revoked.outcome).to.be.an.error(Outage, 'no answer within 1000 ms');
            expect(a.blacklist.cutoff(['token'])).to.equal(forever);
        });

        it('where the store refuses it, and is not known', async () => {

            const a = await join('a');
            server.refusals.set('write', new Outage('READONLY'));
            await expect(a.blacklist.revoke([revocation('token')])).to.reject(Outage, 'READONLY');
            expect(a.blacklist.cutoff(['token'])).to.equal(0);

            server.refusals.clear();
            await a.blacklist.revoke([revocation('token')]);
        });

        it('where the log was begun anew, and this process joins it', async () => {

            const a = await join('a');
            server.forget();
            await expect(a.blacklist.revoke([revocation('token')])).to.reject(Outage, 'Redis: the blacklist was lost, and is begun anew');
            expect(accepts(a, 'other')).to.be.false();
            await clock.advance(50);
            expect(server.members.has('a#2')).to.be.true();
        });

        it('where there is no connection in time', async () => {

            const a = await join('a');
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            a.links[0]!.cut();
            await settle();
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(200);
            expect(revoked.outcome).to.be.an.error(Outage, 'ECONNREFUSED');
        });

        it('and leaves no timer', async () => {

            const a = await join('a');
            const { timers } = clock;
            server.members.set('gone', 0);
            const revoked = watch(a.blacklist.revoke([revocation('token')]));
            await clock.advance(125);
            await a.blacklist.stop();
            await settle();
            expect(revoked.outcome).to.be.an.error(Outage, 'Redis: stopped');
            expect(clock.timers).to.be.below(timers);
        });
    });

    it('waits for a connection that is on its way', async () => {

        const a = await join('a');
        a.links[0]!.cut();
        await settle();
        const revoked = watch(a.blacklist.revoke([revocation('token')]));
        await clock.advance(50);
        expect(revoked.outcome).to.be.undefined();
    });
});
