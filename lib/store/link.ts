import { randomBytes } from 'node:crypto';
import * as Os from 'node:os';

import { Outage, Unsupported, WritesRefused } from '../errors/outage';
import { bounded, classify } from './call';
import * as Scripts from './blacklist-scripts';
import { revocationsOf } from './blocks';
import { argumentsOf, cutoffs, newEpoch, newSuspicion, parseNews } from './log';
import { quietly } from './quietly';
import { evaluate } from './script';
import { register } from './terms';

import type { Redis } from 'ioredis';
import type { Confirmed, Link, LinkListener, Opened, RegisteredTerms, Revocation, Written } from './blacklist-contract';
import type { LogAddress } from './log';
import type { Quietly } from './quietly';
import type { Script } from './script';


export interface RedisLinkOptions extends LogAddress {

    /** How long (ms) this process trusts its memory after a confirmation. */
    lease: number;

    /** How long (ms) a command may take. */
    timeout: number;
}


// Entries per page: a millisecond of this process, and 0.1 to 0.4 ms of Redis. Requests and confirmations come in between

const pageSize = 1000;


/** A connection to the log in Redis: one RESP3 stream for commands and news. */
export class RedisLink implements Link {

    readonly id = memberId();
    readonly #client: Redis;
    readonly #options: RedisLinkOptions;

    readonly #quietly: Quietly;
    #acknowledgement: { epoch: string; send: ReturnType<Quietly> } | null = null;
    #broken: Error | null = null;

    private constructor(client: Redis, options: RedisLinkOptions, quiet: Quietly) {

        this.#client = client;
        this.#options = options;
        this.#quietly = quiet;
        client.on('error', () => this.#break(new Outage('Redis: the connection was lost')));
    }

    /** @throws `Outage`; `Unsupported` if the server cannot send replies and news on one connection. */
    static async connect(client: Redis, options: RedisLinkOptions): Promise<RedisLink> {

        // connect() only throws that it failed; the reason comes as an event

        let reason: Error | undefined;
        client.on('error', (error) => {

            reason = error;
        });

        try {
            await bounded(client.connect(), 2 * options.timeout);
            await bounded(demandSupport(client), options.timeout);
            return new RedisLink(client, options, await bounded(quietly(client), options.timeout));
        }
        catch (error) {
            client.disconnect();
            throw error instanceof Unsupported ? error : classify(reason ?? error as Error);
        }
    }

    async subscribe({ news, told, closed }: LinkListener): Promise<void> {

        const { channel, timeout } = this.#options;

        this.#client.once('close', () => closed(this.#broken ?? new Outage('Redis: the connection was lost')));
        this.#client.on('message', (from, message) => {

            if (from === channel) {
                news(parseNews(message));
            }
            else {
                const [epoch, position] = message.split(' ');
                told(epoch!, Number(position));
            }
        });

        await bounded(this.#client.subscribe(channel, `${channel}:${this.id}`), timeout);
    }

    async register(terms: RegisteredTerms[]): Promise<number> {

        return await this.#ask(register(this.#client, this.#options.keys, terms, this.#options.lease));
    }

    async open(old: string): Promise<Opened> {

        const { channel, lease } = this.#options;
        try {
            const [epoch, head, settled, longest] = await this.#run(Scripts.open, [channel, newEpoch(), this.id, old, lease]) as [string, number, number, number];
            return { epoch, head, isSettled: settled === 1, lease: longest };
        }
        catch (error) {
            throw (error as Error).message.includes('NOHISTORY') ? unsupported('it names no replication ID') : error;
        }
    }

    async cutoffs(questions: string[]): Promise<(number | null)[]> {

        return await this.#ask(cutoffs(this.#client, this.#options, questions));
    }

    async *pages(): AsyncIterable<Revocation[]> {

        const { keys: [blocks, expiries] } = this.#options;
        const [[seconds], fields, size] = await this.#ask(Promise.all([this.#client.time(), this.#client.hlen(blocks!), this.#client.zcard(expiries!)]));
        const now = Number(seconds) * 1000;
        const count = Math.max(1, Math.floor(pageSize * fields / Math.max(fields, size)));

        // The next page is requested while this one is processed. Its failure may have no handler

        let reply = this.#page('0', count);
        for (;;) {
            const [cursor, values] = await reply;
            if (cursor === '0') {
                yield revocationsOf(values, now);
                return;
            }

            reply = this.#page(cursor, count);
            reply.catch(() => undefined);
            yield revocationsOf(values, now);
        }
    }

    async restoration(epoch: string): Promise<{ restoring: string; isSettled: boolean } | null> {

        const { keys: [,,, log] } = this.#options;
        const [current, restoring, settled] = await this.#ask(this.#client.hmget(log!, 'epoch', 'restoring', 'settled'));
        return current === epoch ? { restoring: restoring ?? '', isSettled: settled !== null } : null;
    }

    async restore(epoch: string, seen: string, revocations: Revocation[]): Promise<string | null> {

        return await this.#run(Scripts.restore, [this.#options.channel, epoch, this.id, seen, ...argumentsOf(revocations)]) as string | null;
    }

    async restored(epoch: string, seen: string): Promise<boolean> {

        return await this.#run(Scripts.restored, [epoch, seen]) !== null;
    }

    async settle(epoch: string): Promise<boolean> {

        return await this.#run(Scripts.settle, [epoch]) !== null;
    }

    async confirm(epoch: string, position: number, wantsLeast: boolean): Promise<Confirmed | null> {

        // A reply after more than a lease is useless

        const { channel, lease } = this.#options;
        const reply = await this.#run(Scripts.confirm, [channel, epoch, this.id, position, wantsLeast ? 1 : 0], lease) as [number, number, number, number, number] | null;
        return reply && { published: reply[0], least: reply[1], lease: reply[2], size: reply[3], members: reply[4] };
    }

    acknowledge(epoch: string, position: number): void {

        const { keys, channel } = this.#options;
        if (epoch !== this.#acknowledgement?.epoch) {
            this.#acknowledgement = { epoch, send: this.#quietly('EVALSHA', Scripts.confirm.sha, keys.length, ...keys, channel, epoch, this.id) };
        }

        this.#acknowledgement.send(position, 'quiet');
    }

    async write(epoch: string, revocations: Revocation[]): Promise<Written | null> {

        const reply = await this.#run(Scripts.write, [this.#options.channel, epoch, this.id, ...argumentsOf(revocations)]) as [number, number, number, number, number, number] | null;
        return reply && { position: reply[0], isPublished: reply[1] >= reply[0], least: reply[2], isSettled: reply[3] === 1, lease: reply[4], isConfirmed: reply[5] === 1 };
    }

    async suspect(epoch: string, position: number): Promise<string[] | null> {

        return await this.#run(Scripts.suspect, [epoch, position, newSuspicion()]) as string[] | null;
    }

    async strike(epoch: string, suspicions: string[]): Promise<boolean> {

        return await this.#run(Scripts.strike, [this.#options.channel, epoch, ...suspicions]) !== null;
    }

    async leave(epoch: string): Promise<boolean> {

        return await this.#run(Scripts.leave, [this.#options.channel, epoch, this.id]) !== null;
    }

    close(): void {

        this.#client.disconnect();
    }

    #run(script: Script, args: (string | number)[], timeout?: number): Promise<unknown> {

        return this.#ask(evaluate(this.#client, script, this.#options.keys, args), timeout);
    }

    #page(cursor: string, count: number): Promise<[cursor: string, values: string[]]> {

        const { keys: [blocks] } = this.#options;
        return this.#ask(this.#client.hscan(blocks!, cursor, 'COUNT', count));
    }

    // If the server replies to a command that should have no reply (it is busy, or the user's rights changed), the first such reply is an error, and all later replies are shifted

    async #ask<T>(call: Promise<T>, timeout = this.#options.timeout): Promise<T> {

        const reply = await bounded(call.catch((error) => {

            const reason = classify(error);
            if (error.name === 'ReplyError' && !(reason instanceof WritesRefused)) {
                this.#break(reason);
            }

            throw reason;
        }), timeout);

        if (this.#broken) {
            throw this.#broken;
        }

        return reply;
    }

    #break(reason: Error): void {

        this.#broken ??= reason;
        this.#client.disconnect();
    }
}


/** Host and process id, for a person, and a unique part. */
export const memberId = function (host = Os.hostname()): string {

    return `${host.replace(/[^\w.-]/g, '').slice(0, 32)}:${process.pid}:${randomBytes(9).toString('base64url')}`;
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
