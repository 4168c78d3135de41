import { byId, identifier, identify, identitiesOf } from '../blacklist/identities';

import type { KeyObject } from 'node:crypto';
import type { Identities } from '../blacklist/identities';
import type { TokenHeader } from './key-set';
import type { JwtSettings } from '../options/settings';
import type { Claims } from '../types';


/**
 * A token whose signature and claims were verified. Moments are in milliseconds since the epoch.
 *
 * Later requests that bring the same token share it, so nothing of it is handed to them. What each of them reads comes first, side by side.
 */
export interface AccessToken {

    /** Its text, once it is cached. */
    token?: string;

    /** It is accepted from the one moment on, and until before the other. Nothing else says when. */
    readonly starts: number;
    readonly expires: number;
    readonly expired: boolean;

    /** The edition of the blacklist in which it was last found clean. */
    clean?: number;

    /** Its claims, of which each request is given a copy. */
    readonly claims: Claims;

    readonly subject: string;
    readonly session?: string;
    readonly jti?: string;

    /** What it was verified by. */
    readonly header: TokenHeader;
    readonly key: KeyObject;

    /** Whose `sub`, `sid` and `jti` they are: the `iss` where the strategy checks it, else empty. */
    readonly issuer: string;

    /** What the blacklist calls the token itself, and everything it falls with. */
    readonly id: string;
    readonly identities: Identities;

    readonly issued: number;

    /** Dead under a cut-off at or after this moment. */
    readonly stamp: number;
}


/** What was verified of a token. `input` is the text that was signed; the claims belong to the access token from then on. */
export interface VerifiedToken {
    input: string;
    header: TokenHeader;
    key: KeyObject;
    claims: Claims;
}


/** Makes access tokens of a strategy, as of `now` (ms). `ownSessions`: whether the strategy keeps sessions, which tokens of its own name. */
export const accessTokenMaker = function ({ issuer: issuers, clockTolerance, maxAge, sessionClaim }: JwtSettings, ownSessions: boolean) {

    const known = new Map(['', ...issuers].map((issuer) => [issuer, {
        issuer,
        token: identifier('token', issuer),
        subject: identifier('subject', issuer),
        session: identifier('session', issuer),
        everyone: identify('everyone', issuer)
    }]));

    return ({ input, header, key, claims }: VerifiedToken, now: number): AccessToken => {

        const identityOf = known.get(issuers.length > 0 ? claims.iss! : '')!;
        const { issuer } = identityOf;
        const session = claims[sessionClaim] as string | undefined;

        // One text for all of them

        if (issuers.length > 0) {
            claims.iss = issuer;
        }

        // One token has many spellings that verify, but one jti, and one signing input

        const id = identityOf.token(claims.jti === undefined ? `input ${input}` : byId(claims.jti));

        const identities = identitiesOf(id, identityOf.subject(claims.sub), identityOf.everyone, session === undefined ? undefined : identityOf.session(session));

        // A token of our own session is as old as the session, to the millisecond. Any other has an iat in seconds, by a clock that may be
        // ahead: one that was issued before a cut-off must not look younger than it

        const began = ownSessions && session !== undefined ? claims.auth_time : undefined;
        const issued = began === undefined ? Math.floor(claims.iat! * 1000) : Math.round(began * 1000);

        const expires = Math.ceil(Math.min(claims.exp! * 1000, claims.iat! * 1000 + maxAge)) + clockTolerance;

        return {
            token: undefined,
            starts: Math.max(claims.nbf ?? 0, claims.iat!) * 1000 - clockTolerance,
            expires,
            expired: now >= expires,
            clean: undefined,
            claims,
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
