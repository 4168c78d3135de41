'use strict';

const { Random } = require('../consistency/random');
const Bounds = require('./bounds');
const { Faults } = require('./faults');
const { Host } = require('./host');
const { Logins } = require('./logins');
const { Network } = require('./network');
const { Process } = require('./process');
const { Scheduler } = require('./scheduler');


const internals = {
    forever: Number.MAX_SAFE_INTEGER,
    life: 900_000,

    // For how long (ms) the end of a session has to be remembered at least: for its access tokens

    kept: 600_000,

    // By how much the clock of a process may be faster than true time, at least

    slowest: 0.9,

    // How many logouts of a process in a row may wait for a member that is gone

    waits: 2
};


/** One run of a plan, and what it shows. */
exports.World = class {

    epoch = 1_795_000_000_000;
    scheduler = new Scheduler();
    counts = { logouts: 0, failed: 0, logins: 0, renewals: 0, endings: 0, checks: 0, outages: 0, faults: 0, skipped: 0, commands: 0 };
    violations = [];
    trace = null;
    processes = [];

    /** Of each key: the greatest cut-off that somebody began to revoke, and those that were called done, with the moment until which they have to be remembered. */
    #revoked = new Map();
    #recent = [];
    #names = 0;
    #faults;
    #random;

    /** Logins and renewals, in a part of the runs. */
    logins = null;

    constructor(plan, { files, settings, scripts, isTraced = false, isEager = true }) {

        const { seed, lease, timeout, max } = plan;
        this.plan = plan;
        this.package = files;
        this.scripts = scripts;
        this.settings = { ...settings, lease, timeout, cache: { max } };
        this.isEager = isEager;
        this.trace = isTraced ? [] : null;

        this.#random = new Random(seed * 31 + 1);
        this.network = new Network(this.scheduler, new Random(seed * 31 + 2), plan.network);
        this.host = new Host(this, new Random(seed * 31 + 3));
        this.network.host = this.host;
        this.#faults = new Faults(this, new Random(seed * 31 + 4));
        this.logins = plan.hasSessions ? new Logins(this, new Random(seed * 31 + 5)) : null;
        this.losesData = plan.actions.some(({ kind, keeps, lag }) => kind === 'flushall' || kind === 'redis-restart' && !keeps || kind === 'failover' && lag > 0);
        this.losesTime = plan.actions.some(({ kind }) => kind === 'redis-jump');
    }

    get now() {

        return this.scheduler.now;
    }

    isUp(process) {

        return !process.isDead && !process.isSuspended && process.isStarted;
    }

    async run() {

        const { plan, scheduler } = this;
        plan.processes.forEach((_, i) => this.boot(i));
        if (plan.asked) {
            plan.processes.forEach((_, i) => i === 0 && this.boot(plan.processes.length));
        }

        // A process that has just joined waits a lease with its first logout

        const begin = 3 * plan.lease + 200;
        for (const action of plan.actions) {
            scheduler.at(begin + action.at, () => this.#act(action));
        }

        const isOver = () => this.isEager && this.violations.length > 0;
        await scheduler.run(begin + plan.duration, isOver);
        if (!isOver()) {
            await this.#recover(isOver);
        }

        this.processes.forEach((process) => {

            process.isDead = true;
        });

        return { counts: { ...this.counts, virtual: scheduler.now }, violations: this.violations, trace: this.trace };
    }

    /** Notes what happens, where a run is to be read. */
    log(text) {

        this.trace?.push(`${this.scheduler.now.toFixed(3).padStart(10)}  ${text()}`);
    }

    violate(kind, detail) {

        this.violations.push({ kind, detail, at: this.scheduler.now });
        this.log(() => `VIOLATION ${kind}: ${detail}`);
    }

    /** Runs something of a process: what it throws ends a real one. */
    guard(process, callback) {

        if (process.isDead) {
            return;
        }

        try {
            callback();
        }
        catch (error) {
            this.violate('a process crashed', error.stack);
        }
    }

    /** Starts a process at a place. */
    boot(place) {

        const { rate = 1, isTolerant = true } = this.plan.processes[place] ?? {};
        const name = `P${place}.${++this.#names}`;
        const process = new Process(this, name, new Random(this.plan.seed * 31 + 100 + this.#names), { rate });
        process.place = place;
        process.isTolerant = isTolerant;
        this.processes[place] = process;
        process.load({ lease: this.plan.processes[place]?.lease ?? false });
        this.start(process);
        return process;
    }

    /** As the plugin starts a store and a blacklist. */
    start(process) {

        this.log(() => `${process.name}: starts`);
        const { store, blacklist, app } = process;
        const run = async () => {

            try {
                app?.start();
                await store.start();
                await blacklist.start();
                process.isStarted = true;
                this.log(() => `${process.name}: has started`);
            }
            catch (error) {
                if (!process.isOutage(error)) {
                    this.violate('a process did not start', error.stack);
                }

                this.log(() => `${process.name}: did not start (${error.message})`);
                if (process.isTolerant && process.isLeased) {
                    blacklist.start().catch(() => undefined);
                    process.isStarted = true;
                    return;
                }

                await blacklist.stop();
                await store.stop();
                process.after(300, () => this.start(process));
            }
        };

        run().catch((error) => this.violate('a process crashed', error.stack));
    }

    /** As the plugin stops them, and starts them again. */
    restart(process) {

        const { store, blacklist, app } = process;
        process.isStarted = false;
        const run = async () => {

            await app?.stop();
            await blacklist.stop();
            await store.stop();
            this.start(process);
        };

        run().catch((error) => this.violate('a process crashed', error.stack));
    }

    #act(action) {

        switch (action.kind) {
            case 'logout':
                this.#logout(action);
                break;
            case 'check':
                this.#checkSome(action);
                break;
            case 'login':
            case 'renew':
            case 'leave':
            case 'use':
                this.logins.act(action);
                break;
            default:
                this.#faults.act(action);
        }
    }

    pick(number) {

        return this.processes[number % this.processes.length];
    }

    // Logouts

    #logout({ process: number, draw, again, isSubject, isSession }) {

        const key = (isSubject ? `${draw % 10}-subject` : `${++this.#names}-session-${draw}`).padEnd(22, '-');
        const cutoff = isSubject ? Math.floor(this.epoch + this.scheduler.now) : internals.forever;
        this.revoke(this.pick(number), key, cutoff, { isSession: isSession && !isSubject });
        if (again !== undefined) {
            this.revoke(this.pick(again), key, cutoff);
        }
    }

    /** Returns a promise that is settled with the logout; null where the process cannot be asked. */
    revoke(process, key, cutoff, { attempts = 2, isSession = false } = {}) {

        if (process.isDead || process.isSuspended || !process.isStarted) {
            return null;
        }

        const entry = this.#revoked.get(key) ?? { begun: 0, done: [] };
        this.#revoked.set(key, entry);

        const known = process.blacklist.known([key]);
        const isRepeated = known >= cutoff;
        this.log(() => `${process.name}: revokes ${key} ${cutoff}${isRepeated ? ' (again)' : ''}`);
        entry.begun = Math.max(entry.begun, cutoff);

        // What is dead already is not written again, but waited for

        const { blacklist } = process;
        const { ttl } = this.plan;
        const until = this.scheduler.now + ttl * internals.slowest;
        const revocation = { key, cutoff, ttl, terms: { issuer: 'issuer', life: internals.life, tolerance: 0 } };
        const address = isSession ? this.#login(process, key) : null;
        const call = isRepeated ? blacklist.confirm() : blacklist.revoke([revocation]);
        this.bound(process, call, `the logout of ${key}`, Bounds.logout(process, this.plan, isRepeated ? 2 : 1));

        call.then(() => {

            if (process.isDead) {
                return;
            }

            ++this.counts.logouts;
            if (!isRepeated) {
                entry.done.push({ cutoff, until });
            }

            if (address) {
                process.store.remove(address, { revocations: [revocation], margin: ttl }).catch(() => undefined);
            }

            this.log(() => `${process.name}: DONE ${key}`);
            this.#recent.push(key);
            if (this.#recent.length > 30) {
                this.#recent.shift();
            }

            this.#probe(key);
        }, (error) => {

            if (process.isDead) {
                return;
            }

            if (!process.isOutage(error)) {
                this.violate('a logout failed for another reason than an outage', error.stack);
            }

            ++this.counts.failed;
            this.log(() => `${process.name}: FAILED ${key} (${error.message})`);
            if (attempts > 0) {
                this.scheduler.after(this.#random.between(10, 500), () => this.revoke(this.pick(this.#random.below(100)), key, cutoff, { attempts: attempts - 1 }));
            }
        });

        return call;
    }

    /** What a process revokes for the sessions above: it counts as what is revoked by key does. */
    noted(process, revocations, work) {

        const until = this.scheduler.now + internals.kept;
        const entries = revocations.map(({ key, cutoff }) => {

            const entry = this.#revoked.get(key) ?? { begun: 0, done: [] };
            this.#revoked.set(key, entry);
            entry.begun = Math.max(entry.begun, cutoff);
            return { entry, cutoff };
        });

        work.then(() => process.isDead || entries.forEach(({ entry, cutoff }) => entry.done.push({ cutoff, until })), () => undefined);
        return work;
    }

    // A session, whose end lets revocations go earlier

    #login(process, id) {

        const address = { subject: 'subject', id };
        const session = { family: 'f', secret: 's', claims: '{"sub":"subject"}', data: 'null', ttl: 60_000, maxAge: 120_000, accessTtl: 30_000, max: 100 };
        process.store.create(address, session).catch(() => undefined);
        return address;
    }

    // Checks

    #probe(key) {

        for (const process of this.processes) {
            if (process.isHeld || this.#random.chance(0.1)) {
                this.check(process, [key]);
            }
        }
    }

    /** A process goes on: it may be asked before it reads what has arrived meanwhile. */
    resumed(process) {

        if (process.isHeld) {
            this.#recent.forEach((key) => this.check(process, [key]));
        }
    }

    #checkSome({ process: number, draw }) {

        const process = this.pick(number);
        const key = draw % 3 === 0 || this.#recent.length === 0 ? `never-${draw}` : this.#recent[draw % this.#recent.length];
        this.check(process, [key, `never-${draw % 7}`]);
        for (const recent of this.#recent) {
            if (process.isHeld) {
                this.check(process, [recent]);
            }
        }
    }

    /** Whether what was called done by now is refused, and nothing else. */
    check(process, keys) {

        if (process.isDead || process.isSuspended || !process.isStarted || !process.isLeased) {
            return;
        }

        ++this.counts.checks;
        const name = keys.join();
        const expected = this.#expected(keys);
        const memo = process.memos.get(name) ?? {};
        process.memos.set(name, memo);

        const began = this.scheduler.now;
        const judge = (cutoff) => {

            // What may be forgotten by now may be forgotten in the reply

            if (cutoff < Math.min(expected, this.#expected(keys))) {
                this.violate('accepted after its logout', `${process.name} returned ${cutoff} for ${name}, which was revoked to ${expected}; asked at ${began.toFixed(3)}`);
            }

            if (cutoff > 0 && cutoff > Math.max(...keys.map((key) => this.#revoked.get(key)?.begun ?? 0))) {
                this.violate('refused without a logout', `${process.name} returned ${cutoff} for ${name}`);
            }
        };

        const answer = process.blacklist.cutoff(keys, memo);
        if (typeof answer === 'number') {
            judge(answer);
            return;
        }

        this.bound(process, answer, `the check of ${name}`, Bounds.check(this.plan));
        answer.then((cutoff) => process.isDead || judge(cutoff), (error) => {

            ++this.counts.outages;
            if (!process.isDead && !process.isOutage(error)) {
                this.violate('a check failed for another reason than an outage', error.stack);
            }
        });
    }

    // The latest cut-off that has been called done and has to be remembered

    #expected(keys) {

        let expected = 0;
        for (const key of keys) {
            for (const { cutoff, until } of this.#revoked.get(key)?.done ?? []) {
                if (until > this.scheduler.now && cutoff > expected) {
                    expected = cutoff;
                }
            }
        }

        return expected;
    }

    /** What has been called done and has to be remembered: pairs of key and cut-off. */
    remembered() {

        return [...this.#revoked.keys()].map((key) => [key, this.#expected([key])]).filter(([, cutoff]) => cutoff > 0);
    }

    /** Whatever is asked is answered in bounded time (ms), as long as the process runs. A request may have to repeat a logout. */
    bound(process, promise, what, limit = Bounds.logout(process, this.plan, 2)) {

        let isSettled = false;
        const settle = () => {

            isSettled = true;
        };

        promise.then(settle, settle);

        // Where the process stood still, from when it goes on

        const watch = (since) => {

            this.scheduler.at(since + limit, () => {

                if (isSettled || process.isDead) {
                    return;
                }

                const latest = process.isSuspended ? this.scheduler.now : process.resumedAt;
                if (latest > since) {
                    watch(latest);
                    return;
                }

                this.violate('no answer in bounded time', `${process.name}: ${what}`);
            });
        };

        watch(this.scheduler.now);
    }

    // After the last fault everything works again, and nothing that was revoked has been forgotten

    async #recover(isOver) {

        const { plan, scheduler } = this;
        this.log(() => 'everything heals');
        this.#faults.heal();
        await scheduler.run(scheduler.now + 8 * plan.lease + 5000, isOver);

        const leased = this.processes.filter(({ isLeased }) => isLeased);
        for (const process of leased.filter((each) => !each.isHeld)) {
            this.violate('no lease after all faults have ended', process.name);
        }

        // First only the processes without a lease: they remove members that are gone as well

        const before = this.counts.failed;
        const asked = this.processes.filter((process) => !process.isLeased);
        asked.forEach((process) => this.#logOutAfter(process));
        if (asked.length > 0) {
            await scheduler.run(scheduler.now + (internals.waits + 2) * 1.5 * Math.max(Bounds.defaultLease, plan.lease), isOver);
        }

        leased.forEach((process, i) => scheduler.after(i * plan.lease / leased.length, () => this.#logOutAfter(process)));
        await scheduler.run(scheduler.now + (internals.waits + 3) * 1.5 * plan.lease, isOver);
        if (this.counts.failed > before) {
            this.violate('a logout failed after all faults had ended', '');
        }

        for (const process of leased) {
            for (const key of this.#revoked.keys()) {
                this.check(process, [key]);
            }

            this.check(process, ['never']);
        }

        this.logins?.settle();

        await scheduler.run(scheduler.now + plan.lease, isOver);
    }

    // Members that are gone are removed by the logouts that wait for them, however many others wait meanwhile. Two in a row: it may be suspected behind another one

    #logOutAfter(process, waits = 0) {

        const { lease } = this.plan;
        const began = this.scheduler.now;
        const again = () => {

            if (this.scheduler.now < began + lease / 2) {
                return;
            }

            if (waits === internals.waits) {
                this.violate('logouts wait for a member that is gone', process.name);
                return;
            }

            this.scheduler.after(lease / 8, () => this.#logOutAfter(process, waits + 1));
        };

        this.revoke(process, `after-${process.name}-${waits}`, internals.forever, { attempts: 0 })?.then(again, () => undefined);
    }
};
