import type { AuthCredentials } from '@hapi/hapi';
import type { Claims } from './types';


/**
 * The claims of one token as they are handed to requests: to each a copy of its own, all the way down, so that nothing one of them does to it
 * is seen by another.
 */
export class Template {

    readonly #claims: Readonly<Claims>;
    readonly #credentials: Record<string, unknown>;
    readonly #entity: 'user' | 'app' | undefined;
    readonly #scope: readonly string[] | undefined;

    /** Names of the other claims that are objects. */
    readonly #nested: readonly string[];

    constructor(claims: Readonly<Claims>) {

        const { scope, sub, client_id: client } = claims;

        // hapi's scopes are a list (RFC 8693 §4.2 has them in one string); its entities are told apart by `user` and `app`

        const entity = sub === client ? 'app' : 'user';
        this.#entity = Object.hasOwn(claims, entity) ? undefined : entity;
        this.#scope = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : Array.isArray(scope) ? scope : undefined;
        this.#claims = claims;
        this.#credentials = { [entity]: undefined, ...claims, ...this.#scope && { scope: this.#scope } };

        this.#nested = Object.keys(claims).filter((name) => isObject(claims[name]) && name !== 'scope');
    }

    credentials(): AuthCredentials {

        // All properties are there already: to add one would cost more than the rest together

        const credentials = { ...this.#credentials };
        if (this.#entity !== undefined) {
            credentials[this.#entity] = { id: credentials.sub };
        }

        if (this.#scope) {
            credentials.scope = this.#scope.slice();
        }

        return copyNested(credentials, this.#nested) as AuthCredentials;
    }

    /** For the app's `validate`. */
    claims(): Claims {

        const claims = { ...this.#claims };
        if (Array.isArray(claims.scope)) {
            claims.scope = claims.scope.slice();
        }

        return copyNested(claims, this.#nested);
    }
}


function copyNested<T extends Record<string, unknown>>(object: T, names: readonly string[]): T {

    for (const name of names) {
        (object as Record<string, unknown>)[name] = copy(object[name]);
    }

    return object;
}


const isObject = function (value: unknown): value is object {

    return typeof value === 'object' && value !== null;
};


// Of what JSON can hold, and no token nests deeply

function copy<T>(value: T): T {

    if (!isObject(value)) {
        return value;
    }

    if (Array.isArray(value)) {
        return value.map(copy) as T;
    }

    const copied = { ...value } as Record<string, unknown>;
    return copyNested(copied, Object.keys(copied)) as T;
}
