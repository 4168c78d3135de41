import { Outage } from '../errors/outage';
import { isClient } from '../options/redis';
import { classify, Deadline } from './call';
import { openClient } from './client';
import { evaluate } from './script';

import type { Redis, RedisOptions } from 'ioredis';
import type { Client } from './call';
import type { Argument, Script } from './script';
import type { PluginSettings } from '../options/settings';


// What is seen of a server that wants TLS, or in TLS 1.3 a client certificate: it ends the connection, and the alert that says why is often lost

const hangUps = ['ECONNRESET', 'EPIPE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'];


/** A Redis client, of this package or of the user, each of whose replies comes in bounded time. */
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

    /** `onError` is called when a connection fails, `onReady` when there is one. */
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

    /** What the client puts before each key by itself. */
    get keyPrefix(): string {

        return this.#client.options.keyPrefix ?? '';
    }

    /** A channel of one's own for what a key holds: unlike keys, channels know no prefixes and no databases. */
    channel(key: string): string {

        const { options } = this.#client;
        return `${this.keyPrefix}${key}:news:${'db' in options ? options.db : 0}`;
    }

    /** @throws what kept it from connecting, or an `Outage` when the server does not answer. */
    async start(): Promise<void> {

        this.#isStopped = false;
        this.#lastError = undefined;
        try {
            await this.run((client) => client.ping(), Math.max(this.#timeout, 5000));
        }
        catch (error) {

            // Left to itself it would go on trying, and keep a process alive that has nothing to serve

            this.#renew();
            throw this.#lastError ?? error;
        }
    }

    /** A late call must not connect again: that connection would never be closed. */
    async stop(): Promise<void> {

        this.#isStopped = true;
        this.#renew();
    }

    /** The server is known to be there: a client of this package that waits for its next attempt to connect makes it now. */
    hurry(): void {

        if (this.#open && this.#client.status === 'reconnecting') {
            this.#client.connect().catch(this.#onError);
        }
    }

    /** @throws `Outage` when there is no answer in time; the command may still run later. */
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

    // A client that is disconnected takes a while to, or never comes back: the next start needs a new one

    #renew(): void {

        if (this.#open) {
            this.#client.disconnect();
            this.#client = this.#open();
            this.#waiting = undefined;
        }
    }

    // A client that is between two connections is given the time that a question has, not a refusal

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
