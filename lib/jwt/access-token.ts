import { Template } from './credentials';
import { byId, identifier, identify, identitiesOf } from '../blacklist/identities';

import type { KeyObject } from 'node:crypto';
import type { Identities } from '../blacklist/identities';
import type { TokenHeader } from './key-set';
import type { JwtSettings } from '../options/settings';
import type { Claims } from '../types';


/**
 * A token whose signature and claims were verified. Moments are in milliseconds since the epoch.
 *
 * Later requests are given the same one: nothing of it goes into their hands. What it holds is held a hundred thousand times. What each of
 * them reads comes first, side by side.
 */
export interface AccessToken {

    /** The Authorization header that brings it, once it is remembered. */
    authorization?: string;

    /** Before the one moment, and from the other on, it is refused for its dates. */
    readonly starts: number;
    readonly expires: number;
    readonly expired: boolean;

    /** The edition of the blacklist in which it was last found clean. */
    clean?: number;

    /** Its claims, as they go to each request. */
    readonly template: Template;

    readonly subject: string;
    readonly session?: string;
    readonly jti?: string;

    /** What it was verified by. */
    readonly header: TokenHeader;
    readonly key: KeyObject;

    /** Whose `sub`, `sid` and `jti` they are: the `iss` where the strategy checks it, else empty. */
    readonly issuer: string;

    /** Blacklist key of the token itself, and of everything it falls with. */
    readonly id: string;
    readonly identities: Identities;

    readonly issued: number;

    /** Dead under a cut-off at or after this moment. */
    readonly stamp: number;
}


/** How a strategy reads tokens that verified. `input` is the text that was signed; the claims are its own from then on. */
export type Reader = (input: string, verified: Verified) => AccessToken;


type Verified = Pick<AccessToken, 'header' | 'key' | 'expired'> & { claims: Claims };


/** `ownSessions`: whether the strategy keeps sessions, which tokens of its own name. */
export const reader = function ({ issuer: issuers, clockTolerance, maxAge, sessionClaim }: JwtSettings, ownSessions: boolean): Reader {

    const known = new Map(['', ...issuers].map((issuer) => [issuer, {
        issuer,
        token: identifier('token', issuer),
        subject: identifier('subject', issuer),
        session: identifier('session', issuer),
        everyone: identify('everyone', issuer)
    }]));

    return (input, { header, key, claims, expired }) => {

        const keyOf = known.get(issuers.length > 0 ? claims.iss! : '')!;
        const { issuer } = keyOf;
        const session = claims[sessionClaim] as string | undefined;

        // One text for all of them

        if (issuers.length > 0) {
            claims.iss = issuer;
        }

        // One token has many spellings that verify, but one jti, and one signing input

        const id = keyOf.token(claims.jti === undefined ? `input ${input}` : byId(claims.jti));

        const identities = identitiesOf(id, keyOf.subject(claims.sub), keyOf.everyone, session === undefined ? undefined : keyOf.session(session));

        // A token of our own session is as old as the session, to the millisecond. Any other has an iat in seconds, by a clock that may be
        // ahead: one that was issued before a cut-off must not look younger than it

        const began = ownSessions && session !== undefined ? claims.auth_time : undefined;
        const issued = began === undefined ? Math.floor(claims.iat! * 1000) : Math.round(began * 1000);

        return {
            authorization: undefined,
            starts: Math.max(claims.nbf ?? 0, claims.iat!) * 1000 - clockTolerance,
            expires: Math.ceil(Math.min(claims.exp! * 1000, claims.iat! * 1000 + maxAge)) + clockTolerance,
            expired,
            clean: undefined,
            template: new Template(claims),
            subject: claims.sub,
            session,
            jti: claims.jti,
            header,
            key,
            issuer,
            id,
            identities,
            issued,
            stamp: began === undefined ? issued - clockTolerance : issued
        };
    };
};
