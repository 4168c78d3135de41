import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AskedBlacklist } from '../../lib/blacklist/asked-blacklist';
import { absence, patience } from '../../lib/blacklist/lease';
import { Outage } from '../../lib/errors/outage';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, watch } from '../support/clock';

import type { BlacklistStore, Progress, RegisteredTerms, Revocation } from '../../lib/store/blacklist-contract';


export const lab = Lab.script();
const { describe, it } = lab;


describe('AskedBlacklist', () => {

    it('answers 0 where nothing is revoked, and asks for all keys at once', async () => {

        const { blacklist, store } = prepare();

        expect(await blacklist.cutoff(['token', 'session', 'subject'])).to.equal(0);
        expect(store.questions).to.equal([['token', 'session', 'subject']]);
    });

    it('answers the latest cut-off of any of the keys', async () => {

        const { blacklist, store } = prepare();
        store.entries.set('session', 1000);
        store.entries.set('subject', 3000);
        store.entries.set('everyone', 2000);

        expect(await blacklist.cutoff(['token', 'session', 'subject', 'everyone'])).to.equal(3000);
        expect(await blacklist.cutoff(['session', 'everyone'])).to.equal(2000);
        expect(await blacklist.cutoff(['token'])).to.equal(0);
    });

    it('does not ask again about what is dead for good', async () => {

        const { blacklist, store } = prepare();
        store.entries.set('session', forever);

        expect(await blacklist.cutoff(['token', 'session'])).to.equal(forever);
        expect(store.questions).to.have.length(1);

        store.outage = true;
        expect(await blacklist.cutoff(['other', 'session'])).to.equal(forever);
        expect(store.questions).to.have.length(1);
    });

    it('asks each time about what is not: neither a clean answer nor a moment is final', async () => {

        const { blacklist, store } = prepare();
        store.entries.set('subject', 1000);

        expect(await blacklist.cutoff(['token', 'subject'])).to.equal(1000);

        store.entries.set('subject', 2000);
        expect(await blacklist.cutoff(['token', 'subject'])).to.equal(2000);

        store.entries.set('token', forever);
        expect(await blacklist.cutoff(['token', 'subject'])).to.equal(forever);
    });

    it('does not take back a cut-off that the store has lost', async () => {

        const { blacklist, store } = prepare();
        store.entries.set('subject', 2000);
        await blacklist.cutoff(['subject']);

        store.entries.clear();
        expect(await blacklist.cutoff(['subject'])).to.equal(2000);

        store.entries.set('subject', 1000);
        expect(await blacklist.cutoff(['subject'])).to.equal(2000);
    });

    it('knows at once what it has revoked itself', async () => {

        const { blacklist, store } = prepare();
        await blacklist.revoke([revocation('token', forever), revocation('subject', 1000)]);

        expect(store.revoked).to.equal([[revocation('token', forever), revocation('subject', 1000)]]);

        expect(await blacklist.cutoff(['token'])).to.equal(forever);
        expect(store.questions).to.be.empty();

        store.entries.clear();
        expect(await blacklist.cutoff(['subject'])).to.equal(1000);
    });

    it('reports what it has revoked itself, and only that', async () => {

        const { blacklist, arrivals, store } = prepare();
        store.entries.set('other', forever);
        await blacklist.cutoff(['other']);
        await blacklist.revoke([revocation('token', forever)]);
        expect(arrivals).to.equal([[revocation('token', forever)]]);
    });

    it('does not lower a cut-off by an earlier one', async () => {

        const { blacklist, store } = prepare();
        await blacklist.revoke([revocation('subject', 2000)]);
        await blacklist.revoke([revocation('subject', 1000)]);

        store.entries.clear();
        expect(await blacklist.cutoff(['subject'])).to.equal(2000);
    });

    it('lets a revocation win over a clean answer that was under way', async () => {

        const { blacklist, store } = prepare();
        const answer = store.hold();

        const check = blacklist.cutoff(['token', 'session']);
        await blacklist.revoke([revocation('session', forever)]);
        answer([null, null]);

        expect(await check).to.equal(forever);
        expect(await blacklist.cutoff(['session'])).to.equal(forever);
        expect(store.questions).to.have.length(1);
    });

    it('counts nothing as revoked that could not be written', async () => {

        const { blacklist, store } = prepare();
        store.outage = true;
        await expect(blacklist.revoke([revocation('token', forever)])).to.reject(Outage);

        store.outage = false;
        expect(await blacklist.cutoff(['token'])).to.equal(0);
    });

    it('is not sure of anything when the store cannot be asked', async () => {

        const { blacklist, store } = prepare();
        store.entries.set('subject', 1000);
        await blacklist.cutoff(['token', 'subject']);

        store.outage = true;
        await expect(asked(blacklist, ['token', 'subject'])).to.reject(Outage);
        await expect(asked(blacklist, ['never seen'])).to.reject(Outage);
    });

    it('asks again about what has fallen out of its memory', async () => {

        const { blacklist, store } = prepare({ max: 2 });
        await blacklist.revoke([revocation('first', forever), revocation('second', forever), revocation('third', forever)]);

        expect(await blacklist.cutoff(['second'])).to.equal(forever);
        expect(await blacklist.cutoff(['third'])).to.equal(forever);
        expect(store.questions).to.be.empty();

        expect(await blacklist.cutoff(['first'])).to.equal(forever);
        expect(store.questions).to.equal([['first']]);
    });

    it('does not let strangers\' keys push revocations out of its memory', async () => {

        const { blacklist, store } = prepare({ max: 2 });
        await blacklist.revoke([revocation('token', forever)]);

        for (let i = 0; i < 100; ++i) {
            await blacklist.cutoff([`clean ${i}`]);
        }

        store.questions.length = 0;
        expect(await blacklist.cutoff(['token'])).to.equal(forever);
        expect(store.questions).to.be.empty();
    });

    it('answers at once what it knows, and where the store does', async () => {

        const { blacklist, store } = prepare();
        await blacklist.revoke([revocation('token', forever)]);
        expect(blacklist.cutoff(['other', 'token'])).to.equal(forever);

        const clock = new FakeClock();
        const atOnce = new AskedBlacklist({ ...methods(store), cutoffs: (keys) => keys.map((key) => store.entries.get(key) ?? null) }, { max: 1, clock, arrived: () => undefined });
        expect(atOnce.cutoff(['other'])).to.equal(0);
        expect(atOnce.cutoff(['other', 'token'])).to.equal(forever);
    });

    it('knows of what it has heard, without asking', async () => {

        const { blacklist, store } = prepare();
        store.entries.set('subject', 1000);
        expect(blacklist.known(['token', 'subject'])).to.equal(0);

        await blacklist.cutoff(['token', 'subject']);
        expect(blacklist.known(['token', 'subject'])).to.equal(1000);
        expect(blacklist.known(['token'])).to.equal(0);
        expect(store.questions).to.have.length(1);
    });

    it('does not wait where there are no members, and the log is as old as a lease', async () => {

        const { blacklist, store, clock } = prepare();
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(0);
        expect(revoked.outcome).to.be.undefined();
        expect(store.calls).to.equal(['revoke']);
    });

    it('waits until all members have confirmed, and looks more and more rarely', async () => {

        const { blacklist, store, clock } = prepare();
        store.log = { ...store.log, lease: 1000, least: 0 };
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(200);
        expect(revoked.outcome).to.be.null();
        expect(blacklist.cutoff(['token'])).to.equal(forever);

        // After 1, 3, 7, 15, 31, 63, 113, 163 ms

        expect(store.calls).to.have.length(9);
        store.log.least = 1;
        await clock.advance(50);
        expect(revoked.outcome).to.be.undefined();
    });

    it('waits until the leases of members that do not confirm have surely run out, and looks once more', async () => {

        const { blacklist, store, clock } = prepare();
        store.log = { ...store.log, lease: 2000, least: 0, published: 0 };
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(1000);
        store.log.published = 1;
        await clock.advance(patience(2000) - 1);
        expect(revoked.outcome).to.be.null();
        await clock.advance(101);
        expect(revoked.outcome).to.be.undefined();
    });

    it('suspects members that are silent for an eighth of a lease, once, and removes them a patience later', async () => {

        const { blacklist, store, clock } = prepare();
        store.log = { ...store.log, lease: 2000, least: 0 };
        const first = watch(blacklist.revoke([revocation('first', forever)]));
        const second = watch(blacklist.revoke([revocation('second', forever)]));

        // It looks after 213 and 263 ms

        await clock.advance(262);
        expect(store.suspected).to.be.empty();
        await clock.advance(1);
        expect(store.suspected).to.equal([['epoch', 1]]);

        await clock.advance(patience(2000) - 1);
        expect([first.outcome, second.outcome]).to.equal([undefined, undefined]);
        expect(store.removed).to.be.empty();
        await clock.advance(1);
        expect(store.suspected).to.have.length(1);
        expect(store.removed).to.equal([['epoch', ['suspicion']]]);
    });

    it('does so with a later revocation where it failed, and delays none of them', async () => {

        const { blacklist, store, clock } = prepare();
        store.log = { ...store.log, lease: 1000, least: 0 };
        const { suspicions } = store;
        store.suspicions = () => {

            throw new Outage('out of reach');
        };

        const first = watch(blacklist.revoke([revocation('first', forever)]));
        await clock.advance(patience(1500) + 100);
        expect(first.outcome).to.be.undefined();
        expect(store.suspected).to.not.be.empty();
        expect(store.removed).to.be.empty();

        store.suspicions = suspicions;
        watch(blacklist.revoke([revocation('second', forever)]));
        await clock.advance(2 * patience(1500));
        expect(store.removed).to.equal([['epoch', ['suspicion']]]);
    });

    it('fails where the log was begun anew before that', async () => {

        const { blacklist, store, clock } = prepare();
        store.log = { ...store.log, lease: 1000, least: 0 };
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(500);
        store.log.epoch = 'another';
        await clock.advance(50);
        expect(revoked.outcome).to.be.an.error(Outage, 'Redis: the blacklist was lost, and is begun anew');
    });

    it('waits out the leases of members that a young log does not know, looks once more, and marks it', async () => {

        const { blacklist, store, clock } = prepare();
        store.log.isSettled = false;
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(absence(1500) - 1);
        expect(revoked.outcome).to.be.null();
        expect(store.log.isSettled).to.be.false();
        await clock.advance(1);
        expect(revoked.outcome).to.be.undefined();
        expect(store.calls).to.equal(['revoke', 'progress', 'settle']);
        expect(store.log.isSettled).to.be.true();
    });

    it('fails where a young log was lost again meanwhile', async () => {

        const { blacklist, store, clock } = prepare();
        store.log.isSettled = false;
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(absence(1500) - 1);
        store.log.epoch = 'another';
        await clock.advance(1);
        expect(revoked.outcome).to.be.an.error(Outage);
    });

    it('waits as long as the longest lease that it has heard of, in any epoch', async () => {

        const { blacklist, store, clock } = prepare();
        store.log.lease = 5000;
        await blacklist.revoke([revocation('first', forever)]);
        store.log = { epoch: 'another', published: 1, least: 1, isSettled: false, lease: 0 };
        const revoked = watch(blacklist.revoke([revocation('second', forever)]));
        await clock.advance(absence(5000) - 1);
        expect(revoked.outcome).to.be.null();
        await clock.advance(1);
        expect(revoked.outcome).to.be.undefined();
    });

    it('lets a log grow old from its start on, so that the first revocation need not wait for that', async () => {

        const { blacklist, store, clock } = prepare();
        store.log.isSettled = false;
        await blacklist.start();
        await clock.advance(absence(1500) - 100);
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(99);
        expect(revoked.outcome).to.be.null();
        await clock.advance(1);
        expect(revoked.outcome).to.be.undefined();
        expect(store.log.isSettled).to.be.true();
    });

    it('starts where the log cannot be written', async () => {

        const { blacklist, store, clock } = prepare();
        store.outage = true;
        await blacklist.start();
        await clock.advance(5000);
        expect(store.calls).to.be.empty();
    });

    it('does not count a reply that took as long as a lease: the log may have been lost since', async () => {

        const { blacklist, store, clock } = prepare();
        store.log.lease = 1000;
        const delays = [1000, 999];
        store.delay = async () => clock.stall(delays.shift()!);
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(0);
        expect(revoked.outcome).to.be.undefined();
        expect(store.calls).to.equal(['revoke', 'progress']);
    });

    it('asks again where the second reply took as long', async () => {

        const { blacklist, store, clock } = prepare();
        store.log = { ...store.log, lease: 1000, least: 0 };
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(0);
        store.log.least = 1;
        const delays = [1000, 10];
        store.delay = async () => clock.stall(delays.shift()!);
        await clock.advance(1100);
        expect(revoked.outcome).to.be.undefined();
        expect(store.calls).to.equal(['revoke', 'progress', 'progress']);
    });

    it('confirms what it knows when all members have confirmed it', async () => {

        const { blacklist, store, clock, arrivals } = prepare();
        await blacklist.confirm();
        expect(store.revoked).to.be.empty();

        await blacklist.start();
        await clock.advance(1);
        store.revoked.length = 0;

        store.entries.set('token', forever);
        store.log = { ...store.log, lease: 1000, least: 0 };
        expect(await blacklist.cutoff(['token'])).to.equal(forever);
        const confirmed = watch(blacklist.confirm());
        await clock.advance(100);
        expect(confirmed.outcome).to.be.null();

        store.log.least = 1;
        await clock.advance(50);
        expect(confirmed.outcome).to.be.undefined();
        expect(store.revoked).to.equal([[]]);
        expect(arrivals).to.be.empty();

        // What it knows already is nothing new

        expect(await blacklist.cutoff(['token'])).to.equal(forever);
        await blacklist.confirm();
        expect(store.revoked).to.have.length(1);
    });

    it('does not confirm what was lost before it was done: who asked for it has to revoke it again', async () => {

        const { blacklist, store, clock } = prepare();
        await blacklist.start();
        await blacklist.revoke([revocation('done', forever)]);
        store.entries.set('heard', forever);
        expect(await blacklist.cutoff(['heard'])).to.equal(forever);
        store.log = { ...store.log, lease: 1000, least: 0 };
        const revoked = watch(blacklist.revoke([revocation('token', forever)]));
        await clock.advance(100);

        store.entries.clear();
        store.log = { ...store.log, epoch: 'another', least: Infinity };
        await clock.advance(100);
        expect(revoked.outcome).to.be.an.error(Outage);

        await expect(blacklist.confirm()).to.reject(Outage, 'Redis: the blacklist was lost, and is begun anew');
        expect(blacklist.known(['heard'])).to.equal(0);
        expect(blacklist.known(['token'])).to.equal(0);
        expect(blacklist.known(['done'])).to.equal(forever);

        await blacklist.revoke([revocation('token', forever)]);
        await blacklist.confirm();
        expect(store.revoked.at(-1)).to.equal([]);
        expect(blacklist.known(['token'])).to.equal(forever);
    });

    it('does not confirm what a revocation meanwhile has found lost', async () => {

        const { blacklist, store } = prepare();
        await blacklist.start();
        store.entries.set('heard', forever);
        await blacklist.cutoff(['heard']);
        store.log.epoch = 'another';
        await blacklist.revoke([revocation('token', forever)]);

        const writes = store.revoked.length;
        await expect(blacklist.confirm()).to.reject(Outage);
        expect(store.revoked).to.have.length(writes);
        await blacklist.confirm();
        expect(store.revoked).to.have.length(writes + 1);
    });

    it('registers the terms of strategies once, with its start or with the next revocation', async () => {

        const { blacklist, store } = prepare();
        const [one, two, three] = ['one', 'two', 'three'].map((name) => ({ issuer: name, name, life: 1000, tolerance: 5 }));
        blacklist.register(one!);
        blacklist.register(two!);
        await blacklist.start();
        await blacklist.start();
        expect(store.registered).to.equal([[one, two]]);

        blacklist.register(three!);
        store.outage = true;
        await expect(blacklist.revoke([revocation('token', forever)])).to.reject(Outage);
        expect(store.registered).to.have.length(1);

        store.outage = false;
        await blacklist.revoke([revocation('token', forever)]);
        await blacklist.revoke([revocation('token', forever)]);
        expect(store.registered).to.equal([[one, two], [three]]);
    });

    it('registers them again, and writes the revocation again, where the log was begun anew', async () => {

        const { blacklist, store } = prepare();
        const terms = { issuer: 'one', name: 'one', life: 1000, tolerance: 5 };
        blacklist.register(terms);
        await blacklist.revoke([revocation('first', forever)]);
        store.log.epoch = 'another';
        const writes = store.revoked.length;
        await blacklist.revoke([revocation('second', forever)]);
        expect(store.registered).to.equal([[terms], [terms]]);
        expect(store.revoked.slice(writes)).to.equal([[revocation('second', forever)], [revocation('second', forever)]]);
    });

    it('has nothing to stop', async () => {

        const { blacklist, store } = prepare();
        await blacklist.start();
        await blacklist.stop();
        expect(store.questions).to.be.empty();
        expect(await blacklist.cutoff(['token'])).to.equal(0);
    });

    it('counts what it knew and what it asked', async () => {

        const { blacklist, store } = prepare({ max: 5 });
        store.entries.set('session', forever);
        await blacklist.cutoff(['session']);
        await blacklist.cutoff(['token']);
        expect(blacklist.cutoff(['session'])).to.equal(forever);
        expect(blacklist.status()).to.equal({ cache: { size: 1, max: 5, isComplete: false, hits: 1, misses: 2 } });
    });
});


class FakeStore implements BlacklistStore {

    readonly entries = new Map<string, number>();
    readonly questions: string[][] = [];
    readonly revoked: Revocation[][] = [];
    readonly calls: string[] = [];
    readonly suspected: [epoch: string, position: number][] = [];
    readonly removed: [epoch: string, suspicions: string[]][] = [];
    suspicions = () => ['suspicion'];
    log: Progress & { epoch: string } = { epoch: 'epoch', published: 1, least: 1, isSettled: true, lease: 0 };
    outage = false;

    /** What happens before a reply comes. */
    delay: () => Promise<void> = async () => undefined;

    readonly registered: RegisteredTerms[][] = [];
    #held?: Promise<(number | null)[]>;

    /** Questions from now on wait for the answer that is given here. */
    hold(): (cutoffs: (number | null)[]) => void {

        let answer!: (cutoffs: (number | null)[]) => void;
        this.#held = new Promise((resolve) => {

            answer = resolve;
        });

        return answer;
    }

    async cutoffs(keys: string[]): Promise<(number | null)[]> {

        this.#check();
        this.questions.push(keys);
        return this.#held ?? keys.map((key) => this.entries.get(key) ?? null);
    }

    async register(terms: RegisteredTerms[]): Promise<number> {

        this.#check();
        this.registered.push(terms);
        return 0;
    }

    async revoke(revocations: Revocation[]): Promise<Progress & { epoch: string; position: number }> {

        this.#check();
        this.calls.push('revoke');
        this.revoked.push(revocations);
        for (const { key, cutoff } of revocations) {
            this.entries.set(key, cutoff);
        }

        await this.delay();
        return { ...this.log, position: 1 };
    }

    async progress(epoch: string): Promise<Progress | null> {

        this.#check();
        this.calls.push('progress');
        await this.delay();
        return epoch === this.log.epoch ? { ...this.log } : null;
    }

    async settle(): Promise<void> {

        this.calls.push('settle');
        this.log.isSettled = true;
    }

    async suspect(epoch: string, position: number): Promise<string[]> {

        this.suspected.push([epoch, position]);
        return this.suspicions();
    }

    async strike(epoch: string, suspicions: string[]): Promise<void> {

        this.removed.push([epoch, suspicions]);
    }

    #check(): void {

        if (this.outage) {
            throw new Outage('out of reach');
        }
    }
}


const methods = function (store: FakeStore): BlacklistStore {

    return {
        cutoffs: (keys) => store.cutoffs(keys),
        revoke: (revocations) => store.revoke(revocations),
        register: (terms) => store.register(terms),
        progress: (epoch) => store.progress(epoch),
        settle: () => store.settle(),
        suspect: (epoch, position) => store.suspect(epoch, position),
        strike: (epoch, suspicions) => store.strike(epoch, suspicions)
    };
};


const prepare = function ({ max = 100 } = {}): { blacklist: AskedBlacklist; store: FakeStore; clock: FakeClock; arrivals: Revocation[][] } {

    const store = new FakeStore();
    const clock = new FakeClock();
    const arrivals: Revocation[][] = [];
    return { blacklist: new AskedBlacklist(store, { max, clock, arrived: (revocations) => arrivals.push(revocations) }), store, clock, arrivals };
};


const asked = async function (blacklist: AskedBlacklist, keys: string[]): Promise<number> {

    return await blacklist.cutoff(keys);
};


const revocation = function (key: string, cutoff: number, ttl = 60_000): Revocation {

    return { key, cutoff, ttl };
};
