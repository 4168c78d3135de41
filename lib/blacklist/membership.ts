import { Lease } from './lease';
import { Backoff, NextLink, waitForWriteBack, within } from './waits';
import { Outage, Unsupported } from '../errors/outage';

import type { Report } from './blacklist';
import type { Clock } from './clock';
import type { Link, News } from '../store/contract';


export interface MembershipOptions {

    /** How long (ms) memory may be trusted after a heartbeat, and how long a question may take. */
    lease: number;
    timeout: number;
    clock: Clock;

    /** Opens a connection, or throws in bounded time. */
    connect: () => Promise<Link>;

    report: Report;
}


/** What is done on each connection, in this order. */
export interface LinkHandler {

    /** A new connection begins: nothing that was clean counts any more. */
    begin(): void;

    /** The news are subscribed: reads the whole blacklist before anything is trusted. */
    load(link: Link): Promise<void>;

    news(news: News, link: Link): void;
    acknowledged(id: string, sequence: number): void;

    /** Under a lease, after each heartbeat: how many revocations the blacklist holds. */
    beaten(size: number, link: Link): void;

    /** The connection is gone. */
    ended(error: Error): void;
}


// A server may be slow when the application starts, but not when a request waits

const startTimeout = 5000;


/** One connection after another, each with a join and then heartbeats, under which the lease is held. */
export class Membership {

    readonly lease: Lease;
    readonly #options: MembershipOptions;
    readonly #handler: LinkHandler;
    readonly #next: NextLink;
    readonly #backoff: Backoff;
    #link: Link | null = null;
    #current: Link | null = null;
    #end: (error: Error) => void = () => undefined;
    #joinedAt = 0;
    #lastError: Error = new Outage('Redis: not connected yet');
    #running: Promise<void> | null = null;
    #isStopped = false;
    #stopTicking: () => void = () => undefined;

    constructor(options: MembershipOptions, handler: LinkHandler) {

        this.#options = options;
        this.#handler = handler;
        this.#next = new NextLink(options.clock);
        this.#backoff = new Backoff(options.clock, options.lease / 4);
        this.lease = new Lease(options.lease, options.clock, (event) => options.report(event, this.#lastError));
    }

    /** The connection on which this process has joined, if there is one now. */
    get link(): Link | null {

        return this.#link;
    }

    /** Moment (monotonic, ms) of the last join: the server may have lost its memory just before. */
    get joinedAt(): number {

        return this.#joinedAt;
    }

    /** Resolves when the process has joined. @throws what kept it from that. */
    async start(): Promise<void> {

        this.#isStopped = false;
        await this.joined(startTimeout + this.lease.length);
    }

    async stop(): Promise<void> {

        this.#isStopped = true;
        this.lease.end();
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
        return this.#link ? Promise.resolve(this.#link) : this.#next.wait(timeout, () => this.#lastError);
    }

    /** Renews the lease for a request that waits. @throws `Outage`. */
    beat(link: Link): Promise<void> {

        const { clock, timeout } = this.#options;
        return within(this.#beat(link), timeout, clock, () => new Outage(`Redis: no answer within ${timeout} ms`));
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

            // It was removed after a pause, or the server has lost its memory

            if (!isKnown) {
                throw new Outage('Redis: the registry does not know this process any more');
            }

            this.lease.renew(mark);
            this.#handler.beaten(size, link);
        }
        catch (error) {
            if (link === this.#link) {
                this.#end(error as Error);
            }

            throw error;
        }
    }

    async #run(): Promise<void> {

        // Not in this turn: the caller has to know first that it runs

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

        const wasHeld = this.lease.suspend();
        this.#handler.begin();

        await link.subscribe({
            news: (news) => {

                // An old connection may bring late what has been overtaken since

                if (this.#current === link) {
                    this.#handler.news(news, link);
                }
            },
            acknowledged: (id, sequence) => this.#handler.acknowledged(id, sequence),
            closed: this.#end
        });

        this.#joinedAt = this.#options.clock.now();
        await this.#handler.load(link);
        await this.#waitForWriteBack(link, wasHeld);

        // Behind the removal of a process that stops, this heartbeat would stay in the registry

        if (this.#isStopped) {
            return;
        }

        const mark = this.lease.mark();
        await link.beat();
        if (this.#current !== link || this.#isStopped) {
            return;
        }

        this.#link = link;
        this.lease.renew(mark);
        this.#next.resolve(link);
    }

    // A process that held a lease until now knows each revocation that was called done: the wait is for those that did not, then or later

    async #waitForWriteBack(link: Link, wasHeld: boolean): Promise<void> {

        const settled = waitForWriteBack(link, this.lease.length, this.#options.clock);
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
            this.#handler.ended(error);
        }

        if (!this.#isStopped) {
            this.#options.report('failed', error);
        }

        if (error instanceof Unsupported) {
            this.#next.reject(error);
        }
    }

    #tick(): void {

        this.lease.update();
        if (this.#link) {
            this.#beat(this.#link).catch(() => undefined);
        }

        this.#stopTicking = this.#options.clock.after(this.lease.length / 4, () => this.#tick());
    }
}


const stopped = function (): Outage {

    return new Outage('Redis: stopped');
};
