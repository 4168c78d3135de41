import { randomUUID } from 'node:crypto';

import { systemClock } from '../blacklist/clock';
import { observe } from './beats';
import { interruptible } from './failure';
import { count } from './output';

import type { Invocation } from './arguments';
import type { Context } from './context';
import type { Observed } from './beats';


interface Status {

    /** Whether the server has kept its data since the processes waited for each other last. */
    isSettled: boolean;

    /** Entries of the blacklist. */
    revocations: number;
    processes: Observed[];
}


/** Shows who shares the blacklist, without becoming one of them. */
export const status = async function ({ plugin }: Invocation, { output, store, terminal, onEnd }: Context): Promise<void> {

    const read = async function (): Promise<Status> {

        await store.start();
        const link = await store.connect(randomUUID(), plugin.lease as number);
        onEnd(() => link.close());

        const processes = await observe(async () => (await store.survey()).peers, systemClock);
        const { size } = await store.survey();
        return { isSettled: await link.isSettled(), revocations: size, processes };
    };

    const found = await interruptible(read(), terminal.signal, 'nothing was read');
    output.result(found, [
        found.isSettled ? 'Redis is settled' : 'Redis is not settled: it is new, or was restarted, promoted or emptied, and a process that joins waits for a lease',
        count(found.revocations, 'revocation'),
        count(found.processes.length, 'process', 'processes'),
        ...found.processes.map(line)
    ]);
};


const line = function ({ id, lease, beat }: Observed): string {

    return `  ${id}  lease ${lease} ms  ${beat === null ? 'no beat within its lease: gone, or paused' : `beat ${beat} ms ago`}`;
};
