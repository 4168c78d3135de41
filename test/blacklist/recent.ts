import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { RecentNews } from '../../lib/blacklist/recent';
import { identify } from '../../lib/blacklist/identities';
import { FakeClock } from '../support/clock';
import { revocation } from '../support/processes';

import type { Revocation } from '../../lib/store/blacklist-contract';


export const lab = Lab.script();
const { describe, it, beforeEach } = lab;


describe('RecentNews', () => {

    let clock: FakeClock;
    let recent: RecentNews;

    beforeEach(() => {

        clock = new FakeClock();
        recent = new RecentNews(clock);
    });

    const [token, subject] = ['1', '2'].map((value) => identify('subject', '', value)) as [string, string];

    const collected = (known: Revocation[] = []) => {

        const found = new Map(known.map((each) => [each.key, each]));
        recent.addTo(found);
        return Array.from(found.values());
    };

    // Confirmations, four a second

    const confirm = (time: number) => {

        for (let i = 0; i < time; i += 250) {
            clock.stall(250);
            recent.confirmed();
        }
    };


    it('have what was added, for as long as it is needed', () => {

        recent.add([revocation(token, 1000, 5000), revocation(subject, 2000, 6000)]);
        clock.stall(1000);
        expect(collected()).to.equal([revocation(token, 1000, 4000), revocation(subject, 2000, 5000)]);

        clock.stall(4000);
        expect(collected()).to.equal([revocation(subject, 2000, 1000)]);
    });

    it('have it for 10 seconds of confirmations at least, and 20 at most', () => {

        recent.confirmed();
        recent.add([revocation(token)]);
        confirm(9750);
        recent.add([revocation(subject)]);
        confirm(10_000);
        expect(collected().map(({ key }) => key)).to.equal([token, subject]);

        confirm(250);
        expect(collected()).to.be.empty();
    });

    it('have it as long as nothing is confirmed', () => {

        recent.confirmed();
        recent.add([revocation(token)]);
        clock.stall(30_000);
        expect(collected()).to.have.length(1);
    });

    it('have it for 10 seconds after a new connection', () => {

        recent.confirmed();
        recent.add([revocation(token)]);
        confirm(10_000);
        recent.begin();
        clock.stall(10_000);
        recent.confirmed();
        confirm(9750);
        expect(collected()).to.have.length(1);

        confirm(250);
        expect(collected()).to.be.empty();
    });

    it('leave what is known with the same cut-off, or a later one', () => {

        recent.add([revocation(token, 1000), revocation(token, 3000), revocation(token, 2000), revocation(subject, 500)]);
        expect(collected([revocation(token, 2500, 1), revocation(subject, 500, 1)])).to.equal([revocation(token, 3000), revocation(subject, 500, 1)]);
        expect(collected([revocation(token, 3500, 1)])).to.equal([revocation(token, 3500, 1), revocation(subject, 500)]);
    });
});
