'use strict';

const ChildProcess = require('child_process');
const { randomBytes } = require('crypto');
const Events = require('events');
const Path = require('path');
const { setTimeout: sleep } = require('timers/promises');

const { Client } = require('./client');
const { NetworkProxy } = require('./proxy');


const internals = {
    startTimeout: 30_000,
    stopTimeout: 15_000,
    statusInterval: 500
};


/** The app: a number of places, each with its own way to Redis and with one process after another. */
exports.Fleet = class {

    #options;
    #guard;
    /** What signs access tokens, and the orders of a provider. */
    key = randomBytes(32).toString('hex');
    #isStopping = false;

    /** Of processes that nobody has killed. */
    crashes = [];

    /** What the figures of all processes add up to, those that are gone as well. */
    processes = [];

    slots = [];

    constructor(options, guard) {

        this.#options = options;
        this.#guard = guard;
    }

    /** `redis` is a server, or the Sentinels of one. Without faults nothing stands in between. */
    async start(redis) {

        for (let i = 0; i < this.#options.processes; ++i) {
            this.slots.push({ number: i + 1, proxies: [], process: null, isPaused: false, ...await this.#route(redis) });
        }

        await Promise.all(this.slots.map((slot) => this.launch(slot)));
        this.#watch();
    }

    async stop() {

        this.#isStopping = true;
        await Promise.all(this.processes.map((each) => each.readStatus()));
        this.processes.forEach((each) => each.client?.close());
    }

    /** A new process, until one has come up. */
    async launch(slot) {

        const end = performance.now() + internals.startTimeout;
        while (performance.now() < end && !this.#isStopping) {
            const launched = new internals.Process(slot, this.processes.length + 1);
            this.processes.push(launched);
            if (await launched.start(this.#guard, this.#options.naive ? 'naive.js' : 'server.js', this.#config(slot))) {
                slot.process = launched;
                launched.child.once('exit', (code, signal) => this.#ended(slot, launched, signal ?? code));
                return;
            }

            await sleep(200);
        }
    }

    async kill(slot) {

        const { process: killed } = slot;
        slot.process = null;
        slot.isPaused = false;
        killed.isKilled = true;
        killed.child.kill('SIGKILL');
        await Events.once(killed.child, 'exit');
    }

    /** Lets a process stop by itself. */
    async stopOne(slot) {

        const { process: stopped } = slot;
        const exited = Events.once(stopped.child, 'exit');
        slot.process = null;
        stopped.isKilled = true;
        stopped.order({ stop: true });
        const timer = setTimeout(() => {

            this.crashes.push({ process: slot.number, how: 'did not stop', logs: stopped.logs.slice(-5) });
            stopped.child.kill('SIGKILL');
        }, internals.stopTimeout);
        await exited;
        clearTimeout(timer);
    }

    pause(slot) {

        slot.isPaused = true;
        slot.process.child.kill('SIGSTOP');
    }

    resume(slot) {

        if (slot.isPaused) {
            slot.isPaused = false;
            slot.process.child.kill('SIGCONT');
        }
    }

    async #route(redis) {

        const isCalm = this.#options.faults.length === 0;
        const proxies = [];
        const through = async (address) => {

            if (isCalm) {
                return address;
            }

            const proxy = await NetworkProxy.start(address);
            proxy.target = address;
            proxies.push(proxy);
            return { host: '127.0.0.1', port: proxy.port };
        };

        if (!redis.places) {
            return { redis: await through(redis.address), proxies };
        }

        if (redis.isCluster) {
            const natMap = {};
            for (const { known, address } of redis.places) {
                natMap[known] = await through(address);
            }

            return { cluster: Object.values(natMap), natMap, proxies };
        }

        const natMap = {};
        const sentinels = [];
        for (const { known, address, isSentinel } of redis.places) {
            natMap[known] = await through(address);
            if (isSentinel) {
                sentinels.push(natMap[known]);
            }
        }

        return { redis: { sentinels, name: redis.name, natMap }, proxies };
    }

    #config({ redis, cluster, natMap }) {

        const { lease, cache } = this.#options;
        return { key: this.key, redis, cluster, natMap, lease, cache };
    }

    #ended(slot, ended, how) {

        ended.endedAt = performance.now();
        ended.client.close();
        if (ended.isKilled || this.#isStopping) {
            return;
        }

        this.crashes.push({ process: slot.number, how, logs: ended.logs.slice(-5) });
        slot.process = null;
        this.launch(slot);
    }

    // A process that is killed takes its figures with it, but for the last that were read

    async #watch() {

        while (!this.#isStopping) {
            await sleep(internals.statusInterval, undefined, { ref: false });
            this.slots.forEach((slot) => slot.isPaused || slot.process?.readStatus());
        }
    }
};


internals.Process = class {

    client = null;
    status = null;
    logs = [];
    endedAt = Infinity;
    isKilled = false;

    /** When a request began (ms) that this process accepted: it held a lease. */
    acceptedAt = -Infinity;

    /** Tokens that it has checked while its cache was partial. */
    checked = new Set();
    firstChecks = 0;
    baseline = null;

    constructor(slot, number) {

        this.slot = slot;
        this.number = number;
    }

    get name() {

        return `${this.slot.number}#${this.number}`;
    }

    /** Answers whether it serves. */
    async start(guard, file, config) {

        this.child = ChildProcess.fork(Path.join(__dirname, file), [JSON.stringify(config)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
        guard.watch(this.child);
        this.child.stderr.on('data', (chunk) => this.#log(`stderr ${chunk}`));

        const port = await new Promise((resolve) => {

            this.child.once('exit', () => resolve(null));
            this.child.on('message', ({ port: answer, log, failed }) => {

                if (answer) {
                    resolve(answer);
                }

                this.#log(log ?? failed ?? 'listens');
            });
        });

        this.port = port;
        this.startedAt = performance.now();
        this.client = port && new Client(port);
        return port !== null;
    }

    /** What it does to itself. */
    order(message) {

        if (this.child.connected) {
            this.child.send(message);
        }
    }

    async readStatus() {

        if (this.client === null || this.endedAt !== Infinity || this.isReading) {
            return;
        }

        this.isReading = true;
        const { status, body } = await this.client.request('GET', '/status');
        this.isReading = false;
        if (status === 200) {
            this.status = JSON.parse(body);
        }
    }

    /** From here on it is counted which questions had to be asked: a token's first check in the partial regime has to. */
    rebase() {

        const { hits, misses } = this.status.cache;
        this.baseline = { hits, misses };
        this.checked.clear();
        this.firstChecks = 0;
    }

    check(token) {

        if (!this.checked.has(token)) {
            this.checked.add(token);
            ++this.firstChecks;
        }
    }

    #log(text) {

        this.logs.push({ at: performance.now(), text: text.trim() });
        if (this.logs.length > 200) {
            this.logs.shift();
        }
    }
};
