'use strict';

const { EventEmitter } = require('events');

const { commands } = require('./commands');
const { Parser } = require('./resp');


const internals = {};


/** The module `ioredis` of one process: clients whose connections, time and errors are those of the virtual world, and behave as those of ioredis. */
exports.clientOf = function (process) {

    const { network } = process.world;
    const { setTimeout, clearTimeout } = process.globals;

    const Redis = class extends EventEmitter {

        isCluster = false;
        status = 'wait';

        #connection = null;
        #pending = [];
        #attempts = 0;
        #isClosing = false;
        #retry;
        #connecting = null;
        #silence;

        constructor(...args) {

            super();
            this.options = Object.assign({ keyPrefix: '', db: 0, protocol: 3, connectTimeout: 10_000, retryStrategy: (times) => Math.min(times * 50, 2000) },
                ...args.filter((arg) => typeof arg === 'object').reverse());

            if (!this.options.lazyConnect) {
                this.connect().catch(() => undefined);
            }
        }

        connect() {

            if (['connecting', 'connect', 'ready'].includes(this.status)) {
                return Promise.reject(new Error('Redis is already connecting/connected'));
            }

            this.#isClosing = false;
            this.#become('connecting');
            return new Promise((resolve, reject) => {

                this.#connecting = { resolve, reject };
                this.#dial();
            });
        }

        disconnect() {

            this.#isClosing = true;
            clearTimeout(this.#retry);
            switch (this.status) {
                case 'wait':
                case 'reconnecting':
                case 'end':
                    this.#closed();
                    break;
                case 'connecting':
                    this.#abandon();
                    break;
                default:

                    // What comes until the other side has closed as well is still read

                    this.#connection.send(null);
                    this.status = 'disconnecting';
                    process.after(2000, () => this.#abandon());
            }
        }

        /** The socket, for what is written past the client. */
        get stream() {

            return {
                writable: this.#connection !== null,
                write: (text) => new Parser().read(Buffer.from(text)).forEach((command) => this.#connection.send(command))
            };
        }

        quit() {

            return Promise.resolve(this.disconnect());
        }

        call(name, ...args) {

            return this.#send(name.toUpperCase(), args);
        }

        command(name, args) {

            return this.#send(name, args);
        }

        #dial() {

            let connection = null;
            let isOver = false;

            // As connectTimeout: for the connection only, not for the handshake

            const timer = setTimeout(() => end(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' })), this.options.connectTimeout);
            const end = (error) => {

                if (isOver) {
                    return;
                }

                isOver = true;
                clearTimeout(timer);
                this.#connection = null;
                if (error) {
                    this.#report(error);
                }

                this.#closed();
            };

            this.#abandon = () => {

                connection?.toClient.close();
                connection?.send(null);
                end();
            };

            network.open(process, {
                opened: (opened) => {

                    if (isOver) {
                        opened.send(null);
                        return;
                    }

                    clearTimeout(timer);
                    connection = opened;
                    this.#connection = opened;
                    this.#become('connect');
                    this.#handshake().catch((error) => {

                        if (!isOver) {
                            this.#report(error);
                            this.#abandon();
                        }
                    });
                },
                received: (message) => this.#received(message),
                closed: end
            });
        }

        #abandon = () => undefined;

        async #handshake() {

            const { protocol, connectionName } = this.options;
            const replies = [this.#write('HELLO', [protocol])];
            if (connectionName) {
                replies.push(this.#write('CLIENT', ['SETNAME', connectionName]));
            }

            await Promise.all(replies);
            await this.#write('INFO', []);
            if (this.status !== 'connect') {
                return;
            }

            this.#attempts = 0;
            this.#become('ready');
            this.#connecting?.resolve();
            this.#connecting = null;
        }

        #send(name, args) {

            if (this.status !== 'ready') {
                return Promise.reject(new Error('Stream isn\'t writeable and enableOfflineQueue options is false'));
            }

            return internals.transform(name, this.#write(name, args.flat()));
        }

        #write(name, args) {

            return new Promise((resolve, reject) => {

                const { commandTimeout } = this.options;
                const timer = commandTimeout === undefined ? undefined : setTimeout(() => reject(new Error('Command timed out')), commandTimeout);
                this.#pending.push({ resolve, reject, timer, missing: name === 'SUBSCRIBE' || name === 'UNSUBSCRIBE' ? args.length : 0 });
                this.#connection.send([name, ...args.map(internals.bytes)]);
                this.#listen();
            });
        }

        // A connection that says nothing for too long while commands wait is given up

        #listen() {

            const { socketTimeout } = this.options;
            if (socketTimeout !== undefined && this.#silence === undefined && this.#pending.length > 0) {
                this.#silence = setTimeout(() => {

                    this.#silence = undefined;
                    if (this.#pending.length > 0) {
                        this.#report(new Error(`Socket timeout. Expecting data, but didn't receive any in ${socketTimeout}ms.`));
                        this.#abandon();
                    }
                }, socketTimeout);
            }
        }

        #received({ push, reply, error }) {

            clearTimeout(this.#silence);
            this.#silence = undefined;

            if (push) {
                const [kind, channel, message] = push;
                if (kind === 'message') {
                    process.world.log(() => `${process.name}#${this.#connection?.id}: hears ${message.slice(0, 200)}`);
                    this.emit('message', channel, message);
                    this.#listen();
                    return;
                }
            }

            // A command with several channels has several replies

            const [waiting] = this.#pending;
            if (push && --waiting.missing > 0) {
                return;
            }

            this.#pending.shift();
            clearTimeout(waiting.timer);
            if (error) {
                waiting.reject(Object.assign(new Error(error), { name: 'ReplyError' }));
            }
            else {
                waiting.resolve(push ? push[2] : reply);
            }

            this.#listen();
        }

        #closed() {

            clearTimeout(this.#silence);
            this.#silence = undefined;
            const pending = this.#pending;
            this.#pending = [];
            const connecting = this.#connecting;
            this.#become('close');

            const delay = this.#isClosing ? null : this.options.retryStrategy(++this.#attempts);
            if (typeof delay === 'number') {
                this.#become('reconnecting');

                // The app may have asked for a connection meanwhile

                this.#retry = setTimeout(() => {

                    this.connect().catch(() => undefined);
                }, delay);
            }
            else {
                this.#become('end');
            }

            connecting?.reject(new Error('Connection is closed.'));
            this.#connecting = null;
            for (const { reject, timer } of pending) {
                clearTimeout(timer);
                reject(new Error('Connection is closed.'));
            }
        }

        // Events come a little later, as those of ioredis do

        #become(status) {

            this.status = status;
            process.globals.queueMicrotask(() => this.emit(status));
        }

        #report(error) {

            if (this.listenerCount('error') > 0) {
                this.emit('error', error);
            }
        }
    };

    for (const name of Object.keys(commands)) {
        Redis.prototype[name.toLowerCase()] = function (...args) {

            return this.command(name, args);
        };
    }

    return { Redis, Cluster: class {}, default: Redis };
};


// Replies as ioredis makes them of RESP3, in its legacy way

internals.transform = async function (name, promise) {

    const reply = await promise;
    if (name === 'HGETALL' || name === 'CONFIG' && reply?.map) {
        return Object.fromEntries(reply.map.flatMap((_, i, list) => (i % 2 === 0 ? [[list[i], list[i + 1]]] : [])));
    }

    return internals.plain(reply);
};


internals.plain = function (reply) {

    if (Array.isArray(reply)) {
        return reply.map(internals.plain);
    }

    return reply?.status ?? reply?.double ?? (reply?.map ? reply.map.map(internals.plain) : reply);
};// What a Buffer holds is sent, whatever its text is

internals.bytes = function (arg) {

    return Buffer.isBuffer(arg) ? Buffer.prototype.toString.call(arg) : String(arg);
};



