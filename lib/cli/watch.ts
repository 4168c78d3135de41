import { systemClock } from '../blacklist/clock';
import { identify, identifyToken } from '../blacklist/identities';
import { LeasedBlacklist } from '../blacklist/leased-blacklist';
import { forever } from '../blacklist/blacklist';
import { interruptible } from './failure';
import { issuersToRead } from './registry';
import { date, quote } from './terminal';

import type { Confirmed, Link, LinkListener, Opened, RegisteredTerms, Revocation } from '../store/blacklist-contract';
import type { Invocation } from './arguments';
import type { Context, Output } from './terminal';


/** What a key of the blacklist stands for, where that is known: keys are digests. */
interface Known {
    kind: 'subject' | 'session' | 'token' | 'everybody' | null;
    id: string | null;
}


/** Writes each revocation as it arrives, and those that came while the connection was lost, until it is interrupted. */
export const watchRevocations = async function (invocation: Invocation, { output, store, terminal, onEnd }: Context): Promise<void> {

    const { plugin: { cache: { max }, lease, timeout }, target } = invocation;
    const issuers = await interruptible(issuersToRead(invocation, store), terminal.signal, 'nothing was seen');
    const feed = new Feed(output, knownKeys(issuers, target), Object.values(target).every((value) => value === undefined));

    const blacklist = new LeasedBlacklist({
        lease: lease as number,
        max,
        timeout,
        clock: systemClock,
        connect: async () => new Observer(await store.connect(lease as number), () => feed.connect()),
        report: (event, error) => event === 'failed' && feed.lose(error!),
        arrived: (revocations) => feed.take(revocations)
    });

    onEnd(() => blacklist.stop());
    await interruptible(blacklist.start(), terminal.signal, 'nothing was seen');
    await interruptible(new Promise<never>(() => undefined), terminal.signal, 'no longer watching');
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
    #hasBegun = false;
    #isConnected = false;

    constructor(output: Output, known: Map<string, Known>, writesAll: boolean) {

        this.#output = output;
        this.#known = known;
        this.#writesAll = writesAll;
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

        // Neither what was there when the command began, nor what has expired

        for (const revocation of revocations) {
            const found = this.#known.get(revocation.key);
            if (this.#hasBegun && revocation.ttl > 0 && (found || this.#writesAll)) {
                this.#write(revocation, found);
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


/** The link of a process that only listens. It writes nothing and is no member, so that no logout waits for it. Any epoch is its own. */
export class Observer implements Link {

    readonly id: string;
    readonly #link: Link;
    readonly #heard: () => void;

    /** `heard` is called with each reply from the server. */
    constructor(link: Link, heard: () => void) {

        this.id = link.id;
        this.#link = link;
        this.#heard = heard;
    }

    subscribe(listener: LinkListener): Promise<void> {

        return this.#link.subscribe(listener);
    }

    cutoffs(keys: string[]): Promise<(number | null)[]> {

        return this.#link.cutoffs(keys);
    }

    pages(): AsyncIterable<Revocation[]> {

        return this.#link.pages();
    }

    /** Asks instead of confirming. This also detects that the connection is gone. */
    async confirm(): Promise<Confirmed> {

        await this.#link.cutoffs(['-']);
        this.#heard();
        return { published: 0, least: 0, lease: 0, size: 0, members: 0 };
    }

    async open(): Promise<Opened> {

        return { epoch: '', head: 0, isSettled: true, lease: 0 };
    }

    async restoration(): Promise<{ restoring: string; isSettled: boolean }> {

        return { restoring: '', isSettled: true };
    }

    async restore(): Promise<string> {

        return '-';
    }

    async restored(): Promise<boolean> {

        return true;
    }

    async settle(): Promise<boolean> {

        return true;
    }

    async register(): Promise<number> {

        return 0;
    }

    async write(): Promise<null> {

        return null;
    }

    async suspect(): Promise<null> {

        return null;
    }

    async strike(): Promise<boolean> {

        return true;
    }

    async leave(): Promise<boolean> {

        return true;
    }

    close(): void {

        this.#link.close();
    }
}
