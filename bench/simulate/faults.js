'use strict';


/**
 * What goes wrong. One rule is kept, which the protocol assumes: when data are lost, one process that knows each revocation that was called done
 * can come back in time. It is the *keeper* then, and spared until it has. Where nothing has been called done, none is needed.
 */
exports.Faults = class {

    #world;
    #random;
    #keeper = null;
    #keptUntil = 0;
    #refusedUntil = 0;
    #calmUntil = 0;
    #isOver = false;

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
        this.#isOver = true;
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

    stall({ span, way, isLosing, isBehind }, process) {

        if (this.#isSpared(process) || process.isSuspended) {
            return false;
        }

        const { network, scheduler } = this.#world;
        this.#log(`connections of ${process.name} are half-open (${way}) for ${Math.round(span)} ms${isBehind ? ', behind what is on its way' : ''}${isLosing ? ', then lost' : ''}`);
        const until = scheduler.now + span;
        const stalled = network.of(process);
        for (const { toServer, toClient } of stalled) {
            const pipes = [...way !== 'in' ? [toServer] : [], ...way !== 'out' ? [toClient] : []];
            pipes.forEach((pipe) => (isBehind ? pipe.hold(until) : pipe.stall(until)));
        }

        if (isLosing) {
            scheduler.at(until - 0.001, () => stalled.filter((each) => network.of(process).includes(each)).forEach((each) => each.reset(true)));
        }
    }

    // As a proxy would that connects anew behind a connection

    mute({ span }, process) {

        const connections = this.#world.network.of(process);
        if (this.#isSpared(process) || connections.length === 0) {
            return false;
        }

        this.#log(`news for ${process.name} are lost for ${Math.round(span)} ms`);
        const until = this.#world.scheduler.now + span;
        connections.forEach((connection) => {

            connection.mutedUntil = until;
        });
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

        if (this.#isSpared(process) || process.isSuspended || isMachine && this.#isRecent(process.setBackAt)) {
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

    restart({ delay }, process) {

        if (this.#isSpared(process) || process.isSuspended || !process.isStarted) {
            return false;
        }

        this.#log(`${process.name} is stopped and started again${delay > 0 ? `, what it sends last takes ${Math.round(delay)} ms` : ''}`);
        this.#world.network.of(process).forEach(({ toServer }) => toServer.stall(this.#world.scheduler.now + delay));
        this.#world.restart(process);
    }

    // Where the monotonic clock stands still, the wall clock alone says how long: a process cannot miss both in one lease

    jump({ by }, process) {

        if (by < 0 && (process.isSuspended || this.#isRecent(process.resumedAt))) {
            return false;
        }

        process.setBackAt = by < 0 ? this.#world.scheduler.now : process.setBackAt;
        this.#log(`the wall clock of ${process.name} jumps by ${Math.round(by)} ms`);
        process.jump(by);
    }

    slew({ rate }, process) {

        this.#log(`the clock of ${process.name} goes at ${rate}`);
        process.slew(rate);
    }

    #isRecent(moment) {

        return this.#world.scheduler.now < moment + 2 * Math.max(1500, this.#world.plan.lease);
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

        this.#log(`FLUSHALL (${this.#keeper?.name ?? 'nobody'} knows everything)`);
        this.#world.host.redis.data.clear();
        this.#newcomer(0);
    }

    'redis-restart'({ span: given, keeps, isLosing }) {

        const span = given / 4;
        const { host } = this.#world;
        if (!this.#canReplace() || !keeps && !this.#keep(span)) {
            return false;
        }

        this.#log(`Redis restarts ${keeps ? 'with' : 'without'} its data`);
        host.replace(keeps ? host.redis.data : host.redis.empty(), span, { isLosing });
        this.#newcomer(span);
    }

    // A replica takes its place, which lacks the last writes

    failover({ span: given, lag, isSilent, isLosing }) {

        const span = given / 4;
        const { host, scheduler, plan } = this.#world;
        const copy = host.redis.data.copy();
        const { redis } = host;
        const { history } = redis;

        // On one connection since then, a process has heard of all that is lost, and has it whether its memory is too small or not

        const since = new Map(this.#world.processes.map((process) => [process, process.isHeld ? process.blacklist.status().lease.generation : null]));
        const hasHeard = (process) => process.isHeld && process.blacklist.status().lease.generation === since.get(process);
        scheduler.after(lag, () => {

            if (this.#isOver || !this.#canReplace() || redis.history !== history || !this.#keep(span, plan.isPartial ? hasHeard : undefined)) {
                ++this.#world.counts.skipped;
                return;
            }

            this.#log(`failover to a replica that lacks the last ${lag} ms${isSilent ? '; the old master is silent' : ''}`);
            host.replace(copy, span, { isSilent, isLosing });
            this.#newcomer(span);
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

    #keep(downtime, knowsLost = ({ blacklist }) => this.#world.remembered().every(([key, cutoff]) => blacklist.known([key]) >= cutoff)) {

        const { scheduler, processes, network, plan, host } = this.#world;
        if (host.isSuspended || scheduler.now < this.#refusedUntil) {
            return false;
        }

        const done = this.#world.remembered();
        const isFit = (process) => process.isLeased && process.isStarted && !process.isDead && !process.isSuspended && network.isWell(process) && knowsLost(process);
        const fit = (this.#isRecovering() && this.#keeper ? [this.#keeper] : processes).filter(isFit);
        if (fit.length === 0 && done.length > 0) {
            return false;
        }

        this.#keeper = fit.length > 0 && done.length > 0 ? this.#random.pick(fit) : null;
        this.#keptUntil = scheduler.now + downtime + 2 * Math.max(1500, plan.lease) + 1000;
        return true;
    }

    // A process that has just started knows nothing of what is lost, one that was cut off not all of it

    #newcomer(downtime) {

        const { processes, scheduler, network } = this.#world;
        const process = this.#random.pick(processes);
        const moment = scheduler.now + Math.max(0, downtime + this.#random.between(-20, 50));
        if (process === this.#keeper || !this.#random.chance(0.4)) {
            processes.filter((each) => network.isCutOff(each)).forEach((each) => network.cutOff(each, moment - scheduler.now, true));
            return;
        }

        process.isDead = true;
        this.#log(`${process.name} crashes, and comes back when Redis does`);
        scheduler.at(moment, () => this.#world.processes[process.place] === process && this.#world.boot(process.place));
    }
};
