import { AskedBlacklist } from '../blacklist/asked-blacklist';
import { systemClock } from '../blacklist/clock';
import { SessionList } from '../sessions/session-list';
import { interruptible } from './failure';
import { issuersToRead } from './registry';
import { quote, table } from './terminal';

import type { SessionInfo } from '../types';
import type { Invocation } from './arguments';
import type { Context, Output } from './terminal';


type ListedSession = { issuer: string } & SessionInfo;


export const listSessions = async function (invocation: Invocation, { output, store, terminal }: Context): Promise<void> {

    const { plugin: { cache: { max } }, target } = invocation;

    const read = async function (): Promise<{ issuers: number; found: ListedSession[] }> {

        const issuers = await issuersToRead(invocation, store);
        const blacklist = new AskedBlacklist(store, { max, clock: systemClock, arrived: () => undefined });
        const lists = await Promise.all(issuers.map(({ name: issuer, tolerance: clockTolerance }) => new SessionList({ store, blacklist, issuer, clockTolerance }).live(target.subject!)));
        return { issuers: issuers.length, found: lists.flatMap((list, i) => list.map((session) => ({ issuer: issuers[i]!.name, ...session }))) };
    };

    const { issuers, found } = await interruptible(read(), terminal.signal, 'nothing was read');
    output.result(found, found.length > 0 ? tableOf(found, issuers > 1, output) : [`No sessions of ${quote(target.subject)}.`]);
};


const tableOf = function (sessions: ListedSession[], hasIssuers: boolean, output: Output): string[] {

    const hasActors = sessions.some(({ actor }) => actor);
    const rows = sessions.map(({ issuer, id, created, renewed, expires, actor, data }) => [
        id,
        output.moment(created),
        renewed === created ? 'never' : output.moment(renewed),
        output.moment(expires),
        ...hasIssuers ? [quote(issuer)] : [],
        ...hasActors ? [actor ? quote(actor.subject) : ''] : [],
        data === undefined ? '' : quote(data)
    ]);

    const head = ['SESSION', 'CREATED', 'RENEWED', 'EXPIRES', ...hasIssuers ? ['ISSUER'] : [], ...hasActors ? ['ACTOR'] : [], 'DATA'];
    return table([head.map((cell) => output.paint('bold', cell)), ...rows]);
};
