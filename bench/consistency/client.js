'use strict';

const Net = require('net');


const internals = {
    timeout: 8000                       // Longer than any fault lasts: what a paused process answers in the end has to be seen
};


/**
 * A small HTTP/1.1 client with connections that are kept alive.
 *
 * Of each request it tells two moments of this process's monotonic clock: `start`, before the first byte is written, and `end`, when the first
 * bytes of the answer were read. So what it says began after something was answered did begin after it.
 */
exports.Client = class {

    #port;
    #idle = [];
    #connections = new Set();

    load = 0;

    constructor(port) {

        this.#port = port;
    }

    /** Resolves with { status, start, end, body }; without an answer the status is 0. `patience` (ms) is when the client hangs up. */
    async request(method, path, token, { form = '', patience = internals.timeout } = {}) {

        ++this.load;
        const connection = this.#idle.pop() ?? this.#connect();
        const type = form && 'content-type: application/x-www-form-urlencoded\r\n';
        const headers = token ? `authorization: Bearer ${token}\r\n` : type;
        const answer = await connection.send(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}content-length: ${form.length}\r\n\r\n${form}`, patience);
        --this.load;

        if (answer.isReusable) {
            this.#idle.push(connection);
        }
        else {
            this.#connections.delete(connection);
        }

        return answer;
    }

    close() {

        this.#connections.forEach((connection) => connection.close());
    }

    #connect() {

        const connection = new internals.Connection(this.#port, () => {

            this.#idle = this.#idle.filter((idle) => idle !== connection);
            this.#connections.delete(connection);
        });

        this.#connections.add(connection);
        return connection;
    }
};


internals.Connection = class {

    #socket;
    #answer = '';
    #start;
    #end;
    #resolve = null;
    #timer;

    constructor(port, onClose) {

        this.#socket = Net.connect({ port, host: '127.0.0.1', noDelay: true });
        this.#socket.setEncoding('latin1');
        this.#socket.on('data', (chunk) => this.#read(chunk));
        this.#socket.on('error', () => undefined);
        this.#socket.on('close', () => {

            onClose();
            this.#finish({ status: 0, body: '' }, false);
        });
    }

    send(text, patience) {

        return new Promise((resolve) => {

            this.#answer = '';
            this.#end = undefined;
            this.#resolve = resolve;
            this.#timer = setTimeout(() => this.close(), patience);
            this.#start = performance.now();
            this.#socket.write(text);
        });
    }

    close() {

        this.#socket.destroy();
    }

    #read(chunk) {

        this.#end ??= performance.now();
        this.#answer += chunk;

        const head = this.#answer.indexOf('\r\n\r\n');
        if (head === -1) {
            return;
        }

        const [, length] = /\r\ncontent-length: (\d+)/i.exec(this.#answer.slice(0, head)) ?? [null, '0'];
        const body = this.#answer.slice(head + 4);
        if (body.length >= Number(length)) {
            this.#finish({ status: Number(this.#answer.slice(9, 12)), body }, true);
        }
    }

    #finish(answer, isReusable) {

        clearTimeout(this.#timer);
        const resolve = this.#resolve;
        this.#resolve = null;
        resolve?.({ ...answer, isReusable, start: this.#start, end: this.#end ?? performance.now() });
    }
};
