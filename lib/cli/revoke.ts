import { maxSkew, systemClock } from '../blacklist/clock';
import { LeasedBlacklist } from '../blacklist/leased-blacklist';
import { Logout } from '../sessions/logout';
import { codes, Failure, interruptible } from './failure';
import { issuersToRevoke } from './registry';
import { confirm, count, date, quote } from './terminal';

import type { Invocation } from './arguments';
import type { RegisteredIssuer } from './registry';
import type { Context } from './terminal';


const uncertain = 'it is not certain whether it was revoked in every process; repeat it';


/** Revokes the target, and writes the result when every process has the revocation. */
export const revokeTarget = async function (invocation: Invocation, context: Context): Promise<void> {

    const { output, store, terminal } = context;
    const { target } = invocation;
    const found = await interruptible(issuersToRevoke(invocation, store), terminal.signal, 'nothing was revoked');
    const issuers = found.map(({ name }) => name);
    const what = nameOf(issuers, target);

    // Before joining, so that no logout waits for the person at the terminal

    if (!invocation.isConfirmed && (target.subject !== undefined || target.issuedBefore !== undefined)) {
        const question = confirm(`Revoke ${what}?`, target.subject === undefined ? 'everybody' : 'yes', terminal);
        await interruptible(question, terminal.signal, 'nothing was revoked');
    }

    const joined = interruptible(join(invocation, found, context), terminal.signal, 'nothing was revoked');
    const blacklist = await output.wait(joined, () => 'joining the processes of the app');
    const work = certain(Promise.all(found.map((terms) => endUnder(terms, blacklist, invocation, context))));
    const counts = await output.wait(interruptible(work, terminal.signal, uncertain), progressOf(blacklist, store));

    const sessions = counts.reduce((sum, number) => sum + number, 0);
    const processes = othersOf(blacklist);
    output.result({ ...target, issuers, sessions, processes }, [`${output.paint('green', 'Revoked')} ${what}. ${count(processes, 'process has', 'processes have')} it.`]);

    if (processes === 0) {
        output.note('no process is in the registry: either none is running, or they have lease: false, ask Redis at every request, and so know it already');
    }
};


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


const othersOf = function (blacklist: LeasedBlacklist): number {

    return blacklist.status().lease!.processes - 1;
};


// How many of the other processes have confirmed the last write, for the line about waiting

const progressOf = function (blacklist: LeasedBlacklist, store: Context['store']): () => string {

    let confirmed = 0;
    const look = async () => {

        const positions = (await store.survey()).members.map(({ position }) => position);
        confirmed = positions.filter((position) => position === Math.max(...positions)).length - 1;
    };

    return () => {

        look().catch(() => undefined);
        return `waiting: ${Math.max(confirmed, 0)} of ${count(Math.max(othersOf(blacklist), 0), 'process has', 'processes have')} it`;
    };
};


const nameOf = function (issuers: string[], { subject, session, jti, issuedBefore }: Invocation['target']): string {

    const whom = subject === undefined ? 'everybody' : `the subject ${quote(subject)}`;
    const under = issuers.map((issuer) => (issuer === '' ? 'without an issuer' : `of the issuer ${quote(issuer)}`)).join(' and ');

    const what = jti !== undefined ? `the token ${quote(jti)}` :
        session !== undefined ? `the session ${quote(session)}` :
            issuedBefore === undefined ? `everything of ${whom}` : `what was issued before ${date(issuedBefore)} to ${whom}`;

    return `${what}, ${under}`;
};


const certain = async function (work: Promise<number[]>): Promise<number[]> {

    try {
        return await work;
    }
    catch (error) {
        throw new Failure(codes.failed, `${(error as Error).message}: ${uncertain}`);
    }
};


// Ends the target under one issuer. Returns how many sessions a cut-off ended

const endUnder = async function (terms: RegisteredIssuer, blacklist: LeasedBlacklist, { target }: Invocation, { store, output }: Context): Promise<number> {

    const { name: issuer, life: maxAge, tolerance: clockTolerance, hasSessions } = terms;
    const { subject, session, jti, issuedBefore } = target;
    const later: Promise<void>[] = [];
    let sessions = 0;
    const logout = new Logout({
        blacklist,
        sessions: {
            issuer,
            store: {
                claims: store.claims.bind(store),
                list: store.list.bind(store),
                remove: store.remove.bind(store),
                clear: async (...args) => {

                    const ended = await store.clear(...args);
                    sessions += ended;
                    return ended;
                }
            }
        },
        settings: { jwt: { clockTolerance, maxAge, ttl: maxAge }, sessions: { maxAge } },
        stamp: async (name) => {

            // The issuer of external tokens may have a clock that is ahead: the cut-off has to be later than those tokens

            const moment = await store.stamp(name, maxAge);
            return hasSessions ? moment : Math.max(moment, Date.now()) + clockTolerance;
        },
        ended: () => undefined,
        later: (work) => later.push(work.catch((error) => output.note(`the rows of the sessions stay in Redis until they expire, which is harmless: ${error.message}`)))
    });

    if (jti !== undefined) {
        await logout.endToken(issuer, jti);
    }
    else if (session !== undefined) {
        await logout.endSession({ issuer, session });
    }
    else {
        await logout.end({ extent: subject === undefined ? 'everyone' : 'subject', issuer, subject, before: issuedBefore, request: null });
    }

    await Promise.all(later);
    return sessions;
};
