import { hash } from 'node:crypto';

import { AskedBlacklist } from '../../lib/blacklist/asked-blacklist';
import { systemClock } from '../../lib/blacklist/clock';
import { ownIssuer } from '../../lib/blacklist/identities';
import { AccessTokens } from '../../lib/jwt/jwt';
import { strategySettings } from '../../lib/options/schema';
import { Logout } from '../../lib/sessions/logout';
import { parse } from '../../lib/sessions/refresh-token-format';
import { SessionList } from '../../lib/sessions/session-list';
import { Sessions } from '../../lib/sessions/sessions';
import { MemoryStore } from '../../lib/store/memory';
import { jwt } from './server';

import type { RefreshToken } from '../../lib/sessions/refresh-token-format';
import type { Inspection, LiveSession, Pair } from '../../lib/sessions/sessions';
import type { SessionPage, SessionStore } from '../../lib/store/session-contract';
import type { JwtOptions, SessionOptions } from '../../lib/types';


/** Sessions on a store, as a strategy has them. */
export const prepare = function (
    given: SessionOptions = {},
    options: Partial<JwtOptions> = {},
    store: SessionStore = new MemoryStore()
): { sessions: Sessions; list: SessionList; tokens: AccessTokens; stamp: (subject: string) => Promise<number> } {

    const settings = strategySettings({ jwt: { ...jwt, ...options }, refreshToken: { query: 'refreshToken' }, sessions: given });
    const tokens = new AccessTokens(settings.jwt, () => undefined);
    const blacklist = new AskedBlacklist(new MemoryStore(), { max: 10, clock: systemClock, arrived: () => undefined });
    const issuer = ownIssuer(settings.jwt.issuer);
    const list = new SessionList({ store, blacklist, issuer, clockTolerance: settings.jwt.clockTolerance });
    const stamp = (subject: string) => store.stamp(subject, settings.sessions!.maxAge);
    const logout = new Logout({ blacklist, sessions: { issuer, store }, settings, stamp, ended: () => undefined, later: () => undefined });
    return { sessions: new Sessions({ store, tokens, list, logout, settings: settings.sessions!, jwt: settings.jwt }), list, tokens, stamp };
};


export const tokenOf = function ({ refreshToken }: Pair): RefreshToken {

    return parse(refreshToken)!;
};


/** @throws `Error` where the session is dead. */
export const live = function (inspection: Inspection): { state: 'live'; session: LiveSession; pair?: Pair } {

    if (inspection.state !== 'live') {
        throw new Error(`The session is ${inspection.state}`);
    }

    return inspection;
};


export const pairFrom = function (inspection: Inspection): Pair {

    return live(inspection).pair!;
};


/** The ids of a page of sessions. */
export const idsOf = async function (page: Promise<SessionPage>): Promise<string[]> {

    return (await page).sessions.map(({ id }) => id);
};


/** A refresh token of ours with one bit changed, and the checksum of what it is then: nobody but the store can tell. */
export const forgeRefreshToken = function (token: Buffer, position: number): Buffer {

    const forged = Buffer.from(token);
    forged[position]! ^= 1;
    hash('sha256', forged.subarray(0, 68), 'buffer').copy(forged, 68, 0, 8);
    return forged;
};
