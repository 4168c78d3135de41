'use strict';

const { setTimeout: sleep } = require('timers/promises');

const { key } = require('./entries');
const { Redis } = require('./redis');
const { findPort, until } = require('./wait');


const internals = {
    masters: 3,
    nodes: 6,
    slots: 16384,

    // When a node holds another one for dead (ms)

    nodeTimeout: 2000
};


/** Three masters with a replica each. Processes reach each node by a proxy of their own; nodes reach each other directly. */
exports.Cluster = class {

    isCluster = true;
    #nodes = [];
    #slot;

    static async start(guard, { maxLag }) {

        const cluster = new this();
        for (let i = 0; i < internals.nodes; ++i) {
            const address = { host: '127.0.0.1', port: await findPort() };
            const bus = await findPort();
            const node = new Redis(guard, `node-${i}`, address, internals.arguments(bus, maxLag));
            node.bus = bus;
            await node.start();
            cluster.#nodes.push(node);
        }

        await cluster.#form();
        return cluster;
    }

    get places() {

        return this.#nodes.map(({ address }) => ({ known: `127.0.0.1:${address.port}`, address }));
    }

    /** The master that has the slot of the blacklist, by the word of most nodes, or null. */
    async current() {

        const views = await Promise.all(this.#nodes.map((node) => this.#view(node)));
        const named = views.flatMap((view) => view.filter(({ slots }) => slots.some(([first, last]) => first <= this.#slot && this.#slot <= last)));
        return this.#nodes.find(({ address }) => named.filter(({ port, flags }) => port === address.port && !/fail/.test(flags)).length > internals.nodes / 2) ?? null;
    }

    /** Resolves when all slots are served, and the master of the blacklist takes writes. */
    settled() {

        return until('The Cluster did not settle', async () => {

            const states = await Promise.all(this.#nodes.map((node) => node.ask('CLUSTER', 'INFO')));
            const owner = await this.current();
            const info = await owner?.ask('INFO', 'replication');
            return states.every((state) => state?.includes('cluster_state:ok')) && /role:master/.test(info) && Number(/min_slaves_good_slaves:(\d+)/.exec(info)?.[1]) > 0;
        });
    }

    /** Kills the master for good; when its replica has taken over it comes back as a replica, empty. */
    async killMaster() {

        const node = await this.current();
        if (!node) {
            return;
        }

        await node.kill();
        await until('No replica took over', async () => ![null, node].includes(await this.current()));
        await node.start();
    }

    /** Stops the master for a while. */
    async pauseMaster(duration) {

        const node = await this.current();
        node?.pause();
        await sleep(duration);
        node?.resume();
    }

    /** A replica of the master takes over, by order and with all data. */
    async failover() {

        const owner = await this.current();
        const view = owner ? await this.#view(owner) : [];
        const { id } = view.find(({ flags }) => flags.includes('myself')) ?? {};
        const replica = this.#nodes.find(({ address }) => view.some(({ port, master }) => master === id && port === address.port));
        await replica?.ask('CLUSTER', 'FAILOVER');
        await until('The replica did not take over', async () => !replica || await this.current() === replica);
    }

    /** Moves the slot to another master, with all that is in it, while it is in use. */
    async migrate() {

        const source = await this.current();
        const view = source ? await this.#view(source) : [];
        const from = view.find(({ flags }) => flags.includes('myself'));
        const to = view.find(({ flags, slots }) => flags === 'master' && slots.length > 0);
        const target = this.#nodes.find(({ address }) => address.port === to?.port);
        if (!target) {
            return;
        }

        const slot = `${this.#slot}`;
        await target.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
        await source.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
        await until('The slot did not become empty', async () => {

            const keys = (await source.ask('CLUSTER', 'GETKEYSINSLOT', slot, '100') ?? '').split('\r\n').filter((line) => line.startsWith('{'));
            if (keys.length > 0) {
                await source.ask('MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '5000', 'REPLACE', 'KEYS', ...keys);
            }

            return keys.length === 0;
        });

        for (const node of [target, source, ...this.#nodes]) {
            await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
        }

        await until('The slot did not move', async () => await this.current() === target);
    }

    async #form() {

        const [first, ...others] = this.#nodes;
        this.#slot = Number((await first.ask('CLUSTER', 'KEYSLOT', key)).slice(1));

        // A node that has met another one takes no epoch any more

        for (const [i, node] of this.#nodes.entries()) {
            await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
            if (i < internals.masters) {
                await node.ask('CLUSTER', 'ADDSLOTSRANGE', `${Math.ceil(internals.slots / internals.masters * i)}`, `${Math.ceil(internals.slots / internals.masters * (i + 1)) - 1}`);
            }
        }

        for (const { address, bus } of others) {
            await first.ask('CLUSTER', 'MEET', '127.0.0.1', `${address.port}`, `${bus}`);
        }

        const know = async (node) => (await this.#view(node)).filter(({ flags }) => !flags.includes('handshake')).length === internals.nodes;
        await until('The nodes did not meet', async () => (await Promise.all(this.#nodes.map(know))).every(Boolean));

        const ids = await Promise.all(this.#nodes.map(async (node) => (await this.#view(node)).find(({ flags }) => flags.includes('myself')).id));
        for (const [i, node] of this.#nodes.entries()) {
            if (i >= internals.masters) {
                await node.ask('CLUSTER', 'REPLICATE', ids[i - internals.masters]);
            }
        }

        await this.settled();
    }

    // What a node says of all nodes: id, address, flags, master, …, link state, slots

    async #view(node) {

        const lines = (await node.ask('CLUSTER', 'NODES') ?? '').split(/\r?\n/).filter((line) => /^[0-9a-f]{40} /.test(line));
        return lines.map((line) => {

            const [id, address, flags, master, , , , , ...slots] = line.split(' ');
            const ranges = slots.filter((text) => /^\d/.test(text)).map((text) => text.split('-').map(Number));
            return { id, port: Number(/:(\d+)/.exec(address)[1]), flags, master, slots: ranges.map(([start, end = start]) => [start, end]) };
        });
    }
};


// What was acknowledged has a replica, as far as a master is sure of one

internals.arguments = function (bus, maxLag) {

    return [
        '--appendonly', 'no',
        '--cluster-enabled', 'yes',
        '--cluster-port', `${bus}`,
        '--cluster-node-timeout', `${internals.nodeTimeout}`,
        '--cluster-allow-replica-migration', 'no',
        '--min-replicas-to-write', '1',
        '--min-replicas-max-lag', `${maxLag}`,
        '--repl-diskless-sync-delay', '0',
        '--repl-timeout', '5'
    ];
};
