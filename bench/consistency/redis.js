'use strict';

const ChildProcess = require('child_process');
const Events = require('events');
const Fs = require('fs');
const Net = require('net');
const Path = require('path');


const internals = {
    startTimeout: 15_000
};


/** A real redis-server of our own. */
exports.Redis = class {

    #guard;
    #args;
    #child = null;

    /** `address` is { path } or { host, port }. */
    constructor(guard, name, address, args) {

        const dir = Path.join(guard.folder, name);
        Fs.mkdirSync(dir);

        this.#guard = guard;
        this.address = address;
        this.#args = [
            ...address.path ? ['--port', '0', '--unixsocket', address.path] : ['--port', `${address.port}`, '--bind', '127.0.0.1'],
            '--dir', dir, '--save', '', '--daemonize', 'no', ...args
        ];
    }

    static async one(guard, persist) {

        const address = { path: Path.join(guard.folder, 'redis.sock') };
        const redis = new this(guard, 'redis', address, persist ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']);
        await redis.start();
        return redis;
    }

    /** The server that has the blacklist. */
    current() {

        return Promise.resolve(this);
    }

    get isRunning() {

        return this.#child !== null;
    }

    /** Resolves when it serves. */
    async start(...extra) {

        await this.launch([...this.#args, ...extra], /ready to accept connections/i);
    }

    async launch(args, ready) {

        const child = ChildProcess.spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
        this.#guard.watch(child);
        this.#child = child;

        let output = '';
        await new Promise((resolve, reject) => {

            const fail = () => reject(new Error(`redis-server did not start:\n${output}`));
            const timer = setTimeout(fail, internals.startTimeout);
            child.once('exit', fail);
            child.stdout.on('data', (chunk) => {

                output = `${output}${chunk}`.slice(-20_000);
                if (ready.test(output)) {
                    clearTimeout(timer);
                    child.off('exit', fail);
                    resolve();
                }
            });
        });
    }

    async kill() {

        const child = this.#child;
        this.#child = null;
        child.kill('SIGKILL');
        await Events.once(child, 'exit');
    }

    pause() {

        this.#child.kill('SIGSTOP');
    }

    resume() {

        this.#child?.kill('SIGCONT');
    }

    /** The raw answer to one command, or null where there is none. */
    ask(...words) {

        return internals.ask(this.address, words);
    }
};


internals.ask = function (address, words, timeout = 1000) {

    return new Promise((resolve) => {

        const socket = Net.connect(address);
        const end = (answer) => {

            clearTimeout(timer);
            socket.destroy();
            resolve(answer);
        };

        const timer = setTimeout(end, timeout, null);
        socket.on('error', () => end(null));
        socket.on('close', () => end(null));
        socket.once('data', (chunk) => end(chunk.toString()));
        socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    });
};
