import { randomBytes } from 'node:crypto';

import * as Scripts from './blacklist-scripts';
import { blockOf, cutoffIn } from './blocks';
import { evaluate } from './script';

import type { Client } from './call';
import type { News, Progress, Revocation } from './blacklist-contract';


/** The keys of the log's scripts, in their order, and the channel of its news. */
export interface LogAddress {
    keys: string[];
    channel: string;
}


export const cutoffs = async function (client: Client, { keys: [blocks] }: LogAddress, names: string[]): Promise<(number | null)[]> {

    const found = await client.hmget(blocks!, ...names.map(blockOf));
    return found.map((block, i) => cutoffIn(block, names[i]!));
};


/** Writes revocations for a process without a lease, on any connection. */
export const enter = async function (client: Client, { keys, channel }: LogAddress, revocations: Revocation[]): Promise<Progress & { epoch: string; position: number }> {

    const reply = await evaluate(client, Scripts.enter, keys, [channel, newEpoch(), ...argumentsOf(revocations)]) as [number, number, number, number, string, number];
    return { ...progressOf(reply), epoch: reply[4], position: reply[5] };
};


/** The progress of the log, on any connection. */
export const progress = async function (client: Client, { keys, channel }: LogAddress, epoch: string): Promise<Progress | null> {

    const reply = await evaluate(client, Scripts.progress, keys, [channel, epoch]) as [number, number, number, number] | null;
    return reply && progressOf(reply);
};


const progressOf = function ([published, least, settled, lease]: [number, number, number, number, ...unknown[]]): Progress {

    return { published, least, isSettled: settled === 1, lease };
};


export const argumentsOf = function (revocations: Revocation[]): (string | number)[] {

    return revocations.flatMap(({ key, cutoff, ttl, terms }) => [key, cutoff, Math.ceil(ttl), terms?.issuer ?? '', terms?.life ?? '', terms?.tolerance ?? '']);
};


export const newSuspicion = function (): string {

    return randomBytes(9).toString('base64url');
};


export const newEpoch = function (): string {

    return randomBytes(12).toString('base64url');
};


// Epoch, first and last position, then key, cut-off and ttl of each revocation

export const parseNews = function (message: string): News {

    const [epoch, first, last, ...fields] = message.trimEnd().split(' ');
    const revocations: Revocation[] = [];
    for (let i = 0; i < fields.length; i += 3) {
        revocations.push({ key: fields[i]!, cutoff: Number(fields[i + 1]), ttl: Number(fields[i + 2]) });
    }

    return { epoch: epoch!, first: Number(first), last: Number(last), revocations };
};
