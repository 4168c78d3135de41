import { mastersOf } from './durability';

import type { Client } from './call';


export interface Survey {

    /** The server's time (ms since the epoch). */
    now: number;
    size: number;

    /** Null without a log. `lease` (ms) is the longest of its members. */
    epoch: string | null;
    lease: number;
    members: { id: string; position: number }[];
}


/** Reads all of it, without a change. */
export const survey = async function (client: Client, keys: string[]): Promise<Survey> {

    const [, expiries,, log, members] = keys as [string, string, string, string, string];
    const [[seconds], size, [epoch, lease], registry] = await Promise.all([
        client.time(), client.zcard(expiries), client.hmget(log, 'epoch', 'lease'), client.zrange(members, '0', '-1', 'WITHSCORES')
    ]);

    const flat = registry.flat();
    const ids = flat.filter((_, i) => i % 2 === 0);
    return {
        now: Number(seconds) * 1000,
        size,
        epoch: epoch!,
        lease: Number(lease),
        members: ids.map((id, i) => ({ id, position: Number(flat[2 * i + 1]) }))
    };
};


/** The prefixes of processes with a lease; none without the right to ask. */
export const prefixes = async function (client: Client): Promise<string[]> {

    const channels = await Promise.all(mastersOf(client).map((server) => server.pubsub('CHANNELS', '*{*}:blacklist:news:*').catch(() => [])));
    return [...new Set((channels.flat() as string[]).map((name) => /\{([^{}]+)\}:blacklist:news:/.exec(name)![1]!))].sort();
};
