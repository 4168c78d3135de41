import * as Hoek from '@hapi/hoek';

import { ownIssuer } from '../blacklist/identities';
import { Outage } from '../errors/outage';
import { isText } from '../jwt/claims';

import type { Request } from '@hapi/hapi';
import type { StrategyParts } from '../request/parts';
import type { Named, SenderOptions } from '../types';


export interface EndingOptions {
    strategy: StrategyParts;
    named: Named;
    find: SenderOptions['find'];
    extent: 'session' | 'subject';

    /** When the order was issued (ms, to the second, by its issuer's clock): it ends nothing newer. Null if it ends everything so far. */
    issued: number | null;
    reason: string;
    request: Request;

    /** Whether tokens that the issuer issues for the session after the order are accepted. */
    isSuspended?: boolean;
}


/** Ends what an order names. Returns false if the app does not know it. @throws `Outage`; what `onRevoke` throws. */
export const end = async function (options: EndingOptions): Promise<boolean> {

    const { strategy: { logout, settings }, reason, request } = options;
    const found = await find(options);

    await Promise.all(found.map(async ({ issuer = ownIssuer(settings.jwt.issuer), subject, session }) => {

        Hoek.assert(isText(subject ?? session), 'find() has to return { subject } or { session }, an array of them, or null');
        Hoek.assert(settings.jwt.issuer.length === 0 || settings.jwt.issuer.includes(issuer), 'find() names an issuer that the strategy does not have');
        const order = session === undefined || options.extent === 'subject' && subject !== undefined ?
            { extent: 'subject' as const, subject, before: momentOf(options) } :
            { extent: 'session' as const, subject, session, before: options.isSuspended ? options.issued! + 1 : undefined };
        await logout.end({ ...order, issuer, reason, request });
    }));

    return found.length > 0;
};


// Without `find`, the order has the same names as the tokens

const find = async function ({ named, find: ask, strategy }: EndingOptions): Promise<{ issuer?: string; subject?: string; session?: string }[]> {

    if (!ask) {
        const { issuer, subject, session } = named;
        return [{ issuer: strategy.settings.jwt.issuer.length > 0 ? issuer! : '', subject, session }];
    }

    try {
        return [await ask(named) ?? []].flat();
    }
    catch (error) {
        throw new Outage('find() failed', { cause: error });
    }
};


/**
 * Tokens of the subject from before this moment (ms) end; undefined for everything so far.
 *
 * If the sender also issued the tokens, one clock wrote both dates, in seconds: a token of the same second ends, a login of the next second does not. (A token counts
 * as older by the clock tolerance.) Dates of different clocks are compared with that tolerance, and never with a future moment.
 */
const momentOf = function ({ strategy: { own, refreshTokens, settings: { jwt: { clockTolerance } } }, find: ask, issued }: EndingOptions): number | undefined {

    if (issued === null) {
        return undefined;
    }

    if (!ask && !refreshTokens) {
        return issued - clockTolerance + 1;
    }

    const before = issued + 1000 + (own ? clockTolerance : 0);
    return before > Date.now() ? undefined : before;
};
