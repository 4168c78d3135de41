import { randomUUID } from 'node:crypto';

import { AskedBlacklist } from '../blacklist/asked';
import { maxSkew, systemClock } from '../blacklist/clock';
import { identify, sessionAddress } from '../blacklist/identities';
import { LeasedBlacklist } from '../blacklist/leased';
import { codes, Failure, Usage } from './failure';

import type { Blacklist } from '../blacklist/blacklist';
import type { Invocation } from './arguments';
import type { Context } from './terminal';


/**
 * Joins the processes that share the blacklist, until the command has ended.
 *
 * @throws `Usage` if a session belongs to another issuer than is named; `Failure` if the clocks are too far apart; `Outage` if Redis cannot be reached.
 */
export const join = async function (invocation: Invocation, { store, terminal, onEnd }: Context): Promise<Blacklist> {

    const { plugin, lease } = invocation;
    await store.start();
    const { now, peers } = await store.survey();
    checkClock(now);
    await checkIssuer(invocation, store);

    // No process shall wait for one that is about to end

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


// Entries of the blacklist outlive what they revoke by this difference, and no more

const checkClock = function (now: number): void {

    const ahead = Math.round((Date.now() - now) / 1000);
    if (Math.abs(ahead) * 1000 > maxSkew) {
        throw new Failure(codes.failed, `This machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} Redis's: set it first`);
    }
};


// The id of a session contains its subject's. Under another issuer its refresh token would end, and its access tokens would not

const checkIssuer = async function ({ issuers, target }: Invocation, store: Context['store']): Promise<void> {

    const address = target.session === undefined ? null : sessionAddress(target.session);
    const claims = address && await store.claims(address);
    if (claims) {
        const { sub } = JSON.parse(claims);
        if (!issuers.some((issuer) => identify('subject', issuer, sub) === address.subject)) {
            throw new Usage('The session belongs to another issuer than --issuer says');
        }
    }
};
