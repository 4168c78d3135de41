import { mastersOf } from './durability';

import type { Client } from './call';


/** The blacklist, as a person sees it. */
export interface Survey {

    /** The server's time (ms since the epoch). */
    now: number;
    size: number;

    /** Null where there is no log. `lease` (ms) is the longest of its members. */
    epoch: string | null;
    lease: number;
    members: { id: string; position: number }[];
}


/** What there is, without a change to it. */
export const survey = async function (client: Client, keys: string[]): Promise<Survey> {

    const [entries,,, log, members] = keys as [string, string, string, string, string];
    const [[seconds], size, [epoch, lease], registry] = await Promise.all([
        client.time(), client.hlen(entries), client.hmget(log, 'epoch', 'lease'), client.zrange(members, '0', '-1', 'WITHSCORES')
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


/** The prefixes under which processes with a lease listen; none where this user may not ask. */
export const prefixes = async function (client: Client): Promise<string[]> {

    const channels = await Promise.all(mastersOf(client).map((server) => server.pubsub('CHANNELS', '*{*}:blacklist:news:*').catch(() => [])));
    return [...new Set((channels.flat() as string[]).map((name) => /\{([^{}]+)\}:blacklist:news:/.exec(name)![1]!))].sort();
};
