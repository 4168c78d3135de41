import type { Identities } from '../blacklist/identities';
import type { AccessToken } from '../jwt/access-token';
import type { Claims, FoundRefreshToken } from '../types';


/** A refresh token that was accepted, and what is known from it. Moments are in milliseconds since the epoch. */
export interface AcceptedRefreshToken {
    issuer: string;
    subject: string;

    /** Undefined where a lookup does not say which login it belongs to. */
    session?: string;

    /** Its own name in the blacklist, and the names of everything that ends it. */
    id: string;
    identities: Identities;

    issued: number;

    /** Dead by a cut-off at or after this moment. */
    stamp: number;

    /** From this moment on it is refused. */
    expires: number;

    /** The token itself: to be renewed, or for `lookup.remove`. */
    token: string;

    claims: Claims;
    credentials?: FoundRefreshToken['credentials'];
    data?: unknown;
}


/** The tokens of one request or call that were accepted, at least one, and whose they are. */
export interface AcceptedTokens {
    issuer: string;
    subject: string;
    session?: string;
    access?: AccessToken;
    refresh?: AcceptedRefreshToken;
}


/** What two tokens say together. That they belong together was checked before. */
export const combine = function (access: AccessToken | undefined, refresh: AcceptedRefreshToken | undefined): AcceptedTokens {

    return {
        issuer: access?.issuer ?? refresh!.issuer,
        subject: access?.subject ?? refresh!.subject,
        session: access?.session ?? refresh?.session,
        access,
        refresh
    };
};
