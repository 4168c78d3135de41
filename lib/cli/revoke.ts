import { confirm } from './confirmation';
import { end } from './ending';
import { codes, Failure, interruptible } from './failure';
import { join } from './join';
import { count, date, quote } from './output';

import type { Invocation } from './arguments';
import type { Context } from './context';


const uncertain = 'it is not certain whether it was revoked in every process; repeat it';


/** Revokes, and tells it once every process has it. */
export const revoke = async function (invocation: Invocation, context: Context): Promise<void> {

    const { output, terminal } = context;
    const { issuers, target } = invocation;
    const what = describe(invocation);

    // Before anything is joined: no process shall wait for what a person thinks over

    if (!invocation.isConfirmed && (target.subject !== undefined || target.issuedBefore !== undefined)) {
        const question = confirm(`Revoke ${what}?`, target.subject === undefined ? 'everybody' : 'yes', terminal);
        await interruptible(question, terminal.signal, 'nothing was revoked');
    }

    const blacklist = await interruptible(join(invocation, context), terminal.signal, 'nothing was revoked');
    const work = certain(Promise.all(issuers.map((issuer) => end(issuer, blacklist, invocation, context))));
    const counts = await interruptible(work, terminal.signal, uncertain);

    const sessions = counts.reduce((sum, number) => sum + number, 0);
    const { lease } = blacklist.status();
    const processes = lease ? lease.processes - 1 : null;
    const known = processes === null ? 'Who asks Redis at each request knows it' : `${count(processes, 'process has', 'processes have')} it`;
    output.result({ ...target, issuers, sessions, processes }, [`Revoked ${what}. ${known}.`]);

    if (processes === 0) {
        output.note('no process is in the registry: are these the Redis and the prefix of the app?');
    }
};


const describe = function ({ issuers, target: { subject, session, jti, issuedBefore } }: Invocation): string {

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
