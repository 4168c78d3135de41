import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { forever } from '../../lib/blacklist/blacklist';
import { MemoryStore } from '../../lib/store/memory';
import { idsOf } from '../support/sessions';
import { address, presentation, revocation, session } from '../support/stored';

import type { Store } from '../../lib/store/contract';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


// What it shares with the store in Redis is tested with the contract

const minute = 60_000;

const realNow = Date.now;


describe('MemoryStore', () => {

    beforeEach(() => {

        Date.now = realNow;
    });

    afterEach(() => {

        Date.now = realNow;
    });

    it('is a log of one process, where each write is known to all at once', async () => {

        const store: Store = new MemoryStore();
        const { epoch, position, least, isSettled } = await store.revoke([{ key: 'a', cutoff: forever, ttl: minute }]);

        expect(least).to.be.at.least(position);
        expect(isSettled).to.be.true();
        expect(await store.progress(epoch)).to.include({ least, isSettled });
    });

    it('does not let a subject\'s clock go back with that of the machine', async () => {

        const tick = freeze();
        const store: Store = new MemoryStore();
        const { created: first } = (await store.create(address('a'), session({ ttl: 10 * minute })))!;

        tick(-5 * minute);
        const second = await store.stamp('42', minute);
        const { created: third } = (await store.create(address('b'), session()))!;

        expect(second).to.be.above(first);
        expect(third).to.be.above(second);
    });

    it('does not forget a clock that is ahead of the machine\'s', async () => {

        const tick = freeze();
        const store: Store = new MemoryStore();
        let last = 0;
        for (let i = 0; i < 1100; ++i) {
            last = await store.stamp('42', minute);
        }

        // The time of a sweep

        tick(1000);
        expect(await store.stamp('43', minute)).to.equal(Date.now());
        expect(await store.stamp('42', minute)).to.be.above(last);
    });

    it('clears away expired sessions only', async () => {

        const tick = freeze();
        const store: Store = new MemoryStore();
        await store.create(address('short'), session({ ttl: 500 }));
        await store.create(address('long'), session({ ttl: minute }));

        tick(2000);
        await store.create(address('later'), session());

        expect(await idsOf(store.list('42'))).to.equal(['long', 'later']);
        expect(await store.present(address('long'), presentation())).to.include({ state: 'current' });
    });

    it('lists no sessions of a subject that it does not know, and none that has expired', async () => {

        const store = new MemoryStore();
        expect(await store.list('nobody')).to.equal({ sessions: [], next: null });

        const started = Date.now();
        await store.create(address('one'), session());
        const [one] = (await store.list('42')).sessions;
        expect(one!.id).to.equal('one');
        expect((await store.list('42', one!.created)).sessions).to.equal([]);
        Date.now = () => started + 2 * minute;
        expect((await store.list('42')).sessions).to.equal([]);
    });

    it('has a log that is always as far as it can be', async () => {

        const store = new MemoryStore();
        const { epoch, position, ...progress } = await store.revoke([]);
        expect([epoch, position]).to.equal(['', 0]);
        expect(progress).to.equal({ published: 0, least: 0, isSettled: true, lease: 0 });
        await store.settle();
        await store.strike();
        expect(await store.suspect()).to.equal([]);
        expect(await store.progress()).to.equal(progress);
    });

    it('shares nothing with another one', async () => {

        const [store, other]: Store[] = [new MemoryStore(), new MemoryStore()];
        await store.revoke([revocation({ key: 'a' })]);
        await store.create(address('a'), session());

        expect(await other.cutoffs(['a'])).to.equal([null]);
        expect(await idsOf(other.list('42'))).to.be.empty();
    });
});


const freeze = function (): (ms: number) => void {

    let now = realNow();
    Date.now = () => now;

    return (ms) => {

        now += ms;
    };
};
