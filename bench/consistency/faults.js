'use strict';

const { setTimeout: sleep } = require('timers/promises');

const Kinds = require('./kinds');
const { Random } = require('./random');


const internals = {

    // After so many faults all of them come to an end, to see that everything goes back to normal

    round: 8
};


/** One random fault about every second. Some last for seconds, so that several are under way at once. */
exports.Faults = class {

    #options;
    #fleet;
    #redis;
    #history;
    #random;
    #log;
    #busy = new Set();
    #running = new Set();
    #faults = [];

    constructor(options, { fleet, redis, history, log }) {

        this.#options = options;
        this.#fleet = fleet;
        this.#redis = redis;
        this.#history = history;
        this.#log = log;
        this.#random = new Random(options.seed);
    }

    /** How many of each kind there were. */
    get counts() {

        const counts = {};
        this.#faults.forEach(({ kind }) => {

            counts[kind] = (counts[kind] ?? 0) + 1;
        });

        return counts;
    }

    /** Those that were under way between two moments. */
    between(from, to) {

        return this.#faults.filter(({ begin, end }) => begin <= to && end >= from).map(({ text, begin, end, losesSessions }) => ({ text, begin, end, losesSessions }));
    }

    /** `isOver` says when to begin no more; `onQuiet` is called with the moment when the last fault of a round ended. */
    async run(isOver, onQuiet) {

        while (this.#options.faults.length > 0 && !isOver()) {
            for (let i = 0; i < internals.round && !isOver(); ++i) {
                await sleep(this.#random.between(500, 1500));
                this.#begin();
            }

            await Promise.all(this.#running);
            await onQuiet(Math.max(0, ...this.#faults.map(({ end }) => end)));
        }

        await Promise.all(this.#running);
    }

    // All that is random is drawn at once, so that one seed means one sequence, whatever became of the faults before

    #begin() {

        const kind = this.#random.pick(this.#options.faults);
        const draw = {
            slot: this.#fleet.slots[this.#random.below(this.#fleet.slots.length)],
            part: this.#random.next(),
            choice: this.#random.next(),
            coin: this.#random.chance(0.5)
        };

        const { target, text, run, losesSessions = false } = Kinds[kind](draw, this.#options);
        const place = `${target} ${target === 'redis' ? '' : draw.slot.number}`.trim();
        if (this.#busy.has(place)) {
            return;
        }

        const fault = { kind, text: `${kind}: ${text}`, begin: performance.now(), end: Infinity, losesSessions };
        this.#faults.push(fault);
        this.#busy.add(place);
        this.#log(fault.text);

        const running = this.#carryOut(fault, run).finally(() => {

            fault.end = performance.now();
            this.#busy.delete(place);
            this.#running.delete(running);
        });

        this.#running.add(running);
    }

    async #carryOut(fault, run) {

        try {
            await run(this.#redis, this.#fleet, this.#history);
        }
        catch (error) {
            this.#log(`${fault.text}: ${error.stack}`);
            fault.error = error.message;
        }
    }

    get errors() {

        return this.#faults.filter(({ error }) => error !== undefined);
    }
};
