import { LRUCache } from 'lru-cache';

import { absence, patience } from './lease';
import { pause } from './timers';
import { EditionTurns } from './turns';
import { bounds } from '../options/schema';
import { begunAnew } from './write-back';
import { forever } from './blacklist';

import type { Blacklist, BlacklistStatus } from './blacklist';
import type { Clock } from './clock';
import type { BlacklistStore, Progress, RegisteredTerms, Revocation } from '../store/blacklist-contract';


export interface AskedOptions {

    max: number;
    clock: Clock;

    /** Called with the revocations of this process. Those of others are not received here. */
    arrived: (revocations: Revocation[]) => void;
}


interface Known {
    cutoff: number;

    /** Whether this process revoked it, and that is done. Another process may still be waiting for its own revocation. */
    isDone: boolean;
}


// The lease of other processes (ms), if it is unknown

const defaultLease = bounds.lease.default;


/** The blacklist without a lease: each check asks the store. Only a revocation is final, and cached. */
export class AskedBlacklist implements Blacklist {

    readonly #store: BlacklistStore;
    readonly #options: AskedOptions;
    readonly #revoked: LRUCache<string, Known>;
    readonly #confirmed: EditionTurns;
    readonly #terms: RegisteredTerms[] = [];
    #registered = 0;
    #edition = 0;
    #epoch = '';
    #hasLost = false;
    #oldAt = 0;
    #isSweeping = false;
    #longest = defaultLease;
    #hits = 0;
    #misses = 0;

    constructor(store: BlacklistStore, options: AskedOptions) {

        this.#store = store;
        this.#options = options;
        this.#revoked = new LRUCache({ max: options.max });
        this.#confirmed = new EditionTurns(() => this.#edition, () => this.#confirm());
    }

    cutoff(keys: string[]): number | Promise<number> {

        const known = this.known(keys);
        if (known === forever) {
            ++this.#hits;
            return known;
        }

        ++this.#misses;
        const answer = this.#store.cutoffs(keys);
        return answer instanceof Promise ? answer.then((cutoffs) => this.#learn(keys, cutoffs)) : this.#learn(keys, answer);
    }

    known(keys: string[]): number {

        return Math.max(...keys.map((key) => this.#cutoff(key)));
    }

    async revoke(revocations: Revocation[]): Promise<void> {

        await this.#write(revocations, () => this.#options.arrived(revocations));
    }

    confirm(): Promise<void> {

        return this.#confirmed.run();
    }

    register(terms: RegisteredTerms): void {

        this.#terms.push(terms);
    }

    async start(): Promise<void> {

        await this.#register();

        // A revocation is not done before its log is as old as a lease: make the log now, not with the first revocation

        this.#write([]).catch(() => undefined);
    }

    async stop(): Promise<void> {}

    status(): BlacklistStatus {

        const { size, max } = this.#revoked;
        return { cache: { size, max, isComplete: false, hits: this.#hits, misses: this.#misses } };
    }

    // 1. Write

    async #write(revocations: Revocation[], written?: () => void): Promise<void> {

        await this.#register();
        const asked = this.#options.clock.now();
        const { epoch, position, ...first } = await this.#store.revoke(revocations);
        const isPrompt = this.#isPrompt(asked, first);
        if (epoch !== this.#epoch) {
            const isFirst = this.#epoch === '';
            this.#epoch = epoch;
            this.#longest = Math.max(this.#longest, first.lease);
            this.#oldAt = this.#options.clock.now() + absence(this.#longest);
            this.#forget();

            // The terms were lost with the earlier log, so this was written for too short a time

            if (!isFirst) {
                this.#registered = 0;
                await this.#write(revocations, written);
                return;
            }
        }

        this.#learn(revocations.map(({ key }) => key), revocations.map(({ cutoff }) => cutoff));
        written?.();

        // 2. to 4. Wait, and look once more

        await this.#wait(epoch, position, isPrompt ? first : await this.#look(epoch));
        if (!first.isSettled) {
            const youth = this.#oldAt - this.#options.clock.now();
            await pause(this.#options.clock, Math.max(0, youth));
            await this.#look(epoch);
            await this.#store.settle(epoch);
        }

        for (const { key, cutoff } of revocations) {
            if (this.#cutoff(key) === cutoff) {
                this.#revoked.set(key, { cutoff, isDone: true });
            }
        }
    }

    // The caller has seen a revocation. If the log has lost it, other processes will not receive it: revoke it again

    async #confirm(): Promise<void> {

        if (!this.#hasLost) {
            await this.#write([]);
        }

        if (this.#hasLost) {
            this.#hasLost = false;
            throw begunAnew();
        }
    }

    /** The log is a new one: unfinished revocations may be lost. */
    #forget(): void {

        for (const [key, { isDone }] of this.#revoked.entries()) {
            if (!isDone) {
                this.#revoked.delete(key);
                this.#hasLost = true;
            }
        }
    }

    /** Resolves when all members have confirmed a position, or each lease from before its publication has certainly ended. */
    async #wait(epoch: string, position: number, progress: Progress): Promise<void> {

        const { clock } = this.#options;
        const sweepAt = clock.now() + this.#longest / 8;
        let outAt = Infinity;
        let delay = 1;
        while (progress.least < position) {
            const now = clock.now();
            const patient = this.#patience(progress);
            if (progress.published >= position) {
                outAt = Math.min(outAt, now + patient);
            }

            if (now >= sweepAt) {
                void this.#sweep(epoch, position, patient);
            }

            await pause(clock, delay);
            delay = Math.min(2 * delay, 50);
            const isOut = clock.now() >= outAt;
            progress = await this.#look(epoch);
            if (isOut) {
                return;
            }
        }
    }

    // Every revocation would wait for a member that is gone. None waits for its removal, and the next one that waits repeats it if it fails

    async #sweep(epoch: string, position: number, patient: number): Promise<void> {

        if (this.#isSweeping) {
            return;
        }

        this.#isSweeping = true;
        try {
            const suspicions = await this.#store.suspect(epoch, position);
            await pause(this.#options.clock, patient);
            await this.#store.strike(epoch, suspicions);
        }
        catch {}

        this.#isSweeping = false;
    }

    /** A reply is valid for a lease. @throws `Outage` when the log is a new one. */
    async #look(epoch: string): Promise<Progress> {

        const { clock } = this.#options;
        for (;;) {
            const asked = clock.now();
            const progress = await this.#store.progress(epoch);
            if (!progress) {
                throw begunAnew();
            }

            if (this.#isPrompt(asked, progress)) {
                return progress;
            }
        }
    }

    #isPrompt(asked: number, { lease }: Progress): boolean {

        return this.#options.clock.now() - asked < (lease || defaultLease);
    }

    // A log without members does not know their leases

    #patience({ lease }: Progress): number {

        this.#longest = Math.max(this.#longest, lease);
        return patience(this.#longest);
    }

    async #register(): Promise<void> {

        const { length } = this.#terms;
        if (this.#registered < length) {
            await this.#store.register(this.#terms.slice(this.#registered));
            this.#registered = length;
        }
    }

    #cutoff(key: string): number {

        return this.#revoked.get(key)?.cutoff ?? 0;
    }

    #learn(keys: string[], cutoffs: (number | null)[]): number {

        let latest = 0;
        keys.forEach((key, i) => {

            const known = this.#cutoff(key);
            const cutoff = Math.max(cutoffs[i] ?? 0, known);
            latest = Math.max(latest, cutoff);
            if (cutoff > known) {
                ++this.#edition;
                this.#revoked.set(key, { cutoff, isDone: false });
            }
        });

        return latest;
    }
}
