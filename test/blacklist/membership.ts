import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Membership } from '../../lib/blacklist/membership';
import { Outage, Unsupported } from '../../lib/errors/outage';
import { forever } from '../../lib/store/contract';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { Report } from '../../lib/blacklist/blacklist';
import type { LinkHandler } from '../../lib/blacklist/membership';
import type { Link, News } from '../../lib/store/contract';
import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('Membership', () => {

    let clock: FakeClock;
    let server: FakeServer;
    let links: FakeLink[];
    let handler: FakeHandler;
    let membership: Membership;
    let reports: [event: string, reason: string][];

    beforeEach(() => {

        clock = new FakeClock().freeze();
        server = new FakeServer(clock, { lease: 1000, timeout: 200 });
        links = [];
        handler = new FakeHandler(server);
        reports = [];

        const connect = async () => {

            server.log.push('a connect');
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
            expect(server.log).to.equal(['a connect', 'a begin', 'a subscribe', 'a load', 'a isSettled', 'a beat']);
            expect(membership.link).to.shallow.equal(links[0]);
            expect(membership.lease.isHeld).to.be.true();
            expect(server.registry.has('a')).to.be.true();
            expect(reports.map(([event]) => event)).to.equal(['held']);
        });

        it('takes each step when the one before is done', async () => {

            const link = server.prepare('a');
            link.answers.shut();
            void membership.start();
            await settle();
            expect(server.log).to.equal(['a connect', 'a begin', 'a subscribe']);

            const loaded = handler.hold();
            link.answers.next();
            await settle();
            expect(server.log.slice(3)).to.equal(['a load']);

            loaded();
            await settle();
            expect(server.log.slice(4)).to.equal(['a isSettled']);

            link.answers.next();
            await settle();
            expect(server.log.slice(5)).to.equal(['a beat']);
            expect(membership.lease.isHeld).to.be.false();
            expect(membership.link).to.be.null();

            link.answers.next();
            await settle();
            expect(membership.lease.isHeld).to.be.true();
            expect(membership.link).to.shallow.equal(link);
        });

        it('counts the lease from when the heartbeat was sent', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            const start = membership.start();
            await clock.advance(150);
            link.answers.shut();
            loaded();
            await settle();
            link.answers.next();
            await settle();
            expect(server.log.at(-1)).to.equal('a beat');
            await clock.advance(900);
            link.answers.open();
            await start;

            expect(membership.lease.isHeld).to.be.true();
            clock.stall(99);
            expect(membership.lease.isHeld).to.be.true();
            clock.stall(1);
            expect(membership.lease.isHeld).to.be.false();
        });

        it('remembers when it could hear of everything', async () => {

            const link = server.prepare('a');
            link.answers.shut();
            const start = membership.start();
            await clock.advance(100);
            const loaded = handler.hold();
            link.answers.open();
            await clock.advance(100);
            loaded();
            await start;
            expect(membership.joinedAt).to.equal(100);
        });

        it('passes on news from then on, and acknowledgements', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            void membership.start();
            await settle();

            link.tell(news('early'));
            expect(handler.news.args).to.equal([[news('early'), link]]);

            loaded();
            await settle();
            link.tell(news('late'));
            link.acknowledged('a', 'b', 7);
            expect(handler.news.args).to.equal([[news('early'), link], [news('late'), link]]);
            expect(handler.acknowledged.args).to.equal([['b', 7]]);
        });

        it('waits a lease where the server may have lost something, and says when that is over', async () => {

            server.isSettled = false;
            const start = watch(membership.start());
            await clock.advance(999);
            expect(server.log.slice(4)).to.equal(['a load', ...Array(4).fill('a isSettled')].slice(1));
            expect(start.outcome).to.be.null();
            expect(server.registry.size).to.equal(0);

            await clock.advance(1);
            expect(server.log.slice(-2)).to.equal(['a settle', 'a beat']);
            expect(start.outcome).to.be.undefined();
            expect(server.isSettled).to.be.true();
        });

        it('does not wait where it held the lease until then, and marks the server a lease later', async () => {

            await membership.start();
            server.isSettled = false;
            server.log.length = 0;
            links[0]!.cut();
            await clock.advance(50);
            expect(membership.lease.isHeld).to.be.true();
            expect(server.log).to.equal(['a connect', 'a begin', 'a subscribe', 'a load', 'a isSettled', 'a beat']);

            await clock.advance(999);
            expect(server.isSettled).to.be.false();
            await clock.advance(1);
            expect(server.isSettled).to.be.true();
        });

        it('waits where it had lost the lease before, though it joins for the second time', async () => {

            await membership.start();
            server.isSettled = false;
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await clock.advance(1000);
            server.refusals.clear();
            await clock.advance(999);
            expect(membership.lease.isHeld).to.be.false();
            await clock.advance(300);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('goes on where the mark cannot be set by one who need not wait', async () => {

            await membership.start();
            server.isSettled = false;
            server.refusals.set('settle', new Outage('OOM'));
            links[0]!.cut();
            await clock.advance(2000);
            expect(server.count('settle')).to.equal(1);
            expect(membership.lease.isHeld).to.be.true();
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
            expect(membership.link).to.shallow.equal(links[1]);
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
            expect(membership.link).to.be.null();

            await clock.advance(50);
            await start;
            expect(membership.link).to.shallow.equal(links[1]);
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
            expect(membership.link).to.be.null();
        });

        it('is not disturbed by an old connection that is closed late', async () => {

            await membership.start();
            const [old] = links;
            old!.lingers = true;
            server.registry.delete('a');
            await clock.advance(250);
            expect(old!.isClosed).to.be.true();

            const loaded = handler.hold();
            await clock.advance(50);
            expect(links).to.have.length(2);

            old!.cut();
            loaded();
            await settle();
            expect(membership.link).to.shallow.equal(links[1]);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('does not pass on what an old connection tells late', async () => {

            await membership.start();
            const [old] = links;
            old!.lingers = true;
            server.registry.delete('a');
            await clock.advance(300);
            expect(membership.link).to.shallow.equal(links[1]);

            old!.tell(news('overtaken'));
            expect(handler.news.args).to.be.empty();
            links[1]!.tell(news('token'));
            expect(handler.news.args).to.equal([[news('token'), links[1]]]);
        });
    });


    describe('a heartbeat', () => {

        it('comes every quarter of the lease, which is then never lost', async () => {

            await membership.start();
            forgetReports();
            server.log.length = 0;

            for (let i = 0; i < 100; ++i) {
                await clock.advance(100);
                expect(membership.lease.isHeld).to.be.true();
            }

            expect(server.log).to.equal(Array(40).fill('a beat'));
            expect(reports).to.be.empty();
        });

        it('tells its owner how much the blacklist holds', async () => {

            await membership.start();
            expect(handler.beaten.args).to.be.empty();

            server.revoke('-', 0, [{ key: 'token', cutoff: forever, ttl: 5000 }]);
            await clock.advance(250);
            expect(handler.beaten.args).to.equal([[1, links[0]]]);
        });

        it('renews the lease from when it was sent', async () => {

            await membership.start();
            await clock.advance(200);
            const [link] = links;
            link!.answers.shut();
            await clock.advance(700);
            expect(membership.lease.isHeld).to.be.true();

            // Those of 250, 500 and 750

            link!.answers.open();
            await settle();
            link!.freeze();
            clock.stall(849);
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
            expect(membership.link).to.be.null();
            expect(handler.ended.args).to.have.length(1);

            await clock.advance(50);
            expect(membership.link).to.shallow.equal(links[1]);
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
            expect(membership.link).to.be.null();
        });

        it('of a process that was struck off makes it join again', async () => {

            await membership.start();
            forgetReports();
            server.log.length = 0;
            server.registry.delete('a');

            await clock.advance(300);
            expect(reports).to.equal([['failed', 'Redis: the registry does not know this process any more']]);
            expect(server.log).to.equal(['a beat', 'a connect', 'a begin', 'a subscribe', 'a load', 'a isSettled', 'a beat']);
            expect(membership.lease.isHeld).to.be.true();
            expect(links[0]!.isClosed).to.be.true();
        });

        it('of a process that was struck off renews nothing', async () => {

            await membership.start();
            await clock.advance(200);
            server.registry.delete('a');
            server.door.shut();
            await clock.advance(799);
            expect(membership.lease.isHeld).to.be.true();
            await clock.advance(1);
            expect(membership.lease.isHeld).to.be.false();
        });

        it('can be given by hand', async () => {

            await membership.start();
            clock.stall(1000);
            expect(membership.lease.isHeld).to.be.false();

            await membership.beat(links[0]!);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('that is refused ends the connection', async () => {

            await membership.start();
            server.refusals.set('beat', new Outage('READONLY'));
            await expect(membership.beat(links[0]!)).to.reject(Outage, 'READONLY');
            await settle();
            expect(membership.link).to.be.null();
            expect(handler.ended.args).to.equal([[server.refusals.get('beat')!]]);

            server.refusals.clear();
            await clock.advance(50);
            expect(membership.link).to.shallow.equal(links[1]);
        });

        it('on a connection that is gone ends no other', async () => {

            await membership.start();
            const [old] = links;
            old!.cut();
            await clock.advance(50);
            expect(membership.link).to.shallow.equal(links[1]);

            await expect(membership.beat(old!)).to.reject(Outage);
            await settle();
            expect(membership.link).to.shallow.equal(links[1]);
            expect(handler.ended.args).to.have.length(1);
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
            expect(membership.link).to.be.null();
            expect(handler.ended.args.map(([error]) => error.message)).to.equal(['the connection was lost']);

            // Others wait for it: it is in the registry

            expect(membership.lease.isHeld).to.be.true();
            expect(server.registry.has('a')).to.be.true();

            const loaded = handler.hold();
            await clock.advance(50);
            expect(server.log.at(-1)).to.equal('a load');
            expect(membership.lease.isHeld).to.be.false();

            loaded();
            await settle();
            expect(membership.lease.isHeld).to.be.true();
            expect(membership.link).to.shallow.equal(links[1]);
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
            expect(server.log.at(-1)).to.equal('a begin');
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
            server.refusals.set('beat', new Outage('READONLY'));
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
            const push = server.log.push.bind(server.log);
            server.log.push = (line) => {

                dials.push(clock.now() - began);
                return push(line);
            };

            links[0]!.cut();
            await clock.advance(3000);
            expect(dials.slice(0, 8)).to.equal([50, 150, 350, 600, 850, 1100, 1350, 1600]);
        });

        it('is tried again at once after one that was good', async () => {

            await membership.start();
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await clock.advance(2000);
            server.refusals.clear();
            await clock.advance(500);
            expect(membership.link).to.shallow.equal(links[1]);

            links[1]!.cut();
            await clock.advance(50);
            expect(membership.link).to.shallow.equal(links[2]);
        });

        it('tells its owner once', async () => {

            await membership.start();
            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            links[0]!.cut();
            await clock.advance(1000);
            expect(handler.ended.args).to.have.length(1);
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
            expect(membership.lease.heldSince).to.equal(began + 5000 + 1300);
        });
    });


    describe('joined()', () => {

        it('answers the connection at once where there is one', async () => {

            await membership.start();
            server.log.length = 0;
            expect(await membership.joined()).to.shallow.equal(links[0]);
            expect(server.log).to.be.empty();
        });

        it('starts by itself, once', async () => {

            const [first, second] = await Promise.all([membership.joined(), membership.joined()]);
            expect(first).to.shallow.equal(links[0]);
            expect(second).to.shallow.equal(first);
            expect(server.count('connect')).to.equal(1);
        });

        it('waits for one that is on its way', async () => {

            await membership.start();
            links[0]!.cut();
            await settle();
            const joined = watch(membership.joined());
            await clock.advance(49);
            expect(joined.outcome).to.be.null();
            await clock.advance(1);
            expect(joined.outcome).to.shallow.equal(links[1]!);
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

        it('waits five seconds and a lease for a server that is slow to start', async () => {

            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            const start = watch(membership.start());
            await clock.advance(5000);
            expect(start.outcome).to.be.null();

            server.refusals.clear();
            await clock.advance(999);
            expect(start.outcome).to.be.undefined();
        });

        it('fails after that with the reason, and goes on trying', async () => {

            server.refusals.set('connect', new Outage('ECONNREFUSED'));
            const start = watch(membership.start());
            await clock.advance(6000);
            expect(start.outcome).to.be.an.error(Outage, 'ECONNREFUSED');

            server.refusals.clear();
            await clock.advance(500);
            expect(membership.lease.isHeld).to.be.true();
        });

        it('fails where no answer comes at all', async () => {

            server.pause();
            const start = watch(membership.start());
            await clock.advance(6000);
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
            server.log.length = 0;
            await membership.stop();
            expect(server.log).to.equal(['a leave']);
            expect(server.registry.size).to.equal(0);
            expect(links[0]!.isClosed).to.be.true();
            expect(membership.link).to.be.null();
            expect(membership.lease.isHeld).to.be.false();
            expect(membership.lease.heldSince).to.be.null();
            expect(handler.ended.args.map(([error]) => error.message)).to.equal(['Redis: stopped']);

            await clock.advance(10_000);
            expect(server.log).to.equal(['a leave']);
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
            expect(server.log).to.be.empty();

            await membership.start();
            await Promise.all([membership.stop(), membership.stop()]);
            await membership.stop();
            expect(server.registry.size).to.equal(0);
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
            server.log.length = 0;
            await expect(membership.joined()).to.reject(Outage, 'Redis: stopped');
            await clock.advance(5000);
            expect(server.log).to.be.empty();
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
            expect(server.registry.size).to.equal(0);
            expect(membership.lease.isHeld).to.be.false();
        });

        it('leaves no heartbeat behind of a join that it ends', async () => {

            const link = server.prepare('a');
            const loaded = handler.hold();
            membership.joined().catch(() => undefined);
            await settle();
            link.answers.shut();
            loaded();
            await settle();
            const stop = watch(membership.stop());
            expect(server.log.slice(-2)).to.equal(['a isSettled', 'a leave']);

            link.answers.next();
            await settle();
            link.answers.open();
            await settle();
            expect(stop.outcome).to.be.undefined();
            expect(server.log.at(-1)).to.equal('a leave');
            expect(server.registry.size).to.equal(0);
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

        it('lets no heartbeat follow that would enter it into the registry again', async () => {

            await membership.start();
            await clock.advance(100);
            forgetReports();
            const [link] = links;
            link!.answers.shut();
            const stop = membership.stop();
            await clock.advance(199);
            await expect(membership.beat(link!)).to.reject(Outage, 'Redis: stopped');
            link!.answers.open();
            await stop;
            expect(server.log.slice(6)).to.equal(['a leave']);
            expect(server.registry.size).to.equal(0);
            expect(reports).to.be.empty();
        });

        it('is not trusted after it, though a heartbeat was on its way', async () => {

            await membership.start();
            const [link] = links;
            link!.answers.shut();
            await clock.advance(250);
            expect(server.log.at(-1)).to.equal('a beat');

            const stop = membership.stop();
            link!.answers.next();
            await settle();
            expect(membership.lease.isHeld).to.be.false();

            link!.answers.open();
            await stop;
            expect(membership.lease.isHeld).to.be.false();
        });

        it('is not trusted after it, though the heartbeat of a join was on its way', async () => {

            const link = server.prepare('a');
            link.answers.shut();
            void membership.joined().catch(() => undefined);
            await settle();
            link.answers.next();
            await settle();
            link.answers.next();
            await settle();
            expect(server.log.at(-1)).to.equal('a beat');

            expect(server.registry.has('a')).to.be.true();
            const stop = membership.stop();
            link.answers.open();
            await stop;
            expect(membership.lease.isHeld).to.be.false();
            expect(membership.link).to.be.null();
            expect(server.registry.has('a')).to.be.false();
        });
    });

});


class FakeHandler implements LinkHandler {

    readonly #server: FakeServer;
    readonly news = recorder<[News, Link]>();
    readonly acknowledged = recorder<[string, number]>();
    readonly beaten = recorder<[number, Link]>();
    readonly ended = recorder<[Error]>();
    failure: Error | null = null;
    #loading: Promise<void> = Promise.resolve();

    constructor(server: FakeServer) {

        this.#server = server;
    }

    /** What is loaded from now on is not, until the answer is called. */
    hold(): () => void {

        let release!: () => void;
        this.#loading = new Promise((resolve) => {

            release = resolve;
        });

        return release;
    }

    begin(): void {

        this.#server.log.push('a begin');
    }

    async load(): Promise<void> {

        this.#server.log.push('a load');
        if (this.failure) {
            throw this.failure;
        }

        await this.#loading;
    }
}


interface Recorder<A extends unknown[]> {
    (...args: A): void;
    args: A[];
}


function recorder<A extends unknown[]>(): Recorder<A> {

    const args: A[] = [];
    return Object.assign((...given: A) => void args.push(given), { args });
}


const news = function (key: string): News {

    return { from: 'b', sequence: 1, revocations: [{ key, cutoff: forever, ttl: 5000 }] };
};
