import { Outage, Unsupported } from '../errors/outage';
import { bounded, classify, evaluate } from './call';
import * as Scripts from './scripts';

import type { Redis } from 'ioredis';
import type { Client } from './call';
import type { Link, LinkListener, Peer, RegisteredTerms, Revocation } from './contract';


export interface BlacklistKeys {
    entries: string;
    expiries: string;
    processes: string;

    /** For how long the strategies of each issuer accept its tokens. */
    issuers: string;

    /** Which history the server was in when its data were last known to be whole. */
    history: string;

    /** Channel of the news. A process hears of acknowledgements on the one with its id behind it. */
    news: string;
}


export interface RedisLinkOptions {

    /** This process in the registry, and for how long (ms) it trusts its memory after a heartbeat. */
    id: string;
    lease: number;

    /** How long (ms) a question may take. */
    timeout: number;
    keys: BlacklistKeys;
}


const pageSize = 1000;

// Over all connections: no two heartbeats of a process are alike, or one could be struck off for another

let beats = 0;


/** A connection to the blacklist on Redis: one RESP3 stream for questions, heartbeats and news. */
export class RedisLink implements Link {

    readonly #client: Redis;
    readonly #options: RedisLinkOptions;

    private constructor(client: Redis, options: RedisLinkOptions) {

        this.#client = client;
        this.#options = options;
    }

    /** @throws `Outage`; `Unsupported` where the server cannot serve questions and news on one connection. */
    static async connect(client: Redis, options: RedisLinkOptions): Promise<RedisLink> {

        // What connect() throws is that it did not succeed; why, comes as an event

        let reason: Error | undefined;
        client.on('error', (error) => {

            reason = error;
        });

        try {
            await bounded(client.connect(), 2 * options.timeout);
            await bounded(demandSupport(client), options.timeout);
            return new RedisLink(client, options);
        }
        catch (error) {
            client.disconnect();
            throw error instanceof Unsupported ? error : classify(reason ?? error as Error);
        }
    }

    async subscribe({ news, acknowledged, closed }: LinkListener): Promise<void> {

        const { keys, id, timeout } = this.#options;

        this.#client.once('close', () => closed(new Outage('Redis: the connection was lost')));
        this.#client.on('message', (channel, message) => {

            if (channel === keys.news) {
                news(parseNews(message));
            }
            else {
                const [from, sequence] = message.split(' ');
                acknowledged(from!, Number(sequence));
            }
        });

        await bounded(this.#client.subscribe(keys.news, `${keys.news}:${id}`), timeout);
    }

    async register(terms: RegisteredTerms[]): Promise<number> {

        const { keys, timeout } = this.#options;
        return await bounded(register(this.#client, keys, terms), timeout);
    }

    async isSettled(): Promise<boolean> {

        const { keys, timeout } = this.#options;
        const [history, held] = await bounded(Promise.all([this.#history(), this.#client.get(keys.history)]), timeout);
        return history === held;
    }

    async settle(): Promise<void> {

        const { keys, timeout } = this.#options;
        await bounded(this.#client.set(keys.history, await bounded(this.#history(), timeout)), timeout);
    }

    async beat(): Promise<{ isKnown: boolean; size: number }> {

        const { keys, id, lease } = this.#options;

        // One that comes later than a lease is worth nothing

        const [added, size] = await bounded(Promise.all([
            this.#client.hset(keys.processes, id, `${++beats}:${lease}`),
            this.#client.hlen(keys.entries)
        ]), lease);

        return { isKnown: added === 0, size };
    }

    async cutoffs(questions: string[]): Promise<(number | null)[]> {

        const { keys, timeout } = this.#options;
        return await bounded(cutoffs(this.#client, keys, questions), timeout);
    }

    async *pages(): AsyncIterable<Revocation[]> {

        const { timeout } = this.#options;
        const [seconds] = await bounded(this.#client.time(), timeout);
        const now = Number(seconds) * 1000;

        let cursor = '0';
        do {
            const [next, values] = await bounded(this.#scan(cursor), timeout);
            const page: Revocation[] = [];
            for (let i = 0; i < values.length; i += 2) {
                const [cutoff, expires] = values[i + 1]!.split(':');
                page.push({ key: values[i]!, cutoff: Number(cutoff), ttl: Number(expires) - now });
            }

            yield page;
            cursor = next;
        } while (cursor !== '0');
    }

    async revoke(revocations: Revocation[], sequence: number): Promise<Peer[]> {

        const { keys, id, timeout } = this.#options;
        return parsePeers(await bounded(revoke(this.#client, keys, { from: id, sequence, revocations }), timeout));
    }

    acknowledge(from: string, sequence: number): void {

        const { keys, id } = this.#options;

        // A connection that fails says so itself

        this.#client.publish(`${keys.news}:${from}`, `${id} ${sequence}`).catch(() => undefined);
    }

    async strike(peers: Peer[]): Promise<void> {

        const { keys, timeout } = this.#options;
        await bounded(evaluate(this.#client, Scripts.strike, [keys.processes], peers.flatMap(({ id, beat }) => [id, beat])), timeout);
    }

    async leave(): Promise<void> {

        const { keys, id, timeout } = this.#options;
        await bounded(this.#client.hdel(keys.processes, id), timeout);
    }

    close(): void {

        this.#client.disconnect();
    }

    // New with each start and each promotion

    async #history(): Promise<string> {

        const found = /^master_replid:(\w+)/m.exec(await this.#client.info('replication'));
        if (!found) {
            throw unsupported('it names no replication ID');
        }

        return found[1]!;
    }

    #scan(cursor: string): Promise<[string, string[]]> {

        return this.#client.hscan(this.#options.keys.entries, cursor, 'COUNT', pageSize);
    }
}


/** Reads the cut-off of each key, on any connection. */
export const cutoffs = async function (client: Client, { entries }: BlacklistKeys, keys: string[]): Promise<(number | null)[]> {

    const values = await client.hmget(entries, ...keys);
    return values.map((value) => (value === null ? null : parseInt(value, 10)));
};


/** Writes revocations, publishes the news and reads the registry, on any connection. */
export const revoke = function (client: Client, keys: BlacklistKeys, news: { from: string; sequence: number; revocations: Revocation[] }) {

    const args = news.revocations.flatMap(({ key, cutoff, ttl, terms }) => [key, cutoff, Math.ceil(ttl), terms?.issuer ?? '', terms?.life ?? '', terms?.tolerance ?? '']);
    return evaluate(client, Scripts.revoke, [keys.entries, keys.expiries, keys.processes, keys.issuers], [keys.news, news.from, news.sequence, ...args]);
};


/** Registers terms, on any connection. */
export const register = async function (client: Client, keys: BlacklistKeys, terms: RegisteredTerms[]): Promise<number> {

    return Number(await evaluate(client, Scripts.register, [keys.issuers], terms.flatMap(({ issuer, life, tolerance, name }) => [issuer, life, tolerance, name])));
};


/** The registry, as the script returns it: id, beat, id, beat, … */
export const parsePeers = function (reply: unknown): Peer[] {

    const values = reply as string[];
    const peers: Peer[] = [];
    for (let i = 0; i < values.length; i += 2) {
        const beat = values[i + 1]!;
        peers.push({ id: values[i]!, beat, lease: Number(beat.split(':')[1]) });
    }

    return peers;
};


// from, number (or - for what is only shortened), then for each revocation its key, cut-off and time to live

const parseNews = function (message: string) {

    const [from, sequence, ...fields] = message.split(' ');
    const revocations: Revocation[] = [];
    for (let i = 0; i < fields.length; i += 3) {
        revocations.push({ key: fields[i]!, cutoff: Number(fields[i + 1]), ttl: Number(fields[i + 2]) });
    }

    return { from: from!, sequence: sequence === '-' ? null : Number(sequence), revocations };
};


const demandSupport = async function (client: Redis): Promise<void> {

    let reply: unknown[];
    try {
        reply = await client.call('HELLO') as unknown[];
    }
    catch (error) {
        throw (error as Error).name === 'ReplyError' ? unsupported('it knows no HELLO') : error;
    }

    const about = (name: string) => String(reply[reply.indexOf(name) + 1]);
    const [major, minor] = about('version').split('.').map(Number);

    if (about('proto') !== '3') {
        throw unsupported('it speaks no RESP3');
    }

    if (major! < 6 || major === 6 && minor! < 2) {
        throw unsupported('it is older than 6.2');
    }
};


const unsupported = function (reason: string): Unsupported {

    return new Unsupported(`Redis cannot carry the lease: ${reason}. With lease: false every request asks it instead`);
};
