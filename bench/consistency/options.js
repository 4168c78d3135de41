'use strict';

const Util = require('util');


const internals = {
    defaults: {
        seconds: 60,
        logouts: 0,
        processes: 4,
        seed: 1,
        lease: 1500,
        downAfter: 500,
        maxLag: 2
    },

    // Of processes and their ways to Redis, of the server, and of what is particular to an arrangement. See README.md

    everywhere: ['cut', 'stall', 'slow', 'partition', 'pause', 'block', 'clock', 'stop', 'kill', 'client-kill', 'overflow', 'script-flush', 'oom', 'evict'],
    particular: {
        redis: ['pause-redis', 'restart-redis', 'replica', 'flushall'],
        sentinel: ['pause-master', 'kill-master', 'failover', 'split', 'flushall'],
        cluster: ['pause-master', 'kill-master', 'failover', 'migrate', 'flushall']
    },

    // What is left out where nobody can write it back. `SENTINEL FAILOVER` loses writes of a second, which every process with a lease remembers

    losing: { partial: ['flushall'], asked: ['flushall', 'failover'] },

    usage: `npm run consistency -- [options]

  --all              one arrangement of Redis, caches and leases after the other, in --seconds in all, and a table of them. Takes --users, --rate, --processes, --seed, --quiet
  --seconds N        how long (60; 280 with --logouts; 720 with --all)
  --logouts N        stop after so many answered logouts
  --processes N      servers (4)
  --seed N           of all that is random (1)
  --topology NAME    redis (one server), sentinel (a master, two replicas, three Sentinels) or cluster (three masters, three replicas)
  --faults LIST      all, none, or names: cut,stall,slow,partition,pause,block,clock,stop,kill,client-kill,overflow,script-flush,oom,evict,flushall
                     redis: also pause-redis,restart-redis,replica. sentinel: pause-master,kill-master,failover,split.
                     cluster: pause-master,kill-master,failover,migrate
  --cache N          the plugin's cache.max: small, it forces the partial regime
  --lease MS         the plugin's lease, or false
  --persist BOOL     whether Redis keeps its data over restart-redis (false while the cache is complete, else true)
  --down-after MS    when the Sentinels hold the master for dead (500)
  --max-lag S        until when a master counts a silent replica (2)
  --naive            a cache with a time to live in front of Redis in place of the package: has to fail
  --users N          clients that log in and out (48; 6 without faults; 96 with --all)
  --rate N           other requests a second (500; 150 without faults; 200 with --all)
  --json             the figures as JSON
  --quiet            no line for each fault
  PACKAGE=path       the built package (../../dist)`
};


exports.read = function (args) {

    const { values } = Util.parseArgs({
        args,
        options: {
            seconds: { type: 'string' },
            logouts: { type: 'string' },
            processes: { type: 'string' },
            seed: { type: 'string' },
            faults: { type: 'string' },
            cache: { type: 'string' },
            lease: { type: 'string' },
            persist: { type: 'string' },
            users: { type: 'string' },
            rate: { type: 'string' },
            'down-after': { type: 'string' },
            'max-lag': { type: 'string' },
            topology: { type: 'string', default: 'redis' },
            naive: { type: 'boolean', default: false },
            all: { type: 'boolean', default: false },
            json: { type: 'boolean', default: false },
            quiet: { type: 'boolean', default: false },
            help: { type: 'boolean', default: false }
        }
    });

    if (values.help) {
        console.log(internals.usage);
        process.exit(0);
    }

    const { topology, naive, json, quiet } = values;
    if (!Object.hasOwn(internals.particular, topology)) {
        throw new Error(`--topology is one of ${Object.keys(internals.particular).join(', ')}`);
    }

    const number = (name, fallback, least = 1) => internals.number(name, values[name], fallback, least);

    if (values.all) {
        const passed = ['users', 'rate', 'processes'].filter((name) => values[name] !== undefined).map((name) => `--${name}=${values[name]}`);
        return { all: true, seconds: number('seconds', 720), seed: number('seed', internals.defaults.seed, 0), passed: [...passed, ...quiet ? ['--quiet'] : []] };
    }

    const downAfter = number('down-after', internals.defaults.downAfter, 100);
    const maxLag = number('max-lag', internals.defaults.maxLag);

    // Of a naive server the point is that it fails without any fault

    const logouts = number('logouts', internals.defaults.logouts, 0);
    const lease = values.lease === 'false' ? false : number('lease', internals.defaults.lease, 100);
    const cache = values.cache === undefined ? null : number('cache');

    // What does not fit into memory cannot be written back by anyone. See README.md

    const canWriteBack = cache === null && lease !== false && !naive;
    const losing = canWriteBack ? [] : internals.losing[lease === false ? 'asked' : 'partial'];
    const faults = internals.faults(values.faults ?? (naive ? 'none' : 'all'), topology, losing);
    const isCalm = faults.length === 0;

    return {
        topology, downAfter, maxLag, naive, json, quiet, faults, logouts, lease, cache,
        seconds: number('seconds', logouts ? 280 : internals.defaults.seconds),
        processes: number('processes', internals.defaults.processes),
        seed: number('seed', internals.defaults.seed, 0),
        persist: values.persist === undefined ? !canWriteBack : values.persist === 'true',
        users: number('users', isCalm ? 6 : 48),
        rate: number('rate', isCalm ? 150 : 500, 0)
    };
};


internals.faults = function (list, topology, losing) {

    const known = [...internals.everywhere, ...internals.particular[topology]];
    if (list === 'none') {
        return [];
    }

    if (list === 'all') {
        return known.filter((name) => name !== 'split' && !losing.includes(name));
    }

    const names = list.split(',');
    const stranger = names.find((name) => !known.includes(name));
    if (stranger !== undefined) {
        throw new Error(`--faults: ${stranger} is none of ${known.join(', ')}`);
    }

    return names;
};


internals.number = function (name, value, fallback, least) {

    if (value === undefined) {
        return fallback;
    }

    const number = Number(value);
    if (!Number.isInteger(number) || number < least) {
        throw new Error(`--${name} needs a whole number from ${least}`);
    }

    return number;
};
