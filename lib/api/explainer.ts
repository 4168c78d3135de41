import * as Hoek from '@hapi/hoek';

import { isRevoked } from '../blacklist/blacklist';
import { named } from '../blacklist/identities';
import { Refusal } from '../errors/refusal';
import { hasJwtForm } from '../jwt/jwt';
import { parse } from '../sessions/refresh-token-format';

import type { AccessToken } from '../jwt/access-token';
import type { Identities } from '../blacklist/identities';
import type { StrategyParts } from '../request/parts';
import type { Explanation } from '../types';


export class Explainer {

    readonly #parts: StrategyParts;

    constructor(parts: StrategyParts) {

        this.#parts = parts;
    }

    /** @throws `Outage`. */
    async explain(token: string): Promise<Explanation> {

        Hoek.assert(typeof token === 'string' && token !== '', 'explain() needs a token');
        return hasJwtForm(token) ? await this.#accessToken(token) : await this.#refreshToken(token);
    }

    async #accessToken(token: string): Promise<Explanation> {

        const kind = 'access_token' as const;
        let access: AccessToken;
        try {
            access = await this.#parts.tokens.verify(token, { tolerateExpiry: true });
        }
        catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }

            return { kind, accepted: false, code: error.code, text: `It does not verify: ${error.detail}.` };
        }

        const { subject, session, issued, expires } = access;
        const known = { kind, subject, session, issued, expires };

        if (access.expired) {
            return { ...known, accepted: false, code: 'access_token_expired', text: `It expired at ${date(expires)}.` };
        }

        const cause = await this.#cause(access.identities, access) ?? await this.#causeOfActors(access.actors);
        if (cause !== null) {
            return { ...known, accepted: false, code: 'access_token_revoked', text: cause };
        }

        return { ...known, accepted: true, code: null, text: `It is accepted until ${date(expires)}.` };
    }

    async #refreshToken(token: string): Promise<Explanation> {

        const { refreshTokens, own } = this.#parts;
        const kind = 'refresh_token' as const;

        if (!refreshTokens) {
            return { kind, accepted: false, code: 'refresh_token_invalid', text: 'It is not an access token, and the strategy has no refresh tokens.' };
        }

        const found = await refreshTokens.look(token);
        if (typeof found !== 'string') {
            const { subject, session, issued, expires } = found;
            return { kind, accepted: true, code: null, text: `It is accepted until ${date(expires)}.`, subject, session, issued, expires };
        }

        const address = own && parse(token);
        const cause = found === 'refresh_token_revoked' && address ? await this.#cause(own.list.identities(address)) : null;
        return { kind, accepted: false, code: found, text: cause ?? sentences[found as keyof typeof sentences] };
    }

    async #causeOfActors(actors: AccessToken['actors'] = []): Promise<string | null> {

        const ended = await Promise.all(actors.map(async ({ identities, stamp }) => isRevoked(stamp, await this.#parts.blacklist.cutoff(identities))));
        return ended.includes(true) ? 'Its actor was logged out.' : null;
    }

    // The cut-off that ended it: the latest one that applies. Not every token has a date of issue

    async #cause(identities: Identities, { issued, stamp }: Partial<AccessToken> = {}): Promise<string | null> {

        const { token, session, subject, everyone } = named(identities);
        const age = stamp === undefined ? '' : stamp === issued ? `, and it counts from ${date(stamp)}` :
            `, and it was issued at ${date(issued!)}, and counts from ${date(stamp)}, since clocks may differ (jwt.clockTolerance)`;

        const causes: [key: string | undefined, text: (cutoff: number) => string][] = [
            [token, () => 'It was revoked itself.'],
            [session, () => 'Its session was ended.'],
            [subject, (cutoff) => `All of its subject's tokens up to ${date(cutoff)} were revoked${age}.`],
            [everyone, (cutoff) => `All tokens up to ${date(cutoff)} were revoked${age}.`]
        ];

        let latest = 0;
        let cause: string | null = null;
        for (const [key, text] of causes) {
            const cutoff = key === undefined ? 0 : await this.#parts.blacklist.cutoff([key]);
            if (cutoff > latest && isRevoked(stamp ?? 0, cutoff)) {
                latest = cutoff;
                cause = text(cutoff);
            }
        }

        return cause;
    }
}


const sentences = {
    refresh_token_invalid: 'No live session has it: it was never issued, or its session has ended or expired.',
    refresh_token_expired: 'It expired.',
    refresh_token_revoked: 'It was revoked, or its session was, or its subject after the token was issued (or within jwt.clockTolerance before), or its actor was logged out.',
    refresh_token_reused: 'It was replaced by a newer one. If it is presented, its session ends.'
};


const date = function (moment: number): string {

    return new Date(moment).toISOString();
};
