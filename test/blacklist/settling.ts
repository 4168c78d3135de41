import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { settle } from '../../lib/blacklist/settling';
import { FakeClock, settle as tick, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it, beforeEach } = lab;


describe('settle()', () => {

    let clock: FakeClock;
    let server: FakeServer;
    let link: FakeLink;

    beforeEach(async () => {

        clock = new FakeClock();
        server = new FakeServer(clock, { lease: 1000, timeout: 200 });
        server.isSettled = false;
        link = await server.connect('a');
    });

    it('takes no time where the server is settled, and changes nothing', async () => {

        server.isSettled = true;
        await settle(link, 1000, clock);
        expect(server.log).to.equal(['a isSettled']);
    });

    it('takes a lease where it is not, then marks it', async () => {

        const settled = watch(settle(link, 1000, clock));
        await clock.advance(999);
        expect(settled.outcome).to.be.null();
        expect(server.isSettled).to.be.false();

        await clock.advance(1);
        expect(settled.outcome).to.be.undefined();
        expect(server.isSettled).to.be.true();
    });

    it('is over as soon as somebody else has waited', async () => {

        const settled = watch(settle(link, 1000, clock));
        await clock.advance(400);
        server.isSettled = true;
        await clock.advance(100);
        expect(settled.outcome).to.be.undefined();
        expect(server.count('settle')).to.equal(0);
    });

    it('does not count the time in which the server stands still', async () => {

        const settled = watch(settle(link, 1000, clock));
        await clock.advance(100);
        server.pause();
        await clock.advance(350);
        expect(settled.outcome).to.be.an.error(Outage);

        server.resume();
        await clock.advance(2000);
        expect(server.isSettled).to.be.false();
    });

    it('fails with the connection', async () => {

        const settled = watch(settle(link, 1000, clock));
        await tick();
        link.cut();
        await clock.advance(250);
        expect(settled.outcome).to.be.an.error(Outage);
    });
});
