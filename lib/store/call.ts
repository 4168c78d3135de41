import { Outage } from '../errors/outage';

import type { Cluster, Redis } from 'ioredis';
import type { Script } from './scripts';


export type Client = Redis | Cluster;


// What a server says when it cannot serve now, or this user, or this node: an outage. Anything else it says is a bug of ours

const outage = /\b(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|OOM|BUSY|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM|UNBLOCKED)\b/;


/** What a failed call means. A reply error carries its command, keys, passwords and all, and one text quotes them: only the rest of the text goes on. */
export const classify = function (error: Error): Error {

    if (error instanceof Outage) {
        return error;
    }

    if (error.name !== 'ReplyError' || outage.test(error.message)) {
        return new Outage(`Redis: ${error.message || (error as NodeJS.ErrnoException).code}`);
    }

    return new Error(`hard-logout: Redis refused a command: ${error.message.split(', with args')[0]}`);
};


/** Runs a script by its digest, or by its text where the server does not have it yet. */
export const evaluate = async function (client: Client, { lua, sha }: Script, keys: string[], args: (string | number)[]): Promise<unknown> {

    try {
        return await client.evalsha(sha, keys.length, ...keys, ...args);
    }
    catch (error) {
        if (!(error as Error).message.startsWith('NOSCRIPT')) {
            throw error;
        }

        return await client.eval(lua, keys.length, ...keys, ...args);
    }
};


/** One timer (ms) for all that one question awaits. */
export class Deadline {

    readonly #passed: Promise<never>;
    #timer!: NodeJS.Timeout;

    constructor(timeout: number) {

        this.#passed = new Promise((_, reject) => {

            // After a stall of this process an answer may be waiting to be read: it goes first

            const pass = () => reject(new Outage(`Redis: no answer within ${timeout} ms`));
            this.#timer = setTimeout(() => setImmediate(pass), timeout);
        });
    }

    race<T>(promise: Promise<T>): Promise<T> {

        return Promise.race([promise, this.#passed]);
    }

    clear(): void {

        clearTimeout(this.#timer);
    }
}


/** The result of a call, or an `Outage` after `timeout` (ms); what was called may still happen. */
export async function bounded<T>(call: Promise<T>, timeout: number): Promise<T> {

    const deadline = new Deadline(timeout);
    try {
        return await deadline.race(call);
    }
    catch (error) {
        throw classify(error as Error);
    }
    finally {
        deadline.clear();
    }
}
