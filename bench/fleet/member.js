'use strict';

const Path = require('path');

const { Client } = require('./client');


const load = (file) => require(Path.resolve(__dirname, '..', process.env.PACKAGE ?? '../dist', file));

const { systemClock } = load('blacklist/clock');
const { Membership } = load('blacklist/membership');
const { suffixes } = load('store/blacklist-scripts');
const { RedisLink } = load('store/link');


const internals = {

    // How long (ms) a question may take. More than by default: thousands of members share a thread here

    timeout: 2000,

    // What the members of this process know: name → the news that brought it, and how to write it back. All of them hear the same, so it is kept once

    known: new Map()
};


/** A member of the log: the package's own code, from `Membership` to `RedisLink` with its scripts, but for the connection, and for memory. */
exports.Member = class {

    #membership;

    /** How often it has joined. */
    joins = 0;

    constructor({ port, prefix, lease }) {

        const keys = suffixes.map((suffix) => `{${prefix}}:blacklist${suffix}`);
        const terms = [{ name: 'https://issuer.example', issuer: 'everyone', life: 900_000, tolerance: 0 }];
        this.#membership = new Membership({
            lease,
            timeout: internals.timeout,
            clock: systemClock,
            connect: () => RedisLink.connect(new Client(port), { lease, timeout: internals.timeout, keys, channel: `${keys[0]}:news:0` }),
            report: () => undefined,
            joined: () => ++this.joins
        }, {
            begin: () => true,
            register: (link) => link.register(terms),
            read: internals.read,
            take: internals.take,
            confirmed: () => undefined
        });
    }

    /** Does not wait for it: see `isServing`. */
    start() {

        this.#membership.joined().catch(() => undefined);
    }

    stop() {

        return this.#membership.stop();
    }

    get isServing() {

        return this.#membership.member !== null && this.#membership.lease.isHeld;
    }

    /** Whether it would accept what was revoked by this name. */
    accepts(name) {

        const { member, lease } = this.#membership;
        const { epoch, last } = internals.known.get(name) ?? {};
        return member !== null && lease.isHeld && (epoch !== member.epoch || last > member.applied);
    }

    /** Resolves when no member accepts it any more. */
    async revoke(revocations) {

        const member = await this.#membership.joined();
        await member.revoke(revocations);
    }
};


/** The members of this process know nothing any more that they have to write back. */
exports.forget = function () {

    internals.known.clear();
};


internals.take = function ({ epoch, last, revocations }) {

    for (const { key, cutoff, ttl } of revocations) {
        if (!internals.known.has(key)) {
            internals.known.set(key, { epoch, last, cutoff, ttl });
        }
    }
};


/** Reads the whole log. Resolves with what it lacks. */
internals.read = async function (link) {

    const missing = new Map(internals.known);
    for await (const page of link.pages()) {
        page.forEach(({ key }) => missing.delete(key));
    }

    return Array.from(missing, ([key, { cutoff, ttl }]) => ({ key, cutoff, ttl }));
};
