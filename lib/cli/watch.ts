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


/** What a key of the blacklist stands for, where that is known: keys are digests. */
interface Known {
    kind: 'subject' | 'session' | 'token' | 'everybody' | null;
    id: string | null;
}


// How often (ms) a connection is tried, and a lost one is replaced

const interval = 250;


/** Writes each revocation as it arrives, and those that came while the connection was lost, until it is interrupted. */
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


/**
 * Feeds what the log publishes, by one connection after another, until it is interrupted. It is no member of the log, so that no logout waits for it.
 *
 * @throws why the first connection cannot be made.
 */
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


// One connection, until it ends, which rejects

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

            // A connection that is gone without a word gives no reply

            await link.cutoffs(['-']);
        }
    }
    finally {
        link.close();
    }
};


// The keys of what the command line names, and of everybody, which includes it

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


/** Writes revocations, and what happens to the connection that they come by. */
export class Feed {

    readonly #output: Output;
    readonly #known: Map<string, Known>;
    readonly #writesAll: boolean;
    readonly #seen: LRUCache<string, number>;
    #hasBegun = false;
    #isConnected = false;

    /** `max` is how many revocations are remembered, so that each is written once. */
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
            this.#output.event({ event: 'connected', at: Date.now() }, this.#hasBegun ? 'connected again: what was missed has been shown' : 'watching');
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

            // Neither what was there when the command began, nor what has expired

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
