'use strict';


/**
 * What goes wrong. One rule is kept, which the protocol assumes: when data are lost, one process that held a lease until then, and so knows each
 * revocation that was called done, can come back in time. It is the *keeper* then, and spared until it has.
 */
exports.Faults = class {

    #world;
    #random;
    #keeper = null;
    #keptUntil = 0;
    #refusedUntil = 0;
    #calmUntil = 0;

    constructor(world, random) {

        this.#world = world;
        this.#random = random;
    }

    act(action) {

        const { log, counts } = this.#world;
        const isDone = this[action.kind](action, this.#world.pick(action.process));
        ++counts[isDone === false ? 'skipped' : 'faults'];
        if (isDone === false) {
            log.call(this.#world, () => `(${action.kind} would take the last process that knows everything, or finds nothing to do)`);
        }
    }

    /** No more faults, and an end to those that last. */
    heal() {

        const { network, host, processes } = this.#world;
        network.heal();
        host.redis.refusal = null;
        processes.forEach((process, place) => process.isDead && this.#world.boot(place));
    }

    #log(text) {

        this.#world.log(() => `fault: ${text}`);
    }

    #isSpared(process) {

        return process.isDead || this.#isRecovering() && process === this.#keeper;
    }

    #isRecovering() {

        return this.#world.scheduler.now < this.#keptUntil;
    }

    // Network

    cut({ draw, isLosing }, process) {

        const connections = this.#world.network.of(process);
        if (this.#isSpared(process) || connections.length === 0) {
            return false;
        }

        const connection = connections[draw % connections.length];
        this.#log(`connection ${process.name}#${connection.id} is cut${isLosing ? ', with what is on its way' : ''}`);
        connection.reset(isLosing);
    }

    stall({ span, way, isLosing }, process) {

        if (this.#isSpared(process) || process.isSuspended) {
            return false;
        }

        const { network, scheduler } = this.#world;
        this.#log(`connections of ${process.name} are half-open (${way}) for ${Math.round(span)} ms${isLosing ? ', then lost' : ''}`);
        const until = scheduler.now + span;
        const stalled = network.of(process);
        for (const { toServer, toClient } of stalled) {
            if (way !== 'in') {
                toServer.stall(until);
            }

            if (way !== 'out') {
                toClient.stall(until);
            }
        }

        if (isLosing) {
            scheduler.at(until - 0.001, () => stalled.filter((each) => network.of(process).includes(each)).forEach((each) => each.reset(true)));
        }
    }

    partition({ span, isLosing }, process) {

        if (this.#isSpared(process)) {
            return false;
        }

        this.#log(`${process.name} is cut off for ${Math.round(span)} ms`);
        this.#world.network.cutOff(process, span, isLosing);
    }

    slow({ span, by }, process) {

        if (this.#isSpared(process)) {
            return false;
        }

        this.#log(`messages of ${process.name} take up to ${Math.round(by)} ms for ${Math.round(span)} ms`);
        this.#world.network.slow(process, by, span);
    }

    // Processes

    suspend({ span, isMachine }, process) {

        if (this.#isSpared(process) || process.isSuspended) {
            return false;
        }

        this.#log(`${process.name} stands still for ${Math.round(span)} ms${isMachine ? ', with its machine' : ''}`);
        process.pause(span, isMachine);
    }

    crash({ span, isSilent }, process) {

        if (this.#isSpared(process)) {
            return false;
        }

        this.#log(`${process.name} crashes${isSilent ? ', with its machine' : ''}, and comes back after ${Math.round(span)} ms`);
        process.isDead = true;
        for (const connection of this.#world.network.of(process)) {
            if (!isSilent) {
                connection.send(null);
            }
        }

        this.#world.scheduler.after(span, () => this.#world.processes[process.place] === process && this.#world.boot(process.place));
    }

    restart(action, process) {

        if (this.#isSpared(process) || process.isSuspended || !process.isStarted) {
            return false;
        }

        this.#log(`${process.name} is stopped and started again`);
        this.#world.restart(process);
    }

    jump({ by }, process) {

        this.#log(`the wall clock of ${process.name} jumps by ${Math.round(by)} ms`);
        process.jump(by);
    }

    // Redis

    'script-flush'() {

        this.#log('SCRIPT FLUSH');
        this.#world.host.redis.scripts.clear();
    }

    flushall() {

        if (!this.#keep(0)) {
            return false;
        }

        this.#log(`FLUSHALL (${this.#keeper.name} knows everything)`);
        this.#world.host.redis.data.clear();
    }

    'redis-restart'({ span: given, keeps, isLosing }) {

        const span = given / 4;
        const { host } = this.#world;
        if (!this.#canReplace() || !keeps && !this.#keep(span)) {
            return false;
        }

        this.#log(`Redis restarts ${keeps ? 'with' : 'without'} its data`);
        host.replace(keeps ? host.redis.data : host.redis.empty(), span, { isLosing });
    }

    // A replica takes its place, which lacks the last writes

    failover({ span: given, lag, isSilent, isLosing }) {

        const span = given / 4;
        const { host, scheduler } = this.#world;
        const copy = host.redis.data.copy();
        const { redis } = host;
        const { history } = redis;
        scheduler.after(lag, () => {

            if (!this.#canReplace() || redis.history !== history || !this.#keep(span)) {
                ++this.#world.counts.skipped;
                return;
            }

            this.#log(`failover to a replica that lacks the last ${lag} ms${isSilent ? '; the old master is silent' : ''}`);
            host.replace(copy, span, { isSilent, isLosing });
        });
    }

    'redis-pause'({ span }) {

        const { host, scheduler } = this.#world;
        if (host.isSuspended || this.#isRecovering()) {
            return false;
        }

        this.#log(`Redis stands still for ${Math.round(span)} ms`);
        host.suspend();
        scheduler.after(span, () => host.resume());
    }

    'redis-jump'({ by }) {

        this.#log(`the clock of Redis jumps by ${Math.round(by)} ms`);
        this.#world.host.jump(by);
    }

    refuse({ span, error }) {

        const { host, scheduler } = this.#world;
        if (this.#isRecovering()) {
            return false;
        }

        this.#log(`Redis takes no writes for ${Math.round(span)} ms: ${error}`);
        host.redis.refusal = error;
        this.#refusedUntil = scheduler.now + span;
        scheduler.after(span, () => {

            host.redis.refusal = null;
        });
    }

    // A Redis that is away most of the time shows nothing

    #canReplace() {

        const { host, scheduler, plan } = this.#world;
        if (!host.isUp || scheduler.now < this.#calmUntil) {
            return false;
        }

        this.#calmUntil = scheduler.now + 3 * plan.lease;
        return true;
    }

    // Who keeps what Redis is about to lose

    #keep(downtime) {

        const { scheduler, processes, network, plan, host } = this.#world;
        const isFit = (process) => process.isHeld && process.isStarted && !process.isSuspended && network.isWell(process);
        const fit = this.#isRecovering() ? [this.#keeper] : processes.filter(isFit);
        if (fit.length === 0 || host.isSuspended || scheduler.now < this.#refusedUntil) {
            return false;
        }

        this.#keeper = this.#random.pick(fit);
        this.#keptUntil = scheduler.now + downtime + 2 * plan.lease + 1000;
        return true;
    }
};
