import { RevocationCache } from './cache';
import { marginOf } from './clock';
import { Confirmation } from './confirmation';
import { patience } from './lease';
import { Lookups } from './lookups';
import { Membership } from './membership';
import { Acknowledgements, Peers } from './peers';
import { WriteBack } from './write-back';
import { Outage } from '../errors/outage';
import { forever } from '../store/contract';

import type { Blacklist, BlacklistStatus, Memo } from './blacklist';
import type { MembershipOptions } from './membership';
import type { BlacklistStore, Link, News, Peer, RegisteredTerms, Revocation } from '../store/contract';


export interface LeasedOptions extends MembershipOptions {

    /** Names this process in the registry. */
    id: string;

    /** How many entries are cached at most. */
    max: number;
    store: BlacklistStore;

    /** Is called with the revocations that are new to this process, its own included. */
    arrived: (revocations: Revocation[]) => void;
}


const pruneInterval = 60_000;


/**
 * The blacklist of several processes, answered from memory.
 *
 * One connection carries questions, heartbeats and news, so that all of them have one order.
 *
 * 1. *Heartbeat.* A process writes "I am alive" into a registry. News that were told before it was written arrive before its answer. So the
 *    answer proves that nothing was missed when the heartbeat was sent, and from then on memory may be trusted for one lease.
 * 2. *Check.* First the clock, then memory. A revocation that is known counts, lease or not. Under a lease, what is clean in this generation is
 *    clean. Anything else is asked, behind a heartbeat where the lease is gone. In the end nothing is accepted without a lease, whatever the
 *    answer was: a master that was cut off would go on saying "clean".
 * 3. *Revoke.* One script writes the revocations, tells the news and reads the registry. Who is registered acknowledges, or is waited for
 *    until its lease has surely run out, and is then struck off. Who joins later reads the revocation with the rest.
 * 4. *Join*, with each new connection: an end to all trust; subscribe; read the whole blacklist; write back, and tell again, what the store has
 *    lost; heartbeat; and only then trust.
 * 5. *A server that may have lost its memory*: one that was restarted, promoted or emptied since the first process settled on it. Who joins it
 *    without having held a lease until then waits for one more, so that those who know better come back first. And it has forgotten
 *    processes that still hold a lease: for one lease after its own join a process waits before it calls a revocation done.
 */
export class LeasedBlacklist implements Blacklist {

    readonly #options: LeasedOptions;
    readonly #membership: Membership;
    readonly #cache: RevocationCache;
    readonly #peers: Peers;
    readonly #acknowledgements = new Acknowledgements();
    readonly #confirmation: Confirmation;
    #lookups = new Lookups();
    #sequence = 0;
    #processes = 0;
    readonly #terms: RegisteredTerms[] = [];
    #longest = 0;
    #isPartial = false;
    #isReading = false;
    #prunedAt = 0;
    #hits = 0;
    #misses = 0;

    constructor(options: LeasedOptions) {

        this.#options = options;
        this.#cache = new RevocationCache(options.max, options.clock);
        this.#peers = new Peers(options.clock);
        this.#confirmation = new Confirmation(() => this.#cache.edition, () => this.revoke([]));
        this.#membership = new Membership(options, {
            begin: () => this.#begin(),
            load: (link) => this.#load(link),
            news: (news, link) => this.#take(news, link),
            acknowledged: (id, sequence) => this.#peers.acknowledge(id, sequence),
            beaten: (size, link) => this.#keep(size, link),
            ended: (error) => this.#peers.fail(error)
        });
    }

    start(): Promise<void> {

        return this.#membership.start();
    }

    stop(): Promise<void> {

        return this.#membership.stop();
    }

    cutoff(keys: string[], memo: Memo = {}): number | Promise<number> {

        const { isHeld } = this.#membership.lease;
        const { edition } = this.#cache;
        if (isHeld && memo.clean === edition) {
            ++this.#hits;
            return 0;
        }

        const latest = this.known(keys);
        if (latest === forever || isHeld && this.#cache.areCurrent(keys)) {
            ++this.#hits;
            memo.clean = latest === 0 ? edition : undefined;
            return latest;
        }

        ++this.#misses;
        return this.#ask(keys);
    }

    known(keys: string[]): number {

        let latest = 0;
        for (const key of keys) {
            latest = Math.max(latest, this.#cache.cutoff(key));
        }

        return latest;
    }

    async revoke(revocations: Revocation[]): Promise<void> {

        const link = await this.#membership.joined();
        const sequence = ++this.#sequence;
        const peers = await link.revoke(revocations, sequence);

        // The store may hold later cut-offs: the news say which is the latest

        this.#learn(revocations, 0);
        if (link !== this.#membership.link) {
            throw new Outage('Redis: the connection was lost before the revocation was known everywhere');
        }

        this.#processes = peers.length;
        const others = peers.filter(({ id }) => id !== this.#options.id);
        const [silent] = await Promise.all([this.#peers.wait(sequence, others), this.#peers.until(this.#patience(peers, others))]);

        if (silent.length > 0) {
            this.#peers.forget(silent);
            link.strike(silent).catch((error) => this.#options.report('failed', error));
        }
    }

    // A revocation of nothing: another process acknowledges it behind all that was told before

    confirm(): Promise<void> {

        return this.#confirmation.confirm();
    }

    register(terms: RegisteredTerms): void {

        this.#terms.push(terms);
        const { link } = this.#membership;
        if (link) {
            this.#register(link).catch((error) => this.#options.report('failed', error));
        }
    }

    status(): BlacklistStatus {

        const { heldSince } = this.#membership.lease;
        const { generation, size, max, isComplete } = this.#cache;
        return {
            lease: { heldSince, generation, processes: this.#processes },
            cache: { size, max, isComplete, hits: this.#hits, misses: this.#misses }
        };
    }

    async #ask(keys: string[]): Promise<number> {

        const link = await this.#membership.joined();
        if (!this.#membership.lease.isHeld) {
            await this.#membership.beat(link);
        }

        // All or nothing: what is current now may be dropped before the others are answered

        const answers = this.#cache.areCurrent(keys) ? [] :
            await Promise.all(keys.map((key) => this.#lookups.ask(key, link, (cutoff) => this.#answer(key, cutoff, link))));

        const latest = Math.max(this.known(keys), ...answers);
        if (latest === forever) {
            return latest;
        }

        // A connection that has ended says nothing about this generation

        if (link !== this.#membership.link) {
            return this.#ask(keys);
        }

        if (!this.#membership.lease.isHeld) {
            throw new Outage('Redis: no lease');
        }

        return latest;
    }

    #answer(key: string, cutoff: number, link: Link): void {

        if (link === this.#membership.link) {
            this.#cache.learn(key, cutoff);
        }
    }

    #begin(): void {

        this.#cache.begin();

        // Who looks up on this connection must not get what was looked up on another

        this.#lookups = new Lookups();
    }

    async #load(link: Link): Promise<void> {

        // Before anything of it is accepted here

        await this.#register(link);

        const writeBack = new WriteBack(this.#cache.revocations(), this.#longest);
        await this.#read(link, (revocation) => writeBack.found(revocation));

        for (const batch of writeBack.batches()) {
            await link.revoke(batch, ++this.#sequence);
        }
    }

    async #register(link: Link): Promise<void> {

        if (this.#terms.length > 0) {
            this.#longest = marginOf(0) + await link.register(this.#terms);
        }
    }

    async #read(link: Link, found: (revocation: Revocation) => void): Promise<void> {

        this.#cache.empty();
        for await (const page of link.pages()) {
            this.#learn(page);
            page.forEach(found);
        }

        if (this.#cache.complete()) {
            this.#isPartial = false;
        }
    }

    #take({ from, sequence, revocations }: News, link: Link): void {

        if (sequence === null) {
            revocations.forEach((revocation) => this.#cache.shorten(revocation));
            return;
        }

        revocations.forEach((revocation) => this.#lookups.mark(revocation));
        this.#learn(revocations);

        if (from !== this.#options.id) {
            this.#acknowledgements.give(from, sequence, link);
        }
    }

    #learn(revocations: Revocation[], generation = this.#cache.generation): void {

        const unheard = revocations.filter(({ key, cutoff }) => this.#cache.cutoff(key) < cutoff);
        for (const { key, cutoff, ttl } of revocations) {
            this.#cache.learn(key, cutoff, ttl, generation);
        }

        if (unheard.length > 0) {
            this.#options.arrived(unheard);
        }

        if (this.#cache.hasEvicted && !this.#isPartial) {
            this.#isPartial = true;
            this.#options.report('partial');
        }
    }

    #keep(size: number, link: Link): void {

        const now = this.#options.clock.now();
        if (now >= this.#prunedAt + pruneInterval) {
            this.#prunedAt = now;
            this.#cache.prune();
        }

        if (this.#isPartial && !this.#isReading && size < this.#options.max * 0.9) {
            this.#isReading = true;
            this.#read(link, () => undefined)
                .catch((error) => this.#options.report('failed', error))
                .finally(() => (this.#isReading = false));
        }
    }

    // Others may hold a lease that the registry does not show: when it has lost the entry of this process, and shortly after a join

    #patience(peers: Peer[], others: Peer[]): number {

        const { joinedAt, lease } = this.#membership;
        const since = peers.length === others.length ? this.#options.clock.now() : joinedAt;
        return since + patience(lease.length);
    }
}
