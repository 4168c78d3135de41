'use strict';

const Os = require('os');

const App = require('./app');
const { clientOf } = require('./client');
const Logins = require('./logins');
const Modules = require('./modules');
const { Owner } = require('./scheduler');


const RealProcess = process;

const internals = {};

const settled = Promise.resolve();


/** A process: its clocks, and the package as it runs in it. A process that starts again is a new one at the same place. */
exports.Process = class extends Owner {

    name;
    pid;
    world;
    random;
    globals;
    slowBy = 0;

    blacklist;
    store;

    /** Where there are sessions: what stands above the blacklist. */
    app = null;
    isStarted = false;

    memos = new Map();

    /** When its wall clock was set back, and when it went on after it had stood still. */
    setBackAt = -Infinity;
    resumedAt = -Infinity;

    #rate;
    #monotonic;
    #since;
    #wall = 0;
    #isFrozen = false;

    constructor(world, name, random, { rate }) {

        super(world.scheduler);
        this.world = world;
        this.name = name;
        this.pid = Number(name.split('.')[1]);
        this.random = random;
        this.#rate = rate;
        this.#since = world.scheduler.now;
        this.#monotonic = random.between(100, 1e6);
        this.#wall = random.between(-20_000, 20_000);
        this.globals = internals.globalsOf(this);
    }

    /** The monotonic clock (ms). */
    now() {

        return this.#monotonic + (this.#isFrozen ? 0 : (this.world.scheduler.now - this.#since) * this.#rate);
    }

    /** The wall clock (ms since the epoch). */
    wall() {

        return this.world.epoch + this.world.scheduler.now + this.#wall;
    }

    jump(by) {

        this.#wall += by;
    }

    slew(rate) {

        this.#settle();
        this.#rate = rate;
    }

    /** Stands still. A machine that is suspended stops its monotonic clock as well. */
    pause(duration, isMachine) {

        this.suspend();
        if (isMachine) {
            this.#settle();
            this.#isFrozen = true;
        }

        this.world.scheduler.at(this.world.scheduler.now + duration, () => {

            if (isMachine) {
                this.#isFrozen = false;
                this.#since = this.world.scheduler.now;
            }

            this.resumedAt = this.world.scheduler.now;
            this.resume();
            this.world.resumed(this);
        });
    }

    /** Calls back when `delay` (ms) has passed on its own monotonic clock, as coarsely as Node's timers do. */
    after(delay, callback) {

        const event = { isCancelled: false };
        const due = this.now() + Math.max(1, delay);
        const wait = (left) => {

            event.inner = this.at(this.world.scheduler.now + Math.max(0.01, left / this.#rate), 'timer', () => {

                if (event.isCancelled) {
                    return;
                }

                const missing = due - this.now();
                if (missing > 1.001) {
                    wait(missing);
                    return;
                }

                callback();
            });
        };

        wait(due - this.now() + this.random.between(-0.99, 0.99));
        return event;
    }

    /** The package, with a blacklist that is about to start. */
    load(options) {

        const { package: files, settings } = this.world;
        const modules = { ioredis: clientOf(this), perf_hooks: { performance: this.globals.performance }, crypto: this.globals.crypto, os: { ...Os, hostname: () => 'host' }, jose: App.jose, 'timers/promises': internals.timersOf(this) };
        const load = files.loader(this.globals, modules);

        const { RedisStore } = load('store/redis.js');
        const { systemClock } = load('blacklist/clock.js');
        const { Outage } = load('errors/outage.js');
        const own = { ...settings, ...options };

        this.isOutage = (error) => error instanceof Outage || this.app?.isOutage(error);
        this.store = new RedisStore(own, () => undefined);
        const listeners = { arrived: () => undefined, report: (event, error) => this.world.log(() => `${this.name}: ${event}${error ? ` (${error.message})` : ''}`) };

        if (own.lease === false) {
            const { AskedBlacklist } = load('blacklist/asked-blacklist.js');
            this.blacklist = new AskedBlacklist(this.store, { max: own.cache.max, clock: systemClock, ...listeners });
        }
        else {
            const { LeasedBlacklist } = load('blacklist/leased-blacklist.js');
            const { lease, timeout, cache: { max } } = own;
            this.blacklist = new LeasedBlacklist({ lease, max, timeout, clock: systemClock, connect: () => this.store.connect(lease), ...listeners });
        }

        this.blacklist.register({ issuer: 'issuer', name: 'https://issuer.example', life: 900_000, tolerance: 0 });
        this.isLeased = own.lease !== false;
        if (this.isLeased && this.world.logins) {
            this.app = new App.App({
                load,
                options: Logins.options,
                store: this.store,
                blacklist: this.blacklist,
                ended: (ending) => this.isDead || this.world.logins.ended(ending),
                noted: (revocations, work) => this.world.noted(this, revocations, work)
            });
        }
    }

    get isHeld() {

        return this.isLeased && !this.isDead && this.blacklist.status().lease.heldSince !== null;
    }

    #settle() {

        this.#monotonic = this.now();
        this.#since = this.world.scheduler.now;
    }
};


internals.globalsOf = function (process) {

    const RealDate = Date;
    const Own = class extends RealDate {

        constructor(...args) {

            super(...args.length === 0 ? [process.wall()] : args);
        }

        static now() {

            return Math.floor(process.wall());
        }
    };

    const Timer = class {

        constructor(event) {

            this.event = event;
        }

        unref() {

            return this;
        }

        ref() {

            return this;
        }
    };

    const timer = (event) => new Timer(event);
    const clear = (given) => {

        if (given?.event) {
            given.event.isCancelled = true;
            if (given.event.inner) {
                given.event.inner.isCancelled = true;
            }
        }
    };

    const guarded = function (callback) {

        return () => process.world.guard(process, callback);
    };

    const globals = {
        Date: Own,
        performance: { now: () => process.now() },
        setTimeout: (callback, delay = 1, ...args) => timer(process.after(delay, guarded(() => callback(...args)))),
        clearTimeout: clear,
        setImmediate: (callback, ...args) => timer(process.at(process.world.scheduler.now, 'io', guarded(() => callback(...args)))),
        clearImmediate: clear,
        clearInterval: clear,

        // Node's own keeps a context for each, which takes ten times as long

        queueMicrotask: (callback) => void settled.then(guarded(callback)),
        crypto: Modules.cryptoOf(process.random),
        process: Object.create(RealProcess, { pid: { value: process.pid } }),
        Math: Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(Math), random: { value: () => process.random.next() } })
    };

    globals.setInterval = (callback, delay, ...args) => {

        const handle = timer({});
        const again = () => {

            handle.event = process.after(delay, guarded(() => {

                again();
                callback(...args);
            }));
        };

        again();
        return handle;
    };

    return globals;
};


internals.timersOf = function (process) {

    const { setTimeout, clearTimeout, setImmediate } = process.globals;
    return {
        setImmediate: (value) => new Promise((resolve) => setImmediate(resolve, value)),
        setTimeout(delay, value, { signal } = {}) {

            return new Promise((resolve, reject) => {

                if (signal?.aborted) {
                    reject(signal.reason);
                    return;
                }

                const timer = setTimeout(resolve, delay, value);
                signal?.addEventListener('abort', () => {

                    clearTimeout(timer);
                    reject(signal.reason);
                });
            });
        }
    };
};
