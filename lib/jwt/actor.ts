import { maxSkew } from '../blacklist/clock';
import { identify, sessionAddress } from '../blacklist/identities';

import type { Revocable } from '../blacklist/blacklist';
import type { Act, Claims, Party } from '../types';


/** Who acts as the subject of a token, and the blacklist keys that end that: of the actor's session and subject. */
export interface ActingParty extends Party, Revocable {}


/** The token of an actor. Moments are in milliseconds since the epoch. */
export interface ActedToken {
    claims: Pick<Claims, 'act'>;
    issuer: string;
    issued: number;
    stamp: number;
    clockTolerance: number;
}


/** The actors of a token (RFC 8693 §4.1), the current one first; undefined without any. */
export const actorsOf = function (token: ActedToken): ActingParty[] | undefined {

    if (token.claims.act === undefined) {
        return undefined;
    }

    const actors: ActingParty[] = [];
    let act: Act | undefined = token.claims.act;
    while (act !== undefined) {
        actors.push(actorOf(act, token));
        act = act.act;
    }

    return actors;
};


const actorOf = function ({ sub: subject, sid: session, iss, auth_time: seconds }: Act, { issuer: own, issued, stamp, clockTolerance }: ActedToken): ActingParty {

    const issuer = iss ?? own;

    // A strategy without an issuer has its subjects under an empty one

    const issuers = own === '' && issuer !== '' ? [issuer, ''] : [issuer];
    const identities = issuers.flatMap((name) => [
        identify('subject', name, subject),
        identify('everyone', name),
        ...session === undefined ? [] : [identify('session', name, session)]
    ]);

    // An actor counts from the actor's own login, as the actor's tokens do. A date later than the token is ignored

    const isOwn = session !== undefined && sessionAddress(session)?.subject === identities[0];
    const began = seconds === undefined || seconds * 1000 > issued + 1000 + maxSkew ? stamp : Math.round(seconds * 1000) - (isOwn ? 0 : clockTolerance);
    return { issuer, subject, session: session ?? null, identities, stamp: began };
};
