import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { forever } from '../../lib/blacklist/blacklist';
import { RevocationCache } from '../../lib/blacklist/cache';
import { identify } from '../../lib/blacklist/identities';
import { FakeClock } from '../support/clock';
import { revocation } from '../support/processes';


export const lab = Lab.script();
const { describe, it } = lab;


describe('RevocationCache', () => {

    it('know nothing at first, and are not complete', () => {

        const { verdicts } = prepare();
        expect(verdicts.cutoff('token')).to.equal(0);
        expect(verdicts.areCurrent(['token'])).to.be.false();
        expect(verdicts.isComplete).to.be.false();
        expect(verdicts.size).to.equal(0);
        expect(verdicts.max).to.equal(3);
    });

    describe('cut-offs', () => {

        it('only grow', () => {

            const { verdicts } = prepare();
            verdicts.learn('subject', 2000);
            verdicts.learn('subject', 1000);
            expect(verdicts.cutoff('subject')).to.equal(2000);

            verdicts.learn('subject', 3000);
            expect(verdicts.cutoff('subject')).to.equal(3000);

            verdicts.learn('subject', 0);
            expect(verdicts.cutoff('subject')).to.equal(3000);
        });

        it('stay through a gap in the news', () => {

            const { verdicts } = prepare();
            verdicts.take([revocation('token', forever, 1000)]);
            verdicts.begin();
            expect(verdicts.cutoff('token')).to.equal(forever);
        });
    });

    describe('that are taken in', () => {

        it('are returned where they were not known, or not as late', () => {

            const { verdicts } = prepare();
            const [first, second] = [revocation('first', 1000), revocation('second', 1000)];
            expect(verdicts.take([first, second])).to.equal([first, second]);

            const later = revocation('second', 1001);
            expect(verdicts.take([first, later, revocation('second', 999), revocation('first', 0)])).to.equal([later]);
        });
    });

    describe('have an edition', () => {

        it('of what is clean', () => {

            const { verdicts } = prepare();
            const editions = [verdicts.edition];
            for (const change of [() => verdicts.begin(), () => verdicts.learn('token', forever), () => verdicts.learn('token', forever)]) {
                change();
                editions.push(verdicts.edition);
            }

            expect(new Set(editions).size).to.equal(4);

            verdicts.learn('clean', 0);
            verdicts.empty();
            verdicts.complete();
            verdicts.prune();
            expect(verdicts.edition).to.equal(editions[3]);
        });
    });

    describe('in part', () => {

        it('are current for a key that is clean, or dead, in this generation', () => {

            const { verdicts } = prepare();
            verdicts.begin();
            verdicts.learn('clean', 0);
            verdicts.learn('dead', forever);
            expect(verdicts.areCurrent(['clean', 'dead'])).to.be.true();
            expect(verdicts.areCurrent(['clean', 'dead', 'unknown'])).to.be.false();
        });

        it('forget in the next generation what was clean', () => {

            const { verdicts } = prepare();
            verdicts.begin();
            verdicts.learn('clean', 0);
            verdicts.begin();
            expect(verdicts.generation).to.equal(2);
            expect(verdicts.size).to.equal(0);
            expect(verdicts.areCurrent(['clean'])).to.be.false();
        });

        it('do not take the cut-off of an earlier generation for the latest', () => {

            const { verdicts } = prepare();
            verdicts.begin();
            verdicts.learn('subject', 1000);
            verdicts.begin();
            expect(verdicts.cutoff('subject')).to.equal(1000);
            expect(verdicts.areCurrent(['subject'])).to.be.false();

            verdicts.learn('subject', 1000);
            expect(verdicts.areCurrent(['subject'])).to.be.true();
        });

        it('do not take for the latest what the store did not call so', () => {

            const { verdicts } = prepare();
            verdicts.begin();
            fill(verdicts, 4);
            verdicts.take([revocation('subject', 1000)], true);
            expect(verdicts.cutoff('subject')).to.equal(1000);
            expect(verdicts.areCurrent(['subject'])).to.be.false();

            verdicts.take([revocation('subject', 1500)], true);
            expect(verdicts.cutoff('subject')).to.equal(1500);
            expect(verdicts.areCurrent(['subject'])).to.be.false();

            verdicts.learn('subject', 1500);
            verdicts.take([revocation('subject', 2000)], true);
            expect(verdicts.cutoff('subject')).to.equal(2000);
            expect(verdicts.areCurrent(['subject'])).to.be.true();
        });

        it('drop what was used least recently', () => {

            const { verdicts } = prepare();
            verdicts.begin();
            verdicts.learn('first', 1000);
            verdicts.learn('second', 2000);
            verdicts.learn('third', 3000);
            verdicts.cutoff('first');
            verdicts.learn('fourth', 4000);

            expect(verdicts.size).to.equal(3);
            expect(verdicts.cutoff('second')).to.equal(0);
            expect(verdicts.areCurrent(['second'])).to.be.false();
            expect(verdicts.cutoff('first')).to.equal(1000);
        });
    });

    describe('of many names', () => {

        it('have room for as many as they may, and for the latest of more', () => {

            const { verdicts } = prepare({ max: 1000 });
            const names = Array.from({ length: 3000 }, (_, i) => identify('token', '', `${i}`));
            names.forEach((name, i) => {

                verdicts.take([revocation(name, i + 1)]);
                expect(verdicts.cutoff(name)).to.equal(i + 1);
            });

            expect(verdicts.size).to.be.within(900, 1000);
            expect(names.filter((name) => verdicts.cutoff(name) > 0)).to.have.length(verdicts.size);
            expect(verdicts.revocations().size).to.equal(verdicts.size);
        });

        it('keep each as long as it is needed, whatever goes beside it', () => {

            const { verdicts, clock } = prepare({ max: 100_000 });
            const names = Array.from({ length: 100_000 }, (_, i) => identify('token', '', `${i}`));
            verdicts.take(names.map((name, i) => revocation(name, i + 1, i % 3 === 0 ? 1000 : 2000)));
            expect(verdicts.complete()).to.be.true();
            clock.stall(1000);
            verdicts.prune();

            const held = names.filter((_, i) => i % 3 !== 0);
            expect(verdicts.size).to.equal(held.length);
            expect(names.filter((name, i) => verdicts.cutoff(name) !== (i % 3 === 0 ? 0 : i + 1))).to.be.empty();
            expect(Array.from(verdicts.revocations().keys()).sort()).to.equal(held.sort());

            clock.stall(1000);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });
    });

    describe('as a whole', () => {

        it('are current for every key', () => {

            const { verdicts } = prepare();
            verdicts.begin();
            verdicts.take([revocation('token', forever, 1000)]);
            expect(verdicts.complete()).to.be.true();
            expect(verdicts.isComplete).to.be.true();
            expect(verdicts.areCurrent(['token', 'never seen'])).to.be.true();
            expect(verdicts.cutoff('never seen')).to.equal(0);
        });

        it('stay complete when they are full to the last place, and when one of them is learned again', () => {

            const { verdicts } = prepare();
            fill(verdicts, 3);
            expect(verdicts.complete()).to.be.true();

            verdicts.take([revocation('key 0', forever, 1000)]);
            expect(verdicts.isComplete).to.be.true();
            expect(verdicts.hasEvicted).to.be.false();
        });

        it('are not complete any more when there is no room for another', () => {

            const { verdicts } = prepare();
            fill(verdicts, 3);
            verdicts.complete();
            verdicts.take([revocation('one too many', forever, 1000)]);

            expect(verdicts.isComplete).to.be.false();
            expect(verdicts.hasEvicted).to.be.true();
            expect(verdicts.areCurrent(['key 0'])).to.be.false();
        });

        it('are not complete when something had to go while they were read', () => {

            const { verdicts } = prepare();
            verdicts.empty();
            fill(verdicts, 4);
            expect(verdicts.complete()).to.be.false();
            expect(verdicts.isComplete).to.be.false();
        });

        it('can be complete again once they were read anew', () => {

            const { verdicts, clock } = prepare();
            fill(verdicts, 4);
            clock.stall(1000);
            verdicts.empty();
            expect(verdicts.hasEvicted).to.be.false();
            fill(verdicts, 2);
            expect(verdicts.complete()).to.be.true();
        });

        it('are not complete while they are being read, nor in the next generation', () => {

            const { verdicts } = prepare();
            verdicts.complete();
            verdicts.empty();
            expect(verdicts.isComplete).to.be.false();

            verdicts.complete();
            verdicts.begin();
            expect(verdicts.isComplete).to.be.false();
        });

        it('make room by dropping what is clean, and nothing else', () => {

            const { verdicts } = prepare();
            verdicts.learn('clean', 0);
            verdicts.take([revocation('dead', forever, 1000)]);
            verdicts.learn('asked', 1000);
            verdicts.empty();
            expect(verdicts.size).to.equal(2);
            expect(verdicts.cutoff('dead')).to.equal(forever);
            expect(verdicts.cutoff('asked')).to.equal(1000);
        });
    });

    describe('that have served their time', () => {

        it('are dropped when there is time for it, not before', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('short', forever, 1000)]);
            verdicts.take([revocation('long', forever, 2000)]);

            clock.stall(999);
            verdicts.prune();
            expect(verdicts.size).to.equal(2);

            clock.stall(1);
            expect(verdicts.cutoff('short')).to.equal(forever);
            verdicts.prune();
            expect(verdicts.cutoff('short')).to.equal(0);
            expect(verdicts.cutoff('long')).to.equal(forever);
        });

        it('are kept as long as any news of them says', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('token', forever, 2000)]);
            verdicts.take([revocation('token', forever, 1000)]);
            clock.stall(1999);
            verdicts.prune();
            expect(verdicts.size).to.equal(1);

            verdicts.take([revocation('token', forever, 1000)]);
            clock.stall(999);
            verdicts.prune();
            expect(verdicts.size).to.equal(1);

            clock.stall(1);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });

        it('are kept as before when an answer says again that they are dead, but not for how long', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('token', forever, 1000)]);
            verdicts.learn('token', forever);
            clock.stall(1000);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });

        it('are kept until that is known', () => {

            const { verdicts, clock } = prepare();
            verdicts.learn('token', forever);
            clock.stall(1_000_000);
            verdicts.prune();
            expect(verdicts.cutoff('token')).to.equal(forever);

            verdicts.take([revocation('token', forever, 1000)]);
            clock.stall(1000);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });

        it('do not go with what was clean before', () => {

            const { verdicts, clock } = prepare();
            verdicts.learn('token', 0);
            verdicts.take([revocation('token', forever, 1000)]);
            expect(verdicts.cutoff('token')).to.equal(forever);

            clock.stall(1000);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });

        it('make room in the next generation', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('token', forever, 1000)]);
            clock.stall(1000);
            verdicts.begin();
            expect(verdicts.size).to.equal(0);
        });
    });

    describe('that are let go earlier', () => {

        it('go then', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('token', forever, 10_000)]);
            verdicts.shorten({ key: 'token', cutoff: forever, ttl: 1000 });
            clock.stall(999);
            verdicts.prune();
            expect(verdicts.size).to.equal(1);

            clock.stall(1);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });

        it('do not stay longer for it', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('token', forever, 1000)]);
            verdicts.shorten({ key: 'token', cutoff: forever, ttl: 10_000 });
            clock.stall(1000);
            verdicts.prune();
            expect(verdicts.size).to.equal(0);
        });

        it('stay where a later cut-off has come', () => {

            const { verdicts, clock } = prepare();
            verdicts.take([revocation('subject', 2000, 10_000)]);
            verdicts.shorten({ key: 'subject', cutoff: 1000, ttl: 1000 });
            clock.stall(1000);
            verdicts.prune();
            expect(verdicts.cutoff('subject')).to.equal(2000);
        });

        it('may be unknown', () => {

            const { verdicts } = prepare();
            verdicts.shorten({ key: 'token', cutoff: forever, ttl: 1000 });
            expect(verdicts.size).to.equal(0);
        });
    });

    describe('that can be written back', () => {

        it('are those in force, with what is left of their time', () => {

            const { verdicts, clock } = prepare({ max: 10 });
            const [token, subject] = [identify('token', '', 'jti one'), identify('subject', '', '42')];
            verdicts.take([revocation(token, forever, 1000)]);
            verdicts.take([revocation(subject, 2000, 5000)]);
            verdicts.learn('clean', 0);
            verdicts.take([revocation('past', forever, 400)]);
            clock.stall(400);

            expect(Array.from(verdicts.revocations().values())).to.only.include([
                { key: token, cutoff: forever, ttl: 600 },
                { key: subject, cutoff: 2000, ttl: 4600 }
            ]);
        });

        it('are only those whose time is known', () => {

            const { verdicts } = prepare();
            verdicts.learn('token', forever);
            expect(verdicts.revocations().size).to.equal(0);
        });
    });
});


const prepare = function ({ max = 3 } = {}): { verdicts: RevocationCache; clock: FakeClock } {

    const clock = new FakeClock();
    return { verdicts: new RevocationCache(max, clock), clock };
};


const fill = function (verdicts: RevocationCache, count: number): void {

    for (let i = 0; i < count; ++i) {
        verdicts.take([revocation(`key ${i}`, forever, 1000)]);
    }
};
