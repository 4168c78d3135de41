'use strict';

const Events = require('events');
const Net = require('net');


const internals = {};


/** A TCP proxy between one process and one server, which can do to each connection what networks do. */
exports.NetworkProxy = class {

    #server;
    #connections = new Set();

    /** What happens to a new connection: it is forwarded, held without an answer, or refused. */
    #mode = 'forward';

    static async start(target) {

        const proxy = new this();
        proxy.#server = Net.createServer({ noDelay: true, pauseOnConnect: true }, (socket) => proxy.#accept(socket, target)).listen(0, '127.0.0.1');
        await Events.once(proxy.#server, 'listening');
        proxy.#server.unref();
        return proxy;
    }

    get port() {

        return this.#server.address().port;
    }

    get connections() {

        return Array.from(this.#connections);
    }

    /** New connections are held, or refused, until `heal()`. What is open stays open and is stopped. */
    partition(mode) {

        this.#mode = mode;
        this.#connections.forEach((connection) => connection.stall('both'));
    }

    /** All goes on: what was on its way arrives late, or never. */
    heal(isDelivered) {

        this.#mode = 'forward';
        this.#connections.forEach((connection) => (isDelivered ? connection.resume() : connection.cut()));
    }

    #accept(socket, target) {

        if (this.#mode === 'refuse') {
            socket.on('error', () => undefined);
            socket.resetAndDestroy();
            return;
        }

        const connection = new internals.Connection(socket, target, () => this.#connections.delete(connection));
        this.#connections.add(connection);
        if (this.#mode === 'hold') {
            connection.stall('both');
        }

        connection.open();
    }
};


internals.Connection = class {

    #near;
    #far = null;
    #target;
    #onClose;
    #isStalled = { near: false, far: false };
    #isEnding = false;

    /** `near` is the process's end, `far` the server's. */
    constructor(near, target, onClose) {

        this.#near = near;
        this.#target = target;
        this.#onClose = onClose;
        near.on('error', () => undefined);
        near.on('close', () => this.#end());
    }

    open() {

        if (this.#isStalled.near) {                             // Nobody knows yet that it is being opened
            return;
        }

        this.#far = Net.connect({ ...this.#target, noDelay: true });
        this.#far.on('error', () => undefined);
        this.#far.on('close', () => this.#end());
        this.#far.on('data', (chunk) => this.#near.write(chunk));
        this.#near.on('data', (chunk) => this.#far.write(chunk));
        this.#far.on('end', () => this.#near.end());
        this.#near.on('end', () => this.#far.end());
        this.#near.resume();
    }

    /** Stops forwarding without closing anything: what the process says ('near'), what it is told ('far'), or 'both'. */
    stall(direction) {

        for (const end of ['near', 'far']) {
            if (direction === end || direction === 'both') {
                this.#isStalled[end] = true;
                (end === 'near' ? this.#near : this.#far)?.pause();
            }
        }
    }

    /** Delivers what was held back. */
    resume() {

        this.#isStalled = { near: false, far: false };
        if (this.#isEnding) {
            this.cut();
        }
        else if (this.#far) {
            this.#near.resume();
            this.#far.resume();
        }
        else {
            this.open();
        }
    }

    cut() {

        this.#isStalled = { near: false, far: false };
        this.#near.destroy();
        this.#far?.destroy();
        this.#onClose();
    }

    // That one end is gone does not reach the other one while the connection is stalled

    #end() {

        this.#isEnding = true;
        if (!this.#isStalled.near && !this.#isStalled.far) {
            this.cut();
        }
    }
};
