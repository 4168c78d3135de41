import type { AccessToken } from '../jwt/access-token';
import type { Pair } from './sessions';
import type { Claims, FoundRefreshToken } from '../types';


/** A refresh token that was accepted. */
export interface HeldRefreshToken {

    /** Blacklist key of the token itself, and of everything it falls with. */
    id: string;
    identities: string[];

    /** When it was issued (ms), and the moment that cut-offs are held against. */
    issued: number;
    stamp: number;

    /** Moment (ms) past which it cannot be presented any more. */
    expires: number;

    /** The token itself: to be renewed, or handed to the app's `revoke`. */
    token: string;
}


/** A refresh token that was accepted, and what is known from it. */
export interface Presented {
    held: HeldRefreshToken;
    issuer: string;
    subject: string;

    /** Undefined where the app does not say which login it belongs to. */
    session?: string;
    claims: Claims;
    credentials?: FoundRefreshToken['credentials'];
    data?: unknown;

    /** Where the session was renewed. */
    pair?: Pair;
}


/** What a request proved: at least one token, and whose they are. */
export interface Evidence {
    issuer: string;
    subject: string;
    session?: string;
    access?: AccessToken;
    refresh?: HeldRefreshToken;
}


/** What the tokens of one request prove together. They must belong together already. */
export const combine = function (access: AccessToken | undefined, refresh: Presented | undefined): Evidence {

    return {
        issuer: access?.issuer ?? refresh!.issuer,
        subject: access?.subject ?? refresh!.subject,
        session: access?.session ?? refresh?.session,
        access,
        refresh: refresh?.held
    };
};
