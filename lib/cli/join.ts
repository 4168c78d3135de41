import { maxSkew, systemClock } from '../blacklist/clock';
import { LeasedBlacklist } from '../blacklist/leased';
import { codes, Failure } from './failure';

import type { Invocation } from './arguments';
import type { Context } from './terminal';


/** Joins the processes that share the blacklist, until the command has ended. @throws `Failure` if the clocks are too far apart; `Outage`. */
export const join = async function ({ plugin }: Pick<Invocation, 'plugin'>, { store, terminal, onEnd }: Context): Promise<LeasedBlacklist> {

    const { now, lease: longest } = await store.survey();
    checkClock(now);

    // No process shall wait for one that is about to end

    if (terminal.signal.aborted) {
        throw new Failure(codes.failed, 'ended');
    }

    // A process that Redis has forgotten may hold a lease as long as those of the others

    const { cache: { max }, timeout } = plugin;
    const lease = longest || plugin.lease as number;
    const nothing = () => undefined;
    const blacklist = new LeasedBlacklist({ lease, max, timeout, clock: systemClock, connect: () => store.connect(lease), report: nothing, arrived: nothing });
    onEnd(() => blacklist.stop());
    await blacklist.start();
    return blacklist;
};


// Entries of the blacklist outlive what they revoke by this difference, and no more

const checkClock = function (now: number): void {

    const ahead = Math.round((Date.now() - now) / 1000);
    if (Math.abs(ahead) * 1000 > maxSkew) {
        throw new Failure(codes.failed, `This machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} Redis's: set it first`);
    }
};
