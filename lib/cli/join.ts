import { maxSkew, systemClock } from '../blacklist/clock';
import { LeasedBlacklist } from '../blacklist/leased-blacklist';
import { codes, Failure } from './failure';

import type { Invocation } from './arguments';
import type { RegisteredIssuer } from './registry';
import type { Context } from './terminal';


/** Joins the processes that share the blacklist of some issuers, until the command has ended. @throws `Failure` if the clocks are too far apart; `Outage`. */
export const join = async function ({ plugin }: Pick<Invocation, 'plugin'>, issuers: Pick<RegisteredIssuer, 'lease'>[], { store, terminal, onEnd }: Context): Promise<LeasedBlacklist> {

    const { now, lease: longest } = await store.survey();
    checkClock(now);

    if (terminal.signal.aborted) {
        throw new Failure(codes.failed, 'ended');
    }

    // A new log does not know the leases of all processes yet

    const { cache: { max }, timeout } = plugin;
    const lease = Math.max(longest, ...issuers.map((issuer) => issuer.lease)) || plugin.lease as number;
    const nothing = () => undefined;
    const blacklist = new LeasedBlacklist({ lease, max, timeout, clock: systemClock, connect: () => store.connect(lease), report: nothing, arrived: nothing });
    onEnd(() => blacklist.stop());
    await blacklist.start();
    return blacklist;
};


// An entry of the blacklist outlives what it revokes by maxSkew

const checkClock = function (now: number): void {

    const ahead = Math.round((Date.now() - now) / 1000);
    if (Math.abs(ahead) * 1000 > maxSkew) {
        throw new Failure(codes.failed, `This machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} Redis's clock: set it first`);
    }
};
