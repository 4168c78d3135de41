import { Turns } from './turns';
import { begunAnew, current } from './write-back';

import type { Clock } from './clock';
import type { Lease } from './lease';
import type { Link, Revocation, Written } from '../store/blacklist-contract';


export interface Writer {
    readonly link: Link;
    readonly epoch: string;
    readonly clock: Clock;
    readonly lease: Lease;

    /** The position up to which this process has the news. */
    readonly applied: number;

    readonly members: number;

    /** How long (ms) until each lease from before this epoch has certainly ended; 0 when they have. */
    readonly youth: number;

    /** Resolves when a confirmation sent from now on was granted. */
    confirm(): Promise<void>;

    /** The log counts the position as confirmed by this member. */
    counted(position: number): void;

    written(): void;

    /** The epoch is older than a lease. */
    settled(): void;

    /** The log was lost: the member joins again. Returns the error. */
    distrust(error: Error): Error;

    report(error: Error): void;
}


interface Wait {
    position: number;

    /** Written in a young epoch: members of an earlier one may not be in the log. */
    isEarly: boolean;

    /** Whether patience, and the last wait, have started. */
    isPatient: boolean;
    isLast: boolean;
    timers: (() => void)[];
    done: Promise<void>;
    resolve: () => void;
    reject: (error: Error) => void;
}


// The log pauses 0.04 ms per member between two publications

const spacing = 0.04;


/**
 * Writes of one member in one epoch, each until it holds in every process: what a logout waits for.
 *
 * 1. *Write.* Revocations that arrive during a write go together with the next one.
 * 2. *Wait* until the log reports, in a message or in the reply to a confirmation, that all members have confirmed the position.
 * 3. *Done* if the lease is valid then. Without a lease the log may have been lost meanwhile: ask it again.
 * 4. *A young epoch* may not know members of an earlier one. Wait until their leases have ended, and then for one more confirmation in the same epoch.
 * 5. *Members that do not confirm*: their leases end a patience after the news arrived here. Then wait for the same last confirmation.
 * 6. *Silent members* are suspected meanwhile, and removed a patience later unless they have confirmed anything since.
 */
export class Propagation {

    readonly #writer: Writer;
    readonly #waits = new Set<Wait>();
    readonly #timers = new Set<() => void>();
    readonly #turns = new Turns(() => this.#write());
    #queue: Revocation[] = [];
    #confirmed = 0;
    #isWriting = false;
    #isProdding = false;
    #isSweeping = false;
    #error: Error | null = null;

    constructor(writer: Writer) {

        this.#writer = writer;
    }

    get isWriting(): boolean {

        return this.#isWriting;
    }

    get areWaiting(): boolean {

        return this.#waits.size > 0;
    }

    /** Resolves when they hold in every process. @throws `Outage`. */
    async revoke(revocations: Revocation[]): Promise<void> {

        this.#queue.push(...revocations);
        const wait = await this.#turns.run();
        await wait.done;
    }

    /** News up to a position have been applied here. */
    applied(position: number): void {

        for (const wait of this.#waits) {
            if (wait.position <= position && !wait.isPatient) {
                wait.isPatient = true;
                this.#after(wait, this.#writer.lease.patience, () => this.#prove(wait));
            }
        }

        // A write that is confirmed now is done only under a lease

        if (this.areWaiting && !this.#writer.lease.isHeld) {
            this.#writer.confirm().catch(() => undefined);
        }

        this.#settle();
    }

    confirmed(position: number): void {

        if (!this.#writer.lease.isHeld) {
            this.#writer.confirm().catch(() => undefined);
            return;
        }

        this.#confirmed = Math.max(this.#confirmed, position);
        this.#settle();
    }

    /** The member joins again: waiting writes are uncertain. */
    fail(error: Error): void {

        this.#error = error;
        this.#timers.forEach((cancel) => cancel());
        this.#waits.forEach((wait) => this.#end(wait, () => wait.reject(error)));
    }

    async #write(): Promise<Wait> {

        this.#isWriting = true;
        try {
            return await this.#send(this.#queue.splice(0));
        }
        finally {
            this.#isWriting = false;
            this.#writer.written();
        }
    }

    async #send(revocations: Revocation[]): Promise<Wait> {

        const { link, epoch, lease, youth } = this.#writer;
        const written = await link.write(epoch, revocations);
        if (this.#error) {
            throw this.#error;
        }

        if (!written) {
            throw this.#writer.distrust(begunAnew());
        }

        lease.hear(written.lease);
        if (written.isSettled) {
            this.#writer.settled();
        }

        if (written.isConfirmed) {
            this.#writer.counted(written.position);
        }

        return this.#await(written, youth > 0 && !written.isSettled);
    }

    // A writer counts as having confirmed its write, and may learn that before its own news arrive

    #settle(): void {

        const { lease, applied } = this.#writer;
        const position = lease.isHeld ? Math.min(this.#confirmed, applied) : 0;
        for (const wait of this.#waits) {
            if (wait.position <= position) {
                this.#reached(wait);
            }
        }
    }

    // News and messages may have arrived before the reply

    #await({ position, isPublished, least }: Written, isEarly: boolean): Wait {

        const wait = { position, isEarly, isPatient: false, isLast: false, timers: [] } as unknown as Wait;
        wait.done = new Promise((resolve, reject) => Object.assign(wait, { resolve, reject }));
        this.#waits.add(wait);
        this.#after(wait, this.#writer.lease.length / 8, () => void this.#sweep(wait));
        this.applied(this.#writer.applied);
        if (least >= position) {
            this.confirmed(least);
        }

        if (!isPublished) {
            this.#prod(position);
        }

        return wait;
    }

    #reached(wait: Wait): void {

        if (!wait.isEarly) {
            this.#end(wait, wait.resolve);
        }
        else if (!wait.isLast) {
            wait.isLast = true;
            this.#after(wait, this.#writer.youth, () => this.#prove(wait));
        }
    }

    #prove(wait: Wait): void {

        this.#writer.confirm().then(() => {

            if (this.#writer.lease.isHeld) {
                this.#end(wait, wait.resolve);
            }
            else {
                this.#prove(wait);
            }
        }, () => undefined);
    }

    // What is not published at once is published by the next confirmation of any member

    #prod(position: number): void {

        if (this.#isProdding || this.#writer.applied >= position) {
            return;
        }

        this.#isProdding = true;
        this.#later(Math.max(1, spacing * this.#writer.members), () => {

            this.#writer.confirm().catch(() => undefined).finally(() => {

                this.#isProdding = false;
                const last = Math.max(0, ...Array.from(this.#waits, (wait) => wait.position));
                this.#prod(last);
            });
        });
    }

    async #sweep({ position }: Wait): Promise<void> {

        const { link, epoch, lease } = this.#writer;
        if (this.#isSweeping) {
            return;
        }

        this.#isSweeping = true;
        try {
            const suspicions = current(await link.suspect(epoch, position));
            this.#later(lease.patience, () => {

                this.#isSweeping = false;
                link.strike(epoch, suspicions).catch((error) => this.#writer.report(error));
            });
        }
        catch (error) {
            this.#isSweeping = false;
            this.#writer.report(error as Error);
        }
    }

    #end(wait: Wait, settle: () => void): void {

        this.#waits.delete(wait);
        wait.timers.forEach((cancel) => cancel());
        settle();
    }

    #after(wait: Wait, delay: number, callback: () => void): void {

        wait.timers.push(this.#writer.clock.after(delay, callback));
    }

    #later(delay: number, callback: () => void): void {

        const cancel = this.#writer.clock.after(delay, () => {

            this.#timers.delete(cancel);
            callback();
        });

        this.#timers.add(cancel);
    }
}
