import { Connection } from './connection';
import { openLinkClient } from './client';
import { examine, mastersOf } from './durability';
import * as LogScripts from './blacklist-scripts';
import { RedisLink } from './link';
import { cutoffs, enter, newSuspicion, progress } from './log';
import { hidden } from './script';
import * as Scripts from './session-scripts';
import { prefixes, survey } from './survey';
import { register, registeredTerms } from './terms';

import type { Redis } from 'ioredis';
import type { Link, Progress, RegisteredTerms, Revocation } from './blacklist-contract';
import type { Store } from './contract';
import type { NewSession, Presentation, SessionAddress, SessionPage, SessionState, Shortening, Surplus } from './session-contract';
import type { Durability } from './durability';
import type { LogAddress } from './log';
import type { Survey } from './survey';
import type { PluginSettings } from '../options/settings';
import type { Claims } from '../types';


// How many sessions a script processes: less than a millisecond of Redis (list 0.5, clear 0.7, surplus 0.1 ms)

const pageSize = 50;


export type StoreSettings = Omit<PluginSettings, 'events'>;


/** The store of all processes. The blacklist is in one Cluster slot, the sessions of each subject in another. */
export class RedisStore implements Store {

    readonly kind = 'redis';

    readonly #settings: StoreSettings;
    readonly #connection: Connection;
    readonly #blacklist: string;
    readonly #log: LogAddress;
    readonly #onError: (error: Error) => void;

    /** Whether blacklist and sessions are in different slots, which one script cannot reach. */
    #isSharded = false;

    /** `onError` is called when a connection fails or a session is damaged, `onReady` when a connection is made. */
    constructor(settings: StoreSettings, onError: (error: Error) => void, onReady?: () => void) {

        this.#settings = settings;
        this.#onError = onError;
        this.#connection = new Connection(settings, onError, onReady);

        this.#blacklist = `{${settings.prefix}}:blacklist`;
        this.#log = { keys: LogScripts.suffixes.map((suffix) => this.#blacklist + suffix), channel: this.#connection.channel(this.#blacklist) };
    }

    start(): Promise<void> {

        return this.#connection.start();
    }

    stop(): Promise<void> {

        return this.#connection.stop();
    }

    examine(): Promise<Durability> {

        const { timeout } = this.#settings;
        return this.#connection.run((client) => examine(client, timeout), 2 * timeout);
    }

    prefixes(): Promise<string[]> {

        return this.#connection.run(prefixes);
    }

    masters(): Promise<Redis[]> {

        return this.#connection.run(async (client) => mastersOf(client));
    }

    exchange(name: string, text: string, ttl: number): Promise<string | null> {

        return this.#connection.run((client) => client.set(`${this.#blacklist}:${name}`, text, 'PX', ttl, 'GET'));
    }

    async cutoffs(keys: string[]): Promise<(number | null)[]> {

        return await this.#connection.run((client) => cutoffs(client, this.#log, keys));
    }

    revoke(revocations: Revocation[]): Promise<Progress & { epoch: string; position: number }> {

        return this.#connection.run((client) => enter(client, this.#log, revocations));
    }

    progress(epoch: string): Promise<Progress | null> {

        return this.#connection.run((client) => progress(client, this.#log, epoch));
    }

    async settle(epoch: string): Promise<void> {

        await this.#connection.script(LogScripts.settle, this.#log.keys, [epoch]);
    }

    async suspect(epoch: string, position: number): Promise<string[]> {

        return await this.#connection.script(LogScripts.suspect, this.#log.keys, [epoch, position, newSuspicion()]) as string[] | null ?? [];
    }

    async strike(epoch: string, suspicions: string[]): Promise<void> {

        await this.#connection.script(LogScripts.strike, this.#log.keys, [this.#log.channel, epoch, ...suspicions]);
    }

    register(terms: RegisteredTerms[]): Promise<number> {

        return this.#connection.run((client) => register(client, this.#log.keys, terms, 0));
    }

    /** What strategies have registered: the greatest values of each issuer, and the lease (ms) registered last; 0 for none. */
    registered(): Promise<(RegisteredTerms & { lease: number })[]> {

        return this.#connection.run((client) => registeredTerms(client, this.#log.keys));
    }

    survey(): Promise<Survey> {

        return this.#connection.run((client) => survey(client, this.#log.keys));
    }

    /** A separate connection to the log, for a process that trusts its memory. `lease` is in milliseconds. @throws `Outage`. */
    async connect(lease: number): Promise<Link> {

        const { redis, timeout } = this.#settings;
        const { channel } = this.#log;
        const keys = this.#log.keys.map((key) => this.#connection.keyPrefix + key);
        const client = await openLinkClient(redis!, keys[0]!, timeout);
        const link = await RedisLink.connect(client, { lease, timeout, keys, channel });

        // Or logins would wait for up to half a second more, which is longer than a request waits

        this.#connection.hurry();
        return link;
    }

    async create({ subject, id }: SessionAddress, session: NewSession): Promise<{ created: number; surplus: Surplus } | null> {

        const { ttl, maxAge, accessTtl, family, secret, claims, data, max, refuses } = session;
        const keys = [this.#session(subject, id), this.#list(subject), this.#session(subject, '')];
        const args = [id, ttl, maxAge, accessTtl, family, secret, hidden(claims), hidden(data), max, pageSize, refuses ? 1 : 0];
        let reply: any[];
        do {
            reply = await this.#connection.script(Scripts.create, keys, args) as any[];
        } while (Number(reply[0]) < 0);

        const [created, ids, isPartial] = reply;
        return Number(created) === 0 ? null : { created: Number(created), surplus: { ids, isPartial: Number(isPartial) === 1 } };
    }

    async surplus(subject: string, max: number): Promise<Surplus> {

        const keys = [this.#list(subject), this.#session(subject, '')];
        const [ids, isPartial] = await this.#connection.script(Scripts.surplus, keys, [max, pageSize]) as [string[], number];
        return { ids, isPartial: Number(isPartial) === 1 };
    }

    async present({ subject, id }: SessionAddress, { family, secret, grace, next }: Presentation): Promise<SessionState> {

        const renewal = next ? [next.secret, next.nonce, next.ttl, next.accessTtl, ...next.claims === undefined ? [] : [hidden(next.claims)]] : [];
        const reply = await this.#connection.script(Scripts.present, [this.#session(subject, id)], [family, secret, grace, ...renewal]);
        const [state, nonce, created, claims, data, remaining] = reply as [SessionState['state'] | 'damaged', ...any[]];

        if (state === 'unknown' || state === 'ended') {
            return { state };
        }

        if (state === 'damaged' || !isClaims(claims) || state !== 'superseded' && !isJson(data)) {
            this.#onError(damage());
            return { state: 'unknown' };
        }

        return state === 'superseded' ?
            { state, created: Number(created), claims } :
            { state, nonce, session: { created: Number(created), claims, data, remaining: Number(remaining) } };
    }

    async claims({ subject, id }: SessionAddress): Promise<string | null> {

        const claims = await this.#connection.script(Scripts.claims, [this.#session(subject, id)], []) as string | null;
        return isClaims(claims) ? claims : null;
    }

    async list(subject: string, after = 0): Promise<SessionPage> {

        const keys = [this.#list(subject), this.#session(subject, '')];
        const [rows, next] = await this.#connection.script(Scripts.list, keys, [after, pageSize]) as [any[][], string];
        const whole = rows.filter(([,,,,, data, claims]) => isJson(data) && (claims === '' || isClaims(claims)));
        if (whole.length < rows.length) {
            this.#onError(damage());
        }

        const sessions = whole.map(([id, created, renewed, remaining, longest, data, claims]) => ({
            id,
            created: Number(created),
            renewed: Number(renewed),
            remaining: Number(remaining),
            longest: Number(longest),
            data,
            claims
        }));

        return { sessions, next: next === '' ? null : Number(next) };
    }

    async prolong({ subject, id }: SessionAddress, life: number): Promise<boolean> {

        return Number(await this.#connection.script(Scripts.prolong, [this.#session(subject, id)], [Math.ceil(life)])) === 1;
    }

    async remove(address: SessionAddress, { revocations, margin }: Shortening): Promise<void> {

        const { subject, id } = address;
        const keys = [this.#list(subject), this.#session(subject, id)];
        const args = [id, Math.ceil(margin)];

        // On a Cluster, the sessions' server may come back with a removed row, and no process would notice a loss in the log

        if (this.#isSharded) {
            await this.#connection.script(Scripts.remove, keys, args);
            return;
        }

        const { keys: [blocks, expiries, issuers], channel } = this.#log;
        const shortened = revocations.flatMap(({ key, cutoff, ttl, terms }) => [key, cutoff, Math.ceil(ttl), terms?.issuer ?? '', terms?.tolerance ?? '']);
        try {
            await this.#connection.script(Scripts.remove, [...keys, blocks!, expiries!, issuers!], [...args, channel, ...shortened]);
        }
        catch (error) {
            if (!isCrossSlot(error as Error)) {
                throw error;
            }

            this.#isSharded = true;
            await this.remove(address, { revocations, margin });
        }
    }

    async clear(subject: string, cutoff: number, margin: number): Promise<number> {

        const keys = [this.#list(subject), this.#session(subject, '')];
        return Number(await this.#connection.script(Scripts.clear, keys, [cutoff, Math.ceil(margin), pageSize]));
    }

    async stamp(subject: string, maxAge: number): Promise<number> {

        return Number(await this.#connection.script(Scripts.stamp, [this.#list(subject)], [maxAge]));
    }

    #list(subject: string): string {

        return `${this.#settings.prefix}:{${subject}}:sessions`;
    }

    #session(subject: string, id: string): string {

        return `${this.#settings.prefix}:{${subject}}:session:${id}`;
    }
}


// A row that this package did not write

const damage = function (): Error {

    return new Error('Redis: a session is damaged, and its tokens are refused');
};


const isJson = function (text: unknown): boolean {

    return parsed(text) !== undefined;
};


const isClaims = function (text: unknown): boolean {

    return typeof (parsed(text) as Partial<Claims> | null | undefined)?.sub === 'string';
};


const parsed = function (text: unknown): unknown {

    try {
        return JSON.parse(text as string);
    }
    catch {
        return undefined;
    }
};


const isCrossSlot = function ({ message }: Error): boolean {

    return message.includes('CROSSSLOT');
};
