import { createHash } from 'node:crypto';

import * as Boom from '@hapi/boom';
import * as Ip from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

import type { Redis } from 'ioredis';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';


/** How many wrong passwords are accepted within a window. */
const limits = {
    window: 15 * 60,        // seconds

    // For one name from one address. For the name alone, anyone could lock a user out

    guesses: 5,

    // For all names from one address

    address: 100
};


/** Limits the guessing of passwords: in Redis for all processes, or in the memory of this one. */
export class Throttle {

    readonly #guesses: RateLimiterAbstract;
    readonly #addresses: RateLimiterAbstract;

    constructor(redis: Redis | undefined, prefix: string) {

        const limiter = (name: string, points: number) => {

            const options = { keyPrefix: `${prefix}:${name}`, points, duration: limits.window };
            return redis ? new RateLimiterRedis({ ...options, storeClient: redis }) : new RateLimiterMemory(options);
        };

        this.#guesses = limiter('guesses', limits.guesses);
        this.#addresses = limiter('addresses', limits.address);
    }

    /**
     * Counts an attempt before the password is checked: so no guess gets through beside others of the same moment, and one too many costs no hash.
     *
     * @throws 429 with `Retry-After` after too many, 503 if they cannot be counted.
     */
    async count(name: string, address: string): Promise<void> {

        await allow(this.#addresses.consume(network(address)));
        await allow(this.#guesses.consume(pair(name, address)));
    }

    /** The password was right, so the attempts before it were no guesses. */
    async forgive(name: string, address: string): Promise<void> {

        await allow(this.#addresses.reward(network(address)));
        await allow(this.#guesses.delete(pair(name, address)));
    }
}


const allow = async function (step: Promise<unknown>): Promise<void> {

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


// A digest has a fixed length, and hides the name

const pair = function (name: string, address: string): string {

    return createHash('sha256').update(JSON.stringify([name, network(address)])).digest('base64url');
};


// A client with IPv6 has 2^64 addresses, and IPv4 has two spellings

const network = function (address: string): string {

    const ip = Ip.process(address);
    return ip.kind() === 'ipv6' ? Ip.IPv6.networkAddressFromCIDR(`${ip.toString()}/64`).toString() : ip.toString();
};
