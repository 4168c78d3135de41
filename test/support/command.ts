import { PassThrough } from 'node:stream';

import { run } from '../../lib/cli/program';


export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}


/** A command line in this process, under way. */
export class CommandLine {

    readonly stdin: PassThrough & { isTTY?: boolean } = new PassThrough();
    readonly done: Promise<Outcome>;
    readonly #controller = new AbortController();
    readonly #stdout = new PassThrough();
    readonly #stderr = new PassThrough();
    readonly #waiting = new Set<() => void>();
    #written = { stdout: '', stderr: '' };

    constructor(args: string[], { env = {}, isTTY = false }: { env?: NodeJS.ProcessEnv; isTTY?: boolean } = {}) {

        this.stdin.isTTY = isTTY;
        for (const name of ['stdout', 'stderr'] as const) {
            const stream = { stdout: this.#stdout, stderr: this.#stderr }[name];
            stream.on('data', (chunk) => {

                this.#written[name] += chunk;
                this.#waiting.forEach((check) => check());
            });
        }

        const terminal = { stdin: this.stdin, stdout: this.#stdout, stderr: this.#stderr, env, signal: this.#controller.signal };
        this.done = run(args, terminal).then(async (code) => {

            await Promise.all([this.#stdout, this.#stderr].map((stream) => new Promise((resolve) => stream.once('end', resolve).end())));
            return { code, ...this.#written };
        });
    }

    signal(name: NodeJS.Signals): void {

        this.#controller.abort(name);
    }

    /** Resolves when a stream says this. */
    says(pattern: RegExp): Promise<void> {

        return new Promise((resolve) => {

            const check = () => {

                if (pattern.test(this.#written.stdout) || pattern.test(this.#written.stderr)) {
                    this.#waiting.delete(check);
                    resolve();
                }
            };

            this.#waiting.add(check);
            check();
        });
    }
}


/** Runs a command line to its end. */
export const command = function (...args: string[]): Promise<Outcome> {

    return new CommandLine(args).done;
};
