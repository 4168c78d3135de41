import { Redis } from 'ioredis';

import { Outage } from '../errors/outage';
import { isClient } from '../options/redis';
import { bounded } from './call';

import type { Cluster, RedisOptions } from 'ioredis';
import type { PluginSettings } from '../options/settings';
import type { Client } from './call';


type Address = Exclude<PluginSettings['redis'], Client | undefined>;


export const openClient = function (redis: Address, timeout: number, onError: (error: Error) => void): Redis {

    const client = create(redis, {

        // This package limits the time of commands, and never sends one twice

        lazyConnect: true,
        enableAutoPipelining: true,
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,

        // A frozen server is given up; a lost one is retried at once, and then twice a second

        connectTimeout: 2 * timeout,
        commandTimeout: 2 * timeout,
        socketTimeout: 4 * timeout,
        retryStrategy: (attempt: number) => Math.min(attempt * 50, 500),
        failoverDetector: true,
        connectionName: 'hard-logout'
    }, { lazyConnect: true });

    // Without a listener ioredis prints errors

    return client.on('error', onError);
};


/** A client for one connection to the current server of the blacklist. It does not reconnect. */
export const openLinkClient = async function (redis: Address | Client, key: string, timeout: number): Promise<Redis> {

    return create(isClient(redis) ? await addressOf(redis, key, timeout) : redis, {}, {
        protocol: 3,
        lazyConnect: true,
        enableAutoPipelining: false,
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        autoResubscribe: false,
        maxRetriesPerRequest: 0,
        reconnectOnError: null,
        retryStrategy: () => null,
        connectTimeout: 2 * timeout,
        commandTimeout: undefined,
        socketTimeout: undefined,
        failoverDetector: true,
        readOnly: false,
        keyPrefix: '',
        replyMapping: 'legacy',
        stringNumbers: false,
        connectionName: 'hard-logout:lease'
    });
};


// The user's options override `defaults`, and not `rules`

const create = function (redis: Address, defaults: RedisOptions, rules: RedisOptions): Redis {

    // A URL may have options too. The first argument that has an option wins, which ioredis' types do not say

    return typeof redis === 'string' ? Reflect.construct(Redis, [rules, redis, defaults]) : new Redis({ ...defaults, ...redis, ...rules });
};


const addressOf = async function (client: Client, key: string, timeout: number): Promise<RedisOptions> {

    if (!isCluster(client)) {
        return client.options;
    }

    // Not cached: the slot may have moved, or its master failed

    const { slot, ranges } = await bounded(locate(client, key), timeout);
    const range = ranges.find(([first, last]) => first <= slot && slot <= last);
    if (!range) {
        throw new Outage('Redis: no node of the Cluster serves the blacklist');
    }

    const address = reachable(client, range[2]);
    const node = client.nodes('master').find(({ options }) => options.host === address.host && options.port === address.port);
    return { ...client.options.redisOptions, ...node?.options, ...address };
};


const locate = async function (cluster: Cluster, key: string): Promise<{ slot: number; ranges: [first: number, last: number, master: [string, number]][] }> {

    const [slot, ranges] = await Promise.all([cluster.cluster('KEYSLOT', key), cluster.cluster('SLOTS')]);
    return { slot: Number(slot), ranges: ranges as unknown as [number, number, [string, number]][] };
};


// If this process reaches the nodes at other addresses

const reachable = function (cluster: Cluster, [host, port]: [string, number]): { host: string; port: number } {

    const { natMap } = cluster.options;
    const name = `${host}:${port}`;
    return (typeof natMap === 'function' ? natMap(name) : natMap?.[name]) ?? { host, port };
};


export const isCluster = function (client: Client): client is Cluster {

    return client.isCluster;
};
