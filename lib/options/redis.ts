import type { Cluster } from 'ioredis';
import type { PluginOptions } from '../types';


type RedisOption = NonNullable<PluginOptions['redis']>;

type RedisClient = Extract<RedisOption, { disconnect(): void }>;


/** Whether the option is a client, of this or another version of ioredis. */
export const isClient = function (redis: unknown): redis is RedisClient {

    return typeof redis === 'object' && redis !== null && 'status' in redis && 'disconnect' in redis;
};


/** Whether ioredis understands an address. It takes any other text as a host or a path, and quotes it in its error, with the password. */
export const isAddress = function (text: string): boolean {

    if (text.startsWith('/')) {
        return true;
    }

    if (!URL.canParse(text)) {
        return false;
    }

    const { protocol, hostname, pathname, search, hash } = new URL(text);
    return /^rediss?:$/.test(protocol) && hostname !== '' && !`${pathname}${search}${hash}`.includes('@');
};


/** What is wrong with the option `redis`, or null. Options without a server are wrong: ioredis would connect to 127.0.0.1. */
export const redisProblem = function (redis: unknown): string | null {

    if (typeof redis === 'string') {
        return isAddress(redis) ? null : 'must be a URL that starts with redis:// or rediss://, or the path of a unix socket, which starts with /; a password in it is percent-encoded';
    }

    if (typeof redis !== 'object' || redis === null || Array.isArray(redis)) {
        return 'must be a URL, ioredis options, or a client';
    }

    // A replica may not have the latest writes of its master

    if (isClient(redis)) {
        const readsFromMasters = !redis.isCluster || (redis as Cluster).options.scaleReads === 'master';
        return readsFromMasters ? null : 'must be a Cluster that reads from masters (scaleReads)';
    }

    if (redis instanceof URL) {
        return 'must be a URL as a string: use its href';
    }

    if (!isPlain(redis)) {
        return 'must be a client of the package ioredis: one of another package, such as redis, cannot be used';
    }

    return optionsProblem(redis);
};


const optionsProblem = function (options: Record<string, unknown>): string | null {

    const foreign = ['url', 'socket'].find((name) => options[name] !== undefined);
    if (foreign !== undefined) {
        return `must be options of the package ioredis: ${foreign} is one of the package redis. Name the server as host and port, or as path`;
    }

    // An empty host usually comes from an environment variable that is not set

    const isGiven = (name: string) => (options[name] ?? '') !== '';
    const isNamed = ['host', 'path', 'sentinels'].some(isGiven) || isGiven('port') && !('host' in options);
    return isNamed ? null : 'must name a server, as host, as path, or as sentinels: it is missing, or empty';
};


const isPlain = function (value: object): value is Record<string, unknown> {

    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
};
