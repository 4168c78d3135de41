import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

import * as Boom from '@hapi/boom';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

import type { RateLimiterAbstract } from 'rate-limiter-flexible';


/** How many wrong passwords are heard within a window. */
const limits = {
    window: 15 * 60,        // seconds

    // For one name, from one address. Were it the name alone, anybody could lock a user out

    guesses: 5,

    // For all names, from one address

    address: 100
};


/** Bounds the guessing of passwords, in Redis for all processes or in the memory of this one. */
export class Throttle {

    readonly #redis: Redis | undefined;
    readonly #guesses: RateLimiterAbstract;
    readonly #addresses: RateLimiterAbstract;

    constructor(redis: string | undefined, prefix: string) {

        // Better a prompt 503 than a login that waits for Redis

        this.#redis = redis === undefined ? undefined : new Redis(redis, {
            lazyConnect: true,
            enableOfflineQueue: false,
            maxRetriesPerRequest: 0,
            commandTimeout: 400
        });

        this.#redis?.on('error', () => undefined);          // Each command tells it

        const limiter = (keyPrefix: string, points: number) => {

            const options = { keyPrefix: `${prefix}:${keyPrefix}`, points, duration: limits.window };
            return this.#redis ? new RateLimiterRedis({ ...options, storeClient: this.#redis }) : new RateLimiterMemory(options);
        };

        this.#guesses = limiter('guesses', limits.guesses);
        this.#addresses = limiter('addresses', limits.address);
    }

    async start(): Promise<void> {

        await this.#redis?.connect();
    }

    stop(): void {

        this.#redis?.disconnect();
    }

    /**
     * Counts an attempt, before the password is looked at: of guesses that come at the same moment none slips through, and none that is one
     * too many costs a hash.
     *
     * @throws 429 with `Retry-After` after too many, 503 when they cannot be counted.
     */
    async count(name: string, address: string): Promise<void> {

        await refusing(this.#addresses.consume(network(address)));
        await refusing(this.#guesses.consume(pair(name, address)));
    }

    /** Whoever knew the password was not guessing. */
    async forgive(name: string, address: string): Promise<void> {

        await refusing(this.#addresses.reward(network(address)));
        await refusing(this.#guesses.delete(pair(name, address)));
    }
}


const refusing = async function (step: Promise<unknown>): Promise<void> {

    try {
        await step;
    }
    catch (error) {
        if (error instanceof RateLimiterRes) {
            const refusal = Boom.tooManyRequests('Too many attempts');
            refusal.output.headers['retry-after'] = Math.ceil(error.msBeforeNext / 1000);
            throw refusal;
        }

        throw Boom.serverUnavailable('Attempts cannot be counted');
    }
};


// A digest: bounded, and no name in a key

const pair = function (name: string, address: string): string {

    return createHash('sha256').update(JSON.stringify([name, network(address)])).digest('base64url');
};


// Who has one address of IPv6 has the 2^64 beside it

const network = function (address: string): string {

    if (!isIPv6(address) || address.includes('.')) {
        return address.replace(/^::ffff:/i, '');
    }

    const [head, tail] = address.split('::').map((half) => half.split(':').filter(Boolean)) as [string[], string[]?];
    const groups = tail ? [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail] : head;
    return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
};
