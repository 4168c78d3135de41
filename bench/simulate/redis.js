'use strict';

const NodeCrypto = require('crypto');

const { commands, writers } = require('./commands');
const { Data } = require('./data');
const { Lua } = require('./lua');


const digests = new Map();


/**
 * A Redis in virtual time: one server after another at one place, with the data that it has kept. A connection is `{ id, protocol, skips, push(message) }`;
 * `push` gets `[kind, channel, message]`.
 */
exports.Redis = class {

    version = '7.0.15';
    scripts = new Map();
    config = { 'maxmemory-policy': 'noeviction', maxmemory: '0', appendonly: 'yes', 'min-replicas-to-write': '0' };

    /** New with each server. */
    history;

    /** Why it takes no writes now, as an error's text, or null. */
    refusal = null;

    #random;
    #channels = new Map();

    constructor({ random, wall, lua = new Lua() }) {

        this.random = random;
        this.wall = wall;
        this.lua = lua;
        this.#random = random;
        this.data = new Data(wall);
        this.#begin();
    }

    /** Another server takes the place, with these data: a restart, or a promotion. */
    replace(data) {

        this.data = data;
        this.scripts.clear();
        this.#channels.clear();
        this.#begin();
    }

    /** An empty data set. */
    empty() {

        return new Data(this.wall);
    }

    /** @throws an error whose message is the reply. */
    execute(words, connection) {

        const [name] = words;
        const known = Object.hasOwn(commands, name) ? name : name.toUpperCase();
        const command = commands[known];
        if (!command) {
            throw new Error(`ERR unknown command '${name}', with args beginning with: `);
        }

        if (this.refusal !== null && writers.has(known)) {
            throw new Error(this.refusal);
        }

        return command(this, words.slice(1), connection);
    }

    /** Whether the client hears the reply to what was executed last: it may have asked not to. */
    replies(connection) {

        const isSkipped = connection.skips > 0;
        connection.skips -= isSkipped ? 1 : 0;
        return !isSkipped;
    }

    publish(channel, message) {

        const connections = this.#channels.get(channel);
        if (!connections) {
            return 0;
        }

        const parts = ['message', channel, message];
        for (const connection of connections) {
            connection.push(parts);
        }

        return connections.size;
    }

    /** Returns how many channels the connection hears. */
    subscribe(connection, channel) {

        if (!this.#channels.has(channel)) {
            this.#channels.set(channel, new Set());
        }

        this.#channels.get(channel).add(connection);
        return this.#heard(connection);
    }

    unsubscribe(connection, channel) {

        this.#channels.get(channel)?.delete(connection);
        return this.#heard(connection);
    }

    /** The connection is gone. */
    forget(connection) {

        for (const connections of this.#channels.values()) {
            connections.delete(connection);
        }
    }

    digest(text) {

        if (!digests.has(text)) {
            digests.set(text, NodeCrypto.hash('sha1', text));
        }

        return digests.get(text);
    }

    info() {

        const fields = {
            redis_version: this.version,
            loading: 0,
            maxmemory: this.config.maxmemory,
            maxmemory_policy: this.config['maxmemory-policy'],
            aof_enabled: this.config.appendonly === 'yes' ? 1 : 0,
            role: 'master',
            connected_slaves: 0,
            master_replid: this.history
        };

        return Object.entries(fields).map(([name, value]) => `${name}:${value}\r\n`).join('');
    }

    #heard(connection) {

        let heard = 0;
        for (const connections of this.#channels.values()) {
            heard += connections.has(connection) ? 1 : 0;
        }

        return heard;
    }

    #begin() {

        this.history = Array.from({ length: 40 }, () => this.#random.below(16).toString(16)).join('');
    }
};
