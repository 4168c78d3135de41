import { Logout } from '../sessions/logout';
import { SubjectSessions } from './subject-sessions';

import type { Blacklist } from '../blacklist/blacklist';
import type { Invocation, Target } from './arguments';
import type { Context } from './context';


/** Ends a target under one issuer, and clears up. Answers of how many sessions of ours it knew. */
export const end = async function (issuer: string, blacklist: Blacklist, invocation: Invocation, { store, output }: Context): Promise<number> {

    const { clockTolerance, maxAge, target } = invocation;
    const later: Promise<void>[] = [];

    const sessions = new SubjectSessions(store, blacklist, issuer, invocation);
    const logout = new Logout({
        blacklist,
        sessions,
        settings: { jwt: { clockTolerance, maxAge, ttl: maxAge }, refreshToken: { kind: 'session', maxAge } },
        ended: () => undefined,
        later: (work) => later.push(work.catch((error) => output.note(`what is left of the sessions stays for a while, which is harmless: ${error.message}`)))
    });

    await revoke(logout, issuer, target);
    await Promise.all(later);
    return sessions.count;
};


const revoke = async function (logout: Logout, issuer: string, { subject, session, jti, issuedBefore }: Target): Promise<void> {

    if (jti !== undefined) {
        await logout.endToken(issuer, jti);
    }
    else if (session !== undefined) {
        await logout.endSession(issuer, session);
    }
    else {
        await logout.end({ extent: subject === undefined ? 'everyone' : 'subject', issuer, subject, before: issuedBefore, request: null });
    }
};
