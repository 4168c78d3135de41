import { Arrivals } from './arrivals';
import { Backoff } from './backoff';
import { Lease } from './lease';
import { Outage, Unsupported } from '../errors/outage';
import { settle } from './settling';
import { Tenure } from './tenure';

import type { Clock } from './clock';
import type { Member } from './member';
import type { Link } from '../store/contract';


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
    readonly #backoff: Backoff;
    readonly #tenure: Tenure;
    #link: Link | null = null;
    #current: Link | null = null;
    #end: (error: Error) => void = () => undefined;
    #joinedAt = 0;
    #lastError: Error = new Outage('Redis: not connected yet');
    #running: Promise<void> | null = null;
    #isStopped = false;
    #stopTicking: () => void = () => undefined;

    constructor(options: MembershipOptions, member: Member) {

        this.#options = options;
        this.#member = member;
        this.#arrivals = new Arrivals(options.clock);
        this.#backoff = new Backoff(options.clock, options.lease / 4);
        this.lease = new Lease(options.lease, options.clock);
        this.#tenure = new Tenure(this.lease, options.clock, (event) => options.report(event, this.#lastError));
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

        return this.#tenure.since;
    }

    /** Resolves when the process has joined. @throws what kept it from that. */
    async start(): Promise<void> {

        this.#isStopped = false;
        await this.joined(startTimeout + this.lease.length);
    }

    async stop(): Promise<void> {

        this.#isStopped = true;
        this.#tenure.end();
        await this.#current?.leave().catch(() => undefined);
        this.#end(stopped());
        this.#backoff.wake();
        await this.#running;
    }

    /** The connection, as soon as there is one. @throws `Outage`. */
    joined(timeout = this.#options.timeout): Promise<Link> {

        if (this.#isStopped) {
            return Promise.reject(stopped());
        }

        this.#running ??= this.#run();
        return this.#link ? Promise.resolve(this.#link) : this.#arrivals.wait(timeout, () => this.#lastError);
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

        if (this.#isStopped) {
            throw stopped();
        }

        const mark = this.lease.mark();
        try {
            const { isKnown, size } = await link.beat();
            if (link !== this.#link || this.#isStopped) {
                return;
            }

            // Struck off after a pause, or forgotten by a server that has lost its memory

            if (!isKnown) {
                throw new Outage('Redis: the registry does not know this process any more');
            }

            this.lease.renew(mark);
            this.#tenure.update();
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

        while (!this.#isStopped) {
            let link: Link | undefined;
            try {
                link = await this.#options.connect();
                const ended = this.#listen(link);
                await Promise.race([this.#join(link), ended]);
                this.#backoff.reset();
                await ended;
            }
            catch (error) {
                this.#fail(error as Error);
            }

            link?.close();
            if (!this.#isStopped) {
                await this.#backoff.pause();
            }
        }

        this.#stopTicking();
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

        if (this.#isStopped) {
            this.#end(stopped());
        }

        ended.catch(() => undefined);
        return ended;
    }

    // The order is the protocol's: what is acknowledged on this connection must not be trusted to an older one, and the heartbeat comes last,
    // so that no revocation is told between what is read and what is trusted

    async #join(link: Link): Promise<void> {

        const wasHeld = this.#tenure.suspend();
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
        await this.#settle(link, wasHeld);

        // Behind the farewell of a process that stops it would stay in the registry

        if (this.#isStopped) {
            return;
        }

        const mark = this.lease.mark();
        await link.beat();
        if (this.#current !== link || this.#isStopped) {
            return;
        }

        this.lease.renew(mark);
        this.#link = link;
        this.#tenure.update();
        this.#arrivals.arrive(link);
    }

    // Whoever held a lease until now knows each revocation that was called done: the wait is for those who did not, then or later

    async #settle(link: Link, wasHeld: boolean): Promise<void> {

        const settled = settle(link, this.lease.length, this.#options.clock);
        if (wasHeld) {
            settled.catch(() => undefined);
            return;
        }

        await settled;
    }

    #fail(error: Error): void {

        this.#lastError = error;
        if (this.#link) {
            this.#link = null;
            this.#member.ended(error);
        }

        if (!this.#isStopped) {
            this.#options.report('failed', error);
        }

        if (error instanceof Unsupported) {
            this.#arrivals.fail(error);
        }
    }

    #tick(): void {

        this.#tenure.update();
        if (this.#link) {
            this.#beat(this.#link).catch(() => undefined);
        }

        this.#stopTicking = this.#options.clock.after(this.lease.length / 4, () => this.#tick());
    }
}


const stopped = function (): Outage {

    return new Outage('Redis: stopped');
};
