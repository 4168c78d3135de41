import { maxSkew } from '../blacklist/clock';
import { byId, identifier, identify, identitiesOf, sessionAddress } from '../blacklist/identities';
import { Refusal } from '../errors/refusal';
import { actorsOf } from './actor';
import { beganAt } from './claims';
import { TokenCredentials } from './credentials';

import type { KeyObject } from 'node:crypto';
import type { Identities } from '../blacklist/identities';
import type { ActingParty } from './actor';
import type { TokenHeader } from './key-set';
import type { JwtSettings } from '../options/settings';
import type { Claims } from '../types';


/**
 * A token whose signature and claims were verified. Moments are in milliseconds since the epoch. All requests with the token share it, so they get copies. What each
 * request reads comes first, side by side in memory.
 */
export interface AccessToken {

    token?: string;

    /** Accepted from `starts` until before `expires`. */
    readonly starts: number;
    readonly expires: number;
    readonly expired: boolean;

    /** The latest edition of the blacklist in which it is not revoked. */
    clean?: number;

    readonly credentials: TokenCredentials;
    readonly claims: Claims;

    readonly subject: string;
    readonly session?: string;
    readonly jti?: string;

    readonly header: TokenHeader;
    readonly key: KeyObject;

    /** The `iss`, or empty if the strategy does not check it. Equal `sub`, `sid` and `jti` of two issuers are different. */
    readonly issuer: string;

    /** Its blacklist key, and those of everything that ends it. */
    readonly id: string;
    readonly identities: Identities;

    readonly issued: number;

    /** A cut-off at or after this moment ends it. */
    readonly stamp: number;

    /** Who acts with it: what ends them also ends the token. */
    readonly actors?: ActingParty[];
}


/** `input` is the text that was signed. The access token takes over the claims. */
export interface VerifiedToken {
    input: string;
    header: TokenHeader;
    key: KeyObject;
    claims: Claims;
}


/** Makes access tokens of a strategy, as of `now` (ms). */
export const accessTokenMaker = function ({ issuer: issuers, clockTolerance, maxAge, sessionClaim }: JwtSettings) {

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

        // All tokens share one string

        if (issuers.length > 0) {
            claims.iss = issuer;
        }

        // A token may have several valid spellings, but only one jti and one signing input

        const id = identityOf.token(claims.jti === undefined ? `input ${input}` : byId(claims.jti));

        const subject = identityOf.subject(claims.sub);
        const identities = identitiesOf(id, subject, identityOf.everyone, session === undefined ? undefined : identityOf.session(session));

        // A token of issue() counts from the start of its session (ms), in every strategy. Any other has an iat in seconds, by a clock that may be ahead: with the
        // tolerance, no token from before a cut-off looks younger than it

        const namesSession = session !== undefined && sessionAddress(session)?.subject === subject;
        const began = namesSession ? beganAt(claims) : null;
        if (namesSession && began === null) {
            throw new Refusal('access_token_invalid', 'it names a session of issue(), and was signed by other code');
        }

        const beginning = began !== null && isBelievable(began, claims) ? began : undefined;
        const issued = beginning ?? Math.floor(claims.iat! * 1000);
        const stamp = beginning === undefined ? issued - clockTolerance : issued;

        const expires = Math.ceil(Math.min(claims.exp! * 1000, claims.iat! * 1000 + maxAge)) + clockTolerance;

        return {
            token: undefined,
            starts: Math.max(claims.nbf ?? 0, claims.iat!) * 1000 - clockTolerance,
            expires,
            expired: now >= expires,
            clean: undefined,
            credentials: new TokenCredentials(claims),
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
            stamp,
            actors: actorsOf({ claims, issuer, issued: claims.iat! * 1000, stamp, clockTolerance })
        };
    };
};


// The store's clock dates the start of a session, and may be a minute ahead of the signing clock. A later start is forged

const isBelievable = function (began: number, { iat }: Claims): boolean {

    return began <= (iat! + 1) * 1000 + maxSkew;
};
