import { RevocationCache } from './cache';
import { marginOf } from './clock';
import { Lookups } from './lookups';
import { Membership } from './membership';
import { EditionTurns } from './turns';
import { Outage } from '../errors/outage';
import { forever } from './blacklist';

import type { Blacklist, BlacklistStatus, Memo } from './blacklist';
import type { Member } from './member';
import type { MembershipOptions } from './membership';
import type { Confirmed, Link, News, RegisteredTerms, Revocation } from '../store/blacklist-contract';


export interface LeasedOptions extends MembershipOptions {

    /** How many entries are cached at most. */
    max: number;

    /** Is called with the revocations that are new to this process, its own included. */
    arrived: (revocations: Revocation[]) => void;
}


const pruneInterval = 60_000;


/**
 * The blacklist of several processes, answered from memory. It is a log in Redis, whose writes have positions; PROTOCOL.md has all of it.
 *
 * 1. *Confirm.* A process is a member of the log. It says up to which position it has applied the news, when there were any, and as a heartbeat. All news
 *    that were published before come before the reply. So the reply proves that nothing was missed when the confirmation was sent, and from then
 *    on memory may be trusted for one lease (`Member`, `Lease`).
 * 2. *Check.* First the clock, then memory. A revocation that is known counts, lease or not. Under a lease, what is clean in this generation is
 *    clean. Anything else is asked, behind a confirmation where the lease is gone. In the end nothing is accepted without a lease, whatever the
 *    answer was: a master that was cut off would go on saying "clean".
 * 3. *Revoke.* One script writes, and gives the write a position. It is done when all members have confirmed that position, or their leases have surely
 *    run out (`Propagation`). Who joins later reads the revocation with the rest.
 * 4. *Join*, with each new connection: an end to all trust; subscribe; open the log; read all of it; write back what it has lost; confirm; and only
 *    then trust (`joinLog`).
 * 5. *A log that was lost* with its data, or whose server was restarted or promoted, gets a new epoch. Requests of members of another epoch do
 *    nothing, so that each of them joins anew. One writes back what was lost (`WriteBack`). Who has held no lease until then waits until those who
 *    know better have come back. And the log has forgotten members that still hold a lease: a revocation in a young epoch waits for those.
 */
export class LeasedBlacklist implements Blacklist {

    readonly #options: LeasedOptions;
    readonly #membership: Membership;
    readonly #cache: RevocationCache;
    readonly #confirmed: EditionTurns;
    #lookups = new Lookups();
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
        this.#confirmed = new EditionTurns(() => this.#cache.edition, () => this.revoke([]));
        this.#membership = new Membership(options, {
            begin: () => this.#begin(),
            register: (link) => this.#register(link),
            read: (link) => this.#missing(link),
            take: (news) => this.#take(news),
            confirmed: (found, link) => this.#keep(found, link)
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

        const member = await this.#membership.joined();
        await member.revoke(revocations);
    }

    // A write of nothing: its position is behind all that was written before

    confirm(): Promise<void> {

        return this.#confirmed.run();
    }

    register(terms: RegisteredTerms): void {

        this.#terms.push(terms);
        const { member } = this.#membership;
        if (member) {
            this.#register(member.link).catch((error) => this.#options.report('failed', error));
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

        const member = await this.#membership.joined();
        if (!this.#membership.lease.isHeld) {
            await member.renew(this.#options.timeout);
        }

        // All or nothing: what is current now may be dropped before the others are answered

        const answers = this.#cache.areCurrent(keys) ? [] :
            await Promise.all(keys.map((key) => this.#lookups.ask(key, member.link, (cutoff) => this.#answer(key, cutoff, member))));

        const latest = Math.max(this.known(keys), ...answers);
        if (latest === forever) {
            return latest;
        }

        // A connection that has ended says nothing about this generation

        if (!member.isCurrent) {
            return this.#ask(keys);
        }

        if (!this.#membership.lease.isHeld) {
            throw new Outage('Redis: no lease');
        }

        return latest;
    }

    #answer(key: string, cutoff: number, member: Member): void {

        if (member.isCurrent) {
            this.#cache.learn(key, cutoff);
        }
    }

    /** Returns whether all that was revoked was in memory until now. */
    #begin(): boolean {

        const { isComplete } = this.#cache;
        this.#cache.begin();

        // Who looks up on this connection must not get what was looked up on another

        this.#lookups = new Lookups();
        return isComplete;
    }

    async #register(link: Link): Promise<void> {

        if (this.#terms.length > 0) {
            this.#longest = marginOf(0) + await link.register(this.#terms);
        }
    }

    /**
     * Reads the log, and resolves with what memory has and the log lacks: for as long as any revocation is needed, at least. The log has lost more than what is
     * missing from it: a session whose row was removed is there again, and its revocation may have been shortened since to what its access tokens needed.
     */
    async #missing(link: Link): Promise<Revocation[]> {

        const missing = new Map(this.#cache.revocations().map((revocation) => [revocation.key, revocation]));
        await this.#read(link, ({ key, cutoff }) => {

            if (cutoff >= (missing.get(key)?.cutoff ?? 0)) {
                missing.delete(key);
            }
        });

        return Array.from(missing.values(), ({ ttl, ...revocation }) => ({ ...revocation, ttl: Math.max(ttl, this.#longest) }));
    }

    async #read(link: Link, found: (revocation: Revocation) => void): Promise<void> {

        this.#cache.empty();
        for await (const page of link.pages()) {
            this.#learn(page, true);
            page.forEach(found);
        }

        if (this.#cache.complete()) {
            this.#isPartial = false;
        }
    }

    #take({ first, revocations }: News): void {

        if (first === 0) {
            revocations.forEach((revocation) => this.#cache.shorten(revocation));
            return;
        }

        revocations.forEach((revocation) => this.#lookups.mark(revocation));
        this.#learn(revocations);
    }

    #learn(revocations: Revocation[], isPage = false): void {

        const unheard = this.#cache.take(revocations, isPage);
        if (unheard.length > 0) {
            this.#options.arrived(unheard);
        }

        if (this.#cache.hasEvicted && !this.#isPartial) {
            this.#isPartial = true;
            this.#options.report('partial');
        }
    }

    #keep({ size, members }: Confirmed, link: Link): void {

        this.#processes = members;

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
}
