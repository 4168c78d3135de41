import { createPublicKey, hash } from 'node:crypto';

import { digest } from '../blacklist/identities';
import { isJwk, isMeantFor, readKey } from './key';
import { isAsked, isKeySet, signingKey } from './key-resolver';

import type { KeyObject } from 'node:crypto';
import type { JwtSettings } from '../options/settings';
import type { Store } from '../store/contract';


/** Whether a token of one strategy may verify in the other, by the keys known at registration. */
export const sharesKey = function (one: JwtSettings, other: JwtSettings): boolean {

    if (one.key instanceof URL && other.key instanceof URL) {
        return one.key.href === other.key.href;
    }

    const known = thumbprints(one);
    return one.key === other.key || thumbprints(other).some((each) => known.includes(each));
};


/** The strategies whose signing key in the process that started before (maybe this one, before a restart) is unknown to this process. @throws `Outage`. */
export const differingKeys = async function (strategies: { name: string; jwt: JwtSettings }[], store: Pick<Store, 'exchange'>): Promise<string[]> {

    const differ = await Promise.all(strategies.map(async ({ name, jwt }) => {

        const own = signingThumbprint(jwt);
        if (own === undefined) {
            return false;
        }

        // Services that only share a Redis may have different keys

        const purpose = digest(Buffer.from(JSON.stringify([name, jwt.issuer, jwt.audience])));
        const other = await store.exchange(`key:${purpose}`, hint(own), jwt.maxAge);
        return other !== null && ![own, ...thumbprints(jwt)].some((each) => hint(each) === other);
    }));

    return strategies.filter((_, i) => differ[i]).map(({ name }) => name);
};


// Long enough to detect a difference, too short to test guesses of a weak secret

const hint = function (thumbprint: string): string {

    return thumbprint.slice(0, 3);
};


// If the strategy does not sign: its only key that verifies

const signingThumbprint = function (settings: JwtSettings): string | undefined {

    const signing = signingKey(settings);
    const verifying = thumbprints(settings);
    return signing ? thumbprint(signing.key) : verifying.length === 1 ? verifying[0] : undefined;
};


// Of known keys only: not of a URL or a function

const thumbprints = function ({ key, algorithms }: JwtSettings): string[] {

    if (isAsked(key)) {
        return [];
    }

    const keys = isKeySet(key) ? key.keys.filter(isJwk) : [key];
    return keys.flatMap((each) => {

        const alg = algorithms.find((name) => !isJwk(each) || isMeantFor(each, name));
        return alg === undefined ? [] : [thumbprint(readKey(each, alg, 'jwt.key'))];
    });
};


// RFC 7638, of the public half. Node exports exactly the required members

const thumbprint = function (key: KeyObject): string {

    const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
    return hash('sha256', JSON.stringify(jwk, Object.keys(jwk).sort()), 'base64url');
};
