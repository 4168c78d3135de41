import type { Writable } from 'node:stream';


// What a terminal might obey, or show in another order: a session's data may come from a stranger

const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;


/** Text in JSON's notation, harmless on a terminal. */
export const quote = function (value: unknown): string {

    return JSON.stringify(value).replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
};


/** A moment (ms since the epoch) as ISO 8601. */
export const date = function (moment: number): string {

    return new Date(moment).toISOString();
};


/** `1 session`, `2 sessions`. */
export const count = function (number: number, noun: string, plural = `${noun}s`): string {

    return `${number} ${number === 1 ? noun : plural}`;
};


/** What is said: results on one stream, one JSON value a line where that is wanted, and all else on the other. */
export class Output {

    readonly #stdout: Writable;
    readonly #stderr: Writable;
    readonly #isJson: boolean;

    constructor({ stdout, stderr }: { stdout: Writable; stderr: Writable }, isJson: boolean) {

        this.#stdout = stdout;
        this.#stderr = stderr;
        this.#isJson = isJson;
    }

    /** A result, for machines or for people. */
    result(value: unknown, lines: string[]): void {

        const text = this.#isJson ? quote(value) : lines.join('\n');
        this.#stdout.write(`${text}\n`);
    }

    /** What happened beside the results: for machines, where it is one of their lines, it is a result. */
    event(value: unknown, line: string): void {

        if (this.#isJson) {
            this.result(value, []);
        }

        this.note(line);
    }

    note(line: string): void {

        this.#stderr.write(`hard-logout: ${line}\n`);
    }
}
