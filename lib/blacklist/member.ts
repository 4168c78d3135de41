import { Acknowledgements } from './acknowledgements';
import { within } from './timers';
import { Turns } from './turns';
import { begunAnew } from './write-back';
import { Propagation } from './propagation';
import { Outage, WritesRefused } from '../errors/outage';

import type { Clock } from './clock';
import type { Lease } from './lease';
import type { Writer } from './propagation';
import type { Confirmed, Link, News, Opened, Revocation } from '../store/blacklist-contract';


/** The memory of a process, which its members fill. */
export interface Memory {

    /** A new connection: nothing counts as clean. Returns whether the whole blacklist was known until now. */
    begin(): boolean;

    register(link: Link): Promise<void>;

    read(link: Link): Promise<Revocation[]>;

    take(news: News): void;

    confirmed(found: Confirmed, link: Link): void;
}


export interface MemberOptions {
    link: Link;
    lease: Lease;
    clock: Clock;
    memory: Memory;

    ended: (error: Error) => void;
    report: (error: Error) => void;

    /** Runs a confirmation, and may measure it. */
    confirming?: <T>(work: () => Promise<T>) => Promise<T>;
}


/** This process as a member of the log, on one connection: after `joinLog()` it confirms what it has applied. */
export class Member implements Writer {

    readonly link: Link;
    readonly lease: Lease;
    readonly clock: Clock;
    readonly memory: Memory;
    readonly #options: MemberOptions;
    readonly #propagation = new Propagation(this);
    readonly #confirmations = new Turns(() => this.#confirm());
    readonly #acknowledgements = new Acknowledgements(() => this.#applied, (position) => this.#acknowledge(position));
    #epoch = '';
    #applied = 0;
    #early: News[] | null = [];
    #oldAt = 0;
    #members = 0;
    #isJoined = false;
    #isLeaving = false;
    #hasConfirmed = false;
    #error: Error | null = null;

    constructor(options: MemberOptions) {

        this.#options = options;
        this.link = options.link;
        this.lease = options.lease;
        this.clock = options.clock;
        this.memory = options.memory;
    }

    get epoch(): string {

        return this.#epoch;
    }

    get applied(): number {

        return this.#applied;
    }

    get members(): number {

        return this.#members;
    }

    get youth(): number {

        return Math.max(0, this.#oldAt - this.clock.now());
    }

    /** Whether the log may have it as a member. */
    get hasConfirmed(): boolean {

        return this.#hasConfirmed;
    }

    get isCurrent(): boolean {

        return !this.#error && !this.#isLeaving;
    }

    /** Resolves when all later news are applied. */
    subscribe(): Promise<void> {

        return this.link.subscribe({
            news: (news) => this.#take(news),
            told: (epoch, position) => this.#told(epoch, position),
            closed: (error) => this.end(error)
        });
    }

    /** The log was opened: news count from its head, also those that came before the reply. */
    begin({ epoch, head, isSettled, lease }: Opened): void {

        this.lease.hear(lease);
        this.#epoch = epoch;
        this.#applied = head;
        this.#oldAt = isSettled ? 0 : this.clock.now() + this.lease.patience;
        this.#early!.forEach((news) => this.#count(news));
        this.#early = null;
    }

    /** Resolves when a confirmation that is sent from now on was granted. @throws `Outage`. */
    confirm(): Promise<void> {

        return this.#confirmations.run();
    }

    /** The same for a request, within a time limit (ms). */
    renew(timeout: number): Promise<void> {

        return within(this.confirm(), timeout, this.clock, () => new Outage(`Redis: no answer within ${timeout} ms`));
    }

    revoke(revocations: Revocation[]): Promise<void> {

        return this.#propagation.revoke(revocations);
    }

    counted(position: number): void {

        this.#acknowledgements.know(position);
    }

    written(): void {

        this.#acknowledgements.give();
    }

    settled(): void {

        this.#oldAt = 0;
    }

    report(error: Error): void {

        this.#options.report(error);
    }

    end(error: Error): void {

        if (this.#error) {
            return;
        }

        this.#error = error;
        this.#propagation.fail(error);
        this.#options.ended(error);
    }

    /** Ends it after a loss: memory is not trusted until the next join. Returns the error. */
    distrust(error: Error): Error {

        if (this.isCurrent) {
            this.lease.suspend();
            this.end(error);
        }

        return error;
    }

    /** Leaves the log, after the last confirmation: a later one would make it a member again. */
    async leave(): Promise<void> {

        this.#isLeaving = true;
        await this.#confirmations.idle();
        if (this.#hasConfirmed) {
            await this.link.leave(this.#epoch);
        }
    }

    // The lease runs from before the confirmation was sent. A connection without a reply within a lease is closed

    async #confirm(): Promise<void> {

        if (!this.isCurrent) {
            throw this.#error ?? stopped();
        }

        const mark = this.lease.mark();
        this.#hasConfirmed = true;
        this.#acknowledgements.know(this.#applied);
        try {
            const work = () => this.link.confirm(this.#epoch, this.#applied, this.#propagation.isWriting || this.#propagation.areWaiting);
            const confirmed = await (this.#options.confirming?.(work) ?? work());
            if (!this.isCurrent) {
                throw this.#error ?? stopped();
            }

            if (!confirmed) {
                throw this.distrust(begunAnew());
            }

            // All news up to `published` came before the reply

            if (confirmed.published > this.#applied) {
                throw this.distrust(newsLost());
            }

            this.#isJoined = true;
            this.lease.renew(mark);
            this.lease.hear(confirmed.lease);
            this.#members = confirmed.members;
            this.memory.confirmed(confirmed, this.link);
            if (confirmed.least > 0) {
                this.#propagation.confirmed(confirmed.least);
            }
        }
        catch (error) {
            if (!this.#isLeaving && !this.#isBearable(error)) {
                this.end(error as Error);
            }

            throw error;
        }

        this.#acknowledgements.give();
    }

    // A write that is under way also confirms. A waiting one needs a reply

    #acknowledge(position: number): void {

        if (!this.isCurrent || !this.#isJoined || this.#propagation.isWriting) {
            return;
        }

        if (this.#propagation.areWaiting) {
            this.confirm().catch(() => undefined);
            return;
        }

        this.#acknowledgements.know(position);
        this.link.acknowledge(this.#epoch, position);
    }

    // A server that accepts no writes still sends all news. The next heartbeat may succeed before the lease ends

    #isBearable(error: unknown): boolean {

        return error instanceof WritesRefused && this.lease.isHeld && !this.#propagation.areWaiting;
    }

    #take(news: News): void {

        if (this.#error) {
            return;
        }

        this.memory.take(news);
        if (this.#early) {
            this.#early.push(news);
        }
        else {
            this.#count(news);
        }
    }

    #count({ epoch, first, last }: News): void {

        if (epoch !== this.#epoch || first === 0) {
            return;
        }

        if (first > this.#applied + 1) {
            this.distrust(newsLost());
            return;
        }

        this.#applied = Math.max(this.#applied, last);
        this.#propagation.applied(this.#applied);
        this.#acknowledgements.giveSoon();
    }

    #told(epoch: string, position: number): void {

        if (epoch === this.#epoch && !this.#error) {
            this.#propagation.confirmed(position);
        }
    }
}


export const stopped = function (): Outage {

    return new Outage('Redis: stopped');
};


const newsLost = function (): Outage {

    return new Outage('Redis: news were lost');
};
