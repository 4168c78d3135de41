import { partyOf } from '../status/events';

import type { Identities } from '../blacklist/identities';
import type { AccessToken } from '../jwt/access-token';
import type { ActingParty } from '../jwt/actor';
import type { TokenCredentials } from '../jwt/credentials';
import type { Claims, Party } from '../types';


/** A refresh token that was accepted. Moments are in milliseconds since the epoch. */
export interface AcceptedRefreshToken {
    issuer: string;
    subject: string;

    /** Undefined if a lookup does not return one. */
    session?: string;

    /** Its blacklist key, and those of everything that ends it. */
    id: string;
    identities: Identities;

    issued: number;

    /** A cut-off at or after this moment ends it. */
    stamp: number;

    expires: number;

    /** The token itself: to be renewed, or for `lookup.remove`. */
    token: string;

    actors?: ActingParty[];

    claims: Claims;
    credentials: Pick<TokenCredentials, 'copy'>;
    data?: unknown;
}


/** The accepted tokens of a request or call, at least one, and their owner. */
export interface AcceptedTokens {
    issuer: string;
    subject: string;
    session?: string;
    access?: AccessToken;
    refresh?: AcceptedRefreshToken;
}


/** Combines two tokens. The caller has checked that they belong together. */
export const combine = function (access: AccessToken | undefined, refresh: AcceptedRefreshToken | undefined): AcceptedTokens {

    return {
        issuer: access?.issuer ?? refresh!.issuer,
        subject: access?.subject ?? refresh!.subject,
        session: access?.session ?? refresh?.session,
        access,
        refresh
    };
};


export const actorOf = function ({ access, refresh }: Pick<AcceptedTokens, 'access' | 'refresh'>): Party | undefined {

    const [actor] = access?.actors ?? refresh?.actors ?? [];
    return actor && partyOf(actor);
};
