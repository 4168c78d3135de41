import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';


export interface User {
    id: string;
    name: string;

    /** What the user may do, beyond what everybody may. */
    scope: string[];
}


interface Row extends User {
    salt: Buffer;
    hash: Buffer;
}


const length = 32;


/** The users of the app, in memory. Of a password only its salted hash is kept. */
export class Users {

    readonly #rows = new Map<string, Row>();

    async add(id: string, name: string, password: string, scope: string[] = []): Promise<void> {

        const salt = randomBytes(16);
        this.#rows.set(name, { id, name, scope, salt, hash: await hashOf(password, salt) });
    }

    /** Whose name and password they are, or null. A name that nobody has costs as much time as one with a wrong password. */
    async find(name: string, password: string): Promise<User | null> {

        const row = this.#rows.get(name);
        const hash = await hashOf(password, row?.salt ?? randomBytes(16));
        const isRight = timingSafeEqual(hash, row?.hash ?? randomBytes(length));
        return row && isRight ? userOf(row) : null;
    }

    /** Whether a password is that of a user. */
    async confirm(id: string, password: string): Promise<boolean> {

        const { name } = this.#rowOf(id);
        return await this.find(name, password) !== null;
    }

    async change(id: string, password: string): Promise<void> {

        const row = this.#rowOf(id);
        const salt = randomBytes(16);
        this.#rows.set(row.name, { ...row, salt, hash: await hashOf(password, salt) });
    }

    list(): User[] {

        return Array.from(this.#rows.values(), userOf);
    }

    #rowOf(id: string): Row {

        return Array.from(this.#rows.values()).find((row) => row.id === id)!;
    }
}


const userOf = function ({ id, name, scope }: Row): User {

    return { id, name, scope };
};


// About a tenth of a second and 16 MiB for each guess

const hashOf = function (password: string, salt: Buffer): Promise<Buffer> {

    return new Promise((resolve, reject) => {

        scrypt(password, salt, length, { N: 2 ** 14, r: 8, p: 5 }, (error, hash) => (error ? reject(error) : resolve(hash)));
    });
};
