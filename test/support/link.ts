import { Outage } from '../../lib/errors/outage';

import type { BlacklistStore, Confirmed, Link, LinkListener, News, Opened, Progress, RegisteredTerms, Revocation, Written } from '../../lib/store/blacklist-contract';
import type { FakeClock } from './clock';


export interface FakeServerOptions {

    /** How long (ms) a process trusts its memory, and how long it waits for an answer. */
    lease?: number;
    timeout?: number;
    pageSize?: number;

    /** Redis 7.2 and later tell a process its own news behind the answer. */
    tellsOwnNewsLast?: boolean;
}


interface Log {
    epoch: string;
    head: number;
    published: number;
    isSettled: boolean;
    lease: number;
    restoring: string;
}


/** A server in memory, with the log of the real one: what each script does there. */
export class FakeServer {

    readonly clock: FakeClock;
    readonly lease: number;
    readonly timeout: number;
    readonly pageSize: number;
    readonly tellsOwnNewsLast: boolean;

    readonly entries = new Map<string, { cutoff: number; expires: number }>();
    readonly terms = new Map<string, RegisteredTerms>();
    readonly links = new Set<FakeLink>();

    /** Null where there is none, or another server's. The first one is as old as a lease. */
    log: Log | null = { epoch: 'epoch 0', head: 0, published: 0, isSettled: true, lease: 0, restoring: '' };

    /** Members with the position that each has confirmed. */
    readonly members = new Map<string, number>();
    readonly waits: { id: string; position: number }[] = [];
    readonly suspects = new Map<string, string>();
    #pending: Revocation[] = [];
    #epochs = 0;
    #suspicions = 0;

    /** Whether writes are published later, by a confirmation of any member. */
    delaysNews = false;

    /** What was executed, in order: `'a confirm'`, `'b cutoffs key,other'`, … */
    readonly calls: string[] = [];

    /** Whoever connects waits here. */
    readonly door = new Gate();

    /** What it answers instead, by command; to `connect` too. */
    readonly refusals = new Map<string, Error>();

    readonly #prepared: FakeLink[] = [];
    readonly #connections = new Map<string, number>();

    constructor(clock: FakeClock, { lease = 1000, timeout = 200, pageSize = 1000, tellsOwnNewsLast = false }: FakeServerOptions = {}) {

        this.clock = clock;
        this.lease = lease;
        this.timeout = timeout;
        this.pageSize = pageSize;
        this.tellsOwnNewsLast = tellsOwnNewsLast;
    }

    connect(name: string): Promise<FakeLink> {

        return new Promise((resolve, reject) => {

            this.clock.after(2 * this.timeout, () => reject(new Outage('no connection in time')));
            this.door.pass(() => {

                const refusal = this.refusals.get('connect');
                if (refusal) {
                    return reject(refusal);
                }

                const link = this.#prepared.shift() ?? new FakeLink(this, name);
                this.links.add(link);
                resolve(link);
            });
        });
    }

    /** A member is another one with each connection: `'a'`, `'a#2'`, … */
    idOf(name: string): string {

        const count = (this.#connections.get(name) ?? 0) + 1;
        this.#connections.set(name, count);
        return count === 1 ? name : `${name}#${count}`;
    }

    /** The connection that the next one who connects will get. */
    prepare(name: string): FakeLink {

        const link = new FakeLink(this, name);
        this.#prepared.push(link);
        return link;
    }

    /** For a process without a lease. */
    readonly store: BlacklistStore = {

        cutoffs: (keys) => this.cutoffs(keys),
        revoke: async (revocations) => this.revoke(revocations),
        progress: async (epoch) => (this.log?.epoch === epoch ? this.progress() : null),
        settle: async (epoch) => void this.settle(epoch),
        suspect: async (epoch, position) => (this.log?.epoch === epoch ? this.suspect(position) : []),
        strike: async (epoch, suspicions) => (this.log?.epoch === epoch ? this.strike(suspicions) : undefined),
        register: async (terms) => this.register(terms)
    };

    /** How often a command was executed since the list of calls was emptied. */
    count(command: string): number {

        return this.calls.filter((line) => line.split(' ')[1] === command).length;
    }

    cutoffs(keys: string[]): (number | null)[] {

        return keys.map((key) => this.entries.get(key)?.cutoff ?? null);
    }

    /** Writes as a process without a lease does. */
    revoke(revocations: Revocation[]): Progress & { epoch: string; position: number } {

        const { epoch } = this.open('', '', 0);
        const position = this.append(revocations);
        this.publish();
        return { ...this.progress(), epoch, position };
    }

    progress(): Progress {

        const { published, isSettled, lease } = this.log!;
        return { published, least: this.least(), isSettled, lease };
    }

    register(terms: RegisteredTerms[]): number {

        terms.forEach((each) => this.terms.set(each.issuer, each));
        return Math.max(...Array.from(this.terms.values(), ({ life, tolerance }) => life + 2 * tolerance));
    }

    open(id: string, old: string, lease: number): Opened {

        if (!this.log) {
            this.log = { epoch: `epoch ${++this.#epochs}`, head: 0, published: 0, isSettled: false, lease: 0, restoring: id && `${id} 0` };
            this.members.clear();
            this.waits.length = 0;
            this.suspects.clear();
            this.#pending = [];
        }

        this.log.lease = Math.max(this.log.lease, lease);
        if (this.members.delete(old)) {
            this.tell();
        }

        const { epoch, head, isSettled, lease: longest } = this.log;
        return { epoch, head, isSettled, lease: longest };
    }

    append(revocations: Revocation[]): number {

        const now = this.clock.now();
        for (const { key, cutoff, ttl } of revocations) {
            const held = this.entries.get(key);
            const entry = { cutoff: Math.max(cutoff, held?.cutoff ?? 0), expires: Math.max(now + ttl, held?.expires ?? 0) };
            this.entries.set(key, entry);
            this.#pending.push({ key, cutoff: entry.cutoff, ttl: entry.expires - now });
        }

        return ++this.log!.head;
    }

    publish(isForced = !this.delaysNews): void {

        const { epoch, head, published } = this.log!;
        if (isForced && published < head) {
            this.log!.published = head;
            this.spread({ epoch, first: published + 1, last: head, revocations: this.#pending.splice(0) });
        }
    }

    least(): number {

        return Math.min(this.log!.published, ...this.members.values());
    }

    tell(): void {

        const least = this.least();
        const reached = this.waits.filter(({ position }) => position <= least);
        this.waits.splice(0, this.waits.length, ...this.waits.filter(({ position }) => position > least));
        for (const id of new Set(reached.map((wait) => wait.id))) {
            const position = Math.max(...reached.filter((wait) => wait.id === id).map((wait) => wait.position));
            this.links.forEach((link) => link.tell(id, this.log!.epoch, position));
        }
    }

    settle(epoch: string): boolean {

        if (this.log?.epoch !== epoch) {
            return false;
        }

        this.log.isSettled = true;
        return true;
    }

    confirm(id: string, position: number, wantsLeast: boolean): Confirmed {

        const { published, lease } = this.log!;
        this.members.set(id, Math.max(position, this.members.get(id) ?? 0));
        this.suspects.delete(id);
        const least = wantsLeast ? Math.min(published, this.least()) : 0;
        this.publish(true);
        this.tell();
        return { published, least, lease, size: this.entries.size, members: this.members.size };
    }

    acknowledge(id: string, position: number): void {

        this.suspects.delete(id);
        if (this.members.has(id)) {
            this.members.set(id, Math.max(position, this.members.get(id)!));
            this.tell();
        }
    }

    suspect(position: number): string[] {

        const suspicion = `suspicion ${++this.#suspicions}`;
        const silent = Array.from(this.members.keys()).filter((id) => this.members.get(id)! < position);
        silent.forEach((id) => this.suspects.set(id, this.suspects.get(id) ?? suspicion));
        return Array.from(new Set(silent.map((id) => this.suspects.get(id)!)));
    }

    strike(suspicions: string[]): void {

        for (const [id, suspicion] of this.suspects) {
            if (suspicions.includes(suspicion)) {
                this.suspects.delete(id);
                this.members.delete(id);
            }
        }

        this.tell();
    }

    shorten({ key, cutoff, ttl }: Revocation): void {

        const held = this.entries.get(key);
        const expires = this.clock.now() + ttl;
        if (held?.cutoff === cutoff && expires < held.expires) {
            held.expires = expires;
            this.spread({ epoch: '-', first: 0, last: 0, revocations: [{ key, cutoff, ttl }] });
        }
    }

    spread(news: News): void {

        for (const link of this.links) {
            link.spread(news);
        }
    }

    /** Loses its memory (FLUSHALL): no connection ends. */
    forget(): void {

        this.entries.clear();
        this.members.clear();
        this.terms.clear();
        this.log = null;
    }

    /** Comes back after a crash. */
    restart({ withMemory }: { withMemory: boolean }): void {

        if (!withMemory) {
            this.forget();
        }

        this.log = null;
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
    readonly #name: string;

    /** What goes to the server; what comes from it, as the stream has it; of that, answers only, which news may thus overtake. */
    readonly commands = new Gate();
    readonly stream = new Gate();
    readonly answers = new Gate();

    /** Is not gone at once when its owner closes it: something may still come. */
    lingers = false;

    readonly #server: FakeServer;
    readonly #pending = new Set<(error: Error) => void>();
    #listener?: LinkListener;
    #behind: ((listener: LinkListener) => void)[] = [];
    #isExecuting = false;
    #isGone = false;
    #isClosed = false;

    constructor(server: FakeServer, name: string) {

        this.#server = server;
        this.#name = name;
        this.id = server.idOf(name);
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

    open(old: string): Promise<Opened> {

        return this.#call('open', () => this.#server.open(this.id, old, this.#server.lease));
    }

    restoration(epoch: string): Promise<{ restoring: string; isSettled: boolean } | null> {

        return this.#call('restoration', () => this.#in(epoch, ({ restoring, isSettled }) => ({ restoring, isSettled })));
    }

    // Names in tests are shorter than real ones, and come back with As behind them

    restore(epoch: string, seen: string, revocations: Revocation[]): Promise<string | null> {

        return this.#callIn('restore', epoch, (log) => {

            if (log.restoring !== seen) {
                return '';
            }

            this.#server.append(revocations.map((revocation) => ({ ...revocation, key: revocation.key.replace(/A{2,}$/, '') })));
            this.#server.publish(true);
            log.restoring = `${this.id} ${Number(seen.split(' ').at(-1)) + 1}`;
            return log.restoring;
        });
    }

    async restored(epoch: string, seen: string): Promise<boolean> {

        return await this.#callIn('restored', epoch, (log) => {

            log.restoring = log.restoring === seen ? '' : log.restoring;
        }) !== null;
    }

    settle(epoch: string): Promise<boolean> {

        return this.#call('settle', () => this.#server.settle(epoch));
    }

    confirm(epoch: string, position: number, wantsLeast: boolean): Promise<Confirmed | null> {

        return this.#call('confirm', () => this.#in(epoch, () => this.#server.confirm(this.id, position, wantsLeast)), this.#server.lease);
    }

    acknowledge(epoch: string, position: number): void {

        this.commands.pass(() => {

            if (!this.#isGone) {
                this.#server.calls.push(`${this.#name} acknowledge`);
                this.#in(epoch, () => this.#server.acknowledge(this.id, position));
            }
        });
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

    write(epoch: string, revocations: Revocation[]): Promise<Written | null> {

        return this.#callIn('write', epoch, (log) => {

            const position = this.#server.append(revocations);
            const isConfirmed = this.#server.members.get(this.id) === position - 1;
            if (isConfirmed) {
                this.#server.members.set(this.id, position);
            }

            this.#server.publish();
            const least = this.#server.least();
            if (least < position) {
                this.#server.waits.push({ id: this.id, position });
            }

            return { position, isPublished: log.published >= position, least, isSettled: log.isSettled, lease: log.lease, isConfirmed };
        });
    }

    suspect(epoch: string, position: number): Promise<string[] | null> {

        return this.#call('suspect', () => this.#in(epoch, () => this.#server.suspect(position)));
    }

    async strike(epoch: string, suspicions: string[]): Promise<boolean> {

        return await this.#call('strike', () => this.#in(epoch, () => this.#server.strike(suspicions))) !== null;
    }

    async leave(epoch: string): Promise<boolean> {

        return await this.#callIn('leave', epoch, () => {

            this.#server.members.delete(this.id);
            this.#server.tell();
        }) !== null;
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

    spread(news: News): void {

        if (this.#isExecuting && this.#server.tellsOwnNewsLast) {
            this.#behind.push((listener) => listener.news(news));
            return;
        }

        this.#receive((listener) => listener.news(news));
    }

    tell(id: string, epoch: string, position: number): void {

        if (id === this.id) {
            this.#receive((listener) => listener.told(epoch, position));
        }
    }

    #callIn<T>(name: string, epoch: string, execute: (log: Log) => T): Promise<T | null> {

        return this.#call(name, () => this.#in(epoch, execute));
    }

    #in<T>(epoch: string, execute: (log: Log) => T): T | null {

        const { log } = this.#server;
        return log?.epoch === epoch ? execute(log) : null;
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
                this.#behind.splice(0).forEach((take) => this.#receive(take));
            });
        });
    }

    #execute<T>(name: string, execute: () => T, resolve: (answer: T) => void, reject: (error: Error) => void): () => void {

        this.#server.calls.push(`${this.#name} ${name}`);
        const refusal = this.#server.refusals.get(name.split(' ')[0]!);
        if (refusal) {
            return () => reject(refusal);
        }

        this.#isExecuting = true;
        const answer = execute();
        this.#isExecuting = false;
        return () => resolve(answer);
    }
}
