import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Typescript from 'typescript';


interface Message {
    id: number;
    answer?: unknown;
    error?: string;
}


/** A process of its own that does what it is told: one of the scripts of this folder. */
export class Child {

    readonly exit: Promise<unknown>;
    readonly #child: ChildProcess.ChildProcess;
    readonly #waiting: Map<number, (message: Message) => void> = new Map();
    #calls = 0;

    protected constructor(script: string, args: string[]) {

        this.#child = ChildProcess.fork(Path.join(__dirname, script), args, { execArgv: [] });
        this.exit = once(this.#child, 'exit');
        this.#child.on('message', (message: Message) => this.#waiting.get(message.id)!(message));
    }

    /** Resolves when it is ready. */
    static async start(script: string, ...args: string[]): Promise<Child> {

        const child = new this(script, args);
        const ready = new Promise((resolve) => {

            child.#waiting.set(0, resolve);
        });

        await Promise.race([ready, child.exit]);
        expect(child.#child.exitCode).to.be.null();
        return child;
    }

    kill(signal: NodeJS.Signals): void {

        this.#child.kill(signal);
    }

    call(action: string, argument?: unknown): Promise<unknown> {

        const id = ++this.#calls;
        return new Promise((resolve, reject) => {

            this.#waiting.set(id, ({ answer, error }) => (error === undefined ? resolve(answer) : reject(new Error(error))));
            this.#child.send({ id, action, argument });
        });
    }
}


// By source: several files of tests compile all of lib

const compiled = new Map<string, string>();


/** A folder of TypeScript as JavaScript, in a folder of its own. */
export const compile = function (from: string, to: string): void {

    Fs.mkdirSync(to);
    for (const entry of Fs.readdirSync(from, { withFileTypes: true })) {
        const [source, target] = [Path.join(from, entry.name), Path.join(to, entry.name)];
        if (entry.isDirectory()) {
            compile(source, target);
        }
        else {
            const text = Fs.readFileSync(source, 'utf8');
            if (!compiled.has(text)) {
                const compilerOptions = { module: Typescript.ModuleKind.CommonJS, target: Typescript.ScriptTarget.ES2023, esModuleInterop: true };
                compiled.set(text, Typescript.transpileModule(text, { compilerOptions }).outputText);
            }

            Fs.writeFileSync(target.replace(/\.ts$/, '.js'), compiled.get(text)!);
        }
    }
};
