import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import type { Redis } from 'ioredis';


export interface User {
    id: string;
    name: string;

    /** What the user may do, beyond what every user may. */
    scope: string[];
}


interface Row extends User {
    salt: string;
    hash: string;
}


// In place of a table of your database: rows as JSON, by the user's name

interface Table {
    get(name: string): string | null | undefined | Promise<string | null>;
    set(name: string, row: string): unknown;
    values(): Iterable<string> | Promise<string[]>;
}


/** The users of the app. Of a password only its salted hash is stored. */
export class Users {

    readonly #table: Table;

    constructor(redis: Redis | undefined, prefix: string) {

        const key = `${prefix}:users`;
        this.#table = redis ? {
            get: (name) => redis.hget(key, name),
            set: (name, row) => redis.hset(key, name, row),
            values: () => redis.hvals(key)
        } : new Map<string, string>();
    }

    /** Adds a user, unless the name is there. */
    async add(id: string, name: string, password: string, scope: string[] = []): Promise<void> {

        if (!await this.#table.get(name)) {
            await this.#set({ id, name, scope }, password);
        }
    }

    /** The user with this name and password, or null. An unknown name takes as long as a wrong password. */
    async find(name: string, password: string): Promise<User | null> {

        const row = await this.#row(name);
        const hash = await hashOf(password, row?.salt ?? 'none');
        const isRight = timingSafeEqual(hash, Buffer.from(row?.hash ?? randomBytes(length).toString('base64'), 'base64'));
        return row && isRight ? userOf(row) : null;
    }

    async changePassword(name: string, password: string): Promise<void> {

        await this.#set((await this.#row(name))!, password);
    }

    async list(): Promise<User[]> {

        const rows = await this.#table.values();
        return Array.from(rows, (row) => userOf(JSON.parse(row)));
    }

    async #row(name: string): Promise<Row | undefined> {

        const row = await this.#table.get(name);
        return row ? JSON.parse(row) : undefined;
    }

    async #set(user: User, password: string): Promise<void> {

        const salt = randomBytes(16).toString('base64');
        const hash = (await hashOf(password, salt)).toString('base64');
        await this.#table.set(user.name, JSON.stringify({ ...userOf(user), salt, hash } satisfies Row));
    }
}


const userOf = ({ id, name, scope }: User): User => ({ id, name, scope });


// About a tenth of a second and 16 MiB for each guess

const length = 32;

const hashOf = function (password: string, salt: string): Promise<Buffer> {

    return new Promise((resolve, reject) => {

        scrypt(password, salt, length, { N: 2 ** 14, r: 8, p: 5 }, (error, hash) => (error ? reject(error) : resolve(hash)));
    });
};
