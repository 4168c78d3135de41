'use strict';

// Connections: one order each way, as TCP has it, and no promise of when


/** One direction. What arrives at the same time arrives in one piece. */
const Pipe = class {

    #network;
    #owner;
    #deliver;
    #queue = [];
    #last = 0;
    #stalledUntil = 0;
    #heldUntil = 0;
    #isWaiting = false;
    #isClosed = false;

    constructor(network, owner, deliver) {

        this.#network = network;
        this.#owner = owner;
        this.#deliver = deliver;
    }

    send(message, delay) {

        if (this.#isClosed) {
            return;
        }

        this.#last = Math.max(this.#last, this.#network.scheduler.now + delay);
        this.#queue.push({ time: this.#last, message });
        this.#wait();
    }

    /** Nothing arrives before this moment. */
    stall(until) {

        this.#stalledUntil = Math.max(this.#stalledUntil, until);
    }

    /** The same for what is sent from now on. */
    hold(until) {

        this.#heldUntil = Math.max(this.#heldUntil, until);
        this.#last = Math.max(this.#last, until);
    }

    /** What was held up arrives. */
    free() {

        this.#stalledUntil = 0;
        this.#isWaiting = false;
        this.#wait();
    }

    /** Until when nothing comes through. */
    get stalledUntil() {

        return Math.max(this.#stalledUntil, this.#heldUntil);
    }

    get isStalled() {

        return this.stalledUntil > this.#network.scheduler.now;
    }

    /** Nothing arrives any more. */
    close() {

        this.#isClosed = true;
        this.#queue = [];
    }

    #wait() {

        if (this.#isWaiting || this.#queue.length === 0) {
            return;
        }

        const time = Math.max(this.#queue[0].time, this.#stalledUntil);
        if (time === Infinity) {
            return;
        }

        this.#isWaiting = true;
        this.#owner.at(time, 'io', () => {

            this.#isWaiting = false;
            const { now } = this.#network.scheduler;
            if (this.#stalledUntil <= now) {
                const piece = [];
                while (this.#queue.length > 0 && this.#queue[0].time <= now) {
                    piece.push(this.#queue.shift().message);
                }

                if (piece.length > 0) {
                    this.#deliver(piece);
                }
            }

            this.#wait();
        });
    }
};


/** A connection of a process to a server. The ends are told what happens: `client.received(piece)`, `client.closed(error)`. */
const Connection = class {

    id;
    process;
    protocol = 2;
    isHolding = false;

    /** To how many of the next commands it wants no reply. */
    skips = 0;

    mutedUntil = 0;
    toServer;
    toClient;

    #held = [];
    #network;
    #client;
    #isClosed = false;

    constructor(network, id, process, client) {

        const { host } = network;
        this.id = id;
        this.process = process;
        this.#network = network;
        this.#client = client;
        this.toServer = new Pipe(network, host, (piece) => host.received(this, piece));
        this.toClient = new Pipe(network, process, (piece) => this.#received(piece));
    }

    /** From the client to the server: a command, or null for the end. */
    send(command) {

        this.toServer.send(command, this.#network.delay(this.process));
    }

    /** From the server to the client. */
    reply(message) {

        this.toClient.send(message, this.#network.delay(this.process));
    }

    /** News, which wait for the reply to a command of its own that publishes them if `isHolding`. */
    push(parts) {

        if (this.isHolding) {
            this.#held.push(parts);
        }
        else if (this.mutedUntil <= this.#network.scheduler.now) {
            this.reply({ push: parts });
        }
    }

    release() {

        this.isHolding = false;
        this.#held.splice(0).forEach((parts) => this.push(parts));
    }

    /** Both ends learn that it is gone, each when it learns it; what is on its way may get lost. */
    reset(isLosing) {

        this.#network.forget(this);
        if (isLosing) {
            this.toServer.close();
            this.toClient.close();
        }
        else {
            this.toServer.free();
            this.toClient.free();
        }

        const { host } = this.#network;
        host.at(this.#network.soon(this.process), 'io', () => {

            this.toServer.close();
            host.gone(this);
        });

        this.process.at(this.#network.soon(this.process), 'io', () => this.end());
    }

    /** The server is gone. A client that nothing reaches does not learn that before something does again. */
    orphan(isLosing) {

        const { isStalled, stalledUntil } = this.toClient;
        if (!isStalled) {
            this.reset(isLosing);
            return;
        }

        this.toServer.close();
        this.toClient.close();
        if (stalledUntil < Infinity) {
            this.process.at(stalledUntil, 'io', () => this.end());
        }
    }

    /** The client sees the end of it. */
    end(error) {

        if (!this.#isClosed) {
            this.#isClosed = true;
            this.toClient.close();
            this.#network.forget(this);
            this.#client.closed(error);
        }
    }

    #received(piece) {

        for (const message of piece) {
            if (message === null) {
                this.end();
                return;
            }

            this.#client.received(message);
        }
    }
};


/** All connections of a world. */
exports.Network = class {

    scheduler;
    host;

    #random;
    #profile;
    #connections = new Set();
    #count = 0;
    #slowness = new Map();
    #cutOff = new Map();

    constructor(scheduler, random, profile) {

        this.scheduler = scheduler;
        this.#random = random;
        this.#profile = profile;
    }

    of(process) {

        return [...this.#connections].filter((connection) => connection.process === process);
    }

    get all() {

        return [...this.#connections];
    }

    /** Opens a connection; `client` is told `opened(connection)` or `closed(error)`, or nothing. */
    open(process, client) {

        const arrival = this.scheduler.now + this.delay(process);
        this.host.at(Math.max(arrival, this.scheduler.now), 'io', () => {

            if (this.isCutOff(process)) {
                return;
            }

            const { isUp } = this.host;
            const connection = new Connection(this, ++this.#count, process, client);
            if (isUp) {
                this.#connections.add(connection);
            }

            process.at(this.soon(process), 'io', () => (isUp ? client.opened(connection) : client.closed(new Error('connect ECONNREFUSED'))));
        });
    }

    forget(connection) {

        this.#connections.delete(connection);
    }

    /** How long (ms) one message takes, to or from a process. */
    delay(process) {

        const random = this.#random;
        const { base, spread, rare, most } = this.#profile;
        const slowness = (this.#slowness.get(process) ?? 0) > this.scheduler.now ? process.slowBy : 0;
        const usual = random.chance(rare) ? random.between(0, most) : base + random.next() * spread;
        return usual + slowness * random.next();
    }

    soon(process) {

        return this.scheduler.now + this.delay(process);
    }

    slow(process, by, duration) {

        process.slowBy = by;
        this.#slowness.set(process, this.scheduler.now + duration);
    }

    /** Nothing reaches the process, and nothing of it the server, for a time; what was on its way comes later, or its connections are lost. */
    cutOff(process, duration, isLosing) {

        const until = this.scheduler.now + duration;
        this.#cutOff.set(process, until);
        const cut = this.of(process);
        for (const { toServer, toClient } of cut) {
            toServer.stall(isLosing ? Infinity : until);
            toClient.stall(isLosing ? Infinity : until);
        }

        if (isLosing) {
            this.scheduler.at(until, () => cut.filter((each) => this.#connections.has(each)).forEach((each) => each.reset(true)));
        }
    }

    isCutOff(process) {

        return (this.#cutOff.get(process) ?? 0) > this.scheduler.now;
    }

    /** Whether messages of a process arrive as usual. */
    isWell(process) {

        return !this.isCutOff(process) && (this.#slowness.get(process) ?? 0) <= this.scheduler.now &&
            this.of(process).every(({ toServer, toClient }) => !toServer.isStalled && !toClient.isStalled);
    }

    /** Everything flows again. Connections that would be held up for ever are lost. */
    heal() {

        this.#slowness.clear();
        this.#cutOff.clear();
        for (const connection of this.#connections) {
            if (connection.toServer.isStalled || connection.toClient.isStalled) {
                connection.reset(true);
            }
        }
    }
};
