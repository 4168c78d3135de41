import * as Hoek from '@hapi/hoek';

import { isRevoked, latestCutoff } from '../blacklist/blacklist';
import { isPast } from '../blacklist/clock';
import { combine } from '../sessions/accepted-tokens';
import { Refusal } from '../errors/refusal';
import { identify, ownIssuer, sessionAddress } from '../blacklist/identities';

import type { StrategyParts } from '../request/parts';
import type { AcceptedTokens } from '../sessions/accepted-tokens';
import type { Order } from '../sessions/logout';
import type { RevokeOptions, RevokeTarget } from '../types';


type Kind = 'accessToken' | 'refreshToken' | 'jti' | 'session' | 'subject' | 'except' | 'issuedBefore';

const combinations: Kind[][] = [['accessToken'], ['refreshToken'], ['jti'], ['session'], ['subject'], ['subject', 'except'], ['issuedBefore'], ['subject', 'issuedBefore']];

// A moment (ms) before September 2001 was probably given in seconds

const earliest = 1e12;


const usage = 'revoke() needs one of accessToken, refreshToken, jti, session, subject and issuedBefore; a subject may come with except or issuedBefore';


export class Revoker {

    readonly #parts: StrategyParts;

    constructor(parts: StrategyParts) {

        this.#parts = parts;
    }

    /** @throws `Error` for a target without a name, or with too many; `Refusal` for a token that does not verify; what `Logout.end()` throws. */
    async revoke(target: RevokeTarget, { reason, request = undefined }: RevokeOptions = {}): Promise<void> {

        check(target);

        const { accessToken, refreshToken } = target;
        const wish = { reason, request: request ?? null };

        if (accessToken !== undefined) {
            await this.#endToken(await this.#accessToken(accessToken), wish);
        }
        else if (refreshToken !== undefined) {
            await this.#endToken(await this.#refreshToken(refreshToken), wish);
        }
        else {
            const { logout } = this.#parts;
            const orders = this.#issuers(target).map((issuer) => this.#order(target, issuer));
            await Promise.all(orders.map((order) => logout.end({ ...order, ...wish })));
        }
    }

    // RFC 7009 §2.2: revoking a revoked token is a success. But the call that revoked it may still be waiting for other processes

    async #endToken(tokens: AcceptedTokens | null, wish: Pick<Order, 'reason' | 'request'>): Promise<void> {

        if (!tokens) {
            await this.#parts.blacklist.confirm();
            return;
        }

        const { issuer, subject, session } = tokens;
        await this.#parts.logout.end({ extent: 'session', issuer, subject, session, tokens, ...wish });
    }

    async #accessToken(token: string): Promise<AcceptedTokens | null> {

        const { blacklist, tokens } = this.#parts;

        const access = await tokens.verify(token, { tolerateExpiry: true });
        return isRevoked(access.stamp, await latestCutoff(blacklist, access)) ? null : combine(access, undefined);
    }

    async #refreshToken(token: string): Promise<AcceptedTokens | null> {

        const { refreshTokens } = this.#parts;
        Hoek.assert(refreshTokens, 'revoke() of a refreshToken needs a strategy that has them');

        const accepted = await refreshTokens.accept(token, null);
        if (typeof accepted !== 'string') {
            return combine(undefined, accepted);
        }

        // Not a success: a token that is unknown here may be alive in another strategy

        if (accepted === 'refresh_token_invalid') {
            throw new Refusal(accepted);
        }

        return null;
    }

    #order({ jti, subject, session, except, issuedBefore }: RevokeTarget, issuer: string): Omit<Order, 'request'> {

        if (jti !== undefined) {
            return { extent: 'token', issuer, jti };
        }

        if (session !== undefined) {
            return { extent: 'session', issuer, session };
        }

        if (except !== undefined) {
            Hoek.assert(this.#parts.settings.sessions, 'revoke() with except needs a strategy with sessions');

            // With a typing error in `except`, all sessions would end

            Hoek.assert(sessionAddress(except)?.subject === identify('subject', issuer, subject), 'revoke() needs except to be a session of the subject');
            return { extent: 'others', issuer, subject, session: except };
        }

        return { extent: subject === undefined ? 'everyone' : 'subject', issuer, subject, before: issuedBefore?.valueOf() };
    }

    // User 42 of one issuer is not user 42 of another. Sessions of the plugin belong to the first issuer

    #issuers({ issuer, subject, session, except, jti }: RevokeTarget): string[] {

        const { jwt: { issuer: issuers }, sessions } = this.#parts.settings;
        Hoek.assert(issuer === undefined || issuers.includes(issuer), 'revoke() needs an issuer of the strategy');
        if (issuer !== undefined || issuers.length < 2) {
            return [issuer ?? ownIssuer(issuers)];
        }

        const named = except ?? session;
        if (sessions && named !== undefined && sessionAddress(named)) {
            return [ownIssuer(issuers)];
        }

        Hoek.assert([subject, session, jti].every((name) => name === undefined), 'revoke() needs an issuer with a subject, a session or a jti: the strategy has several');
        return issuers;
    }
}


// An empty target must not end everything, and a misspelt one nothing else

const check = function (target: RevokeTarget): void {

    const named = Object.keys(target ?? {}).filter((name) => name !== 'issuer' && target[name as keyof RevokeTarget] !== undefined) as Kind[];
    Hoek.assert(combinations.some((names) => names.length === named.length && named.every((name) => names.includes(name))), usage);

    for (const kind of named) {
        const value = target[kind];
        if (kind === 'issuedBefore') {
            const moment = value instanceof Date || typeof value === 'number' ? value.valueOf() : NaN;
            Hoek.assert(isPast(moment), 'revoke() needs issuedBefore to be a date, at most a minute in the future');
            Hoek.assert(moment >= earliest, 'revoke() needs issuedBefore in milliseconds since the epoch: this number looks like seconds');
        }
        else {
            Hoek.assert(typeof value === 'string' && value !== '', `revoke() needs ${kind} to be a string that is not empty`);
        }
    }
};
