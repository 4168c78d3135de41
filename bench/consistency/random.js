'use strict';


/** A seeded source of random numbers (mulberry32). What is random for one part of the run does not depend on what another part draws. */
exports.Random = class {

    #state;

    constructor(seed) {

        this.#state = seed >>> 0;
    }

    /** From 0 to below 1. */
    next() {

        this.#state = (this.#state + 0x6d2b79f5) >>> 0;
        let mixed = this.#state;
        mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
        return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
    }

    between(from, to) {

        return from + this.next() * (to - from);
    }

    below(count) {

        return Math.floor(this.next() * count);
    }

    pick(list) {

        return list[this.below(list.length)];
    }

    chance(probability) {

        return this.next() < probability;
    }
};
