import { joinLog } from './join';
import { Lease } from './lease';
import { Member, stopped } from './member';
import { Backoff, Next } from './timers';
import { Outage, Unsupported } from '../errors/outage';

import type { Report } from './blacklist';
import type { Clock } from './clock';
import type { MemberOptions, Memory } from './member';
import type { Link } from '../store/blacklist-contract';


export interface MembershipOptions {

    /** How long (ms) memory may be trusted after a confirmation, and a command may take. */
    lease: number;
    timeout: number;
    clock: Clock;

    /** Opens a connection. @throws within a time limit. */
    connect: () => Promise<Link>;

    report: Report;

    joined?: () => void;

    confirming?: MemberOptions['confirming'];
}


// Redis may be slow when the app starts, but not when a request waits

const startTimeout = 5000;


/** One connection after another, each with a join and then confirmations, which renew the lease. */
export class Membership {

    readonly lease: Lease;
    readonly #options: MembershipOptions;
    readonly #memory: Memory;
    readonly #next: Next<Member>;
    readonly #backoff: Backoff;
    #member: Member | null = null;
    #current: Member | null = null;
    #old = '';
    #lastError: Error = new Outage('Redis: not connected yet');
    #running: Promise<void> | null = null;
    #isStopped = false;
    #stopTicking: () => void = () => undefined;

    constructor(options: MembershipOptions, memory: Memory) {

        this.#options = options;
        this.#memory = memory;
        this.#next = new Next(options.clock);
        this.#backoff = new Backoff(options.clock, options.lease / 4);
        this.lease = new Lease(options.lease, options.clock, (event) => options.report(event, this.#lastError));
    }

    /** The member that has joined, if there is one now. */
    get member(): Member | null {

        return this.#member;
    }

    /** Resolves when the process has joined. @throws the reason why it cannot. */
    async start(): Promise<void> {

        this.#isStopped = false;
        await this.joined(startTimeout + this.lease.absence);
    }

    async stop(): Promise<void> {

        this.#isStopped = true;
        this.lease.end();
        await this.#current?.leave().catch(() => undefined);
        this.#current?.end(stopped());
        this.#backoff.wake();
        await this.#running;
    }

    /** The member, as soon as it has joined. @throws `Outage`. */
    joined(timeout = this.#options.timeout): Promise<Member> {

        if (this.#isStopped) {
            return Promise.reject(stopped());
        }

        this.#running ??= this.#run();
        return this.#member ? Promise.resolve(this.#member) : this.#next.wait(timeout, () => this.#lastError);
    }

    async #run(): Promise<void> {

        // In a later turn: the caller has to store it first

        await Promise.resolve();
        this.#tick();

        while (!this.#isStopped) {
            let link: Link | undefined;
            try {
                link = await this.#options.connect();
                await this.#serve(link);
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

    // Runs one connection. Rejects when it ends

    async #serve(link: Link): Promise<void> {

        const { clock, report, confirming } = this.#options;
        let member!: Member;
        const ended = new Promise<never>((_, reject) => {

            member = new Member({
                link,
                lease: this.lease,
                clock,
                memory: this.#memory,
                report: (error) => report('failed', error),
                confirming,
                ended: (error) => {

                    this.#member = this.#current = null;
                    this.#old = member.hasConfirmed ? link.id : this.#old;
                    reject(error);
                }
            });
        });

        // From now on the connection may end at any time

        ended.catch(() => undefined);
        this.#current = member;

        // Stopped while connecting

        if (this.#isStopped) {
            member.end(stopped());
        }

        try {
            await Promise.race([joinLog(member, this.#old), ended]);
        }
        catch (error) {

            // An old connection may be closed after another member has joined

            member.end(error as Error);
            throw error;
        }

        this.#member = member;
        this.#backoff.reset();
        this.#options.joined?.();
        this.#next.resolve(member);
        await ended;
    }

    #fail(error: Error): void {

        this.#lastError = error;
        this.#member = this.#current = null;

        if (!this.#isStopped) {
            this.#options.report('failed', error);
        }

        if (error instanceof Unsupported) {
            this.#next.reject(error);
        }
    }

    #tick(): void {

        this.lease.update();
        this.#member?.confirm().catch((error) => (this.#lastError = error));
        this.#stopTicking = this.#options.clock.after(this.lease.length / 4, () => this.#tick());
    }
}
