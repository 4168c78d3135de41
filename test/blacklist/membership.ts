import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { absence, patience } from '../../lib/blacklist/lease';
import { Membership } from '../../lib/blacklist/membership';
import { Outage, Unsupported, WritesRefused } from '../../lib/errors/outage';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { Report } from '../../lib/blacklist/blacklist';
import type { Memory } from '../../lib/blacklist/member';
import type { Confirmed, Link, News, Revocation } from '../../lib/store/blacklist-contract';
import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('Membership', () => {

    let clock: FakeClock;
    let server: FakeServer;
    let links: FakeLink[];
    let handler: FakeMemory;
    let membership: Membership;
    let reports: [event: string, reason: string][];

    beforeEach(() => {

        clock = new FakeClock().freeze();
        server = new FakeServer(clock, { lease: 1000, timeout: 200 });
        links = [];
        handler = new FakeMemory(server);
        reports = [];

        const connect = async () => {

            server.calls.push('a connect');
            const link = await server.connect('a');
            links.push(link);
            return link;
        };

        const report: Report = (event, error) => reports.push([event, error!.message]);
        membership = new Membership({ lease: 1000, timeout: 200, clock, connect, report }, handler);
    });

    afterEach(() => clock.release());

    const forgetReports = function (): void {

        reports.length = 0;
    };


    describe('joining', () => {

        it('ends all trust, subscribes, takes in the blacklist, asks whether that is all, and only then beats', async () => {

            await membership.start();
            expect(server.calls).to.equal(['a connect', 'a begin', 'a subscribe', 'a open', 'a register', 'a restoration', 'a load', 'a confirm']);
            expect(linkOf(membership)).to.shallow.equal(links[0]);
            expect(membership.lease.isHeld).to.be.true();
            expect(server.members.has('a')).to.be.true();
            expect(reports.map(([event]) => event)).to.equal(['held']);
        });

        it('takes each step when the one before is done', async () => {

            const link = server.prepare('a');
            link.answers.shut();
            void membership.start();
            await settle();
            expect(server.calls).to.equal(['a connect', 'a begin', 'a subscribe']);

            const loaded = handler.hold();
            link.answers.next();
            await settle();
            expect(server.calls.slice(3)).to.equal(['a open']);

            link.answers.next();
            await settle();
            expect(server.calls.slice(4)).to.equal(['a register', 'a restoration']);

            link.answers.next();
            await settle();
            expect(server.calls.slice(6)).to.equal(['a load']);

            loaded();
            await settle();
            expect(server.calls.slice(7)).to.equal(['a confirm']);
            expect(membership.lease.isHeld).to.be.false();
            expect(linkOf(membership)).to.be.null();

            link.answers.next();
            await settle();
            expect(membership.lease.isHeld).to.be.true();
            expect(linkOf(membership)).to.shallow.equal(link);
        });

        it('counts the lease from when the confirmation was sent', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            const start = membership.start();
            await clock.advance(150);
            link.answers.shut();
            loaded();
            await settle();
            expect(server.calls.at(-1)).to.equal('a confirm');
            await clock.advance(900);
            link.answers.open();
            await start;

            expect(membership.lease.isHeld).to.be.true();
            clock.stall(99);
            expect(membership.lease.isHeld).to.be.true();
            clock.stall(1);
            expect(membership.lease.isHeld).to.be.false();
        });

        it('takes over from the member of the connection before', async () => {

            await membership.start();
            links[0]!.cut();
            expect(Array.from(server.members.keys())).to.equal(['a']);
            await clock.advance(50);
            expect(Array.from(server.members.keys())).to.equal(['a#2']);

            // Also when a connection in between came to nothing

            server.refusals.set('subscribe', new Outage('NOPERM'));
            links[1]!.cut();
            await clock.advance(200);
            expect(links.length).to.be.above(3);
            server.refusals.clear();
            await clock.advance(300);
            expect(server.members.size).to.equal(1);
            expect(server.members.has('a#2')).to.be.false();
        });

        it('passes on news from then on', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            void membership.start();
            await settle();

            link.spread(news('early'));
            expect(handler.news).to.equal(['early']);

            loaded();
            await settle();
            link.spread(news('late', 2));
            expect(handler.news).to.equal(['early', 'late']);
        });

        it('waits in a log that may have lost something until those who know can be back, and marks it then', async () => {

            server.log = null;
            const start = watch(membership.start());
            await clock.advance(absence(1000) - 1);
            expect(start.outcome).to.be.null();
            expect(server.members.size).to.equal(0);
            expect(server.log!.isSettled).to.be.false();

            await clock.advance(1);
            expect(server.calls.slice(-2)).to.equal(['a settle', 'a confirm']);
            expect(start.outcome).to.be.undefined();
            expect(server.log!.isSettled).to.be.true();
        });

        it('does not wait where it held the lease until then, and marks the log a patience later', async () => {

            await membership.start();
            server.log = null;
            server.calls.length = 0;
            links[0]!.cut();
            await clock.advance(37.5);
            expect(membership.lease.isHeld).to.be.true();
            expect(server.calls).to.equal(['a connect', 'a begin', 'a subscribe', 'a open', 'a register', 'a restoration', 'a load', 'a restored', 'a confirm']);

            await clock.advance(patience(1000) - 1);
            expect(server.log!.isSettled).to.be.false();
            await clock.advance(1);
            expect(server.log!.isSettled).to.be.true();
        });

        it('waits where its memory had no room for all that was revoked', async () => {

            await membership.start();
            handler.isWhole = false;
            server.log = null;
            links[0]!.cut();
            await clock.advance(absence(1000));
            expect(membership.lease.isHeld).to.be.false();
            await clock.advance(50);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('waits where the lease ran out before the log was opened', async () => {

            await membership.start();
            const link = server.prepare('a');
            link.answers.shut();
            server.log = null;
            links[0]!.cut();
            await clock.advance(40);
            link.answers.next();
            await settle();
            clock.stall(960);
            link.answers.open();
            await clock.advance(100);
            expect(membership.lease.isHeld).to.be.false();
            await clock.advance(absence(1000));
            expect(membership.lease.isHeld).to.be.true();
        });

        it('waits behind an attempt that may have opened the log, since a loss may have been waited out meanwhile', async () => {

            await membership.start();
            server.log = null;
            server.refusals.set('confirm', new Outage('READONLY'));
            links[0]!.cut();
            await clock.advance(40);
            server.refusals.clear();
            await clock.advance(100);
            expect(links).to.have.length(3);
            expect(membership.lease.isHeld).to.be.false();
            await clock.advance(absence(1000));
            expect(membership.lease.isHeld).to.be.true();
        });

        it('waits where it had lost the lease before, though it joins for the second time', async () => {

            await membership.start();
            server.log = null;
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await clock.advance(1000);
            server.refusals.clear();
            await clock.advance(absence(1000) - 1);
            expect(membership.lease.isHeld).to.be.false();
            await clock.advance(300);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('joins anew where the log cannot be marked, or is another one by then', async () => {

            await membership.start();
            server.log = null;
            server.refusals.set('settle', new Outage('OOM'));
            links[0]!.cut();
            await clock.advance(50 + patience(1000));
            expect(server.count('settle')).to.equal(1);
            expect(reports.at(-1)).to.equal(['failed', 'OOM']);

            server.refusals.clear();
            await clock.advance(3000);
            expect(membership.lease.isHeld).to.be.true();
            expect(server.log!.isSettled).to.be.true();
        });

        it('does not mark a log that it has left', async () => {

            await membership.start();
            server.log = null;
            links[0]!.cut();
            await clock.advance(50);
            await membership.stop();
            await clock.advance(5000);
            expect(server.count('settle')).to.equal(0);
        });

        it('knows a log that is as old as a lease by what it says', async () => {

            server.log = null;
            await Promise.all([membership.start(), clock.advance(3000)]);
            server.log!.lease = 5000;
            const { member } = membership;
            await member!.confirm();
            expect(member!.youth).to.equal(0);
            expect(membership.lease.patience).to.equal(patience(5000));
        });

        it('begins anew when the blacklist cannot be read', async () => {

            handler.failure = new Outage('half a page');
            const start = membership.start();
            await settle();
            expect(links[0]!.isClosed).to.be.true();
            expect(reports).to.equal([['failed', 'half a page']]);

            handler.failure = null;
            await clock.advance(50);
            await start;
            expect(linkOf(membership)).to.shallow.equal(links[1]);
        });

        it('begins anew when the connection is lost meanwhile, and is not misled by what comes of it', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            const start = membership.start();
            await settle();
            link.lingers = true;
            link.cut();
            await settle();
            loaded();
            await settle();
            expect(membership.lease.isHeld).to.be.false();
            expect(linkOf(membership)).to.be.null();

            await clock.advance(50);
            await start;
            expect(linkOf(membership)).to.shallow.equal(links[1]);
        });

        it('does not trust an answer that comes after the end of the connection', async () => {

            const link = server.prepare('a');
            link.lingers = true;
            let closed!: (error: Error) => void;
            const { subscribe } = link;
            link.subscribe = (listener) => {

                closed = listener.closed;
                return subscribe.call(link, listener);
            };

            void membership.start().catch(() => undefined);
            link.answers.shut();
            await settle();
            link.answers.next();
            await settle();

            closed(new Outage('lost'));
            link.answers.open();
            await settle();
            expect(membership.lease.isHeld).to.be.false();
            expect(linkOf(membership)).to.be.null();
        });

        it('is not disturbed by an old connection that is closed late', async () => {

            await membership.start();
            const [old] = links;
            old!.lingers = true;
            server.log!.epoch = 'another';
            await clock.advance(250);
            expect(old!.isClosed).to.be.true();

            const loaded = handler.hold();
            await clock.advance(50);
            expect(links).to.have.length(2);

            old!.cut();
            loaded();
            await settle();
            expect(linkOf(membership)).to.shallow.equal(links[1]);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('is not disturbed by a connection on which it could not join, and that is closed late', async () => {

            const old = server.prepare('a');
            old.lingers = true;
            handler.failure = new Outage('no answer');
            const start = membership.start();
            await settle();
            expect(old.isClosed).to.be.true();

            handler.failure = null;
            await clock.advance(50);
            await start;
            const [, link] = links;
            old.cut();
            await settle();
            expect(linkOf(membership)).to.shallow.equal(link);

            await clock.advance(3000);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('does not pass on what an old connection brings late', async () => {

            await membership.start();
            const [old] = links;
            old!.lingers = true;
            server.log!.epoch = 'another';
            await clock.advance(300);
            expect(linkOf(membership)).to.shallow.equal(links[1]);

            old!.spread(news('overtaken'));
            old!.tell('a', 'another', 5);
            expect(handler.news).to.be.empty();
            links[1]!.spread(news('token'));
            expect(handler.news).to.equal(['token']);
        });
    });


    describe('a heartbeat', () => {

        it('comes every quarter of the lease, which is then never lost', async () => {

            await membership.start();
            forgetReports();
            server.calls.length = 0;

            for (let i = 0; i < 100; ++i) {
                await clock.advance(100);
                expect(membership.lease.isHeld).to.be.true();
            }

            expect(server.calls).to.equal(Array(40).fill('a confirm'));
            expect(reports).to.be.empty();
        });

        it('passes on how much the blacklist holds, and how many members it has', async () => {

            await membership.start();
            server.members.set('b', 0);
            server.revoke([{ key: 'token', cutoff: forever, ttl: 5000 }]);
            await clock.advance(250);
            expect(handler.confirmations.at(-1)).to.include({ size: 1, members: 2 });
        });

        it('renews the lease from when it was sent', async () => {

            await membership.start();
            await clock.advance(200);
            const [link] = links;
            link!.answers.shut();
            await clock.advance(700);
            expect(membership.lease.isHeld).to.be.true();

            // That of 250: there is one at a time

            expect(server.count('confirm')).to.equal(2);
            link!.answers.open();
            link!.freeze();
            await settle();
            clock.stall(349);
            expect(membership.lease.isHeld).to.be.true();
            clock.stall(1);
            expect(membership.lease.isHeld).to.be.false();
        });

        it('that is lost costs the lease, then the connection', async () => {

            await membership.start();
            forgetReports();
            links[0]!.freeze();

            await clock.advance(999);
            expect(membership.lease.isHeld).to.be.true();
            await clock.advance(1);
            expect(membership.lease.isHeld).to.be.false();
            expect(reports).to.equal([['lost', 'Redis: not connected yet']]);

            await clock.advance(249);
            expect(links[0]!.isClosed).to.be.false();
            await clock.advance(1);
            expect(links[0]!.isClosed).to.be.true();
            expect(linkOf(membership)).to.be.null();

            await clock.advance(50);
            expect(linkOf(membership)).to.shallow.equal(links[1]);
            expect(membership.lease.isHeld).to.be.true();
            expect(reports.map(([event]) => event)).to.equal(['lost', 'failed', 'held']);
            expect(reports[1]).to.equal(['failed', 'no answer within 1000 ms']);
        });

        it('that comes very late does not bring the lease back on another connection', async () => {

            await membership.start();
            const [link] = links;
            link!.lingers = true;
            link!.answers.shut();
            await clock.advance(1250);
            expect(link!.isClosed).to.be.true();

            // Sent at 500 and later, while the next connection is dialled

            server.door.shut();
            await clock.advance(60);
            link!.answers.open();
            await settle();
            expect(membership.lease.isHeld).to.be.false();
            expect(linkOf(membership)).to.be.null();
        });

        it('in a log that was begun anew makes it join again', async () => {

            await membership.start();
            forgetReports();
            server.calls.length = 0;
            server.log!.epoch = 'another';

            await clock.advance(250);
            expect(reports).to.equal([['failed', 'Redis: the blacklist was lost, and is begun anew']]);
            expect(membership.lease.isHeld).to.be.false();
            expect(links[0]!.isClosed).to.be.true();

            await clock.advance(50);
            expect(server.calls.slice(0, 4)).to.equal(['a confirm', 'a connect', 'a begin', 'a subscribe']);
            expect(membership.lease.isHeld).to.be.true();
            expect(reports).to.have.length(1);
        });

        it('that finds more published than has come makes it join again', async () => {

            await membership.start();
            forgetReports();
            server.log!.head = server.log!.published = 1;
            await clock.advance(250);
            expect(reports).to.equal([['failed', 'Redis: news were lost']]);
            expect(membership.lease.isHeld).to.be.false();
            await clock.advance(50);
            expect(membership.member!.applied).to.equal(1);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('of a member that was removed makes it one again', async () => {

            await membership.start();
            server.members.clear();
            await clock.advance(250);
            expect(Array.from(server.members.keys())).to.equal(['a']);
            expect(links).to.have.length(1);
        });

        it('does not hold up the acknowledgement of news, which comes once for all that came in one piece', async () => {

            await membership.start();
            server.calls.length = 0;
            links[0]!.answers.shut();
            await clock.advance(250);
            for (let i = 1; i <= 5; ++i) {
                server.revoke([{ key: `token ${i}`, cutoff: forever, ttl: 5000 }]);
            }

            await settle();
            expect(server.calls).to.equal(['a confirm', 'a acknowledge']);
            expect(server.members.get('a')).to.equal(5);
            links[0]!.answers.open();
            await settle();
            expect(server.calls).to.have.length(2);
        });

        it('can be given by hand', async () => {

            await membership.start();
            clock.stall(1000);
            expect(membership.lease.isHeld).to.be.false();

            await membership.member!.renew(200);
            expect(membership.lease.isHeld).to.be.true();

            links[0]!.answers.shut();
            const renewed = watch(membership.member!.renew(200));
            await clock.advance(200);
            expect(renewed.outcome).to.be.an.error(Outage, 'Redis: no answer within 200 ms');
        });

        it('that is refused ends the connection', async () => {

            await membership.start();
            server.refusals.set('confirm', new Outage('READONLY'));
            const { member } = membership;
            await expect(member!.confirm()).to.reject(Outage, 'READONLY');
            expect(linkOf(membership)).to.be.null();
            expect(member!.isCurrent).to.be.false();
            expect(membership.lease.isHeld).to.be.true();

            server.refusals.clear();
            await clock.advance(50);
            expect(linkOf(membership)).to.shallow.equal(links[1]);
        });

        it('that is refused for want of memory costs the lease, and says why', async () => {

            await membership.start();
            forgetReports();
            links[0]!.confirm = () => Promise.reject(new WritesRefused('Redis: OOM'));
            await clock.advance(999);
            expect(membership.lease.isHeld).to.be.true();
            expect(reports).to.be.empty();
            await clock.advance(1);
            expect(reports[0]).to.equal(['lost', 'Redis: OOM']);
            expect(links.length).to.equal(1);
        });

        it('on a connection that is gone ends no other', async () => {

            await membership.start();
            const old = membership.member!;
            links[0]!.cut();
            await clock.advance(50);
            expect(linkOf(membership)).to.shallow.equal(links[1]);

            await expect(old.confirm()).to.reject(Outage, 'the connection was lost');
            old.end(new Outage('again'));
            old.distrust(new Outage('and again'));
            await settle();
            expect(linkOf(membership)).to.shallow.equal(links[1]);
            expect(membership.lease.isHeld).to.be.true();
        });
    });


    describe('a process that stood still', () => {

        it('does not trust its memory before its next heartbeat was answered', async () => {

            await membership.start();
            clock.stall(1000);
            expect(membership.lease.isHeld).to.be.false();
            expect(membership.lease.heldSince).to.be.null();

            const [link] = links;
            link!.answers.shut();
            await clock.advance(1);
            expect(membership.lease.isHeld).to.be.false();

            link!.answers.open();
            await settle();
            expect(membership.lease.isHeld).to.be.true();
            expect(reports.map(([event]) => event)).to.equal(['held', 'lost', 'held']);
        });

        it('on a machine that stood still does neither, whatever its clock says', async () => {

            await membership.start();
            clock.jump(1000);
            expect(membership.lease.isHeld).to.be.false();

            await clock.advance(250);
            expect(membership.lease.isHeld).to.be.true();
        });
    });


    describe('a connection that is lost', () => {

        it('is replaced, and the lease goes on until the next one begins', async () => {

            await membership.start();
            forgetReports();
            links[0]!.cut();
            await settle();
            expect(linkOf(membership)).to.be.null();
            // Others wait for it: it is in the registry

            expect(membership.lease.isHeld).to.be.true();
            expect(server.members.has('a')).to.be.true();

            const loaded = handler.hold();
            await clock.advance(50);
            expect(server.calls.at(-1)).to.equal('a load');
            expect(membership.lease.isHeld).to.be.false();

            loaded();
            await settle();
            expect(membership.lease.isHeld).to.be.true();
            expect(linkOf(membership)).to.shallow.equal(links[1]);
        });

        it('is not trusted from the first word on the next one', async () => {

            await membership.start();
            links[0]!.cut();
            server.door.shut();
            await clock.advance(50);
            expect(membership.lease.isHeld).to.be.true();

            const link = server.prepare('a');
            link.commands.shut();
            server.door.open();
            await settle();
            expect(link.commands.held).to.equal(1);
            expect(membership.lease.isHeld).to.be.false();
            expect(server.calls.at(-1)).to.equal('a begin');
        });

        it('is no outage while the next one takes its course', async () => {

            await membership.start();
            forgetReports();
            links[0]!.cut();
            const loaded = handler.hold();
            await clock.advance(950);
            expect(membership.lease.isHeld).to.be.false();

            loaded();
            await settle();
            expect(membership.lease.isHeld).to.be.true();
            expect(reports).to.equal([['failed', 'the connection was lost']]);
        });

        it('is an outage when that takes longer than a lease', async () => {

            await membership.start();
            forgetReports();
            links[0]!.cut();
            handler.hold();
            await clock.advance(1300);
            expect(reports).to.equal([['failed', 'the connection was lost'], ['lost', 'the connection was lost']]);
        });

        it('is an outage when the next ones come to nothing, however often they begin', async () => {

            await membership.start();
            forgetReports();
            server.refusals.set('confirm', new Outage('READONLY'));
            links[0]!.cut();
            await clock.advance(1300);
            expect(links.length).to.be.above(3);
            expect(reports.filter(([event]) => event === 'lost')).to.equal([['lost', 'READONLY']]);

            server.refusals.clear();
            await clock.advance(500);
            expect(reports.at(-1)![0]).to.equal('held');
            expect(membership.lease.isHeld).to.be.true();
        });

        it('is tried again at once, then more and more rarely, but four times in a lease', async () => {

            await membership.start();
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            const dials: number[] = [];
            const began = clock.now();
            const push = server.calls.push.bind(server.calls);
            server.calls.push = (line) => {

                if (line === 'a connect') {
                    dials.push(clock.now() - began);
                }

                return push(line);
            };

            links[0]!.cut();
            await clock.advance(3000);
            expect(dials.slice(0, 6)).to.equal([37.5, 112.5, 262.5, 450, 637.5, 825]);
        });

        it('is tried again at once after one that was good', async () => {

            await membership.start();
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await clock.advance(2000);
            server.refusals.clear();
            await clock.advance(500);
            expect(linkOf(membership)).to.shallow.equal(links[1]);

            links[1]!.cut();
            await clock.advance(50);
            expect(linkOf(membership)).to.shallow.equal(links[2]);
        });
    });


    describe('the moment since when the lease is held', () => {

        it('stays while it is, and is new after a break', async () => {

            expect(membership.lease.heldSince).to.be.null();
            const began = Date.now();
            await membership.start();
            expect(membership.lease.heldSince).to.equal(began);

            await clock.advance(5000);
            expect(membership.lease.heldSince).to.equal(began);

            links[0]!.freeze();
            await clock.advance(1100);
            expect(membership.lease.heldSince).to.be.null();

            await clock.advance(1000);
            expect(membership.lease.heldSince).to.equal(began + 5000 + 1287.5);
        });
    });


    describe('joined()', () => {

        it('answers the connection at once where there is one', async () => {

            await membership.start();
            server.calls.length = 0;
            expect((await membership.joined()).link).to.shallow.equal(links[0]);
            expect(server.calls).to.be.empty();
        });

        it('starts by itself, once', async () => {

            const [first, second] = await Promise.all([membership.joined(), membership.joined()]);
            expect(first.link).to.shallow.equal(links[0]);
            expect(second).to.shallow.equal(first);
            expect(server.count('connect')).to.equal(1);
        });

        it('waits for one that is on its way', async () => {

            await membership.start();
            links[0]!.cut();
            await settle();
            const joined = watch(membership.joined());
            await clock.advance(37);
            expect(joined.outcome).to.be.null();
            await clock.advance(1);
            expect(joined.outcome).to.shallow.equal(membership.member);
        });

        it('waits as long as a question may take, then says what the matter is', async () => {

            await membership.start();
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await settle();
            const joined = watch(membership.joined());
            await clock.advance(199);
            expect(joined.outcome).to.be.null();
            await clock.advance(1);
            expect(joined.outcome).to.be.an.error(Outage, 'ECONNREFUSED');
        });

        it('does not wait where waiting does not help', async () => {

            server.refusals.set('connect', new Unsupported('too old'));
            await expect(membership.joined()).to.reject(Unsupported, 'too old');
        });
    });


    describe('start()', () => {

        it('waits five seconds, and for those who know better, for a server that is slow to start', async () => {

            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            const start = watch(membership.start());
            await clock.advance(5000);
            expect(start.outcome).to.be.null();

            server.refusals.clear();
            await clock.advance(1109);
            expect(start.outcome).to.be.undefined();
        });

        it('fails after that with the reason, and goes on trying', async () => {

            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            const start = watch(membership.start());
            await clock.advance(5000 + absence(1000));
            expect(start.outcome).to.be.an.error(Outage, 'ECONNREFUSED');

            server.refusals.clear();
            await clock.advance(500);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('fails where no answer comes at all', async () => {

            server.pause();
            const start = watch(membership.start());
            await clock.advance(5000 + absence(1000));
            expect(start.outcome).to.be.an.error(Outage, 'no connection in time');
        });

        it('fails at once where the server cannot do it', async () => {

            server.refusals.set('connect', new Unsupported('too old'));
            await expect(membership.start()).to.reject(Unsupported, 'too old');
        });
    });


    describe('stop()', () => {

        it('leaves the registry, and closes the connection for good', async () => {

            await membership.start();
            forgetReports();
            server.calls.length = 0;
            await membership.stop();
            expect(server.calls).to.equal(['a leave']);
            expect(server.members.size).to.equal(0);
            expect(links[0]!.isClosed).to.be.true();
            expect(linkOf(membership)).to.be.null();
            expect(membership.lease.isHeld).to.be.false();
            expect(membership.lease.heldSince).to.be.null();

            await clock.advance(10_000);
            expect(server.calls).to.equal(['a leave']);
            expect(reports).to.be.empty();
        });

        it('takes no time', async () => {

            await membership.start();
            const stop = watch(membership.stop());
            await settle();
            expect(stop.outcome).to.be.undefined();
        });

        it('may come before the start, and twice', async () => {

            await membership.stop();
            expect(server.calls).to.be.empty();

            await membership.start();
            await Promise.all([membership.stop(), membership.stop()]);
            await membership.stop();
            expect(server.members.size).to.equal(0);
            expect(server.links.size).to.equal(0);
        });

        it('is not the end: it can be started again', async () => {

            for (let i = 0; i < 3; ++i) {
                await membership.start();
                expect(membership.lease.isHeld).to.be.true();
                await clock.advance(5000);
                await membership.stop();
            }

            expect(reports.map(([event]) => event)).to.equal(['held', 'held', 'held']);
        });

        it('is the end of all that comes late', async () => {

            await membership.start();
            await membership.stop();
            server.calls.length = 0;
            await expect(membership.joined()).to.reject(Outage, 'Redis: stopped');
            await clock.advance(5000);
            expect(server.calls).to.be.empty();
        });

        it('does not wait for the next attempt to connect', async () => {

            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            void membership.joined().catch(() => undefined);
            await clock.advance(1000);
            const dials = server.count('connect');

            const stop = watch(membership.stop());
            await settle();
            expect(stop.outcome).to.be.undefined();

            await clock.advance(5000);
            expect(server.count('connect')).to.equal(dials);
        });

        it('lets go of a connection that comes about while it stops', async () => {

            server.door.shut();
            void membership.joined().catch(() => undefined);
            await clock.advance(100);
            const stop = watch(membership.stop());
            await settle();
            expect(stop.outcome).to.be.null();

            server.door.open();
            await settle();
            expect(stop.outcome).to.be.undefined();
            expect(links[0]!.isClosed).to.be.true();
            expect(server.members.size).to.equal(0);
            expect(membership.lease.isHeld).to.be.false();
        });

        it('leaves no confirmation behind of a join that it ends', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            membership.joined().catch(() => undefined);
            await settle();
            link.answers.shut();
            const stop = watch(membership.stop());
            loaded();
            await settle();
            link.answers.open();
            await settle();
            expect(stop.outcome).to.be.undefined();
            expect(server.count('confirm')).to.equal(0);
            expect(server.members.size).to.equal(0);
        });

        it('waits no longer than it takes to give up dialling', async () => {

            server.door.shut();
            void membership.joined().catch(() => undefined);
            await clock.advance(100);
            const stop = watch(membership.stop());
            await clock.advance(300);
            expect(stop.outcome).to.be.undefined();
        });

        it('waits no longer for a frozen server than for an answer', async () => {

            await membership.start();
            server.pause();
            const stop = watch(membership.stop());
            await clock.advance(199);
            expect(stop.outcome).to.be.null();
            await clock.advance(1);
            expect(stop.outcome).to.be.undefined();
        });

        it('breaks off a join', async () => {

            const link = server.prepare('a');
            handler.hold();
            void membership.joined().catch(() => undefined);
            await settle();
            const stop = watch(membership.stop());
            await settle();
            expect(stop.outcome).to.be.undefined();
            expect(link.isClosed).to.be.true();
            expect(membership.lease.isHeld).to.be.false();
        });

        it('waits for the confirmation that is under way, and lets none follow', async () => {

            await membership.start();
            forgetReports();
            const [link] = links;
            link!.answers.shut();
            await clock.advance(250);
            server.calls.length = 0;
            const { member } = membership;
            const stop = watch(membership.stop());
            await settle();
            expect(server.calls).to.be.empty();

            link!.answers.open();
            await expect(member!.confirm()).to.reject(Outage, 'Redis: stopped');
            await settle();
            expect(stop.outcome).to.be.undefined();
            expect(server.calls).to.equal(['a leave']);
            expect(server.members.size).to.equal(0);
            expect(reports).to.be.empty();
        });

        it('is not trusted after it, though a heartbeat was on its way', async () => {

            await membership.start();
            const [link] = links;
            link!.answers.shut();
            await clock.advance(250);
            expect(server.calls.at(-1)).to.equal('a confirm');

            const stop = membership.stop();
            link!.answers.next();
            await settle();
            expect(membership.lease.isHeld).to.be.false();

            link!.answers.open();
            await stop;
            expect(membership.lease.isHeld).to.be.false();
        });

        it('is not trusted after it, though the confirmation of a join was on its way', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            void membership.joined().catch(() => undefined);
            await settle();
            link.answers.shut();
            loaded();
            await settle();
            expect(server.calls.at(-1)).to.equal('a confirm');

            expect(server.members.has('a')).to.be.true();
            const stop = membership.stop();
            link.answers.open();
            await stop;
            expect(membership.lease.isHeld).to.be.false();
            expect(linkOf(membership)).to.be.null();
            expect(server.members.has('a')).to.be.false();
        });
    });

});


class FakeMemory implements Memory {

    readonly #server: FakeServer;
    readonly news: string[] = [];
    readonly confirmations: Confirmed[] = [];
    failure: Error | null = null;
    isWhole = true;
    #loading: Promise<void> = Promise.resolve();

    constructor(server: FakeServer) {

        this.#server = server;
    }

    /** What is read from now on is not, until the answer is called. */
    hold(): () => void {

        let release!: () => void;
        this.#loading = new Promise((resolve) => {

            release = resolve;
        });

        return release;
    }

    begin(): boolean {

        this.#server.calls.push('a begin');
        return this.isWhole;
    }

    async register(): Promise<void> {

        this.#server.calls.push('a register');
    }

    async read(): Promise<Revocation[]> {

        this.#server.calls.push('a load');
        if (this.failure) {
            throw this.failure;
        }

        await this.#loading;
        return [];
    }

    take({ revocations }: News): void {

        this.news.push(...revocations.map(({ key }) => key));
    }

    confirmed(found: Confirmed): void {

        this.confirmations.push(found);
    }
}


const linkOf = function ({ member }: Membership): Link | null {

    return member?.link ?? null;
};


const news = function (key: string, first = 1, last = first, epoch = 'epoch 0'): News {

    return { epoch, first, last, revocations: [{ key, cutoff: forever, ttl: 5000 }] };
};
