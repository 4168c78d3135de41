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

    // All of them, save 'split'. See README.md

    kinds: {
        redis: ['cut', 'client-kill', 'stall', 'partition', 'pause-redis', 'restart-redis', 'pause', 'kill'],
        sentinel: ['cut', 'stall', 'partition', 'pause-master', 'kill-master', 'failover', 'split', 'pause', 'kill']
    },

    usage: `npm run consistency -- [options]

  --seconds N        how long (60; 280 with --logouts)
  --logouts N        stop after so many answered logouts
  --processes N      servers (4)
  --seed N           of all that is random (1)
  --faults LIST      all, none, or names: cut,client-kill,stall,partition,pause-redis,restart-redis,pause,kill
                     or with --sentinel: cut,stall,partition,pause-master,kill-master,failover,split,pause,kill
  --cache N          the plugin's cache.max: small, it forces the partial regime
  --lease MS         the plugin's lease, or false
  --persist BOOL     whether Redis keeps its data over restart-redis (false while the cache is complete, else true)
  --sentinel         a master, two replicas and three Sentinels in place of one Redis
  --down-after MS    when the Sentinels hold the master for dead (500)
  --max-lag S        until when a master counts a silent replica (2)
  --naive            a cache with a time to live in front of Redis in place of the package: has to fail
  --users N          clients that log in and out (48; 6 without faults)
  --rate N           other requests a second (500; 150 without faults)
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
            sentinel: { type: 'boolean', default: false },
            naive: { type: 'boolean', default: false },
            json: { type: 'boolean', default: false },
            quiet: { type: 'boolean', default: false },
            help: { type: 'boolean', default: false }
        }
    });

    if (values.help) {
        console.log(internals.usage);
        process.exit(0);
    }

    const { sentinel, naive, json, quiet } = values;
    const number = (name, fallback, least = 1) => internals.number(name, values[name], fallback, least);

    const downAfter = number('down-after', internals.defaults.downAfter, 100);
    const maxLag = number('max-lag', internals.defaults.maxLag);

    // Of a naive server the point is that it fails without any fault

    const faults = internals.faults(values.faults ?? (naive ? 'none' : 'all'), sentinel);
    const logouts = number('logouts', internals.defaults.logouts, 0);
    const lease = values.lease === 'false' ? false : number('lease', internals.defaults.lease, 100);
    const cache = values.cache === undefined ? null : number('cache');
    const isCalm = faults.length === 0;

    // What does not fit into memory cannot be written back by anyone. See README.md

    const canWriteBack = cache === null && lease !== false && !naive;

    return {
        sentinel, downAfter, maxLag, naive, json, quiet, faults, logouts, lease, cache,
        seconds: number('seconds', logouts ? 280 : internals.defaults.seconds),
        processes: number('processes', internals.defaults.processes),
        seed: number('seed', internals.defaults.seed, 0),
        persist: values.persist === undefined ? !canWriteBack : values.persist === 'true',
        users: number('users', isCalm ? 6 : 48),
        rate: number('rate', isCalm ? 150 : 500, 0)
    };
};


internals.faults = function (list, sentinel) {

    const known = sentinel ? internals.kinds.sentinel : internals.kinds.redis;
    if (list === 'none') {
        return [];
    }

    if (list === 'all') {
        return known.filter((name) => name !== 'split');
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
