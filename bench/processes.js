'use strict';

const ChildProcess = require('child_process');
const Path = require('path');


const internals = {};


/** A process that answers messages, each by its id. */
exports.Process = class {

    #child;
    #waiting = new Map();
    #last = 0;

    constructor(guard, file, options, execArgv = []) {

        const args = options === undefined ? [] : [JSON.stringify(options)];
        this.#child = ChildProcess.fork(Path.join(__dirname, file), args, { execArgv, serialization: 'advanced' });
        guard.watch(this.#child);

        this.ready = new Promise((resolve, reject) => {

            this.#child.on('message', ({ id, error, ...answer }) => {

                if (id === undefined) {
                    resolve(answer);
                    return;
                }

                const waiting = this.#waiting.get(id);
                this.#waiting.delete(id);
                error ? waiting.reject(new Error(error)) : waiting.resolve(answer);
            });

            this.#child.on('exit', (code, signal) => {

                const error = new Error(`${file} ${args.join(' ')} ended (${code ?? signal})`);
                reject(error);
                this.#waiting.forEach((waiting) => waiting.reject(error));
            });
        });

        this.ready.catch(() => undefined);
    }

    ask(message) {

        const id = ++this.#last;
        return new Promise((resolve, reject) => {

            this.#waiting.set(id, { resolve, reject });
            this.#child.send({ id, ...message });
        });
    }

    stop() {

        this.#child.disconnect();
    }
};
