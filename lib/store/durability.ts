import { bounded } from './call';
import { isCluster } from './client';

import type { Redis } from 'ioredis';
import type { Client } from './call';


/** Whether writes to a store are durable. The texts are for its operator: what is wrong, what follows, what to do. */
export interface Durability {

    refusal: string | null;
    warnings: string[];
}


export interface Check {
    about: string;
    isGood: boolean;

    /** What was found and, where it is not good, what follows from it and what to do. */
    text: string;

    /** What to type in redis-cli. */
    command: string | null;

    /** Whether no server starts on it. */
    isFatal?: true;
}


/** What INFO says, by the names of its fields. */
export type Info = (name: string) => string | undefined;


/** What the servers behind a client say of themselves, within `timeout` (ms) each. Never throws. */
export const examine = async function (client: Client, timeout: number): Promise<Durability> {

    const look = async (server: Redis) => toDurability(await findings(server, await infoOf(server)));
    const found = await Promise.all(mastersOf(client).map((server) => bounded(look(server), timeout).catch(unknown)));

    return {
        refusal: found.find(({ refusal }) => refusal !== null)?.refusal ?? null,
        warnings: [...new Set(found.flatMap(({ warnings }) => warnings))]
    };
};


export const mastersOf = function (client: Client): Redis[] {

    return isCluster(client) ? client.nodes('master') : [client];
};


export const infoOf = async function (server: Redis): Promise<Info> {

    const info = await server.info();
    return (name) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
};


/** A setting of a server; undefined where the server, or the rights of this user, do not show it. */
export const configured = async function (server: Redis, name: string): Promise<string | undefined> {

    const reply = await server.config('GET', name).catch(() => []);
    return Object.values(reply as object).at(-1);
};


export const findings = async function (server: Redis, info: Info): Promise<Check[]> {

    return [eviction(info), persistence(info), await replication(server, info)];
};


// Also of volatile keys: without the list of sessions, a logout of the others misses some

const eviction = function (info: Info): Check {

    const policy = info('maxmemory_policy') ?? 'noeviction';
    if (policy === 'noeviction') {
        return good('eviction', 'none (maxmemory-policy is noeviction)');
    }

    const command = 'CONFIG SET maxmemory-policy noeviction';
    return Number(info('maxmemory')) > 0 ?
        { ...bad('eviction', `Redis: it evicts (maxmemory-policy is ${policy}), so that a logout may be lost. Set maxmemory-policy to noeviction`, command), isFatal: true } :
        bad('eviction', `Redis has the maxmemory-policy ${policy}: as soon as it has a maxmemory, it evicts, and a logout may be lost. Set maxmemory-policy to noeviction`, command);
};


const persistence = function (info: Info): Check {

    return info('aof_enabled') === '0' ?
        bad('persistence', 'Redis writes no append-only file: after a restart of Redis a token that was revoked may be accepted again. Set appendonly to yes', 'CONFIG SET appendonly yes') :
        good('persistence', 'an append-only file');
};


// A master that is cut off and the promoted replica must not both have enough replicas for writes: with n replicas, they share n - 1. With one replica, the operator has to
// choose, because its restart would stop the app

const replication = async function (server: Redis, info: Info): Promise<Check> {

    const replicas = Number(info('connected_slaves') ?? 0);
    const isLimited = info('min_slaves_good_slaves') !== undefined;
    const least = Math.floor((replicas - 1) / 2) + 1;
    const remedy = `With ${replicas} replicas, set min-replicas-to-write to ${least} or more`;
    const command = `CONFIG SET min-replicas-to-write ${least}`;
    if (replicas >= 2 && !isLimited) {
        return bad('replicas', `Redis has no min-replicas-to-write: a failover may lose logouts that were confirmed. ${remedy}`, command);
    }

    // INFO does not show the number, and some servers hide it

    if (replicas >= 3) {
        const number = Number(await configured(server, 'min-replicas-to-write') ?? least);
        if (number < least) {
            return bad('replicas', `Redis has min-replicas-to-write ${number}: two masters may both take writes during a failover, which loses logouts. ${remedy}`, command);
        }
    }

    return good('replicas', replicas === 0 ? 'none' : `${replicas}, ${isLimited ? 'of which some have each write' : 'and writes do not wait for it'}`);
};


export const good = (about: string, text: string): Check => ({ about, isGood: true, text, command: null });

export const bad = (about: string, text: string, command: string | null = null): Check => ({ about, isGood: false, text, command });


const toDurability = function (found: Check[]): Durability {

    const problems = found.filter(({ isGood }) => !isGood);
    return { refusal: problems.find(({ isFatal }) => isFatal)?.text ?? null, warnings: problems.filter(({ isFatal }) => !isFatal).map(({ text }) => text) };
};


const unknown = function (error: Error): Durability {

    return { refusal: null, warnings: [`Redis does not show its settings for eviction and persistence (${error.message}). Allow INFO, or check maxmemory-policy, appendonly and min-replicas-to-write yourself`] };
};
