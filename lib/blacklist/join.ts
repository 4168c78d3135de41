import { pause } from './timers';
import { begunAnew, WriteBack } from './write-back';

import type { Member } from './member';


/** Makes this process a member of the log. Resolves when it may trust its memory. `old` is its id on the previous connection ('' for none). @throws `Outage`. */
export const joinLog = async function (member: Member, old: string): Promise<void> {

    const { link, lease, clock, memory } = member;

    // 1. End all trust. A confirmation on this connection must not count for an older one

    lease.suspend();
    const wasWhole = memory.begin();

    // 2. Subscribe: from now on all news are applied

    await member.subscribe();

    // 3. and 4. Open the log. A process that had a lease until now knows each revocation that is done

    const isLeaseRunning = lease.claim();
    const opened = await link.open(old);
    const knowsAll = wasWhole && isLeaseRunning();
    member.begin(opened);

    // 5. and 6. Read the log, and write back what it has lost

    const { epoch, isSettled } = opened;
    await memory.register(link);
    const writeBack = new WriteBack({ link, epoch, clock, lease });
    await writeBack.run(() => memory.read(link));

    // 7. A young epoch may lack revocations that other processes know

    if (!isSettled && !knowsAll) {
        await writeBack.settle();
        member.settled();
    }
    else if (!isSettled) {
        void settleLater(member);
    }

    // 8. Confirm last, so that no revocation falls between reading and trust

    await member.confirm();
};


const settleLater = async function (member: Member): Promise<void> {

    const { link, epoch, clock } = member;
    await pause(clock, member.youth);
    if (!member.isCurrent) {
        return;
    }

    try {
        if (!await link.settle(epoch)) {
            member.distrust(begunAnew());
        }
    }
    catch (error) {
        member.end(error as Error);
    }
};
