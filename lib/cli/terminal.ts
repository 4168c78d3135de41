import { createInterface } from 'node:readline';
import { stripVTControlCharacters, styleText } from 'node:util';

import { codes, Failure, Usage } from './failure';

import type { Readable, Writable } from 'node:stream';
import type { RedisStore } from '../store/redis';


/** Where a command line runs: the streams and the environment of a process. */
export interface Terminal {
    stdin: Readable & { isTTY?: boolean };
    stdout: Writable & { isTTY?: boolean };
    stderr: Writable & { isTTY?: boolean };
    env: NodeJS.ProcessEnv;

    /** Is aborted by a signal. The reason is its name. */
    signal: AbortSignal;
}


export interface Context {
    terminal: Terminal;
    output: Output;

    /** Not started yet. Stopped when the command has ended. */
    store: RedisStore;

    /** Registers a function to call when the command has ended, successfully or not. */
    onEnd: (close: () => void | Promise<void>) => void;
}


// Control and direction characters: the data of a session may come from an attacker

const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;


/** A value as JSON, without characters that control a terminal. */
export const quote = function (value: unknown): string {

    return JSON.stringify(value).replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
};


export const date = function (moment: number): string {

    return new Date(moment).toISOString();
};


export const count = function (number: number, noun: string, plural = `${noun}s`): string {

    return `${number} ${number === 1 ? noun : plural}`;
};


/** Columns side by side, each as wide as its widest cell. A cell may have colours. */
export const table = function (rows: string[][]): string[] {

    const width = (cell: string) => stripVTControlCharacters(cell).length;
    const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => width(row[i]!))));
    return rows.map((row) => row.map((cell, i) => cell + ' '.repeat(widths[i]! - width(cell))).join('  ').trimEnd());
};


const units = [['year', 31_536_000_000], ['month', 2_592_000_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const;

const words = new Intl.RelativeTimeFormat('en');


/** How far a moment is from now (both in ms since the epoch), in words: `3 days ago`, `in 5 minutes`. */
export const distanceInWords = function (moment: number, now: number): string {

    const difference = moment - now;
    const [unit, length] = units.find(([, milliseconds]) => Math.abs(difference) >= milliseconds) ?? [];
    return unit === undefined ? 'now' : words.format(Math.trunc(difference / length!), unit);
};


// How often (ms) the line about waiting is updated

const progressInterval = 250;

const clearLine = '\r\u001b[K';


/** Writes results to the standard output, as text or as one JSON value per line, and everything else to the standard error. */
export class Output {

    readonly #stdout: Terminal['stdout'];
    readonly #stderr: Terminal['stderr'];
    readonly #isJson: boolean;
    #isWaiting = false;

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

    /** Writes a note about what happened. With --json it is also a result. */
    event(value: unknown, line: string): void {

        if (this.#isJson) {
            this.result(value, []);
        }

        this.note(line);
    }

    note(line: string): void {

        this.#clear();
        this.#stderr.write(`hard-logout: ${line}\n`);
    }

    /** A text in a style, if the standard output is a terminal with colours and `NO_COLOR` is not set. */
    paint(style: Parameters<typeof styleText>[0], text: string): string {

        return styleText(style, text, { stream: this.#stdout });
    }

    /** A moment (ms since the epoch): how long ago at a terminal, the date in a file. */
    moment(moment: number): string {

        return this.#stdout.isTTY ? distanceInWords(moment, Date.now()) : date(moment);
    }

    /** The result of `work`. Until then a terminal shows what the command waits for, and for how long. */
    async wait<T>(work: Promise<T>, what: () => string): Promise<T> {

        if (!this.#stderr.isTTY) {
            return work;
        }

        const began = Date.now();
        const timer = setInterval(() => {

            this.#isWaiting = true;
            this.#stderr.write(`${clearLine}${what()}, ${Math.floor((Date.now() - began) / 1000)} s`);
        }, progressInterval);

        try {
            return await work;
        }
        finally {
            clearInterval(timer);
            this.#clear();
        }
    }

    #clear(): void {

        if (this.#isWaiting) {
            this.#isWaiting = false;
            this.#stderr.write(clearLine);
        }
    }
}


/** Asks a question, and resolves when the answer is `answer`. @throws `Usage` without a terminal; `Failure` for any other answer. */
export const confirm = async function (question: string, answer: string, { stdin, stderr, signal }: Pick<Terminal, 'stdin' | 'stderr' | 'signal'>): Promise<void> {

    if (!stdin.isTTY) {
        throw new Usage('This needs --yes, because there is no terminal to ask at');
    }

    stderr.write(`${question} Type ${answer} to go on: `);

    // With `terminal: true`, Ctrl-C would be a character and not a signal

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
