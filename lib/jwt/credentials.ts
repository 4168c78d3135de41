import type { AuthCredentials } from '@hapi/hapi';
import type { Claims } from '../types';


/** Claims as hapi's credentials: a copy, so that no request sees what another has changed. */
export const credentialsOf = function (claims: Readonly<Claims>): AuthCredentials {

    const { scope, sub, client_id: client } = claims;
    const credentials: Record<string, unknown> = copy(claims);

    // hapi wants a list; RFC 8693 §4.2 has one string

    if (typeof scope === 'string') {
        credentials.scope = scope.split(' ').filter(Boolean);
    }

    // hapi's auth.entity is 'user' or 'app'

    const entity = sub === client ? 'app' : 'user';
    if (!Object.hasOwn(claims, entity)) {
        credentials[entity] = { id: sub };
    }

    return credentials as AuthCredentials;
};


/** A copy, all the way down, of what JSON can hold. */
export function copy<T>(value: T): T {

    if (typeof value !== 'object' || value === null) {
        return value;
    }

    if (Array.isArray(value)) {
        return value.map(copy) as T;
    }

    const copied = { ...value } as Record<string, unknown>;
    for (const name of Object.keys(copied)) {
        copied[name] = copy(copied[name]);
    }

    return copied as T;
}
