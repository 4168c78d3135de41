import { identify, issuersOf } from '../blacklist/identities';

import type { JwtSettings, PluginSettings } from '../options/settings';
import type { Store } from '../store/contract';


/** An option in which two strategies of one issuer differ that must agree in it, in whichever process they are. */
export interface Disagreement {
    strategy: string;
    option: string;

    /** Its value here, and that of the other strategy, as JSON. */
    own: string;
    other: string;
}


/**
 * In what the strategies of this process differ from others of their issuer: from the strategy that was registered last, which may also have been of
 * this process, before it was started again.
 *
 * @throws `Outage`.
 */
export const disagreements = async function (strategies: { name: string; jwt: JwtSettings }[], lease: PluginSettings['lease'], store: Pick<Store, 'exchange'>): Promise<Disagreement[]> {

    const each = strategies.flatMap(({ name, jwt }) => issuersOf(jwt.issuer).map((issuer) => ({ name, jwt, issuer })));
    const found = await Promise.all(each.map(async ({ name, jwt, issuer }) => {

        const own = common(jwt, lease);
        const other = await store.exchange(`agreed:${identify('everyone', issuer)}`, JSON.stringify(own), jwt.maxAge);
        return other === null ? [] : differences(name, own, JSON.parse(other));
    }));

    return found.flat();
};


// Where these differ, a token is accepted in one process and refused in another, or a logout passes one of them by. How long tokens live may differ:
// the store knows the longest

const common = function ({ sessionClaim, clockTolerance }: JwtSettings, lease: PluginSettings['lease']): Record<string, unknown> {

    return { 'jwt.sessionClaim': sessionClaim, 'jwt.clockTolerance': clockTolerance, lease };
};


// What another version of this package does not compare is left out

const differences = function (strategy: string, here: Record<string, unknown>, there: Record<string, unknown>): Disagreement[] {

    return Object.keys(here).flatMap((option) => {

        const [own, other] = [JSON.stringify(here[option]), JSON.stringify(there[option])];
        return other === undefined || other === own ? [] : [{ strategy, option, own, other }];
    });
};
