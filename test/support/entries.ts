import type { Cluster, Redis } from 'ioredis';


/** The entries of a blacklist in Redis, by name. Both moments are in milliseconds since the epoch. */
export const entriesOf = async function (client: Redis | Cluster, blacklist: string): Promise<Map<string, { cutoff: number; expires: number }>> {

    const found = new Map<string, { cutoff: number; expires: number }>();
    for (const block of await client.hvals(`${blacklist}:blocks`)) {
        for (const [, name, cutoff, expires] of block.matchAll(/ ([^:]+):(\d+):(\d+)/g)) {
            found.set(name!, { cutoff: Number(cutoff), expires: Number(expires) });
        }
    }

    return found;
};
