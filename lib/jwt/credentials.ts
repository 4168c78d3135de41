import type { AuthCredentials } from '@hapi/hapi';
import type { Claims } from '../types';


/** Claims as hapi's credentials: a copy, so that no request sees what another has changed. */
export const credentialsOf = function (claims: Readonly<Claims>): AuthCredentials {

    const { scope, sub, client_id: client } = claims;

    // hapi's auth.entity is 'user' or 'app', unless a claim says otherwise. To add it behind the claims takes 1 us more: the copy has no room for it

    const credentials = deepen(sub === client ? { app: { id: sub }, ...claims } : { user: { id: sub }, ...claims });

    // hapi wants a list; RFC 8693 §4.2 has one string

    if (typeof scope === 'string') {
        credentials.scope = scope.split(' ').filter(Boolean);
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

    return deepen({ ...value } as Record<string, unknown>) as T;
}


// Copies what is inside an object that was copied. Most claims are texts and numbers, which need not be written again

const deepen = function (object: Record<string, unknown>): Record<string, unknown> {

    for (const name of Object.keys(object)) {
        const value = object[name];
        if (typeof value === 'object') {
            object[name] = copy(value);
        }
    }

    return object;
};
