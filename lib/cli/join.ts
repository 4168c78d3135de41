import { randomUUID } from 'node:crypto';

import { AskedBlacklist } from '../blacklist/blacklist';
import { maxSkew, systemClock } from '../blacklist/clock';
import { identify } from '../blacklist/identities';
import { LeasedBlacklist } from '../blacklist/leased';
import { sessionAddress } from '../sessions/refresh-token';
import { codes, Failure, Usage } from './failure';

import type { Blacklist } from '../blacklist/blacklist';
import type { Invocation } from './arguments';
import type { Context } from './context';


/**
 * The blacklist as one of the processes that share it, which is left again when the command has ended.
 *
 * @throws `Usage` where a session is not of the issuers named; `Outage` where Redis cannot be reached.
 */
export const join = async function (invocation: Invocation, { store, terminal, onEnd }: Context): Promise<Blacklist> {

    const { plugin, lease } = invocation;
    await store.start();
    const { now, peers } = await store.survey();
    checkClock(now);
    await checkIssuer(invocation, store);

    if (terminal.signal.aborted) {
        throw new Failure(codes.failed, 'ended');
    }

    const { cache: { max }, timeout } = plugin;
    const common = { store, max, clock: systemClock, arrived: () => undefined };
    if (lease === false) {
        return new AskedBlacklist(store, common);
    }

    // A process that Redis has forgotten may hold a lease as long as those of the others

    const length = lease ?? Math.max(plugin.lease as number, ...peers.map((peer) => peer.lease));
    const id = randomUUID();
    const blacklist = new LeasedBlacklist({ ...common, id, lease: length, timeout, connect: () => store.connect(id, length), report: () => undefined });
    onEnd(() => blacklist.stop());
    await blacklist.start();
    return blacklist;
};


const checkClock = function (now: number): void {

    const ahead = Math.round((Date.now() - now) / 1000);
    if (Math.abs(ahead) * 1000 > maxSkew) {
        throw new Failure(codes.failed, `This machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} Redis's: set it first`);
    }
};


// A session of ours tells whose it is. Under another issuer its refresh token would end, and its access tokens would not

const checkIssuer = async function ({ issuers, target }: Invocation, store: Context['store']): Promise<void> {

    const address = target.session === undefined ? null : sessionAddress(target.session);
    const claims = address && await store.claims(address);
    if (claims) {
        const { sub } = JSON.parse(claims);
        if (!issuers.some((issuer) => identify('subject', issuer, sub) === address.subject)) {
            throw new Usage('The session is of another issuer than --issuer says');
        }
    }
};
