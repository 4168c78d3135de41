import { pause } from './timers';
import { begunAnew, WriteBack } from './write-back';

import type { Member } from './member';


/**
 * Makes this process a member of the log, on a new connection. Resolves when it may trust its memory. `old` is the id of its member on the connection
 * before, '' for none.
 *
 * @throws `Outage`.
 */
export const joinLog = async function (member: Member, old: string): Promise<void> {

    const { link, lease, clock, memory } = member;

    // 1. An end to all trust. What is confirmed on this connection must not be trusted to an older one

    lease.suspend();
    const wasWhole = memory.begin();

    // 2. Subscribe: from here on all news are applied

    await member.subscribe();

    // 3. and 4. Open the log. Who has held a lease until now knows each revocation that was called done

    const isLeaseRunning = lease.claim();
    const opened = await link.open(old);
    const knowsAll = wasWhole && isLeaseRunning();
    member.begin(opened);

    // 5. and 6. Read the log, and write back what it has lost

    const { epoch, isSettled } = opened;
    await memory.register(link);
    const writeBack = new WriteBack({ link, epoch, clock, lease });
    await writeBack.run(() => memory.read(link));

    // 7. An epoch that is young may lack what others know

    if (!isSettled && !knowsAll) {
        await writeBack.settle();
        member.settled();
    }
    else if (!isSettled) {
        void settleLater(member);
    }

    // 8. The confirmation comes last, so that no revocation falls between what was read and what is trusted

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
