import { bounded } from './call';
import { isCluster } from './client';

import type { Redis } from 'ioredis';
import type { Client } from './call';


/** Whether a store keeps what it was told. The texts are for the person who runs it: what is wrong, what follows, what to do. */
export interface Durability {

    /** Why it must not be used. */
    refusal: string | null;
    warnings: string[];
}


/** What the servers behind a client say of themselves: all masters of a Cluster, within `timeout` (ms) each. Never throws. */
export const examine = async function (client: Client, timeout: number): Promise<Durability> {

    const servers = isCluster(client) ? client.nodes('master') : [client];
    const found = await Promise.all(servers.map((server) => bounded(examineServer(server), timeout).catch(unknown)));

    return {
        refusal: found.find(({ refusal }) => refusal !== null)?.refusal ?? null,
        warnings: [...new Set(found.flatMap(({ warnings }) => warnings))]
    };
};


const examineServer = async function (server: Redis): Promise<Durability> {

    const info = await server.info();
    const fieldOf = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];

    // Of volatile keys, too: without its list of sessions a logout of the others misses some

    const policy = fieldOf('maxmemory_policy') ?? 'noeviction';
    const evicts = policy !== 'noeviction';
    const isBounded = Number(fieldOf('maxmemory')) > 0;

    const warnings: string[] = [];
    if (evicts && !isBounded) {
        warnings.push(`Redis has the maxmemory-policy ${policy}: as soon as it has a maxmemory, it evicts, and a logout may be lost. Set maxmemory-policy to noeviction`);
    }

    if (fieldOf('aof_enabled') === '0') {
        warnings.push('Redis writes no append-only file: after a restart of Redis a token that was revoked may be accepted again. Set appendonly to yes');
    }

    const replication = await replicationProblem(server, Number(fieldOf('connected_slaves')), fieldOf('min_slaves_good_slaves') !== undefined);
    if (replication !== null) {
        warnings.push(replication);
    }

    return {
        refusal: evicts && isBounded ? `Redis: it evicts (maxmemory-policy is ${policy}), so that a logout may be lost. Set maxmemory-policy to noeviction` : null,
        warnings
    };
};


// A master that is cut off and the replica that took its place must not both find enough replicas to take writes: with n replicas there are
// n - 1 for the two. With one replica its restart would stop the app, so that there it is for the operator to choose

const replicationProblem = async function (server: Redis, replicas: number, isLimited: boolean): Promise<string | null> {

    const least = Math.floor((replicas - 1) / 2) + 1;
    const remedy = `With ${replicas} replicas, set min-replicas-to-write to ${least} or more`;
    if (replicas >= 2 && !isLimited) {
        return `Redis has no min-replicas-to-write: a failover may lose logouts that were answered. ${remedy}`;
    }

    // INFO does not show the number, and not every server shows it at all

    if (replicas >= 3) {
        const reply = await server.config('GET', 'min-replicas-to-write').catch(() => []);
        const number = Number(Object.values(reply as object).at(-1) ?? least);
        if (number < least) {
            return `Redis has min-replicas-to-write ${number}: two masters may both take writes during a failover, which loses logouts. ${remedy}`;
        }
    }

    return null;
};


const unknown = function (error: Error): Durability {

    return { refusal: null, warnings: [`Redis does not say whether it evicts, and what it keeps (${error.message}). Allow INFO, or see to maxmemory-policy, appendonly and min-replicas-to-write yourself`] };
};
