import { LeasedBlacklist } from '../../lib/blacklist/leased-blacklist';
import { forever } from '../../lib/blacklist/blacklist';

import type { Revocation } from '../../lib/store/blacklist-contract';
import type { FakeLink, FakeServer } from './link';


/** A process with a lease, on a fake server. */
export interface Process {
    blacklist: LeasedBlacklist;

    /** Its connections, the newest last. */
    links: FakeLink[];
    reports: string[];
    arrivals: string[][];
}


export const createProcess = function (server: FakeServer, name: string, { max = 100 } = {}): Process {

    const links: FakeLink[] = [];
    const reports: string[] = [];
    const arrivals: string[][] = [];
    const { lease, timeout, clock } = server;

    const connect = async () => {

        const link = await server.connect(name);
        links.push(link);
        return link;
    };

    const blacklist = new LeasedBlacklist({
        lease,
        timeout,
        max,
        clock,
        connect,
        report: (event) => reports.push(event),
        arrived: (revocations) => arrivals.push(revocations.map(({ key }) => key))
    });

    return { blacklist, links, reports, arrivals };
};


/** One that has joined, with an empty list of calls on the server. */
export const joinProcess = async function (server: FakeServer, name: string, options?: { max?: number }): Promise<Process> {

    const joined = createProcess(server, name, options);
    await joined.blacklist.start();
    await server.clock.advance(1);
    server.calls.length = 0;
    return joined;
};


export const revocation = function (key: string, cutoff = forever, ttl = 60_000): Revocation {

    return { key, cutoff, ttl };
};


export const fill = function (count: number, name = 'key'): Revocation[] {

    return Array.from({ length: count }, (_, i) => revocation(`${name} ${i}`));
};


/** Whether it answers from memory that a key is clean. */
export const accepts = function ({ blacklist }: Process, key = 'token'): boolean {

    const found = blacklist.cutoff([key]);
    if (found instanceof Promise) {
        found.catch(() => undefined);
        return false;
    }

    return found === 0;
};
