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

    /** How long (ms) what is forwarded takes at most. */
    lag = 0;

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

        const connection = new internals.Connection({ near: socket, target, delay: () => Math.random() * this.lag, onClose: () => this.#connections.delete(connection) });
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
    #delay;
    #onClose;
    #isStalled = { near: false, far: false };
    #isEnding = false;

    /** What is on its way from each end, and when it arrives: in the order in which it was sent. */
    #way = { near: [], far: [] };

    /** `near` is the process's end, `far` the server's. */
    constructor({ near, target, delay, onClose }) {

        this.#near = near;
        this.#target = target;
        this.#delay = delay;
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
        this.#far.on('data', (chunk) => this.#send('far', chunk));
        this.#near.on('data', (chunk) => this.#send('near', chunk));
        this.#far.on('end', () => this.#send('far', null));
        this.#near.on('end', () => this.#send('near', null));
        this.#near.resume();
    }

    #send(from, chunk) {

        const way = this.#way[from];
        const last = way.at(-1)?.at ?? 0;
        way.push({ at: Math.max(performance.now() + this.#delay(), last), chunk });
        if (way.length === 1) {
            this.#deliver(from);
        }
    }

    #deliver(from) {

        const way = this.#way[from];
        const to = from === 'near' ? this.#far : this.#near;
        while (way.length > 0 && !this.#isStalled[from]) {
            const left = way[0].at - performance.now();
            if (left > 0) {
                setTimeout(() => this.#deliver(from), left);
                return;
            }

            const { chunk } = way.shift();
            if (chunk === null) {
                to.end();
            }
            else {
                to.write(chunk);
            }
        }
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
            this.#deliver('near');
            this.#deliver('far');
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
