import { systemClock } from '../blacklist/clock';
import { patience } from '../blacklist/lease';
import { pause } from '../blacklist/timers';
import { interruptible } from './failure';
import { count, table } from './terminal';

import type { Clock } from '../blacklist/clock';
import type { Survey } from '../store/survey';
import type { Invocation } from './arguments';
import type { Context } from './terminal';


export interface ObservedProcess {

    /** Host, process id, and a unique part. */
    id: string;

    /** How long (ms) it took to confirm an empty write, to within `interval`; null if it did not confirm within a lease. */
    confirmed: number | null;
}


interface Overview {

    isSettled: boolean;
    revocations: number;

    /** The longest lease (ms) of any process; 0 without processes. */
    lease: number;
    processes: ObservedProcess[];
}


const interval = 50;


/** Shows which processes share the blacklist, without joining them. */
export const showStatus = async function (_: Invocation, { output, store, terminal }: Context): Promise<void> {

    const read = async function (): Promise<Overview> {

        await store.start();
        return await observeLog(store);
    };

    const found = await output.wait(interruptible(read(), terminal.signal, 'nothing was read'), () => 'waiting for each process to confirm');
    output.result(found, [
        found.isSettled ? 'Redis is settled' : 'Redis is not settled: it is new, or was restarted, promoted or emptied. A process that joins now waits for a lease',
        `${count(found.revocations, 'revocation')}, ${count(found.processes.length, 'process', 'processes')}${found.lease === 0 ? '' : `, a lease of ${found.lease} ms`}`,
        ...found.processes.length > 0 ? ['', ...table([['PROCESS', 'CONFIRMED'], ...found.processes.map(rowOf)])] : []
    ]);
};


/** Writes an empty entry, and waits until all processes have confirmed it. */
export const observeLog = async function (store: Pick<Context['store'], 'survey' | 'progress' | 'revoke'>): Promise<Overview> {

    const { epoch, lease, size: revocations } = await store.survey();

    // After a restart of Redis the members are about to make a new log

    const progress = epoch === null ? null : await store.progress(epoch);
    if (!progress) {
        return { isSettled: false, revocations, lease, processes: [] };
    }

    const { position } = await store.revoke([]);
    const processes = await observe({ position, lease, read: async () => (await store.survey()).members }, systemClock);
    return { isSettled: progress.isSettled, revocations, lease, processes };
};


export interface Observed {

    /** The position to confirm, and the longest lease (ms): a process that does not confirm within it stops trusting its memory. */
    position: number;
    lease: number;
    read: () => Promise<Survey['members']>;
}


/** Watches the members until each has confirmed a position, or its lease has certainly ended. */
export const observe = async function ({ position, lease, read }: Observed, clock: Clock): Promise<ObservedProcess[]> {

    const began = clock.now();
    const seen = new Map<string, number>();
    let ids: Set<string> | undefined;
    for (;;) {
        const members = new Map((await read()).map((member) => [member.id, member.position]));
        ids = new Set(Array.from(ids ?? members.keys()).filter((id) => members.has(id)));
        for (const id of ids) {
            if (members.get(id)! >= position && !seen.has(id)) {
                seen.set(id, clock.now());
            }
        }

        if (Array.from(ids).every((id) => seen.has(id)) || clock.now() >= began + patience(lease)) {
            break;
        }

        await pause(clock, interval);
    }

    return Array.from(ids, (id) => ({ id, confirmed: seen.has(id) ? Math.round(seen.get(id)! - began) : null }));
};


const rowOf = function ({ id, confirmed }: ObservedProcess): string[] {

    return [id, confirmed === null ? 'not within a lease: crashed, or paused' : `within ${confirmed} ms`];
};
