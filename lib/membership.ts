import { Arrivals } from './arrivals';
import { Lease } from './lease';
import { Outage, Unsupported } from './outage';

import type { Clock } from './clock';
import type { Link, News } from './store/contract';


/** What is done on a connection, in this order. */
export interface Member {

    /** A new connection begins: nothing that was clean counts any more. */
    begin(): void;

    /** The news are subscribed: takes in the whole blacklist before anything is trusted. */
    load(link: Link): Promise<void>;

    news(news: News, link: Link): void;
    acknowledged(id: string, sequence: number): void;

    /** Under a lease, with each heartbeat: how many revocations the blacklist holds. */
    beaten(size: number, link: Link): void;

    /** The connection is gone. */
    ended(error: Error): void;
}


export interface MembershipOptions {

    /** How long (ms) memory may be trusted after a heartbeat, and how long a question may take. */
    lease: number;
    timeout: number;
    clock: Clock;

    /** Opens a connection, or throws in bounded time. */
    connect: () => Promise<Link>;

    /** The lease was lost, and why; it is held; a connection failed, and why. */
    report: (event: 'lost' | 'held' | 'failed', error: Error) => void;
}


// A server may be slow when the application starts, but not when a request waits

const startTimeout = 5000;


/** One connection after another, each with a join and then heartbeats, under which the lease is held. */
export class Membership {

    readonly lease: Lease;
    readonly #options: MembershipOptions;
    readonly #member: Member;
    readonly #arrivals: Arrivals;
    #link: Link | null = null;
    #current: Link | null = null;
    #end: (error: Error) => void = () => undefined;
    #droppedAt = -Infinity;
    #joinedAt = 0;
    #wasHeld = false;
    #heldSince: number | null = null;
    #lastError: Error = new Outage('Redis: not connected yet');
    #running: Promise<void> | null = null;
    #isStopping = false;
    #wake: () => void = () => undefined;
    #stopTicking: () => void = () => undefined;

    constructor(options: MembershipOptions, member: Member) {

        this.#options = options;
        this.#member = member;
        this.#arrivals = new Arrivals(options.clock);
        this.lease = new Lease(options.lease, options.clock);
    }

    /** The connection on which this process has joined, if there is one now. */
    get link(): Link | null {

        return this.#link;
    }

    /** Moment (monotonic, ms) of the last join: the server may have lost its memory just before. */
    get joinedAt(): number {

        return this.#joinedAt;
    }

    /** Since when (ms since the epoch) the lease has been held without a break; null while it is not. */
    get heldSince(): number | null {

        return this.lease.isHeld ? this.#heldSince : null;
    }

    /** Resolves when the process has joined. @throws what kept it from that. */
    async start(): Promise<void> {

        await this.joined(startTimeout);
    }

    async stop(): Promise<void> {

        this.#isStopping = true;
        this.lease.drop();
        await this.#current?.leave().catch(() => undefined);
        this.#end(new Outage('Redis: stopped'));
        this.#wake();
        await this.#running;
        this.#isStopping = false;
    }

    /** The connection, as soon as there is one. @throws `Outage`. */
    joined(timeout = this.#options.timeout): Promise<Link> {

        this.#running ??= this.#run();
        if (this.#link) {
            return Promise.resolve(this.#link);
        }

        return this.#arrivals.wait(timeout, () => this.#lastError);
    }

    /** Renews the lease for a request that waits. @throws `Outage`. */
    beat(link: Link): Promise<void> {

        const { clock, timeout } = this.#options;
        return new Promise((resolve, reject) => {

            clock.after(timeout, () => reject(new Outage(`Redis: no answer within ${timeout} ms`)));
            this.#beat(link).then(resolve, reject);
        });
    }

    // A connection that gives no answer within a lease is given up

    async #beat(link: Link): Promise<void> {

        if (this.#isStopping) {
            throw new Outage('Redis: stopped');
        }

        const mark = this.lease.mark();
        try {
            const { isKnown, size } = await link.beat();
            if (link !== this.#link || this.#isStopping) {
                return;
            }

            // Struck off after a pause, or forgotten by a server that has lost its memory

            if (!isKnown) {
                throw new Outage('Redis: the registry does not know this process any more');
            }

            this.lease.renew(mark);
            this.#report();
            this.#member.beaten(size, link);
        }
        catch (error) {
            if (link === this.#link) {
                this.#end(error as Error);
            }

            throw error;
        }
    }

    async #run(): Promise<void> {

        // Not in this turn: whoever starts this has to know that it runs

        await Promise.resolve();
        this.#tick();

        let failures = 0;
        while (!this.#isStopping) {
            let link: Link | undefined;
            try {
                link = await this.#options.connect();
                const ended = this.#listen(link);
                await Promise.race([this.#join(link), ended]);
                failures = 0;
                await ended;
            }
            catch (error) {
                this.#fail(error as Error);
            }

            link?.close();
            if (!this.#isStopping) {
                await this.#pause(Math.min(50 * 2 ** failures++, 500));
            }
        }

        this.#stopTicking();
        this.#wasHeld = false;
        this.#running = null;
    }

    // From here on the connection may end at any time, which rejects

    #listen(link: Link): Promise<never> {

        this.#current = link;
        const ended = new Promise<never>((_, reject) => {

            this.#end = (error) => {

                if (this.#current === link) {
                    this.#current = null;
                }

                reject(error);
            };
        });

        // Stopped while it was dialling

        if (this.#isStopping) {
            this.#end(new Outage('Redis: stopped'));
        }

        ended.catch(() => undefined);
        return ended;
    }

    // The order is the protocol's: what is acknowledged on this connection must not be trusted to an older one, and the heartbeat comes last,
    // so that no revocation is told between what is read and what is trusted

    async #join(link: Link): Promise<void> {

        if (this.lease.isHeld) {
            this.#droppedAt = this.#options.clock.now();
        }

        this.lease.drop();
        this.#member.begin();

        await link.subscribe({
            news: (news) => {

                // An old connection may tell late what has been overtaken since

                if (this.#current === link) {
                    this.#member.news(news, link);
                }
            },
            acknowledged: (id, sequence) => this.#member.acknowledged(id, sequence),
            closed: this.#end
        });

        this.#joinedAt = this.#options.clock.now();
        await this.#member.load(link);

        const mark = this.lease.mark();
        await link.beat();
        if (this.#current !== link || this.#isStopping) {
            return;
        }

        this.lease.renew(mark);
        this.#link = link;
        this.#report();
        this.#arrivals.arrive(link);
    }

    #fail(error: Error): void {

        this.#lastError = error;
        if (this.#link) {
            this.#link = null;
            this.#member.ended(error);
        }

        if (!this.#isStopping) {
            this.#options.report('failed', error);
        }

        if (error instanceof Unsupported) {
            this.#arrivals.fail(error);
        }
    }

    #tick(): void {

        this.#report();
        if (this.#link) {
            this.#beat(this.#link).catch(() => undefined);
        }

        this.#stopTicking = this.#options.clock.after(this.lease.length / 4, () => this.#tick());
    }

    // A join that takes its course is no outage

    #report(): void {

        const { isHeld } = this.lease;
        if (!isHeld && this.#options.clock.now() < this.#droppedAt + this.lease.length) {
            return;
        }

        if (isHeld !== this.#wasHeld && !this.#isStopping) {
            this.#wasHeld = isHeld;
            this.#heldSince = Date.now();
            this.#options.report(isHeld ? 'held' : 'lost', this.#lastError);
        }
    }

    #pause(delay: number): Promise<void> {

        return new Promise((resolve) => {

            this.#wake = resolve;
            this.#options.clock.after(delay, resolve);
        });
    }
}
