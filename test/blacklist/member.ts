import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { joinLog } from '../../lib/blacklist/join';
import { Outage, WritesRefused } from '../../lib/errors/outage';
import { FakeClock, settle, watch } from '../support/clock';
import { createMember, news } from '../support/member';
import { revocation } from '../support/processes';

import type { Lease } from '../../lib/blacklist/lease';
import type { Member } from '../../lib/blacklist/member';
import type { FakeLink, FakeServer } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('A member', () => {

    let clock: FakeClock;
    let server: FakeServer;
    let link: FakeLink;
    let lease: Lease;
    let known: string[];
    let ended: Error[];
    let member: Member;

    beforeEach(async () => {

        clock = new FakeClock().freeze();
        ({ server, link, lease, known, ended, member } = await createMember(clock));
    });

    afterEach(() => clock.release());

    it('confirms at once what came while its first confirmation was under way', async () => {

        const confirm = link.confirm.bind(link);
        link.confirm = async (...args) => {

            const confirmed = await confirm(...args);
            if (server.count('confirm') === 1) {
                server.revoke([revocation('one')]);
            }

            return confirmed;
        };

        await joinLog(member, '');
        await settle();
        expect(server.members.get('a')).to.equal(1);
    });

    it('trusts nothing more when there is a gap in the news', async () => {

        await joinLog(member, '');
        link.spread(news('one', 1, 2));
        link.spread(news('again', 2, 3));
        expect(member.applied).to.equal(3);
        expect(lease.isHeld).to.be.true();

        link.spread(news('five', 5));
        expect(lease.isHeld).to.be.false();
        expect(ended.map(({ message }) => message)).to.equal(['Redis: news were lost']);
        link.spread(news('late', 6));
        expect(known).to.equal(['one', 'again', 'five']);
    });

    it('takes what other logs say, and what is only shortened, for what it is: no position', async () => {

        await joinLog(member, '');
        link.spread(news('one', 9, 9, 'another'));
        link.spread(news('two', 0));
        link.spread(news('three', 0, 0, '-'));
        expect(known).to.equal(['one', 'two', 'three']);
        expect(member.applied).to.equal(0);
        expect(lease.isHeld).to.be.true();
    });

    it('does not go back by news that came before', async () => {

        server.revoke([revocation('one'), revocation('two')]);
        server.revoke([revocation('three')]);
        await joinLog(member, '');
        link.spread(news('one', 1));
        expect(member.applied).to.equal(2);
    });

    it('does not believe what is said to a writer of another log', async () => {

        await joinLog(member, '');
        server.members.set('b', 0);
        const revoked = watch(member.revoke([revocation('token')]));
        await settle();
        link.tell('a', 'another', 1);
        await settle();
        expect(revoked.outcome).to.be.null();
        link.tell('a', 'epoch 0', 1);
        await settle();
        expect(revoked.outcome).to.be.undefined();
    });

    it('asks for the least while a write waits, in case the message about it was lost', async () => {

        await joinLog(member, '');
        server.members.set('b', 0);
        const { tell } = link;
        link.tell = () => undefined;
        const revoked = watch(member.revoke([revocation('token')]));
        await settle();
        server.members.set('b', 1);
        await member.confirm();
        await settle();
        expect(revoked.outcome).to.be.undefined();
        link.tell = tell;
    });

    it('waits for a reply to its acknowledgement while a write of its own waits, so that it hears the least', async () => {

        await joinLog(member, '');
        server.members.set('b', 0);
        const revoked = watch(member.revoke([revocation('token')]));
        await settle();
        server.calls.length = 0;
        server.revoke([revocation('another')]);
        await settle();
        expect(server.calls).to.equal(['a confirm']);
        expect(revoked.outcome).to.be.null();
    });

    it('acknowledges what came while it wrote, when it has the reply', async () => {

        await joinLog(member, '');
        link.answers.shut();
        const revoked = watch(member.revoke([]));
        server.revoke([revocation('one')]);
        await settle();
        server.revoke([revocation('two')]);
        await settle();
        expect(server.members.get('a')).to.not.equal(3);
        link.answers.open();
        await settle();
        expect(server.members.get('a')).to.equal(3);
        expect(revoked.outcome).to.be.undefined();
    });

    it('takes the longest lease from each reply', async () => {

        server.log!.lease = 2000;
        await joinLog(member, '');
        expect(lease.patience).to.be.within(2210, 2211);
        server.log!.lease = 3000;
        await member.confirm();
        expect(lease.patience).to.be.within(3310, 3311);
        server.log!.lease = 4000;
        await member.revoke([revocation('token')]);
        expect(lease.patience).to.be.within(4410, 4411);
    });

    describe('of a log that takes no writes', () => {

        const refuse = function () {

            const confirm = link.confirm.bind(link);
            link.confirm = () => Promise.reject(new WritesRefused('Redis: OOM'));
            return () => (link.confirm = confirm);
        };

        it('trusts its memory until the lease has run out, and goes on where the log takes writes by then', async () => {

            await joinLog(member, '');
            const accept = refuse();
            await clock.advance(999);
            await expect(member.confirm()).to.reject(WritesRefused);
            expect(lease.isHeld).to.be.true();
            expect(ended).to.be.empty();

            accept();
            await member.confirm();
            await clock.advance(999);
            expect(lease.isHeld).to.be.true();
        });

        it('ends when the lease has run out', async () => {

            await joinLog(member, '');
            refuse();
            await clock.advance(1000);
            await expect(member.confirm()).to.reject(WritesRefused);
            expect(ended.length).to.equal(1);
        });

        it('ends at once where a write waits', async () => {

            await joinLog(member, '');
            server.members.set('b', 0);
            const revoked = watch(member.revoke([revocation('one')]));
            refuse();
            await settle();
            await expect(member.confirm()).to.reject(WritesRefused);
            await settle();
            expect(ended.length).to.equal(1);
            expect(revoked.outcome).to.be.an.error(WritesRefused);
        });

        it('ends for any other reason', async () => {

            await joinLog(member, '');
            link.confirm = () => Promise.reject(new Outage('Redis: READONLY'));
            await expect(member.confirm()).to.reject(Outage);
            expect(ended.length).to.equal(1);
        });
    });

    it('takes nothing more when it has ended', async () => {

        await joinLog(member, '');
        link.answers.shut();
        const confirmed = watch(member.confirm());
        const revoked = watch(member.revoke([revocation('token')]));
        await settle();
        link.lingers = true;
        clock.stall(500);
        member.end(new Outage('over'));
        link.answers.open();
        link.tell('a', 'epoch 0', 5);
        await settle();
        expect(confirmed.outcome).to.be.an.error(Outage, 'over');
        expect(revoked.outcome).to.be.an.error(Outage, 'over');
        clock.stall(500);
        expect(lease.isHeld).to.be.false();
    });
});
