import { maxSkew } from '../blacklist/clock';
import { isClient } from '../options/redis';
import { bad, configured, findings, good, infoOf } from '../store/durability';
import { codes, Failure, interruptible } from './failure';
import { issuersToRead } from './registry';
import { missingRights } from './rights';
import { askSentinels } from './sentinels';
import { observeLog } from './status';
import { count, quote, table } from './terminal';

import type { Redis, RedisOptions } from 'ioredis';
import type { Check, Info } from '../store/durability';
import type { Invocation } from './arguments';
import type { FoundSentinel } from './sentinels';
import type { Context, Output } from './terminal';


/** Checks a live Redis and the processes that use it. @throws `Failure` if anything is not good; `Outage`. */
export const examineRedis = async function (invocation: Invocation, { output, store, terminal }: Context): Promise<void> {

    const { plugin } = invocation;
    const read = async function (): Promise<Check[]> {

        await store.start();
        const masters = await store.masters();
        const lists = await Promise.all([
            ...masters.map(async (server) => labelled(await checkServer(server, plugin.prefix), masters.length > 1 ? addressOf(server) : null)),
            guarded('sentinels', () => checkSentinels(plugin, masters[0]!)),
            guarded('strategies', () => checkStrategies(invocation, store)),
            guarded('processes', () => checkProcesses(store))
        ]);

        return lists.flat();
    };

    const checks = await output.wait(interruptible(read(), terminal.signal, 'nothing was read'), () => 'checking Redis, and waiting for each process to confirm');
    const problems = checks.filter(({ isGood }) => !isGood);
    output.result(checks, table(checks.map((check) => rowOf(check, output))));
    if (problems.length > 0) {
        throw new Failure(codes.failed, `${problems.length} of ${count(checks.length, 'check')} ${problems.length === 1 ? 'is' : 'are'} not good`);
    }
};


const rowOf = function ({ about, isGood, text, command }: Check, output: Output): string[] {

    const verdict = isGood ? output.paint('green', 'good') : output.paint(['red', 'bold'], 'not good');
    return [verdict, about, command === null ? text : `${text}. In redis-cli: ${command}`];
};


// A check that fails is not good either

const guarded = async function (about: string, check: () => Promise<Check[]>): Promise<Check[]> {

    try {
        return await check();
    }
    catch (error) {
        return [bad(about, (error as Error).message)];
    }
};


const labelled = function (checks: Check[], label: string | null): Check[] {

    return label === null ? checks : checks.map((check) => ({ ...check, about: `${check.about} ${label}` }));
};


const addressOf = ({ options: { host, port } }: Redis) => `${host}:${port}`;


const checkServer = async function (server: Redis, prefix: string): Promise<Check[]> {

    const asked = await Promise.all([
        guarded('server', async () => {

            const info = await infoOf(server);
            return [
                version(info),
                role(info),
                ...await findings(server, info),
                await replicationLimits(server, info),
                memory(info)
            ].filter((check) => check !== null);
        }),
        guarded('clock', async () => [await clock(server)]),
        guarded('rights', async () => [await rights(server, prefix)])
    ]);

    return asked.flat();
};


const version = function (info: Info): Check {

    const name = info('valkey_version') === undefined ? 'Redis' : 'Valkey';
    const number = info('valkey_version') ?? info('redis_version') ?? '0';
    const [major, minor] = number.split('.').map(Number);
    const isNew = major! > 6 || major === 6 && minor! >= 2;
    return isNew ? good('version', `${name} ${number}`) : bad('version', `${name} ${number}: a lease needs 6.2 or later. Update it, or give the plugin lease: false`);
};


const role = function (info: Info): Check {

    return info('role') === 'slave' ?
        bad('role', `it is a replica, which accepts no writes. Give the address of its master, ${info('master_host')}:${info('master_port')}, or of the Sentinels`) :
        good('role', 'it is a master');
};


// With too few replicas the master accepts no writes

const replicationLimits = async function (server: Redis, info: Info): Promise<Check | null> {

    const [least, lag] = await Promise.all([limitOf(server, 'min-replicas-to-write'), limitOf(server, 'min-replicas-max-lag')]);
    const current = Number(info('min_slaves_good_slaves') ?? least);
    if (current < least) {
        return bad('writes', `it accepts no writes, because min-replicas-to-write is ${least} and it reaches ${count(current, 'replica')}: all responses are 503. Bring the replicas back`);
    }

    return least > 0 && lag > 2 ? bad('writes', `min-replicas-max-lag is ${lag} s: for so long a master that is cut off accepts writes, and then loses them`, 'CONFIG SET min-replicas-max-lag 2') : null;
};


// 0 where the setting cannot be read

const limitOf = async (server: Redis, name: string) => Number(await configured(server, name) ?? 0);


const memory = function (info: Info): Check {

    const [used, limit, evicted] = ['used_memory', 'maxmemory', 'evicted_keys'].map((name) => Number(info(name) ?? 0)) as [number, number, number];
    if (evicted > 0) {
        return bad('memory', `it has evicted ${count(evicted, 'key')} since it started: logouts may be lost. Revoke everything issued until now: hard-logout revoke --issued-before`);
    }

    const share = Math.round(100 * used / limit);
    if (limit > 0 && share >= 75) {
        return bad('memory', `${share} % of maxmemory is used: once it is full, all responses are 503. Give it more`, `CONFIG SET maxmemory ${2 * limit}`);
    }

    return good('memory', limit > 0 ? `${share} % of maxmemory` : `${Math.round(used / 2 ** 20)} MB, without a limit`);
};


const clock = async function (server: Redis): Promise<Check> {

    const began = Date.now();
    const [seconds, microseconds] = await server.time();
    const difference = (began + Date.now()) / 2 - (Number(seconds) * 1000 + Number(microseconds) / 1000);
    const text = `${(Math.abs(difference) / 1000).toFixed(1)} s ${difference > 0 ? 'behind' : 'ahead of'} this machine's`;
    return Math.abs(difference) <= maxSkew ? good('clock', text) : bad('clock', `${text}: with more than a minute, revocations end too early. Set both clocks by NTP`);
};


const rights = async function (server: Redis, prefix: string): Promise<Check> {

    const own = server.duplicate({ protocol: 3, lazyConnect: true, enableReadyCheck: false, enableAutoPipelining: false, autoResubscribe: false });
    own.on('error', () => undefined);
    try {
        await own.connect();
        const missing = await missingRights(own, prefix);
        const user = server.options.username ?? 'default';
        return missing.length === 0 ?
            good('rights', `the user ${quote(user)} has all the rights that are needed`) :
            bad('rights', `the user ${quote(user)} lacks ${count(missing.length, 'right')}`, `ACL SETUSER ${user} ${missing.join(' ')}`);
    }
    finally {
        own.disconnect();
    }
};


const checkSentinels = async function ({ redis, timeout }: Invocation['plugin'], master: Redis): Promise<Check[]> {

    if (typeof redis !== 'object' || isClient(redis)) {
        return [];
    }

    const { name, ...options } = redis as RedisOptions;
    const [found, least, lag] = await Promise.all([askSentinels({ ...options, name }, timeout), limitOf(master, 'min-replicas-to-write'), limitOf(master, 'min-replicas-max-lag')]);
    return judgeSentinels(found, { name: name!, least, lag });
};


/** `least` and `lag` (s) are min-replicas-to-write and min-replicas-max-lag of the master with this name. */
export const judgeSentinels = function (found: FoundSentinel[], { name, least, lag }: { name: string; least: number; lag: number }): Check[] {

    const checks = found.filter(({ problem }) => problem !== null).map(({ address, problem }) => bad('sentinels', `${address}: ${problem}`));
    const [first] = found.filter(({ count: known }) => known > 0);
    if (first === undefined) {
        return checks;
    }

    if (first.count < 3) {
        checks.push(bad('sentinels', `there ${first.count === 1 ? 'is' : 'are'} ${first.count}: if one is cut off together with the master, no failover is possible. Run three or more`));
    }

    // The old master has to stop accepting writes before a new one is elected

    const needed = (lag + 1) * 1000;
    if (least > 0 && first.downAfter <= needed) {
        checks.push(bad('sentinels', `down-after-milliseconds is ${first.downAfter}, and has to be longer than min-replicas-max-lag plus a second (${needed}): ` +
            'otherwise two masters may accept writes at the same time. In redis-cli, on each Sentinel', `SENTINEL SET ${name} down-after-milliseconds ${needed + 1000}`));
    }

    return checks.length > 0 ? checks : [good('sentinels', `${first.count}, down-after-milliseconds ${first.downAfter}`)];
};


const checkStrategies = async function (invocation: Invocation, store: Context['store']): Promise<Check[]> {

    const found = await issuersToRead(invocation, store);
    return [good('strategies', found.map(({ name }) => (name === '' ? 'without an issuer' : `of the issuer ${quote(name)}`)).join(', '))];
};


const checkProcesses = async function (store: Context['store']): Promise<Check[]> {

    const { lease, processes } = await observeLog(store);
    const silent = processes.filter(({ confirmed }) => confirmed === null);
    const checks = silent.map(({ id }) => bad('processes', `${id} has confirmed nothing for ${lease} ms, which is a lease: it has crashed or is paused. The next logout waits for it, once`));
    const text = processes.length === 0 ? 'none in the registry: either none is running, or they have lease: false and ask Redis at every request' : `${count(processes.length, 'process', 'processes')}, with a lease of ${lease} ms`;
    return checks.length > 0 ? checks : [good('processes', text)];
};
