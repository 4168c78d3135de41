import { Outage } from '../../lib/errors/outage';

import type { BlacklistStore, Link, LinkListener, News, Peer, RegisteredTerms, Revocation } from '../../lib/store/contract';
import type { FakeClock } from './clock';


export interface FakeServerOptions {

    /** How long (ms) a process trusts its memory, and how long it waits for an answer. */
    lease?: number;
    timeout?: number;
    pageSize?: number;

    /** Redis 7.2 and later tell a process its own news behind the answer. */
    tellsOwnNewsLast?: boolean;
}


/** A server in memory, with the blacklist, the registry and the news of the real one. */
export class FakeServer {

    readonly clock: FakeClock;
    readonly lease: number;
    readonly timeout: number;
    readonly pageSize: number;
    readonly tellsOwnNewsLast: boolean;

    readonly entries = new Map<string, { cutoff: number; expires: number }>();
    readonly registry = new Map<string, string>();
    readonly terms = new Map<string, RegisteredTerms>();
    readonly links = new Set<FakeLink>();

    /** Whether its data are known to be whole. */
    isSettled = true;

    /** What was executed, in order: `'a beat'`, `'b cutoffs key,other'`, … */
    readonly log: string[] = [];

    /** Whoever connects waits here. */
    readonly door = new Gate();

    /** What it answers instead, by command; to `connect` too. */
    readonly refusals = new Map<string, Error>();

    readonly #prepared: FakeLink[] = [];
    #beats = 0;

    constructor(clock: FakeClock, { lease = 1000, timeout = 200, pageSize = 1000, tellsOwnNewsLast = false }: FakeServerOptions = {}) {

        this.clock = clock;
        this.lease = lease;
        this.timeout = timeout;
        this.pageSize = pageSize;
        this.tellsOwnNewsLast = tellsOwnNewsLast;
    }

    connect(id: string): Promise<FakeLink> {

        return new Promise((resolve, reject) => {

            this.clock.after(2 * this.timeout, () => reject(new Outage('no connection in time')));
            this.door.pass(() => {

                const refusal = this.refusals.get('connect');
                if (refusal) {
                    return reject(refusal);
                }

                const link = this.#prepared.shift() ?? new FakeLink(this, id);
                this.links.add(link);
                resolve(link);
            });
        });
    }

    /** The connection that the next one who connects will get. */
    prepare(id: string): FakeLink {

        const link = new FakeLink(this, id);
        this.#prepared.push(link);
        return link;
    }

    /** What comes by a way without a lease. */
    readonly store: BlacklistStore = {

        cutoffs: (keys) => this.cutoffs(keys),
        revoke: async (revocations) => this.revoke('-', 0, revocations),
        register: async (terms) => this.register(terms)
    };

    /** How often a command was executed since the log was emptied. */
    count(command: string): number {

        return this.log.filter((line) => line.split(' ')[1] === command).length;
    }

    cutoffs(keys: string[]): (number | null)[] {

        return keys.map((key) => this.entries.get(key)?.cutoff ?? null);
    }

    revoke(from: string, sequence: number, revocations: Revocation[]): Peer[] {

        const now = this.clock.now();
        const told = revocations.map(({ key, cutoff, ttl }) => {

            const held = this.entries.get(key);
            const entry = { cutoff: Math.max(cutoff, held?.cutoff ?? 0), expires: Math.max(now + ttl, held?.expires ?? 0) };
            this.entries.set(key, entry);
            return { key, cutoff: entry.cutoff, ttl: entry.expires - now };
        });

        this.tell({ from, sequence, revocations: told });
        return this.peers();
    }

    register(terms: RegisteredTerms[]): number {

        terms.forEach((each) => this.terms.set(each.issuer, each));
        return Math.max(...Array.from(this.terms.values(), ({ life, tolerance }) => life + 2 * tolerance));
    }

    shorten({ key, cutoff, ttl }: Revocation): void {

        const held = this.entries.get(key);
        const expires = this.clock.now() + ttl;
        if (held?.cutoff === cutoff && expires < held.expires) {
            held.expires = expires;
            this.tell({ from: '-', sequence: null, revocations: [{ key, cutoff, ttl }] });
        }
    }

    beat(id: string): boolean {

        const isKnown = this.registry.has(id);
        this.registry.set(id, `${++this.#beats}:${this.lease}`);
        return isKnown;
    }

    peers(): Peer[] {

        return Array.from(this.registry, ([id, beat]) => ({ id, beat, lease: Number(beat.split(':')[1]) }));
    }

    tell(news: News): void {

        for (const link of this.links) {
            link.tell(news);
        }
    }

    /** Loses its memory. */
    forget(): void {

        this.entries.clear();
        this.registry.clear();
        this.terms.clear();
        this.isSettled = false;
    }

    /** Comes back after a crash. */
    restart({ withMemory }: { withMemory: boolean }): void {

        if (!withMemory) {
            this.forget();
        }

        for (const link of this.links) {
            link.cut();
        }
    }

    /** Connections stay open, new ones too are taken, nothing is answered. */
    pause(): void {

        this.door.shut();
        for (const link of this.links) {
            link.commands.shut();
        }
    }

    resume(): void {

        this.door.open();
        for (const link of this.links) {
            link.commands.open();
        }
    }
}


/** Lets things through, or holds them back in their order. */
export class Gate {

    readonly #held: (() => void)[] = [];
    #isShut = false;

    get held(): number {

        return this.#held.length;
    }

    pass(thing: () => void): void {

        if (this.#isShut) {
            this.#held.push(thing);
        }
        else {
            thing();
        }
    }

    shut(): void {

        this.#isShut = true;
    }

    /** Lets the first one through that is held back. */
    next(): void {

        this.#held.shift()!();
    }

    open(): void {

        this.#isShut = false;
        while (this.#held.length > 0) {
            this.next();
        }
    }
}


/** A connection to it. */
export class FakeLink implements Link {

    readonly id: string;

    /** What goes to the server; what comes from it, as the stream has it; of that, answers only, which news may thus overtake. */
    readonly commands = new Gate();
    readonly stream = new Gate();
    readonly answers = new Gate();

    /** Is not gone at once when its owner closes it: something may still come. */
    lingers = false;

    readonly #server: FakeServer;
    readonly #pending = new Set<(error: Error) => void>();
    #listener?: LinkListener;
    #behind: News[] = [];
    #isGone = false;
    #isClosed = false;

    constructor(server: FakeServer, id: string) {

        this.#server = server;
        this.id = id;
    }

    get isClosed(): boolean {

        return this.#isClosed;
    }

    subscribe(listener: LinkListener): Promise<void> {

        return this.#call('subscribe', () => {

            this.#listener = listener;
        });
    }

    register(terms: RegisteredTerms[]): Promise<number> {

        return this.#call('register', () => this.#server.register(terms));
    }

    isSettled(): Promise<boolean> {

        return this.#call('isSettled', () => this.#server.isSettled);
    }

    settle(): Promise<void> {

        return this.#call('settle', () => {

            this.#server.isSettled = true;
        });
    }

    beat(): Promise<{ isKnown: boolean; size: number }> {

        return this.#call('beat', () => ({ isKnown: this.#server.beat(this.id), size: this.#server.entries.size }), this.#server.lease);
    }

    cutoffs(keys: string[]): Promise<(number | null)[]> {

        return this.#call(`cutoffs ${keys.join()}`, () => this.#server.cutoffs(keys));
    }

    async *pages(): AsyncIterable<Revocation[]> {

        const { entries, clock, pageSize } = this.#server;
        const keys = await this.#call('pages', () => Array.from(entries.keys()));
        const pages = Math.ceil(keys.length / pageSize);

        for (let i = 0; i < pages; ++i) {
            yield await this.#call('page', () => {

                return keys.slice(i * pageSize, (i + 1) * pageSize).filter((key) => entries.has(key)).map((key) => {

                    const { cutoff, expires } = entries.get(key)!;
                    return { key, cutoff, ttl: expires - clock.now() };
                });
            });
        }
    }

    revoke(revocations: Revocation[], sequence: number): Promise<Peer[]> {

        return this.#call('revoke', () => this.#server.revoke(this.id, sequence, revocations));
    }

    acknowledge(from: string, sequence: number): void {

        this.#call('acknowledge', () => {

            for (const link of this.#server.links) {
                link.acknowledged(from, this.id, sequence);
            }
        })
            .catch(() => undefined);
    }

    strike(peers: Peer[]): Promise<void> {

        return this.#call('strike', () => {

            const { registry } = this.#server;
            for (const { id, beat } of peers) {
                if (registry.get(id) === beat) {
                    registry.delete(id);
                }
            }
        });
    }

    leave(): Promise<void> {

        return this.#call('leave', () => {

            this.#server.registry.delete(this.id);
        });
    }

    close(): void {

        this.#isClosed = true;
        if (!this.lingers) {
            this.cut();
        }
    }

    /** The connection is lost, with all that is on its way. */
    cut(): void {

        if (this.#isGone) {
            return;
        }

        this.#isGone = true;
        this.#server.links.delete(this);
        const error = new Outage('the connection was lost');
        for (const reject of this.#pending) {
            reject(error);
        }

        this.#listener?.closed(error);
    }

    /** Nothing gets through any more, in either direction, and nobody is told. */
    freeze(): void {

        this.commands.shut();
        this.stream.shut();
    }

    tell(news: News): void {

        if (news.from === this.id && this.#server.tellsOwnNewsLast) {
            this.#behind.push(news);
            return;
        }

        this.#receive((listener) => listener.news(news));
    }

    acknowledged(revoker: string, id: string, sequence: number): void {

        if (revoker === this.id) {
            this.#receive((listener) => listener.acknowledged(id, sequence));
        }
    }

    #receive(take: (listener: LinkListener) => void): void {

        const listener = this.#listener;
        if (listener) {
            this.stream.pass(() => {

                if (!this.#isGone) {
                    take(listener);
                }
            });
        }
    }

    // In bounded time, as the contract has it

    #call<T>(name: string, execute: () => T, timeout = this.#server.timeout): Promise<T> {

        return new Promise<T>((resolve, reject) => {

            const settled = (settle: () => void) => {

                cancel();
                this.#pending.delete(fail);
                settle();
            };

            const fail = (error: Error) => settled(() => reject(error));
            const cancel = this.#server.clock.after(timeout, () => fail(new Outage(`no answer within ${timeout} ms`)));
            this.#pending.add(fail);

            if (this.#isGone) {
                return fail(new Outage('the connection was lost'));
            }

            this.commands.pass(() => {

                if (this.#isGone) {
                    return;
                }

                const answer = this.#execute(name, execute, resolve, reject);
                this.stream.pass(() => this.answers.pass(() => settled(answer)));
                this.#behind.splice(0).forEach((news) => this.#receive((listener) => listener.news(news)));
            });
        });
    }

    #execute<T>(name: string, execute: () => T, resolve: (answer: T) => void, reject: (error: Error) => void): () => void {

        this.#server.log.push(`${this.id} ${name}`);
        const refusal = this.#server.refusals.get(name.split(' ')[0]!);
        if (refusal) {
            return () => reject(refusal);
        }

        const answer = execute();
        return () => resolve(answer);
    }
}
