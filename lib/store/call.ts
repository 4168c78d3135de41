import { Outage, WritesRefused } from '../errors/outage';

import type { Cluster, Redis } from 'ioredis';


export type Client = Redis | Cluster;


// Error codes that mean an outage: of the server, for this user, or of this node. Any other is a bug in this package

const outages = ['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'BUSY', 'NOAUTH', 'WRONGPASS', 'NOPERM', 'UNBLOCKED'];

// Error codes of a server that refuses writes because of its memory, disk or replicas

const refusals = ['OOM', 'MISCONF', 'NOREPLICAS'];

// A reply begins with its code. Before Redis 7, errors of scripts begin with ERR

const code = /^(?:ERR Error running script \(call to \w+\): (?:@user_script: ?\d+: )+-)?([A-Z]+)\b/;

// For an unknown command the server quotes the arguments: with AUTH or HELLO, the password

const quotation = ', with args';


/** The meaning of a failed call, without its arguments: a reply error has the command, keys and passwords in a property, and may quote them in its text. */
export const classify = function (error: Error): Error {

    if (error instanceof Outage) {
        return error;
    }

    if (error.name !== 'ReplyError') {
        return new Outage(`Redis: ${error.message || (error as NodeJS.ErrnoException).code}`);
    }

    const [text] = error.message.split(quotation);
    const reply = code.exec(text!)?.[1] ?? '';
    if (refusals.includes(reply)) {
        return new WritesRefused(`Redis: ${text}`);
    }

    return outages.includes(reply) ? new Outage(`Redis: ${text}`) : new Error(`hard-logout: Redis refused a command: ${text}`);
};


/** One timer (ms) for all awaits of a call. */
export class Deadline {

    readonly #passed: Promise<never>;
    #timer!: NodeJS.Timeout;

    constructor(timeout: number) {

        this.#passed = new Promise((_, reject) => {

            // After a stall of this process, a reply may be there and not read yet

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


/** The result of a call, or an `Outage` after `timeout` (ms); the command may still run. */
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
