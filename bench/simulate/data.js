'use strict';

const { SortedSet } = require('./sorted-set');


const makers = {
    string: () => '',
    hash: () => new Map(),
    zset: () => new SortedSet(),
    list: () => [],
    set: () => new Set()
};


const copiers = {
    string: (value) => value,
    hash: (value) => new Map(value),
    zset: (value) => SortedSet.from(value),
    list: (value) => [...value],
    set: (value) => new Set(value)
};


/** What one server holds: values by key, each with an end or without one. */
exports.Data = class Data {

    #values = new Map();
    #now;

    /** `now` is the server's wall clock (ms). */
    constructor(now) {

        this.#now = now;
    }

    copy() {

        const copy = new Data(this.#now);
        for (const [key, { type, value, expires }] of this.#values) {
            copy.#values.set(key, { type, value: copiers[type](value), expires });
        }

        return copy;
    }

    get size() {

        return this.keys().length;
    }

    keys() {

        return [...this.#values.keys()].filter((key) => this.#entry(key));
    }

    type(key) {

        return this.#entry(key)?.type ?? 'none';
    }

    /** The value of a key, or undefined. @throws where it is of another type. */
    get(key, type) {

        const entry = this.#entry(key);
        if (entry && entry.type !== type) {
            throw new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
        }

        return entry?.value;
    }

    /** The value of a key, which is made where there is none. */
    make(key, type) {

        const held = this.get(key, type);
        if (held !== undefined) {
            return held;
        }

        const value = makers[type]();
        this.#values.set(key, { type, value, expires: Infinity });
        return value;
    }

    set(key, value, expires = Infinity) {

        this.#values.set(key, { type: 'string', value, expires });
    }

    delete(key) {

        const isThere = Boolean(this.#entry(key));
        this.#values.delete(key);
        return isThere;
    }

    /** Removes a collection that has become empty. */
    tidy(key) {

        const { value } = this.#values.get(key) ?? {};
        if (value !== undefined && typeof value !== 'string' && (value.size ?? value.length) === 0) {
            this.#values.delete(key);
        }
    }

    clear() {

        this.#values.clear();
    }

    /** Until when it lives (ms): undefined where it is not there. */
    expires(key) {

        return this.#entry(key)?.expires;
    }

    expire(key, moment) {

        const entry = this.#entry(key);
        if (entry) {
            entry.expires = moment;
        }

        return Boolean(entry);
    }

    #entry(key) {

        const entry = this.#values.get(key);
        if (entry && entry.expires !== Infinity && entry.expires <= this.#now()) {
            this.#values.delete(key);
            return undefined;
        }

        return entry;
    }
};
