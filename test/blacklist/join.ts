import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { joinLog } from '../../lib/blacklist/join';
import { Outage } from '../../lib/errors/outage';
import { FakeClock, settle, watch } from '../support/clock';
import { createMember, news } from '../support/member';
import { revocation } from '../support/processes';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


// Joins of several processes, and after a loss, are tested with `Membership` and `WriteBack`

describe('joinLog()', () => {

    let clock: FakeClock;
    let stage: Awaited<ReturnType<typeof createMember>>;

    beforeEach(async () => {

        clock = new FakeClock().freeze();
        stage = await createMember(clock);
    });

    afterEach(() => clock.release());

    // Its join, up to where the reply of `open` is on its way

    const open = async function () {

        const { link, member } = stage;
        link.answers.shut();
        const joined = watch(joinLog(member, ''));
        await settle();
        link.answers.next();
        await settle();
        return joined;
    };

    it('begins at the head of the log', async () => {

        const { server, member } = stage;
        server.revoke([revocation('one'), revocation('two')]);
        server.revoke([revocation('three')]);
        await joinLog(member, '');
        expect(member.epoch).to.equal('epoch 0');
        expect(member.applied).to.equal(2);
        expect(server.members.get('a')).to.equal(2);
    });

    it('counts the news that come before the reply that names the epoch', async () => {

        const { server, link, known } = stage;
        const joined = await open();
        server.revoke([revocation('one')]);
        server.spread(news('of another log', 7, 8, 'another'));
        expect(known).to.equal(['one', 'of another log']);
        link.answers.open();
        await settle();
        expect(joined.outcome).to.be.undefined();
        expect(server.members.get('a')).to.equal(1);
    });

    it('does not join where news were lost meanwhile', async () => {

        const { server, link, lease, ended } = stage;
        await open();
        link.spread(news('two', 2));
        link.answers.open();
        await settle();
        expect(ended.map(({ message }) => message)).to.equal(['Redis: news were lost']);
        expect(lease.isHeld).to.be.false();
        expect(server.members.has('a')).to.be.false();
    });

    it('leaves nothing where it never confirmed', async () => {

        const { server, link, member } = stage;
        await open();
        link.answers.open();
        member.end(new Outage('over'));
        await member.leave();
        expect(server.count('leave')).to.equal(0);
        expect(member.isCurrent).to.be.false();
    });
});
