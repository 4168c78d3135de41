import { Outage } from '../errors/outage';
import { isClient } from '../options/redis';
import { classify, Deadline } from './call';
import { openClient } from './client';
import { evaluate } from './script';

import type { Redis, RedisOptions } from 'ioredis';
import type { Client } from './call';
import type { Argument, Script } from './script';
import type { PluginSettings } from '../options/settings';


// A server that requires TLS, or in TLS 1.3 a client certificate, ends the connection, and its alert is often lost

const hangUps = ['ECONNRESET', 'EPIPE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'];


/** A Redis client, of this package or of the user, with a time limit for each reply. */
export class Connection {

    readonly #timeout: number;
    readonly #open?: () => Redis;
    readonly #onError: (error: Error) => void;
    readonly #onReady: () => void;
    #client: Client;
    #waiting?: Promise<void>;
    #lastError?: Error;
    #isStopped = false;
    #wasReady = false;

    /** `onError` is called when a connection fails, `onReady` when it is made. */
    constructor({ redis, timeout }: Omit<PluginSettings, 'events'>, onError: (error: Error) => void, onReady: () => void = () => undefined) {

        this.#timeout = timeout;
        this.#onReady = onReady;
        this.#onError = (error) => {

            this.#lastError = classify(error);
            const { code = '' } = error as NodeJS.ErrnoException;
            if (!this.#wasReady && hangUps.includes(code)) {
                const { tls } = this.#client.options as RedisOptions;
                this.#lastError = new Outage(`Redis: ${code}: the server ended the connection. Does it want ${tls ? 'a client certificate (cert and key in tls)' : 'TLS (rediss://, or tls)'}?`);
            }

            onError(this.#lastError);
        };

        if (isClient(redis)) {
            this.#client = redis;
        }
        else {
            this.#open = () => openClient(redis!, timeout, this.#onError).on('ready', onReady);
            this.#client = this.#open();
        }
    }

    get keyPrefix(): string {

        return this.#client.options.keyPrefix ?? '';
    }

    /** A channel for a key. Unlike keys, channels have no prefix and no database. */
    channel(key: string): string {

        const { options } = this.#client;
        return `${this.keyPrefix}${key}:news:${'db' in options ? options.db : 0}`;
    }

    /** @throws the reason why it cannot connect, or an `Outage` without a reply. */
    async start(): Promise<void> {

        this.#isStopped = false;
        this.#lastError = undefined;
        try {
            await this.run((client) => client.ping(), Math.max(this.#timeout, 5000));
        }
        catch (error) {

            // Otherwise it would retry, and the process would not end

            this.#renew();
            throw this.#lastError ?? error;
        }
    }

    /** A late call must not connect again: nothing would close that connection. */
    async stop(): Promise<void> {

        this.#isStopped = true;
        this.#renew();
    }

    /** The server can be reached again: a client of this package that waits before it reconnects does so now. */
    hurry(): void {

        if (this.#open && this.#client.status === 'reconnecting') {
            this.#client.connect().catch(this.#onError);
        }
    }

    /** @throws `Outage` without a reply in time; the command may still run later. */
    async run<T>(command: (client: Client) => Promise<T>, timeout = this.#timeout): Promise<T> {

        if (this.#isStopped) {
            throw new Outage('Redis: stopped');
        }

        const deadline = new Deadline(timeout);
        try {
            const ready = this.#ready();
            if (ready) {
                await deadline.race(ready);
            }

            return await deadline.race(command(this.#client));
        }
        catch (error) {
            throw classify(error as Error);
        }
        finally {
            deadline.clear();
        }
    }

    async script(script: Script, keys: string[], args: Argument[]): Promise<unknown> {

        return await this.run((client) => evaluate(client, script, keys, args));
    }

    // A disconnected client cannot be used again: the next start needs a new one

    #renew(): void {

        if (this.#open) {
            this.#client.disconnect();
            this.#client = this.#open();
            this.#waiting = undefined;
        }
    }

    // Between two connections, a client has the time of a command to reconnect

    #ready(): Promise<void> | undefined {

        const client = this.#client;
        if (client.status === 'ready') {
            return;
        }

        if (client.status === 'wait' || this.#open && client.status === 'end') {
            client.connect().catch(this.#onError);
        }

        this.#waiting ??= new Promise((resolve) => {

            client.once('ready', () => {

                this.#wasReady = true;
                this.#waiting = undefined;
                this.#onReady();
                resolve();
            });
        });

        return this.#waiting;
    }
}
