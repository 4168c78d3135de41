import * as Hoek from '@hapi/hoek';

import { isRevoked, latestCutoff } from '../blacklist/blacklist';
import { identify, identitiesOf, named, ownIssuer, sessionId } from '../blacklist/identities';
import { TokenCredentials } from '../jwt/credentials';
import { parse } from './refresh-token-format';
import { measureRevocation } from '../status/metrics';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { ActingParty } from '../jwt/actor';
import type { ChallengeCode } from '../errors/refusal';
import type { AcceptedRefreshToken } from './accepted-tokens';
import type { Logout } from './logout';
import type { RefreshToken } from './refresh-token-format';
import type { SessionList } from './session-list';
import type { Inspection, LiveSession, Pair, Sessions } from './sessions';
import type { JwtSettings, LookupSettings } from '../options/settings';
import type { ReauthenticateOptions } from '../types';


/** The refresh tokens of a strategy: of *sessions*, which this package issues and stores, or of a *lookup*, which the app does. */
export interface RefreshTokens {

    /** The token, or why it is refused. `issuer` is that of the access token in the same request. @throws `Outage`. */
    accept(token: string, request: Request | null, issuer?: string): Promise<AcceptedRefreshToken | ChallengeCode>;

    /** Like `accept()`, but a reused token does not end its session. */
    look(token: string): Promise<AcceptedRefreshToken | ChallengeCode>;
}


export interface SessionIdentity {
    issuer: string;
    subject: string;
    session: string;
    actors?: ActingParty[];
}


export interface SessionRefreshTokensOptions {
    blacklist: Pick<Blacklist, 'cutoff'>;
    sessions: Sessions;
    list: Pick<SessionList, 'actors' | 'identities'>;
    logout: Pick<Logout, 'endSession'>;
    jwt: Pick<JwtSettings, 'issuer' | 'sessionClaim'>;

    /** Called when a session has ended because one of its tokens was reused. */
    onReuse: (session: SessionIdentity, request: Request | null) => void;
}


interface Resolved {
    parsed: RefreshToken;
    identities: Identities;
    actors?: ActingParty[];
    session: LiveSession;
    pair?: Pair;
}


type Work = (sessions: Sessions, token: RefreshToken) => Promise<Inspection>;

const inspect: Work = (sessions, token) => sessions.inspect(token);


interface Reuse extends SessionIdentity {
    isReuse: true;
}


/** The refresh tokens of sessions: rotated at each renewal; reuse of a replaced one ends the session. */
export class SessionRefreshTokens implements RefreshTokens {

    readonly #options: SessionRefreshTokensOptions;
    readonly #issuer: string;

    constructor(options: SessionRefreshTokensOptions) {

        this.#options = options;
        this.#issuer = ownIssuer(options.jwt.issuer);
    }

    async accept(token: string, request: Request | null): Promise<AcceptedRefreshToken | ChallengeCode> {

        const resolved = await this.#endReused(await this.#resolve(token, inspect), request);
        return typeof resolved === 'string' ? resolved : this.#accepted(resolved, token);
    }

    async look(token: string): Promise<AcceptedRefreshToken | ChallengeCode> {

        const resolved = await this.#resolve(token, inspect);
        return typeof resolved === 'string' ? resolved : isReuse(resolved) ? 'refresh_token_reused' : this.#accepted(resolved, token);
    }

    /** Renews the session of a token; `authentication` is set if the user was authenticated again. */
    async renew(token: string, request: Request | null, authentication?: ReauthenticateOptions): Promise<Pair | ChallengeCode> {

        const renew: Work = (sessions, parsed) => (authentication ? sessions.reauthenticate(parsed, authentication) : sessions.renew(parsed));
        const resolved = await this.#endReused(await this.#resolve(token, renew), request);
        return typeof resolved === 'string' ? resolved : resolved.pair!;
    }

    // The session first: a forged token does not reach the blacklist, and its sender does not learn what is revoked. The blacklist last, to notice a logout during the renewal

    async #resolve(token: string, work: Work): Promise<Resolved | Reuse | ChallengeCode> {

        const parsed = parse(token);
        if (!parsed) {
            return 'refresh_token_invalid';
        }

        const { blacklist, list, sessions } = this.#options;
        const found = await work(sessions, parsed);
        if (found.state === 'unknown') {
            return 'refresh_token_invalid';
        }

        if (found.state === 'ended') {
            return 'refresh_token_revoked';
        }

        // A revoked session may still have its row. Reuse of its tokens is not reported: they are worthless

        const identities = list.identities(parsed);
        const { created } = found.state === 'live' ? found.session : found;
        const actors = list.actors(found.state === 'live' ? found.session.claims : found, created);
        if (isRevoked(created, await latestCutoff(blacklist, { identities, stamp: created, actors }))) {
            return 'refresh_token_revoked';
        }

        if (found.state === 'superseded') {
            return { isReuse: true, issuer: this.#issuer, subject: found.subject, session: sessionId(parsed), actors };
        }

        return { parsed, identities, actors, session: found.session, pair: found.pair };
    }

    // RFC 9700 §4.14.2: two clients have the token, and one of them is a thief

    async #endReused(resolved: Resolved | Reuse | ChallengeCode, request: Request | null): Promise<Resolved | ChallengeCode> {

        if (!isReuse(resolved)) {
            return resolved;
        }

        const { logout, onReuse } = this.#options;
        await measureRevocation('session', () => logout.endSession(resolved));
        onReuse(resolved, request);
        return 'refresh_token_reused';
    }

    #accepted({ identities, actors, session: { sid, claims, created, expires, data } }: Resolved, token: string): AcceptedRefreshToken {

        const withSession = { ...claims, [this.#options.jwt.sessionClaim]: sid };

        return {
            issuer: this.#issuer,
            subject: claims.sub,
            session: sid,
            id: named(identities).token,
            identities,
            actors,
            issued: created,
            stamp: created,
            expires,
            token,
            claims: withSession,
            credentials: new TokenCredentials(withSession),
            data
        };
    }
}


export interface LookupRefreshTokensOptions {
    blacklist: Pick<Blacklist, 'cutoff'>;
    settings: Pick<LookupSettings, 'find' | 'maxAge'>;
    jwt: Pick<JwtSettings, 'issuer' | 'clockTolerance' | 'sessionClaim'>;
}


/** The refresh tokens of a lookup, as `find` describes them. The app does rotation and detection of reuse. */
export class LookupRefreshTokens implements RefreshTokens {

    readonly #options: LookupRefreshTokensOptions;
    readonly #issuer: string;

    constructor(options: LookupRefreshTokensOptions) {

        this.#options = options;
        this.#issuer = ownIssuer(options.jwt.issuer);
    }

    look(token: string): Promise<AcceptedRefreshToken | ChallengeCode> {

        return this.accept(token, null);
    }

    async accept(token: string, request: Request | null, issuer = this.#issuer): Promise<AcceptedRefreshToken | ChallengeCode> {

        const { blacklist, settings, jwt } = this.#options;

        const found = await settings.find(token, request);
        if (found === null || found === undefined) {
            return 'refresh_token_invalid';
        }

        const { subject, session, credentials } = found;
        Hoek.assert(typeof subject === 'string' && subject !== '', 'lookup.find() must return a subject');
        Hoek.assert(session === undefined || typeof session === 'string' && session !== '', 'lookup.find() must return session as a string');

        // Cut-offs are stored for settings.maxAge, so no token may live longer

        const issued = moment(found.issued, 'issued');
        const expires = Math.min(moment(found.expires, 'expires') ?? Infinity, (issued ?? Date.now()) + settings.maxAge);
        if (expires <= Date.now()) {
            return 'refresh_token_expired';
        }

        // The token's own key must not depend on the access token in the same request

        const id = identify('refresh', this.#issuer, token);
        const everyone = identify('everyone', issuer);
        const identities = identitiesOf(id, identify('subject', issuer, subject), everyone, session === undefined ? undefined : identify('session', issuer, session));

        // Without a date of issue, every cut-off ends the token. The issuing clock may be ahead

        const stamp = (issued ?? 0) - jwt.clockTolerance;
        if (isRevoked(stamp, await blacklist.cutoff(identities))) {
            return 'refresh_token_revoked';
        }

        const claims = { sub: subject, ...session !== undefined && { [jwt.sessionClaim]: session } };
        return { issuer, subject, session, id, identities, issued: issued ?? 0, stamp, expires, token, claims, credentials: credentials ? { copy: () => credentials } : new TokenCredentials(claims) };
    }
}


const isReuse = function (resolved: Resolved | Reuse | ChallengeCode): resolved is Reuse {

    return typeof resolved === 'object' && 'isReuse' in resolved;
};


const moment = function (value: number | Date | undefined, name: string): number | undefined {

    const time = value instanceof Date ? value.getTime() : value;
    Hoek.assert(time === undefined || Number.isFinite(time), `lookup.find() must return ${name} as a date or in milliseconds`);
    return time;
};
