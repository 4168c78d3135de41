import * as Hoek from '@hapi/hoek';

import { orUnavailable } from './challenge';
import { combine } from './evidence';
import { reservedClaims } from './jwt';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from './blacklist';
import type { ChallengeCode, Challenges } from './challenge';
import type { RefreshCookie } from './cookie';
import type { AccessTokens } from './jwt';
import type { Logout } from './logout';
import type { Monitor } from './monitor';
import type { StrategySettings } from './options';
import type { RefreshTokens, SessionRefreshTokens } from './refresh';
import type { Revocation } from './revocation';
import type { Pair, Sessions } from './sessions';
import type { Claims, IssueOptions, RevokeTarget, StrategyApi, TokenResponse } from './types';


const targets = ['jwt', 'refreshToken', 'session', 'subject'];


/** The parts of a strategy. */
export interface Parts {
    settings: StrategySettings;
    challenges: Challenges;
    blacklist: Blacklist;
    monitor: Monitor;
    revocation: Revocation;
    tokens: AccessTokens;
    logout: Logout;
    cookie?: RefreshCookie;
    refreshTokens?: RefreshTokens;

    /** Where refresh tokens are our own. */
    own?: { sessions: Sessions; refreshTokens: SessionRefreshTokens };
}


/** What handlers and other code call: `server.auth.api[strategy]`. */
export class Api implements StrategyApi {

    readonly #parts: Parts;

    constructor(parts: Parts) {

        this.#parts = parts;
    }

    async issue(claims: { sub: string } & Record<string, unknown>, { request, data }: IssueOptions = {}): Promise<TokenResponse> {

        const { sessions } = this.#own('issue');
        const { settings } = this.#parts;

        Hoek.assert(typeof claims?.sub === 'string' && claims.sub !== '' && claims.sub.isWellFormed(), 'issue() needs the claim sub, a string');
        for (const claim of [...reservedClaims, settings.jwt.sessionClaim]) {
            Hoek.assert(!Object.hasOwn(claims, claim), `issue() sets the claim ${claim} itself`);
        }

        const pair = await orUnavailable(sessions.issue(claims as Claims, data));
        return this.#respond(pair, request);
    }

    async refresh(requestOrToken: Request | string): Promise<TokenResponse> {

        const { refreshTokens } = this.#own('refresh');
        const { challenges, revocation } = this.#parts;

        const request = typeof requestOrToken === 'string' ? undefined : requestOrToken;
        const token = request ? revocation.proof(request.auth.artifacts)?.evidence.refresh?.token : requestOrToken as string;
        Hoek.assert(token !== undefined, 'refresh() needs a refresh token, or a request whose route has tokens \'refresh\', \'both\' or \'either\'');

        const presented = await orUnavailable(refreshTokens.renew(token));
        if (typeof presented === 'string') {
            this.refused(presented, request);
            throw challenges.refuse(presented);
        }

        return this.#respond(presented.pair!, request);
    }

    async revoke(target: RevokeTarget): Promise<void> {

        await orUnavailable(this.#revoke(target));
    }

    /** A stolen refresh token is taken out of the browser as well. */
    refused(code: ChallengeCode, request: Request | undefined): void {

        if (request && code === 'refresh_token_reused') {
            this.#parts.cookie?.clear(request);
        }
    }

    async #revoke(target: RevokeTarget): Promise<void> {

        const { logout } = this.#parts;

        const named = targets.filter((name) => target?.[name as keyof RevokeTarget] !== undefined);
        Hoek.assert(named.length === 1, `revoke() needs exactly one of ${targets.join(', ')}`);

        if (isFilled(target, 'jwt')) {
            await this.#revokeJwt(target.jwt);
        }
        else if (isFilled(target, 'refreshToken')) {
            await this.#revokeRefreshToken(target.refreshToken);
        }
        else if (isFilled(target, 'session')) {
            await this.#forIssuers(target.issuer, (issuer) => logout.endSession(issuer, target.session));
        }
        else if (isFilled(target, 'subject')) {
            await this.#forIssuers(target.issuer, (issuer) => logout.endSubject(issuer, target.subject));
        }
        else {
            throw new Error(`revoke() needs ${named[0]} as a string that is not empty`);
        }
    }

    // A token that is revoked already revokes nothing more: RFC 7009 §2.2 calls that a success

    async #revokeJwt(jwt: string): Promise<void> {

        const { blacklist, logout, tokens } = this.#parts;

        const access = await tokens.verify(jwt, { tolerateExpiry: true });
        if (access.stamp > await blacklist.cutoff(access.keys)) {
            await logout.end('session', combine(access, undefined), null);
        }
    }

    async #revokeRefreshToken(token: string): Promise<void> {

        const { challenges, logout, refreshTokens } = this.#parts;
        Hoek.assert(refreshTokens, 'revoke() of a refreshToken needs a strategy that has them');

        const presented = await refreshTokens.present(token, null);
        if (presented === 'refresh_token_revoked' || presented === 'refresh_token_reused') {
            return;
        }

        if (typeof presented === 'string') {
            throw challenges.refuse(presented);
        }

        await logout.end('session', combine(undefined, presented), null);
    }

    async #forIssuers(issuer: string | undefined, end: (issuer: string) => Promise<void>): Promise<void> {

        const { jwt } = this.#parts.settings;
        const issuers = issuer !== undefined ? [issuer] : jwt.issuer.length > 0 ? jwt.issuer : [''];
        Hoek.assert(issuer === undefined || jwt.issuer.includes(issuer), 'revoke() knows no such issuer');
        await Promise.all(issuers.map(end));
    }

    #own(method: string): NonNullable<Parts['own']> {

        const { own, tokens } = this.#parts;
        Hoek.assert(own, `${method}() needs refresh tokens of ours: a strategy with refreshToken, without find`);
        Hoek.assert(tokens.canSign, `${method}() needs a jwt.signingKey`);
        return own;
    }

    // RFC 6749 §5.1. What goes into an HttpOnly cookie is not shown to scripts as well

    #respond({ accessToken, refreshToken, expiresIn, remaining }: Pair, request: Request | undefined): TokenResponse {

        const { cookie, revocation } = this.#parts;
        const response = { access_token: accessToken, token_type: 'Bearer' as const, expires_in: Math.floor(expiresIn / 1000) };

        if (request) {
            revocation.addTokenResponse(request);
            if (cookie) {
                cookie.set(request, refreshToken, remaining);
                return response;
            }
        }

        return { ...response, refresh_token: refreshToken };
    }
}


function isFilled<K extends string>(target: unknown, name: K): target is Record<K, string> & { issuer?: string } {

    const value = (target as Record<string, unknown>)[name];
    return typeof value === 'string' && value !== '';
}
