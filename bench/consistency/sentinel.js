'use strict';

const Fs = require('fs');
const Path = require('path');
const { setTimeout: sleep } = require('timers/promises');

const { NetworkProxy } = require('./proxy');
const { Redis } = require('./redis');
const { findPort, until } = require('./wait');


const internals = {
    name: 'consistency',
    nodes: 3,
    sentinels: 3,
    quorum: 2
};


/**
 * A master with two replicas, and three Sentinels that watch them.
 *
 * The nodes know each other, and the Sentinels know them, by a proxy in front of each, so that a node can be cut off from all of them while
 * processes, which have ways of their own, still reach it.
 */
exports.Sentinels = class {

    name = internals.name;
    #nodes = [];
    #sentinels = [];

    static async start(guard, { downAfter, maxLag }) {

        const group = new this();

        for (let i = 0; i < internals.nodes; ++i) {
            const address = { host: '127.0.0.1', port: await findPort() };
            const proxy = await NetworkProxy.start(address);
            const node = new Redis(guard, `node-${i}`, address, internals.arguments(proxy, maxLag));
            node.proxy = proxy;
            await node.start(...i === 0 ? [] : internals.follow(group.#nodes[0]));
            group.#nodes.push(node);
        }

        for (let i = 0; i < internals.sentinels; ++i) {
            const port = await findPort();
            const file = Path.join(guard.folder, `sentinel-${i}.conf`);
            Fs.writeFileSync(file, internals.config(port, group.#nodes[0].proxy.port, downAfter));
            const sentinel = new Redis(guard, `sentinel-${i}`, { host: '127.0.0.1', port }, []);
            await sentinel.launch([file, '--sentinel', '--dir', guard.folder], /Sentinel ID is/);
            group.#sentinels.push(sentinel);
        }

        await group.settled();
        return group;
    }

    /** Every place that a client may dial: under which address it hears of it, and where that is. */
    get places() {

        return [
            ...this.#nodes.map(({ address, proxy }) => ({ known: `127.0.0.1:${proxy.port}`, address })),
            ...this.#sentinels.map(({ address }) => ({ known: `127.0.0.1:${address.port}`, address, isSentinel: true }))
        ];
    }

    /** The node that most Sentinels hold for the master, or null. */
    async master() {

        const answers = await Promise.all(this.#sentinels.map((sentinel) => sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', internals.name)));
        const count = ({ proxy }) => answers.filter((answer) => answer?.includes(`\r\n${proxy.port}\r\n`)).length;
        return this.#nodes.find((node) => count(node) >= internals.quorum) ?? null;
    }

    current() {

        return this.master();
    }

    /** Resolves when there is a master that takes writes, and any other node could follow it. */
    settled() {

        return until('The Sentinels did not settle', async () => {

            const master = await this.master();
            const info = await master?.ask('INFO', 'replication');
            return /role:master/.test(info) && Number(/min_slaves_good_slaves:(\d+)/.exec(info)?.[1]) === internals.nodes - 1;
        });
    }

    /** Ends the master for good; when another one has taken over it comes back as a replica, empty. */
    async killMaster() {

        const node = await this.master();
        await node.kill();

        let master;
        await until('No replica took over', async () => {

            master = await this.master();
            return master !== null && master !== node;
        });

        await node.start(...internals.follow(master));
    }

    /** Stops the master for a while: it comes back with its data, as the master it was. */
    async pauseMaster(duration) {

        const node = await this.master();
        node.pause();
        await sleep(duration);
        node.resume();
    }

    /** Cuts the master off from the other nodes and the Sentinels. */
    async splitMaster(duration) {

        const { proxy } = await this.master();
        proxy.partition('hold');
        await sleep(duration);
        proxy.heal(false);
    }

    /** Resolves when the replica has taken over, or could not. The old master takes writes, which are lost, until it is a replica: until the group has settled. */
    async failover() {

        const [sentinel] = this.#sentinels;
        await sentinel.ask('SENTINEL', 'FAILOVER', internals.name);
        await until('The failover did not end', async () => !/failover_in_progress/.test(await sentinel.ask('SENTINEL', 'MASTER', internals.name)));
    }
};


// A master that is not sure of a replica takes no write, so none of its acknowledged writes is lost by a failover

internals.arguments = function ({ port }, maxLag) {

    return [
        '--appendonly', 'no',
        '--min-replicas-to-write', '1',
        '--min-replicas-max-lag', `${maxLag}`,
        '--repl-diskless-sync-delay', '0',
        '--repl-timeout', '5',
        '--replica-announce-ip', '127.0.0.1',
        '--replica-announce-port', `${port}`
    ];
};


internals.follow = function ({ proxy }) {

    return ['--replicaof', `127.0.0.1 ${proxy.port}`];
};


internals.config = function (port, master, downAfter) {

    return [
        `port ${port}`,
        'bind 127.0.0.1',
        `sentinel monitor ${internals.name} 127.0.0.1 ${master} ${internals.quorum}`,
        `sentinel down-after-milliseconds ${internals.name} ${downAfter}`,
        `sentinel failover-timeout ${internals.name} 3000`,
        `sentinel parallel-syncs ${internals.name} 2`
    ].join('\n');
};
