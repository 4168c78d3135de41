import { randomUUID } from 'node:crypto';

import { systemClock } from '../blacklist/clock';
import { patience } from '../blacklist/lease';
import { interruptible } from './failure';
import { count, table } from './terminal';

import type { Clock } from '../blacklist/clock';
import type { Peer } from '../store/contract';
import type { Invocation } from './arguments';
import type { Context } from './terminal';


/** A process in the registry. Durations are in milliseconds. */
export interface ObservedProcess {
    id: string;
    lease: number;

    /** How long ago its last heartbeat was seen, to within an interval; null if none was seen for as long as its lease. */
    beat: number | null;
}


interface Overview {

    /** Whether the server has kept its data since the processes last waited for each other. */
    isSettled: boolean;

    /** Entries of the blacklist. */
    revocations: number;

    /** What may lose a logout: each with what to do. */
    problems: string[];
    processes: ObservedProcess[];
}


const interval = 50;


/** Shows which processes share the blacklist, without joining them. */
export const showStatus = async function ({ plugin }: Invocation, { output, store, terminal, onEnd }: Context): Promise<void> {

    const read = async function (): Promise<Overview> {

        await store.start();
        const link = await store.connect(randomUUID(), plugin.lease as number);
        onEnd(() => link.close());

        const processes = await observe(async () => (await store.survey()).peers, systemClock);
        const { size } = await store.survey();
        const { refusal, warnings } = await store.examine();
        const problems = [...refusal === null ? [] : [refusal], ...warnings];
        return { isSettled: await link.isSettled(), revocations: size, problems, processes };
    };

    const found = await output.wait(interruptible(read(), terminal.signal, 'nothing was read'), () => 'watching for heartbeats');
    output.result(found, [
        found.isSettled ? 'Redis is settled' : 'Redis is not settled: it is new, or was restarted, promoted or emptied, and a process that joins waits for a lease',
        ...found.problems,
        `${count(found.revocations, 'revocation')}, ${count(found.processes.length, 'process', 'processes')}`,
        ...found.processes.length > 0 ? ['', ...table([['PROCESS', 'LEASE', 'LAST HEARTBEAT'], ...found.processes.map(rowOf)])] : []
    ]);
};


/**
 * Watches the registry until each process in it has sent a heartbeat, or its lease has run out.
 *
 * The registry shows that a heartbeat is a new one, not when it was sent: so it has to be seen.
 */
export const observe = async function (read: () => Promise<Peer[]>, clock: Clock): Promise<ObservedProcess[]> {

    const began = clock.now();
    const first = new Map((await read()).map((peer) => [peer.id, peer]));
    const seen = new Map<string, number>();
    const end = began + Math.max(0, ...Array.from(first.values(), ({ lease }) => patience(lease)));

    while (seen.size < first.size && clock.now() < end) {
        await new Promise<void>((resolve) => clock.after(interval, resolve));
        const peers = new Map((await read()).map((peer) => [peer.id, peer]));
        for (const [id, { beat }] of first) {
            const peer = peers.get(id);
            if (!peer) {
                first.delete(id);
                seen.delete(id);
            }
            else if (peer.beat !== beat) {
                first.set(id, peer);
                seen.set(id, clock.now());
            }
        }
    }

    const now = clock.now();
    return Array.from(first.values(), ({ id, lease }) => ({ id, lease, beat: seen.has(id) ? Math.round(now - seen.get(id)!) : null }));
};


const rowOf = function ({ id, lease, beat }: ObservedProcess): string[] {

    return [id, `${lease} ms`, beat === null ? 'none within its lease: gone, or paused' : `${beat} ms ago`];
};
