import { createInterface } from 'node:readline';

import { codes, Failure, Usage } from './failure';

import type { Readable, Writable } from 'node:stream';
import type { RedisStore } from '../store/redis';


/** Where a command line runs: the streams and the environment of a process. */
export interface Terminal {
    stdin: Readable & { isTTY?: boolean };
    stdout: Writable;
    stderr: Writable;
    env: NodeJS.ProcessEnv;

    /** Is aborted by a signal. The reason is its name. */
    signal: AbortSignal;
}


/** What each command works with. */
export interface Context {
    terminal: Terminal;
    output: Output;

    /** Not started yet. It is stopped when the command has ended. */
    store: RedisStore;

    /** Registers what is closed when the command has ended, successfully or not. */
    onEnd: (close: () => void | Promise<void>) => void;
}


// Control characters, and those that change the direction of writing: what the app attached to a session may come from a stranger

const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;


/** A value as JSON that has no effect on a terminal. */
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


/** Writes results to the standard output, as text or as one JSON value a line, and everything else to the standard error. */
export class Output {

    readonly #stdout: Writable;
    readonly #stderr: Writable;
    readonly #isJson: boolean;

    constructor({ stdout, stderr }: Pick<Terminal, 'stdout' | 'stderr'>, isJson: boolean) {

        this.#stdout = stdout;
        this.#stderr = stderr;
        this.#isJson = isJson;
    }

    /** A result: `value` as JSON, or else `lines`. */
    result(value: unknown, lines: string[]): void {

        const text = this.#isJson ? quote(value) : lines.join('\n');
        this.#stdout.write(`${text}\n`);
    }

    /** What happens beside the results. As JSON it is a result as well. */
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


/** Asks a question, and resolves when the answer is `answer`. @throws `Usage` without a terminal; `Failure` for any other answer. */
export const confirm = async function (question: string, answer: string, { stdin, stderr, signal }: Pick<Terminal, 'stdin' | 'stderr' | 'signal'>): Promise<void> {

    if (!stdin.isTTY) {
        throw new Usage('This needs --yes, because there is no terminal to ask on');
    }

    stderr.write(`${question} Type ${answer} to go on: `);

    // If readline took it for a terminal, Ctrl-C would be a character and not a signal

    const lines = createInterface({ input: stdin, terminal: false });
    signal.addEventListener('abort', () => lines.close());
    const line = await new Promise<string>((resolve) => {

        lines.once('line', resolve);
        lines.once('close', () => resolve(''));
    })
        .finally(() => lines.close());

    if (line.trim() !== answer) {
        throw new Failure(codes.declined, 'Not confirmed: nothing was revoked');
    }
};
