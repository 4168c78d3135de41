'use strict';

const { randomBytes } = require('crypto');

const { Connection } = require('./resp');
const Scripts = require('./scripts');


const internals = {
    patience: (lease) => lease * 1.1 + 10,
    message: '',
    news: {},

    // Where each revocation is: what a member of this process knows is what its position says

    positions: new Map()
};


// The members of one process hear the same: what each would have to do for itself is done once, or this process would be what is measured

internals.parse = function (message) {

    if (message !== internals.message) {
        const [epoch, first, last, ...fields] = message.split(' ');
        for (let i = 0; i < fields.length; i += 3) {
            internals.positions.set(fields[i], Number(last));
        }

        internals.message = message;
        internals.news = { epoch, first: Number(first), last: Number(last) };
    }

    return internals.news;
};


/** A member as small as it can be: it joins, applies, confirms and writes. It does not come back after a failure: it throws. */
exports.Member = class {

    #connection = new Connection();
    #id = randomBytes(9).toString('base64url');
    #keys;
    #channel;
    #lease;
    #epoch;
    #applied = 0;
    #confirmed = -1;
    #isConfirming = false;
    #isStopped = false;
    #isSettled = false;
    #leaseUntil = 0;
    #queue = [];
    #isWriting = false;
    #waits = [];
    #timer = null;

    constructor({ prefix, lease }) {

        this.#keys = Scripts.keys(prefix);
        this.#channel = `${this.#keys[0]}:news:0`;
        this.#lease = lease;
    }

    get holdsLease() {

        return performance.now() < this.#leaseUntil;
    }

    isRevoked(key) {

        return internals.positions.get(key) <= this.#applied;
    }

    async join(port) {

        const connection = this.#connection;
        await connection.connect(port);
        connection.pushed = ([, channel, message]) => this.#take(channel, message);
        await connection.call('HELLO', '3');
        await connection.call('SUBSCRIBE', this.#channel);
        await connection.call('SUBSCRIBE', `${this.#channel}:${this.#id}`);
        const [epoch, head, settled] = await connection.script(Scripts.open, this.#keys, this.#channel, randomBytes(9).toString('base64url'), '', this.#lease);
        this.#epoch = epoch;
        this.#applied = Math.max(this.#applied, head);

        let cursor = '0';
        do {
            [cursor] = await connection.call('HSCAN', this.#keys[0], cursor, 'COUNT', 1000);
        } while (cursor !== '0');

        this.#isSettled = settled === 1;
        if (!this.#isSettled) {
            await new Promise((resolve) => setTimeout(resolve, internals.patience(this.#lease)));
            await connection.script(Scripts.settle, this.#keys, epoch);
            this.#isSettled = true;
        }

        await this.#confirm();
        this.#timer = setInterval(() => this.#confirm().catch(() => undefined), this.#lease / 4);
    }

    /** Resolves when no member accepts it any more. */
    revoke(revocation) {

        return new Promise((resolve, reject) => {

            this.#queue.push({ revocation, resolve, reject });
            this.#write();
        });
    }

    async leave() {

        clearInterval(this.#timer);
        this.#isStopped = true;
        this.#leaseUntil = 0;
        await this.#connection.script(Scripts.leave, this.#keys, this.#channel, this.#epoch, this.#id);
        this.#connection.close();
    }

    // Those that come while one is under way go as one

    async #write() {

        if (this.#isWriting || this.#queue.length === 0) {
            return;
        }

        this.#isWriting = true;
        const batch = this.#queue;
        this.#queue = [];
        const args = batch.flatMap(({ revocation: { key, cutoff, ttl } }) => [key, cutoff, ttl]);
        const reply = await this.#connection.script(Scripts.write, this.#keys, this.#channel, this.#epoch, this.#id, 0, ...args);
        this.#isWriting = false;
        this.#write();

        if (reply === null) {
            batch.forEach(({ reject }) => reject(new Error('another epoch')));
            return;
        }

        const [position] = reply;
        this.#waits.push({ position, batch });

        // What is not published by then has nobody who comes along

        setTimeout(() => this.#prod(position), 300).unref();
    }

    #prod(position) {

        if (this.#applied < position && !this.#isStopped) {
            this.#confirm();
        }
    }

    #take(channel, message) {

        if (channel !== this.#channel) {
            const [epoch, position] = message.split(' ');
            if (epoch === this.#epoch && this.holdsLease) {
                this.#finish(Number(position));
            }

            return;
        }

        const { epoch, first, last } = internals.parse(message);
        if (epoch !== this.#epoch) {
            return;
        }

        if (first > this.#applied + 1) {
            throw new Error('a gap in the news');
        }

        this.#applied = Math.max(this.#applied, last);
        this.#confirm();
    }

    #finish(position) {

        this.#waits = this.#waits.filter((wait) => {

            if (wait.position > position) {
                return true;
            }

            wait.batch.forEach(({ resolve }) => resolve());
            return false;
        });
    }

    // One is under way. What comes meanwhile goes with the next

    async #confirm() {

        if (this.#isConfirming || this.#isStopped) {
            return;
        }

        this.#isConfirming = true;
        const sent = performance.now();
        const applied = this.#applied;
        const reply = await this.#connection.script(Scripts.confirm, this.#keys, this.#channel, this.#epoch, this.#id, applied, this.#waits.length > 0 ? 1 : 0);
        this.#isConfirming = false;
        if (reply === null) {
            throw new Error('another epoch');
        }

        if (reply[0] > this.#applied) {
            throw new Error('lost news');
        }

        this.#confirmed = applied;
        this.#leaseUntil = sent + this.#lease;
        if (this.holdsLease) {
            this.#finish(reply[3]);
        }

        if (this.#applied > this.#confirmed) {
            return this.#confirm();
        }
    }
};
