import { Redis } from 'ioredis';

import { Outage } from '../outage';

import type { Cluster } from 'ioredis';
import type { Script } from './scripts';
import type { PluginSettings } from '../options';


export type Client = Redis | Cluster;


// What a server says when it cannot serve now, or this user, or this node: an outage. Anything else it says is a bug of ours

const outage = /\b(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|OOM|BUSY|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM|UNBLOCKED)\b/;


/** A Redis client of ours, or of the user's, whose every answer comes in bounded time. */
export class Connection {

    readonly #timeout: number;
    readonly #open?: () => Redis;
    readonly #onError: (error: Error) => void;
    #client: Client;
    #waiting?: Promise<void>;
    #lastError?: Error;

    constructor({ redis, timeout }: PluginSettings, onError: (error: Error) => void) {

        this.#timeout = timeout;
        this.#onError = (error) => {

            this.#lastError = this.#classify(error);
            onError(this.#lastError);
        };

        if (isClient(redis)) {
            this.#client = redis;
        }
        else {
            this.#open = () => open(redis!, timeout, this.#onError);
            this.#client = this.#open();
        }
    }

    /** @throws what kept it from connecting, or an `Outage` when the server does not answer. */
    async start(): Promise<void> {

        this.#lastError = undefined;
        try {
            await this.run((client) => client.ping(), Math.max(this.#timeout, 5000));
        }
        catch (error) {

            // Left to itself it would go on trying, and keep a process alive that has nothing to serve

            await this.stop();
            throw this.#lastError ?? error;
        }
    }

    // A client that is told to disconnect takes a while to, or never comes back: whoever starts again does so with a new one

    async stop(): Promise<void> {

        if (this.#open) {
            this.#client.disconnect();
            this.#client = this.#open();
            this.#waiting = undefined;
        }
    }

    /** @throws `Outage` when there is no answer in time; the command may still run later. */
    async run<T>(command: (client: Client) => Promise<T>, timeout = this.#timeout): Promise<T> {

        const deadline = new Deadline(timeout);
        try {
            const ready = this.#ready();
            if (ready) {
                await deadline.race(ready);
            }

            return await deadline.race(command(this.#client));
        }
        catch (error) {
            throw this.#classify(error as Error);
        }
        finally {
            deadline.clear();
        }
    }

    async script({ lua, sha }: Script, keys: string[], args: (string | number)[]): Promise<unknown> {

        return await this.run(async (client) => {

            try {
                return await client.evalsha(sha, keys.length, ...keys, ...args);
            }
            catch (error) {
                if (!(error as Error).message.startsWith('NOSCRIPT')) {
                    throw error;
                }

                return await client.eval(lua, keys.length, ...keys, ...args);
            }
        });
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

                this.#waiting = undefined;
                resolve();
            });
        });

        return this.#waiting;
    }

    // A reply error carries its command, keys, passwords and all, and one text quotes them: only the rest of the text goes on

    #classify(error: Error): Error {

        if (error instanceof Outage) {
            return error;
        }

        if (error.name !== 'ReplyError' || outage.test(error.message)) {
            return new Outage(`Redis: ${error.message || (error as NodeJS.ErrnoException).code}`);
        }

        return new Error(`hard-logout: Redis refused a command: ${error.message.split(', with args')[0]}`);
    }
}


const isClient = function (redis: PluginSettings['redis']): redis is Client {

    return typeof redis === 'object' && 'disconnect' in redis;
};


const open = function (redis: Exclude<PluginSettings['redis'], Client | undefined>, timeout: number, onError: (error: Error) => void): Redis {

    const options = {

        // Commands are bounded by us, and never sent twice

        lazyConnect: true,
        enableAutoPipelining: true,
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,

        // A frozen server is given up, a lost one is tried again at once and then twice a second

        connectTimeout: 2 * timeout,
        commandTimeout: 2 * timeout,
        socketTimeout: 4 * timeout,
        retryStrategy: (attempt: number) => Math.min(attempt * 50, 500),
        connectionName: 'hard-logout'
    };

    const client = typeof redis === 'string' ? new Redis(redis, options) : new Redis({ ...options, ...redis, lazyConnect: true });

    // Without a listener ioredis prints what it cannot emit

    return client.on('error', onError);
};


// One timer for all that one question awaits

class Deadline {

    readonly #passed: Promise<never>;
    #timer!: NodeJS.Timeout;

    constructor(timeout: number) {

        this.#passed = new Promise((_, reject) => {

            this.#timer = setTimeout(() => reject(new Outage(`Redis: no answer within ${timeout} ms`)), timeout);
        });
    }

    race<T>(promise: Promise<T>): Promise<T> {

        return Promise.race([promise, this.#passed]);
    }

    clear(): void {

        clearTimeout(this.#timer);
    }
}
