'use strict';

const { EventEmitter } = require('events');
const Net = require('net');


const internals = {
    commands: ['client', 'evalsha', 'eval', 'hlen', 'hmget', 'hscan', 'time', 'zcard'],
    nothing: Symbol('incomplete')
};


/** One connection to Redis, with as much of what ioredis has as the package's link uses, and as little work as that can be. */
exports.Client = class extends EventEmitter {

    #port;
    #socket = null;
    #buffer = Buffer.alloc(0);
    #at = 0;
    #pending = [];
    #out = '';

    /** For what is written past the client. */
    stream = {
        writable: false,
        write: (text) => this.#write(text)
    };

    constructor(port) {

        super();
        this.#port = port;
    }

    /** Resolves behind the handshake, which is that of ioredis. */
    async connect() {

        const socket = Net.connect(this.#port, '127.0.0.1');
        this.#socket = socket;
        socket.setNoDelay(true);
        socket.on('data', (chunk) => this.#read(chunk));
        socket.on('error', (error) => this.emit('error', error));
        socket.on('close', () => this.#close());
        await new Promise((resolve, reject) => {

            socket.once('connect', resolve);
            socket.once('close', () => reject(internals.closed()));
        });

        this.stream.writable = true;
        await Promise.all([this.call('HELLO', 3), this.call('CLIENT', 'SETNAME', 'bench'), this.call('INFO')]);
    }

    call(...words) {

        return this.#send(words, 1);
    }

    subscribe(...channels) {

        return this.#send(['SUBSCRIBE', ...channels], channels.length);
    }

    disconnect() {

        this.#socket.destroy();
    }

    // A command with several channels has as many replies

    #send(words, replies) {

        if (!this.stream.writable) {
            return Promise.reject(internals.closed());
        }

        this.#write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('')}`);
        return new Promise((resolve, reject) => this.#pending.push({ resolve, reject, replies }));
    }

    // What is asked in one turn leaves in one piece

    #write(text) {

        if (!this.#out) {
            queueMicrotask(() => {

                this.#socket.write(this.#out, 'latin1');
                this.#out = '';
            });
        }

        this.#out += text;
    }

    #close() {

        this.stream.writable = false;
        this.emit('close');
        this.#pending.splice(0).forEach(({ reject }) => reject(internals.closed()));
    }

    #read(chunk) {

        this.#buffer = this.#at < this.#buffer.length ? Buffer.concat([this.#buffer.subarray(this.#at), chunk]) : chunk;
        this.#at = 0;
        while (this.#at < this.#buffer.length) {
            const start = this.#at;
            const isPush = this.#buffer[start] === 62;                  // >
            const value = this.#parse();
            if (value === internals.nothing) {
                this.#at = start;
                return;
            }

            if (isPush && value[0] === 'message') {
                this.emit('message', value[1], value[2]);
            }
            else {
                this.#reply(value);
            }
        }
    }

    #reply(value) {

        const [waiting] = this.#pending;
        if (--waiting.replies > 0) {
            return;
        }

        this.#pending.shift();
        if (value instanceof Error) {
            waiting.reject(value);
        }
        else {
            waiting.resolve(value);
        }
    }

    #parse() {

        const end = this.#buffer.indexOf('\r\n', this.#at);
        if (end < 0) {
            return internals.nothing;
        }

        const type = String.fromCharCode(this.#buffer[this.#at]);
        const head = this.#buffer.latin1Slice(this.#at + 1, end);
        this.#at = end + 2;
        switch (type) {
            case '+': return head;
            case '-': return Object.assign(new Error(head), { name: 'ReplyError' });
            case ':': return Number(head);
            case '_': return null;
            case '$':
            case '=': return this.#text(Number(head));
            case '*':
            case '>': return this.#list(Number(head));
            case '%': return this.#list(Number(head) * 2);
        }

        throw new Error(`unexpected ${type}`);
    }

    #text(length) {

        const start = this.#at;
        if (this.#buffer.length < start + length + 2) {
            return internals.nothing;
        }

        this.#at = start + length + 2;
        return this.#buffer.utf8Slice(start, start + length);
    }

    #list(length) {

        const values = [];
        for (let i = 0; i < length; ++i) {
            const value = this.#parse();
            if (value === internals.nothing) {
                return value;
            }

            values.push(value);
        }

        return values;
    }
};


for (const name of internals.commands) {
    exports.Client.prototype[name] = function (...words) {

        return this.call(name.toUpperCase(), ...words);
    };
}


internals.closed = function () {

    return new Error('Connection is closed.');
};
