'use strict';

const Net = require('net');


/** A connection to Redis that does as little as it can: replies in their order, and pushes. */
exports.Connection = class {

    #socket;
    #buffer = Buffer.alloc(0);
    #at = 0;
    #replies = [];
    #out = '';

    /** Is given each push, as an array. */
    pushed = () => undefined;

    connect(port) {

        this.#socket = Net.connect(port, '127.0.0.1');
        this.#socket.setNoDelay(true);
        this.#socket.on('data', (chunk) => this.#take(chunk));
        return new Promise((resolve, reject) => this.#socket.once('connect', resolve).once('error', reject));
    }

    call(...args) {

        let text = `*${args.length}\r\n`;
        for (const arg of args) {
            const value = String(arg);
            text += `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
        }

        // What is asked in one turn leaves in one piece

        if (!this.#out) {
            queueMicrotask(() => {

                this.#socket.write(this.#out);
                this.#out = '';
            });
        }

        this.#out += text;
        return new Promise((resolve, reject) => this.#replies.push({ resolve, reject }));
    }

    script({ sha }, keys, ...args) {

        return this.call('EVALSHA', sha, keys.length, ...keys, ...args);
    }

    close() {

        this.#socket.destroy();
    }

    #take(chunk) {

        this.#buffer = this.#at < this.#buffer.length ? Buffer.concat([this.#buffer.subarray(this.#at), chunk]) : chunk;
        this.#at = 0;
        for (;;) {
            const start = this.#at;
            if (start === this.#buffer.length) {
                return;
            }

            const isPush = this.#buffer[start] === 62;
            const value = this.#parse();
            if (value === undefined) {
                this.#at = start;
                return;
            }

            if (isPush) {
                if (value[0] === 'subscribe') {
                    this.#replies.shift().resolve(value);
                }
                else {
                    this.pushed(value);
                }
            }
            else if (value instanceof Error) {
                this.#replies.shift().reject(value);
            }
            else {
                this.#replies.shift().resolve(value);
            }
        }
    }

    // undefined: the rest has not come yet

    #parse() {

        const end = this.#buffer.indexOf('\r\n', this.#at);
        if (end < 0) {
            return undefined;
        }

        const type = String.fromCharCode(this.#buffer[this.#at]);
        const head = this.#buffer.latin1Slice(this.#at + 1, end);
        this.#at = end + 2;
        switch (type) {
            case '+': return head;
            case '-': return new Error(head);
            case ':': return Number(head);
            case '_': return null;
            case ',': return Number(head);
            case '#': return head === 't';
            case '=':
            case '$': {
                const length = Number(head);
                if (length < 0) {
                    return null;
                }

                if (this.#buffer.length < this.#at + length + 2) {
                    return undefined;
                }

                const value = this.#buffer.utf8Slice(this.#at, this.#at + length);
                this.#at += length + 2;
                return value;
            }

            case '*':
            case '>':
            case '~':
            case '%': {
                const values = [];
                for (let i = Number(head) * (type === '%' ? 2 : 1); i > 0; --i) {
                    const value = this.#parse();
                    if (value === undefined) {
                        return undefined;
                    }

                    values.push(value);
                }

                return values;
            }
        }

        throw new Error(`unexpected ${type}`);
    }
};
