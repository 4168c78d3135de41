import { Outage, WritesRefused } from '../errors/outage';

import type { Cluster, Redis } from 'ioredis';


export type Client = Redis | Cluster;


// What a server says when it cannot serve now, or this user, or this node: an outage. Anything else it says is a bug in this package

const outages = ['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'BUSY', 'NOAUTH', 'WRONGPASS', 'NOPERM', 'UNBLOCKED'];

// The same of a server that could write where its memory, its disk or its replicas are in order

const refusals = ['OOM', 'MISCONF', 'NOREPLICAS'];

// A reply begins with its code. Servers before Redis 7 put an ERR in front of the error of a script

const code = /^(?:ERR Error running script \(call to \w+\): (?:@user_script: ?\d+: )+-)?([A-Z]+)\b/;

// A server that does not know a command quotes what came with it: of AUTH or HELLO, that is the password

const quotation = ', with args';


/**
 * What a failed call means, without what it was about. A reply error has the command, keys and passwords included, as a property, and may
 * quote them in its text: what is quoted goes, whatever it says.
 */
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


/** One timer (ms) for all that one question awaits. */
export class Deadline {

    readonly #passed: Promise<never>;
    #timer!: NodeJS.Timeout;

    constructor(timeout: number) {

        this.#passed = new Promise((_, reject) => {

            // After a stall of this process an answer may be there, and not read yet: it goes first

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
