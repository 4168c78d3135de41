import { createInterface } from 'node:readline';

import { codes, Failure, Usage } from './failure';

import type { Readable, Writable } from 'node:stream';


export interface Asked {
    stdin: Readable & { isTTY?: boolean };
    stderr: Writable;

    /** Ends the question. */
    signal: AbortSignal;
}


/** Asks, and resolves when it was answered with `answer`. @throws `Usage` where there is nobody to ask; `Failure` for any other answer. */
export const confirm = async function (question: string, answer: string, { stdin, stderr, signal }: Asked): Promise<void> {

    if (!stdin.isTTY) {
        throw new Usage('This needs --yes where there is no terminal to ask on');
    }

    stderr.write(`${question} Type ${answer} to go on: `);

    // Not as a terminal of its own: there Ctrl-C would be a character, and no signal

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
