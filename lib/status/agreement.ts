import { identify, issuersOf } from '../blacklist/identities';

import type { JwtSettings, PluginSettings } from '../options/settings';
import type { Store } from '../store/contract';


/** An option that must be equal in all strategies of an issuer, in all processes, and is not. */
export interface Disagreement {
    strategy: string;
    option: string;

    /** Its values here and in the other strategy, as JSON. */
    own: string;
    other: string;
}


/** Compares the strategies of this process with the one of the same issuer that was registered last, here or in another process. @throws `Outage`. */
export const disagreements = async function (strategies: { name: string; jwt: JwtSettings }[], lease: PluginSettings['lease'], store: Pick<Store, 'exchange'>): Promise<Disagreement[]> {

    const each = strategies.flatMap(({ name, jwt }) => issuersOf(jwt.issuer).map((issuer) => ({ name, jwt, issuer })));
    const found = await Promise.all(each.map(async ({ name, jwt, issuer }) => {

        const own = common(jwt, lease);
        const other = await store.exchange(`agreed:${identify('everyone', issuer)}`, JSON.stringify(own), jwt.maxAge);
        return other === null ? [] : differences(name, own, JSON.parse(other));
    }));

    return found.flat();
};


// With different values, one process accepts what another refuses, or misses a logout. Lives of tokens may differ: the store knows the longest

const common = function ({ sessionClaim, clockTolerance }: JwtSettings, lease: PluginSettings['lease']): Record<string, unknown> {

    return { 'jwt.sessionClaim': sessionClaim, 'jwt.clockTolerance': clockTolerance, lease };
};


// An option that another version of this package does not compare is left out

const differences = function (strategy: string, here: Record<string, unknown>, there: Record<string, unknown>): Disagreement[] {

    return Object.keys(here).flatMap((option) => {

        const [own, other] = [JSON.stringify(here[option]), JSON.stringify(there[option])];
        return other === undefined || other === own ? [] : [{ strategy, option, own, other }];
    });
};
