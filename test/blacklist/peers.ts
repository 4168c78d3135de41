import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { patience } from '../../lib/blacklist/lease';
import { Acknowledgements, Peers } from '../../lib/blacklist/peers';
import { Outage } from '../../lib/errors/outage';
import { FakeClock, settle, watch } from '../support/clock';
import { FakeServer } from '../support/link';

import type { Peer } from '../../lib/store/contract';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Peers', () => {

    it('are not waited for where there are none', async () => {

        const { peers } = prepare();
        expect(await peers.wait(1, [])).to.equal([]);
    });

    it('are waited for until each has acknowledged', async () => {

        const { peers } = prepare();
        const wait = watch(peers.wait(1, [peer('a'), peer('b')]));

        peers.acknowledge('a', 1);
        await settle();
        expect(wait.outcome).to.be.null();

        peers.acknowledge('b', 1);
        await settle();
        expect(wait.outcome).to.equal([]);
    });

    it('acknowledge in advance: before the registry was read', async () => {

        const { peers } = prepare();
        peers.acknowledge('a', 1);
        expect(await peers.wait(1, [peer('a')])).to.equal([]);
    });

    it('acknowledge all before with one', async () => {

        const { peers } = prepare();
        const waits = [1, 2, 3].map((sequence) => watch(peers.wait(sequence, [peer('a')])));

        peers.acknowledge('a', 2);
        await settle();
        expect(waits.map(({ outcome }) => outcome)).to.equal([[], [], null]);
        expect(await peers.wait(1, [peer('a')])).to.equal([]);

        peers.acknowledge('a', 3);
        await settle();
        expect(waits[2]!.outcome).to.equal([]);
    });

    it('do not acknowledge for others, nor ahead of what they were told', async () => {

        const { peers } = prepare();
        const wait = watch(peers.wait(2, [peer('a')]));
        peers.acknowledge('b', 2);
        peers.acknowledge('a', 1);
        await settle();
        expect(wait.outcome).to.be.null();
    });

    it('are waited for exactly until their lease has surely run out', async () => {

        const { peers, clock } = prepare();
        const wait = watch(peers.wait(1, [peer('a', 1000)]));

        await clock.advance(patience(1000) - 1);
        expect(wait.outcome).to.be.null();

        await clock.advance(1);
        expect(wait.outcome).to.equal([peer('a', 1000)]);
    });

    it('are waited for as long as the longest of their leases, and those that were silent are told', async () => {

        const { peers, clock } = prepare();
        const wait = watch(peers.wait(1, [peer('a', 1000), peer('b', 3000), peer('c', 2000)]));
        peers.acknowledge('a', 1);

        await clock.advance(patience(3000) - 1);
        expect(wait.outcome).to.be.null();

        await clock.advance(1);
        expect(wait.outcome).to.equal([peer('b', 3000), peer('c', 2000)]);
    });

    it('are not waited for longer on account of one that has acknowledged before', async () => {

        const { peers, clock } = prepare();
        peers.acknowledge('b', 1);
        const wait = watch(peers.wait(1, [peer('a', 1000), peer('b', 3000)]));

        await clock.advance(patience(1000));
        expect(wait.outcome).to.equal([peer('a', 1000)]);
    });

    it('are not believed any more once they are forgotten', async () => {

        const { peers } = prepare();
        peers.acknowledge('a', 1);
        peers.acknowledge('b', 1);
        peers.forget([peer('a')]);

        const wait = watch(peers.wait(1, [peer('a')]));
        await settle();
        expect(wait.outcome).to.be.null();
        expect(await peers.wait(1, [peer('b')])).to.equal([]);
    });

    it('leave an outage to those who wait when the connection is lost', async () => {

        const { peers, clock } = prepare();
        const waits = [watch(peers.wait(1, [peer('a')])), watch(peers.wait(2, [peer('a')]))];
        const error = new Outage('lost');
        peers.fail(error);
        await settle();
        expect(waits.map(({ outcome }) => outcome)).to.equal([error, error]);

        // What comes late changes nothing

        peers.acknowledge('a', 2);
        await clock.advance(patience(1000));
        expect(waits.map(({ outcome }) => outcome)).to.equal([error, error]);
    });

    it('can be waited for again after that', async () => {

        const { peers } = prepare();
        peers.fail(new Outage('lost'));
        const wait = watch(peers.wait(3, [peer('a')]));
        peers.acknowledge('a', 3);
        await settle();
        expect(wait.outcome).to.equal([]);
    });

    it('wait for a moment, and not at all for one that has passed', async () => {

        const { peers, clock } = prepare();
        await clock.advance(100);
        await peers.until(99);
        await peers.until(100);

        const wait = watch(peers.until(150));
        await clock.advance(49);
        expect(wait.outcome).to.be.null();

        await clock.advance(1);
        expect(wait.outcome).to.be.undefined();
    });

    it('do not wait for a moment any more when the connection is lost', async () => {

        const { peers } = prepare();
        const wait = watch(peers.until(1000));
        const error = new Outage('lost');
        peers.fail(error);
        await settle();
        expect(wait.outcome).to.equal(error);
    });

    it('leave no timer, however a wait ends', async () => {

        const { peers, clock } = prepare();
        const acknowledged = peers.wait(1, [peer('a')]);
        peers.acknowledge('a', 1);
        await acknowledged;
        expect(clock.timers).to.equal(0);

        const waits = [watch(peers.wait(2, [peer('a')])), watch(peers.until(1000))];
        expect(clock.timers).to.equal(2);
        peers.fail(new Outage('lost'));
        await settle();
        expect(waits.map(({ outcome }) => outcome)).to.have.length(2);
        expect(clock.timers).to.equal(0);
    });
});


describe('Acknowledgements', () => {

    it('of one turn are one for each process, of the last news', async () => {

        const server = new FakeServer(new FakeClock());
        const link = await server.connect('a');
        const given: [string, number][] = [];
        link.acknowledge = (from, sequence) => void given.push([from, sequence]);

        const acknowledgements = new Acknowledgements();
        acknowledgements.give('b', 1, link);
        acknowledgements.give('c', 5, link);
        acknowledgements.give('b', 2, link);
        expect(given).to.be.empty();

        await settle();
        expect(given).to.equal([['b', 2], ['c', 5]]);

        acknowledgements.give('b', 3, link);
        await settle();
        expect(given).to.equal([['b', 2], ['c', 5], ['b', 3]]);
    });
});


const prepare = function (): { peers: Peers; clock: FakeClock } {

    const clock = new FakeClock();
    return { peers: new Peers(clock), clock };
};


const peer = function (id: string, lease = 1000): Peer {

    return { id, beat: `1:${lease}`, lease };
};
