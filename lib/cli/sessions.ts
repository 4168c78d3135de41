import { AskedBlacklist } from '../blacklist/asked';
import { systemClock } from '../blacklist/clock';
import { SessionList } from '../sessions/session-list';
import { interruptible } from './failure';
import { quote, table } from './terminal';

import type { SessionInfo } from '../types';
import type { Invocation } from './arguments';
import type { Context, Output } from './terminal';


type ListedSession = { issuer: string } & SessionInfo;


/** Lists a subject's live sessions. */
export const listSessions = async function (invocation: Invocation, { output, store, terminal }: Context): Promise<void> {

    const { issuers, maxAge, plugin: { cache: { max } }, target } = invocation;

    const read = async function (): Promise<ListedSession[]> {

        await store.start();
        const blacklist = new AskedBlacklist(store, { max, clock: systemClock, arrived: () => undefined });
        const lists = await Promise.all(issuers.map((issuer) => new SessionList({ store, blacklist, issuer, maxAge }).live(target.subject!)));
        return lists.flatMap((list, i) => list.map((session) => ({ issuer: issuers[i]!, ...session })));
    };

    const found = await interruptible(read(), terminal.signal, 'nothing was read');
    output.result(found, found.length > 0 ? tableOf(found, issuers.length > 1, output) : [`No sessions of ${quote(target.subject)}.`]);
};


const tableOf = function (sessions: ListedSession[], hasIssuers: boolean, output: Output): string[] {

    const rows = sessions.map(({ issuer, id, created, renewed, expires, data }) => [
        id,
        output.moment(created),
        renewed === created ? 'never' : output.moment(renewed),
        output.moment(expires),
        ...hasIssuers ? [quote(issuer)] : [],
        data === undefined ? '' : quote(data)
    ]);

    return table([['SESSION', 'CREATED', 'RENEWED', 'EXPIRES', ...hasIssuers ? ['ISSUER'] : [], 'DATA'], ...rows]);
};
