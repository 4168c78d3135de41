import { RevocationCache } from './cache';
import { marginOf } from './clock';
import { Lookups } from './lookups';
import { Membership } from './membership';
import { RecentNews } from './recent';
import { EditionTurns } from './turns';
import { Outage } from '../errors/outage';
import { forever } from './blacklist';

import type { Blacklist, BlacklistStatus, Memo } from './blacklist';
import type { Member } from './member';
import type { MembershipOptions } from './membership';
import type { Confirmed, Cutoff, Link, News, RegisteredTerms, Revocation } from '../store/blacklist-contract';


export interface LeasedOptions extends MembershipOptions {

    max: number;

    /** Called with what is new to this process, by news, a reply or the whole blacklist. */
    arrived: (revocations: Cutoff[]) => void;
}


const pruneInterval = 60_000;


/**
 * The blacklist of several processes, in memory: a log in Redis, whose writes have positions. PROTOCOL.md has the details.
 *
 * 1. *Confirm.* A process is a member of the log. It reports the position up to which it has applied the news, after news and as a heartbeat. Earlier news come before the
 *    reply, so the reply proves that nothing was missed when the confirmation was sent: memory may be trusted for a lease from then (`Member`, `Lease`).
 * 2. *Check.* First the clock, then memory. A known revocation counts with or without a lease. Under a lease, what is clean in this generation is clean. Anything else is
 *    looked up, after a confirmation if the lease has ended. Without a lease nothing is accepted: a master that is cut off would still reply "clean".
 * 3. *Revoke.* One script writes and returns the position. It is done when all members have confirmed it, or their leases have certainly ended (`Propagation`). Processes
 *    that join later read it with the rest.
 * 4. *Join*, with each new connection: end all trust; subscribe; open the log; read it; write back what it has lost; confirm; then trust (`joinLog`).
 * 5. *A lost log* (data lost, or the server restarted or promoted) gets a new epoch. Members of another epoch are refused, and join again. One of them writes back what
 *    was lost (`WriteBack`), recent news also where the cache has dropped them (`RecentNews`). A process without a lease waits for those that had one. Revocations in a young
 *    epoch wait for leases that the log does not know.
 */
export class LeasedBlacklist implements Blacklist {

    readonly #options: LeasedOptions;
    readonly #membership: Membership;
    readonly #cache: RevocationCache;
    readonly #recent: RecentNews;
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
        this.#recent = new RecentNews(options.clock);
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

    // An empty write: its position is after all earlier ones

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

        // All or nothing: an entry that is current now may be dropped before the others are looked up

        const answers = this.#cache.areCurrent(keys) ? [] :
            await Promise.all(keys.map((key) => this.#lookups.ask(key, member.link, (cutoff) => this.#answer(key, cutoff, member))));

        const latest = Math.max(this.known(keys), ...answers);
        if (latest === forever) {
            return latest;
        }

        // A reply of an ended connection does not count for this generation

        if (!member.isCurrent) {
            return this.#ask(keys);
        }

        if (!this.#membership.lease.isHeld) {
            throw new Outage('Redis: no lease');
        }

        return latest;
    }

    #answer(key: string, cutoff: number, member: Member): void {

        // A reply may come before the news

        if (member.isCurrent && this.#cache.learn(key, cutoff)) {
            this.#options.arrived([{ key, cutoff }]);
        }
    }

    /** Returns whether the whole blacklist was in memory until now. */
    #begin(): boolean {

        const { isComplete } = this.#cache;
        this.#cache.begin();
        this.#recent.begin();

        // A lookup on this connection must not get the result of another one

        this.#lookups = new Lookups();
        return isComplete;
    }

    async #register(link: Link): Promise<void> {

        if (this.#terms.length > 0) {
            this.#longest = marginOf(0) + await link.register(this.#terms);
        }
    }

    /**
     * Reads the log. Resolves with what memory has and the log lacks, for the longest time that any revocation is needed: with older data, the removed row of a session may
     * be back, and its shortened revocation would be too short.
     */
    async #missing(link: Link): Promise<Revocation[]> {

        const missing = this.#cache.revocations();
        this.#recent.addTo(missing);
        await this.#read(link, ({ key, cutoff }) => {

            // Most processes miss nothing, and to look up a key takes a tenth of the time of reading it

            if (missing.size > 0 && cutoff >= (missing.get(key)?.cutoff ?? 0)) {
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
        this.#recent.add(revocations);
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
        this.#recent.confirmed();

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
