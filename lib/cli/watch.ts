import { LRUCache } from 'lru-cache';

import { forever } from '../blacklist/blacklist';
import { systemClock } from '../blacklist/clock';
import { identify, identifyToken } from '../blacklist/identities';
import { pause } from '../blacklist/timers';
import { interruptible } from './failure';
import { issuersToRead } from './registry';
import { date, quote } from './terminal';

import type { Clock } from '../blacklist/clock';
import type { Link, RegisteredTerms, Revocation } from '../store/blacklist-contract';
import type { Invocation } from './arguments';
import type { Context, Output } from './terminal';


/** What a key of the blacklist stands for, where it is known: keys are digests. */
interface Known {
    kind: 'subject' | 'session' | 'token' | 'everybody' | null;
    id: string | null;
}


// How often (ms) to test the connection, and to replace a lost one

const interval = 250;


/** Writes each revocation as it arrives, and those that were missed while the connection was lost, until it is interrupted. */
export const watchRevocations = async function (invocation: Invocation, { output, store, terminal, onEnd }: Context): Promise<void> {

    const { plugin, target } = invocation;
    const { signal } = terminal;
    const issuers = await interruptible(issuersToRead(invocation, store), signal, 'nothing was seen');
    const feed = new Feed(output, {
        known: knownKeys(issuers, target),
        writesAll: Object.values(target).every((value) => value === undefined),
        max: plugin.cache.max
    });

    let link: Link | undefined;
    onEnd(() => link?.close());
    const connect = async () => (link = await store.connect(plugin.lease as number));
    await interruptible(follow({ connect, feed, clock: systemClock, signal }), signal, 'no longer watching');
};


export interface FollowOptions {
    connect: () => Promise<Link>;
    feed: Feed;
    clock: Clock;
    signal: AbortSignal;
}


/** Passes on what the log publishes, by one connection after another. It is no member of the log: no logout waits for it. @throws why the first connection failed. */
export const follow = async function ({ connect, feed, clock, signal }: FollowOptions): Promise<void> {

    for (;;) {
        try {
            await listen(await connect(), { feed, clock, signal });
        }
        catch (error) {
            if (signal.aborted) {
                return;
            }

            if (!feed.hasBegun) {
                throw error;
            }

            feed.lose(error as Error);
        }

        await pause(clock, interval);
    }
};


// Listens on one connection. Rejects when it ends

const listen = async function (link: Link, { feed, clock, signal }: Omit<FollowOptions, 'connect'>): Promise<void> {

    try {
        signal.throwIfAborted();
        let end!: (error: Error) => void;
        const ended = new Promise<never>((_, reject) => (end = reject));
        ended.catch(() => undefined);

        await link.subscribe({ news: ({ revocations }) => feed.take(revocations), told: () => undefined, closed: end });
        for await (const page of link.pages()) {
            feed.take(page);
        }

        feed.connect();
        for (;;) {
            await Promise.race([pause(clock, interval), ended]);

            // A connection that was cut silently does not reply

            await link.cutoffs(['-']);
        }
    }
    finally {
        link.close();
    }
};


// The keys of the target, and of everybody, which includes it

const knownKeys = function (issuers: RegisteredTerms[], { subject, session, jti }: Invocation['target']): Map<string, Known> {

    const known = new Map<string, Known>();
    for (const { issuer: everyone, name: issuer } of issuers) {
        known.set(everyone, { kind: 'everybody', id: null });

        if (subject !== undefined) {
            known.set(identify('subject', issuer, subject), { kind: 'subject', id: subject });
        }

        if (session !== undefined) {
            known.set(identify('session', issuer, session), { kind: 'session', id: session });
        }

        if (jti !== undefined) {
            known.set(identifyToken(issuer, jti), { kind: 'token', id: jti });
        }
    }

    return known;
};


/** Writes revocations, and that the connection is lost or made again. */
export class Feed {

    readonly #output: Output;
    readonly #known: Map<string, Known>;
    readonly #writesAll: boolean;
    readonly #seen: LRUCache<string, number>;
    #hasBegun = false;
    #isConnected = false;

    /** `max` is how many revocations are remembered, to write each only once. */
    constructor(output: Output, { known, writesAll, max }: { known: Map<string, Known>; writesAll: boolean; max: number }) {

        this.#output = output;
        this.#known = known;
        this.#writesAll = writesAll;
        this.#seen = new LRUCache({ max });
    }

    get hasBegun(): boolean {

        return this.#hasBegun;
    }

    connect(): void {

        if (!this.#isConnected) {
            this.#output.event({ event: 'connected', at: Date.now() }, this.#hasBegun ? 'connected again: revocations that were missed have been shown' : 'watching');
            this.#hasBegun = true;
            this.#isConnected = true;
        }
    }

    lose({ message: reason }: Error): void {

        if (this.#isConnected) {
            this.#isConnected = false;
            this.#output.event({ event: 'lost', at: Date.now(), reason }, `the connection is lost: ${reason}`);
        }
    }

    take(revocations: Revocation[]): void {

        for (const { key, cutoff, ttl } of revocations) {
            const found = this.#known.get(key);
            const isNew = cutoff > (this.#seen.get(key) ?? 0);
            if (isNew) {
                this.#seen.set(key, cutoff);
            }

            // Not what existed when the command started, and not what has expired

            if (isNew && this.#hasBegun && ttl > 0 && (found || this.#writesAll)) {
                this.#write({ key, cutoff, ttl }, found);
            }
        }
    }

    #write({ key, cutoff, ttl }: Revocation, { kind, id }: Known = { kind: null, id: null }): void {

        const at = Date.now();
        const before = cutoff === forever ? null : cutoff + 1;
        const who = id === null ? kind ?? 'something' : `${kind} ${quote(id)}`;
        const what = before === null ? 'revoked' : `revoked what was issued before ${date(before)}`;
        this.#output.result({ event: 'revoked', at, key, kind, id, before, ttl }, [`${date(at)}  ${key}  ${who}: ${what}`]);
    }
}
