import { identify, identifyToken } from '../blacklist/identities';

import type { Invocation } from './arguments';


/** What a key of the blacklist stands for, where that is known: keys are digests. */
export interface Name {
    kind: 'subject' | 'session' | 'token' | 'everybody' | null;
    id: string | null;
}


/** The keys of what a command line names, and of everybody, which falls to all of them. */
export const namesOf = function ({ issuers, target: { subject, session, jti } }: Invocation): Map<string, Name> {

    const names = new Map<string, Name>();
    for (const issuer of issuers) {
        names.set(identify('everyone', issuer), { kind: 'everybody', id: null });

        if (subject !== undefined) {
            names.set(identify('subject', issuer, subject), { kind: 'subject', id: subject });
        }

        if (session !== undefined) {
            names.set(identify('session', issuer, session), { kind: 'session', id: session });
        }

        if (jti !== undefined) {
            names.set(identifyToken(issuer, jti), { kind: 'token', id: jti });
        }
    }

    return names;
};
