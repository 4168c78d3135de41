import { AskedBlacklist } from '../blacklist/asked';
import { systemClock } from '../blacklist/clock';
import { SessionList } from '../sessions/session-list';
import { interruptible } from './failure';
import { date, quote } from './terminal';

import type { SessionInfo } from '../types';
import type { Invocation } from './arguments';
import type { Context } from './terminal';


/** Lists a subject's live sessions. */
export const listSessions = async function (invocation: Invocation, { output, store, terminal }: Context): Promise<void> {

    const { issuers, maxAge, plugin: { cache: { max } }, target } = invocation;

    const read = async function (): Promise<({ issuer: string } & SessionInfo)[]> {

        await store.start();
        const blacklist = new AskedBlacklist(store, { max, clock: systemClock, arrived: () => undefined });
        const lists = await Promise.all(issuers.map((issuer) => new SessionList({ store, blacklist, issuer, maxAge }).live(target.subject!)));
        return lists.flatMap((list, i) => list.map((session) => ({ issuer: issuers[i]!, ...session })));
    };

    const found = await interruptible(read(), terminal.signal, 'nothing was read');
    output.result(found, found.length > 0 ? found.map(lineOf) : [`No sessions of ${quote(target.subject)}.`]);
};


const lineOf = function ({ id, created, renewed, expires, data }: SessionInfo): string {

    const attached = data === undefined ? '' : `  ${quote(data)}`;
    return `${id}  created ${date(created)}  renewed ${date(renewed)}  expires ${date(expires)}${attached}`;
};
