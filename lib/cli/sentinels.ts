import { Redis } from 'ioredis';

import type { RedisOptions } from 'ioredis';


/** What a Sentinel knows of the master, or why it did not reply. */
export interface FoundSentinel {
    address: string;
    problem: string | null;

    /** Sentinels that know each other, this one included. */
    count: number;

    /** After how long (ms) without a reply the master counts as down. */
    downAfter: number;
}


/** Asks each Sentinel what it knows of the master. Never throws. */
export const askSentinels = async function ({ sentinels, name, sentinelUsername, sentinelPassword, enableTLSForSentinelMode }: RedisOptions, timeout: number): Promise<FoundSentinel[]> {

    return Promise.all(sentinels!.map(async ({ host, port }) => {

        const client = new Redis({
            host,
            port,
            username: sentinelUsername,
            password: sentinelPassword,
            ...enableTLSForSentinelMode && { tls: {} },
            protocol: 2,
            lazyConnect: true,
            connectTimeout: timeout,
            commandTimeout: timeout,
            maxRetriesPerRequest: 0
        });

        let reason: Error | undefined;
        client.on('error', (error) => {

            reason = error;
        });

        const address = `${host}:${port}`;
        try {
            await client.connect();
            const fields = await client.call('SENTINEL', 'MASTER', name!) as string[];
            const of = (field: string) => Number(fields[fields.indexOf(field) + 1]);
            const problem = await client.call('SENTINEL', 'CKQUORUM', name!).then(() => null, (error: Error) => error.message);
            return { address, problem, count: of('num-other-sentinels') + 1, downAfter: of('down-after-milliseconds') };
        }
        catch (error) {
            return { address, problem: (reason ?? error as Error).message, count: 0, downAfter: 0 };
        }
        finally {
            client.disconnect();
        }
    }));
};
