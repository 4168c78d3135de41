import { LRUCache } from 'lru-cache';

import type { AuthCredentials } from '@hapi/hapi';
import type { Claims } from '../types';


const none: readonly string[] = [];


// Few texts are the scopes of many tokens, which then have their list in common

const scopes = new LRUCache<string, readonly string[]>({ max: 100 });


/**
 * The claims of one token as they are handed to requests: to each a copy of its own, all the way down, so that nothing one of them does to it
 * is seen by another.
 */
export class Template {

    /** Kept in the shape of credentials, so that a copy needs no property added. It is all that is kept of the claims. */
    readonly #credentials: Record<string, unknown>;

    /** Which of hapi's entities is ours to say. */
    readonly #entity: 'user' | 'app' | undefined;

    /** The scope, where the claims have it in one text. */
    readonly #scope: string | undefined;

    /** Whether hapi's scope is a list of texts. */
    readonly #isScoped: boolean;

    /** Names of what else is an object, where anything is. */
    #nested: readonly string[] = none;

    constructor(claims: Readonly<Claims>) {

        const { scope, sub, client_id: client } = claims;

        // hapi's scopes are a list (RFC 8693 §4.2 has them in one string); its entities are told apart by `user` and `app`

        const entity = sub === client ? 'app' : 'user';
        this.#entity = Object.hasOwn(claims, entity) ? undefined : entity;
        this.#scope = typeof scope === 'string' ? scope : undefined;
        this.#credentials = { [entity]: undefined, ...claims };
        if (this.#scope !== undefined) {
            this.#credentials.scope = list(this.#scope);
        }

        this.#isScoped = isTexts(this.#credentials.scope);
        for (const name of Object.keys(this.#credentials)) {
            if (isObject(this.#credentials[name]) && !(this.#isScoped && name === 'scope')) {
                this.#nested = [...this.#nested, name];
            }
        }
    }

    credentials(): AuthCredentials {

        const credentials = this.#copy();
        if (this.#entity !== undefined) {
            credentials[this.#entity] = { id: credentials.sub };
        }

        return credentials as AuthCredentials;
    }

    /** As the token has them. */
    claims(): Claims {

        const claims = this.#copy();
        if (this.#entity !== undefined) {
            delete claims[this.#entity];
        }

        if (this.#scope !== undefined) {
            claims.scope = this.#scope;
        }

        return claims as Claims;
    }

    #copy(): Record<string, unknown> {

        const copied = { ...this.#credentials };
        if (this.#isScoped) {
            copied.scope = (copied.scope as readonly string[]).slice();
        }

        return this.#nested === none ? copied : copyNested(copied, this.#nested);
    }
}


const list = function (scope: string): readonly string[] {

    const known = scopes.get(scope);
    if (known) {
        return known;
    }

    const texts = trimmed(scope.split(' ').filter(Boolean));
    scopes.set(scope, texts);
    return texts;
};


// An array that was filled one by one has room for more

const trimmed = function (names: string[]): string[] {

    return names.slice();
};


function copyNested<T extends Record<string, unknown>>(object: T, names: readonly string[]): T {

    for (const name of names) {
        (object as Record<string, unknown>)[name] = copy(object[name]);
    }

    return object;
}


const isTexts = function (value: unknown): value is readonly string[] {

    return Array.isArray(value) && value.every((item) => typeof item === 'string');
};


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
