import { Template } from './credentials';
import { identify, identifyToken } from './identity';

import type { KeyObject } from 'node:crypto';
import type { TokenHeader } from './key-set';
import type { JwtSettings } from './settings';
import type { Claims } from './types';


/**
 * A token whose signature and claims were verified. Moments are in milliseconds since the epoch.
 *
 * Later requests are given the same one: nothing of it goes into their hands. What it holds is held a hundred thousand times.
 */
export interface AccessToken {
    readonly subject: string;
    readonly session?: string;
    readonly jti?: string;

    /** Its claims, as they go to each request. */
    readonly template: Template;

    /** What it was verified by. */
    readonly header: TokenHeader;
    readonly key: KeyObject;

    /** Whose `sub`, `sid` and `jti` they are: the `iss` where the strategy checks it, else empty. */
    readonly issuer: string;

    /** Blacklist key of the token itself, and of everything it falls with. */
    readonly id: string;
    readonly keys: string[];

    readonly issued: number;

    /** Dead under a cut-off at or after this moment. */
    readonly stamp: number;

    /** Before the one moment, and from the other on, it is refused for its dates. */
    readonly starts: number;
    readonly expires: number;
    readonly expired: boolean;

    /** The edition of the blacklist in which it was last found clean. */
    clean?: number;
}


/** How a strategy reads tokens that verified. `input` is the text that was signed. */
export type Reader = (input: string, verified: Verified) => AccessToken;


type Verified = Pick<AccessToken, 'header' | 'key' | 'expired'> & { claims: Readonly<Claims> };


/** `ownSessions`: whether the strategy keeps sessions, which tokens of its own name. */
export const reader = function ({ issuer: issuers, clockTolerance, maxAge, sessionClaim }: JwtSettings, ownSessions: boolean): Reader {

    const everyone = new Map(['', ...issuers].map((issuer) => [issuer, identify('everyone', issuer)]));

    return (input, { header, key, claims, expired }) => {

        const issuer = issuers.length > 0 ? claims.iss! : '';
        const session = claims[sessionClaim] as string | undefined;

        // One token has many spellings that verify, but one jti, and one signing input

        const id = claims.jti === undefined ?
            identify('token', issuer, `input ${input}`) :
            identifyToken(issuer, claims.jti);

        // Written out: an array that grows leaves itself room to grow on

        const subject = identify('subject', issuer, claims.sub);
        const all = everyone.get(issuer)!;
        const keys = session === undefined ? [id, subject, all] : [id, subject, all, identify('session', issuer, session)];

        // A token of our own session is as old as the session, to the millisecond. Any other has an iat in seconds, by a clock that may be
        // ahead: one that was issued before a cut-off must not look younger than it

        const began = ownSessions && session !== undefined ? claims.auth_time : undefined;
        const issued = began === undefined ? Math.floor(claims.iat! * 1000) : Math.round(began * 1000);

        return {
            subject: claims.sub,
            session,
            jti: claims.jti,
            template: new Template(claims),
            header,
            key,
            issuer,
            id,
            keys,
            issued,
            stamp: began === undefined ? issued - clockTolerance : issued,
            starts: Math.max(claims.nbf ?? 0, claims.iat!) * 1000 - clockTolerance,
            expires: Math.ceil(Math.min(claims.exp! * 1000, claims.iat! * 1000 + maxAge)) + clockTolerance,
            expired,
            clean: undefined
        };
    };
};
