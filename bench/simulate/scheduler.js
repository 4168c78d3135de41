'use strict';

// Virtual time (ms) of one world. Nothing happens between two events; after each of them all promises settle before the next one


const internals = {

    // How many events there are between two turns of Node's own loop

    most: 1000,

    // Runs all that an event has set off in promises, as Node does behind each of its own callbacks. A turn of its loop for each event would do the same, and take as
    // long as all of the event

    settle: process._tickCallback
};


/** Events by time, and by the order in which they were asked for. */
exports.Scheduler = class {

    now = 0;

    #heap = [];
    #count = 0;

    /** Runs `callback` at a moment. Returns the event; `event.isCancelled = true` calls it off. */
    at(time, callback) {

        const event = { time: Math.max(time, this.now), order: ++this.#count, callback, isCancelled: false };
        this.#push(event);
        return event;
    }

    after(delay, callback) {

        return this.at(this.now + delay, callback);
    }

    /** Runs all events up to a moment, or until `isOver()`. */
    run(until, isOver = () => false) {

        return new Promise((resolve, reject) => {

            const run = () => {

                for (let i = 0; i < internals.most; ++i) {
                    const event = this.#next(until);
                    if (!event || isOver()) {
                        this.now = event ? this.now : until;
                        resolve();
                        return;
                    }

                    this.#pop();
                    this.now = event.time;
                    try {
                        event.callback();
                    }
                    catch (error) {
                        reject(error);
                        return;
                    }

                    internals.settle();
                }

                setImmediate(run);
            };

            setImmediate(run);
        });
    }

    #next(until) {

        while (this.#heap.length > 0 && this.#heap[0].isCancelled) {
            this.#pop();
        }

        const [event] = this.#heap;
        return event && event.time <= until ? event : null;
    }

    #push(event) {

        const heap = this.#heap;
        let i = heap.push(event) - 1;
        while (i > 0) {
            const parent = (i - 1) >> 1;
            if (!isBefore(event, heap[parent])) {
                break;
            }

            heap[i] = heap[parent];
            i = parent;
        }

        heap[i] = event;
    }

    #pop() {

        const heap = this.#heap;
        const last = heap.pop();
        if (heap.length === 0) {
            return;
        }

        let i = 0;
        for (;;) {
            let child = 2 * i + 1;
            if (child >= heap.length) {
                break;
            }

            if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) {
                ++child;
            }

            if (!isBefore(heap[child], last)) {
                break;
            }

            heap[i] = heap[child];
            i = child;
        }

        heap[i] = last;
    }
};


const isBefore = function (a, b) {

    return a.time < b.time || a.time === b.time && a.order < b.order;
};


/** What lives in virtual time and may stand still: what happens to it meanwhile happens when it goes on, timers first, as in Node's event loop. */
exports.Owner = class {

    isDead = false;

    #scheduler;
    #deferred = [];
    #isSuspended = false;

    constructor(scheduler) {

        this.#scheduler = scheduler;
    }

    get isSuspended() {

        return this.#isSuspended;
    }

    /** Runs `callback` at a moment, or when it goes on. `kind` is 'timer' or 'io'. */
    at(time, kind, callback) {

        const event = this.#scheduler.at(time, () => {

            if (this.isDead) {
                return;
            }

            if (this.#isSuspended) {
                this.#deferred.push({ kind, event, callback });
                return;
            }

            callback();
        });

        return event;
    }

    suspend() {

        this.#isSuspended = true;
    }

    resume() {

        this.#isSuspended = false;
        const deferred = this.#deferred;
        this.#deferred = [];
        for (const kind of ['timer', 'io']) {
            for (const { event, callback } of deferred.filter((each) => each.kind === kind)) {
                this.at(this.#scheduler.now, kind, () => event.isCancelled || callback());
            }
        }
    }
};
