import * as Hoek from '@hapi/hoek';

import { isRevoked } from '../blacklist/blacklist';
import { named } from '../blacklist/identities';
import { Refusal } from '../errors/refusal';
import { parse } from '../sessions/refresh-token';

import type { AccessToken } from '../jwt/access-token';
import type { Blacklist } from '../blacklist/blacklist';
import type { Identities } from '../blacklist/identities';
import type { AccessTokens } from '../jwt/jwt';
import type { RefreshTokens } from '../sessions/refresh-tokens';
import type { SessionList } from '../sessions/session-list';
import type { Explanation } from '../types';


export interface ExplainerOptions {
    blacklist: Blacklist;
    tokens: AccessTokens;
    refreshTokens?: RefreshTokens;
    sessions?: Pick<SessionList, 'identities'>;
}


// Blacklist keys with what they stand for: the token itself, its session, its subject, everyone

type Causes = [key: string, what: (cutoff: number) => string][];


/** Tells an operator why a token is or is not accepted. */
export class Explainer {

    readonly #options: ExplainerOptions;

    constructor(options: ExplainerOptions) {

        this.#options = options;
    }

    /** @throws `Outage`. */
    async explain(token: string): Promise<Explanation> {

        Hoek.assert(typeof token === 'string' && token !== '', 'explain() needs a token');
        return isJwt(token) ? await this.#accessToken(token) : await this.#refreshToken(token);
    }

    async #accessToken(token: string): Promise<Explanation> {

        let access: AccessToken;
        try {
            access = await this.#options.tokens.verify(token, { tolerateExpiry: true });
        }
        catch (error) {
            return refused('access_token', error);
        }

        const { subject, session, issued, stamp, expires } = access;
        const known = { kind: 'access_token' as const, subject, session, issued, expires };

        if (access.expired) {
            return { ...known, accepted: false, code: 'access_token_expired', text: `It expired at ${date(expires)}.` };
        }

        const cause = await this.#cause(causesOf(access), stamp);
        if (cause !== null) {
            return { ...known, accepted: false, code: 'access_token_revoked', text: cause };
        }

        return { ...known, accepted: true, code: null, text: `It is accepted until ${date(expires)}.` };
    }

    async #refreshToken(token: string): Promise<Explanation> {

        const { refreshTokens, sessions } = this.#options;
        const kind = 'refresh_token' as const;

        if (!refreshTokens) {
            return { kind, accepted: false, code: 'refresh_token_invalid', text: 'It is no access token, and the strategy has no refresh tokens.' };
        }

        const found = await refreshTokens.look(token);
        if (typeof found !== 'string') {
            const { subject, session, issued, expires } = found;
            return { kind, accepted: true, code: null, text: `It is accepted until ${date(expires)}.`, subject, session, issued, expires };
        }

        const address = sessions && parse(token);
        const cause = found === 'refresh_token_revoked' && address ? await this.#cause(sessionCauses(sessions.identities(address)), 0) : null;
        return { kind, accepted: false, code: found, text: cause ?? sentences[found as keyof typeof sentences] };
    }

    async #cause(causes: Causes, stamp: number): Promise<string | null> {

        let latest = 0;
        let cause: string | null = null;
        for (const [key, what] of causes) {
            const cutoff = await this.#options.blacklist.cutoff([key]);
            if (cutoff > latest && isRevoked(stamp, cutoff)) {
                latest = cutoff;
                cause = what(cutoff);
            }
        }

        return cause;
    }
}


const sentences = {
    refresh_token_invalid: 'No live session is known for it: no session was begun with it, or its session has ended or expired.',
    refresh_token_expired: 'It expired.',
    refresh_token_revoked: 'It was revoked, or its session, or its subject after it was issued or within jwt.clockTolerance before.',
    refresh_token_reused: 'It was replaced by a later one. Presenting it ends its session.'
};


const causesOf = function ({ identities, issued, stamp }: AccessToken): Causes {

    const { token, session, subject, everyone } = named(identities);
    const age = stamp === issued ? `it counts from ${date(stamp)}` : `it was issued at ${date(issued)}, and counts from ${date(stamp)}, since clocks may differ (jwt.clockTolerance)`;
    return [
        [token, () => 'It was revoked itself.'],
        ...session === undefined ? [] : [[session, () => 'Its session was ended.'] as Causes[0]],
        [subject, (cutoff) => `All of its subject's tokens up to ${date(cutoff)} were revoked, and ${age}.`],
        [everyone, (cutoff) => `All tokens up to ${date(cutoff)} were revoked, and ${age}.`]
    ];
};


const sessionCauses = function (identities: Identities): Causes {

    const { token, session, subject, everyone } = named(identities);
    return [
        [token, () => 'It was revoked itself.'],
        [session!, () => 'Its session was ended.'],
        [subject, (cutoff) => `All of its subject's sessions up to ${date(cutoff)} were ended.`],
        [everyone, (cutoff) => `All sessions up to ${date(cutoff)} were ended.`]
    ];
};


const refused = function (kind: Explanation['kind'], error: unknown): Explanation {

    if (!(error instanceof Refusal)) {
        throw error;
    }

    return { kind, accepted: false, code: error.code, text: `It does not verify: ${error.detail}.` };
};


const isJwt = function (token: string): boolean {

    return token.split('.').length === 3;
};


const date = function (moment: number): string {

    return new Date(moment).toISOString();
};
