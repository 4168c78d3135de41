'use strict';

const { setTimeout: sleep } = require('timers/promises');

const All = require('./all');
const { Cluster } = require('./cluster');
const { entriesOf } = require('./entries');
const { Faults } = require('./faults');
const { Fleet } = require('./fleet');
const { Guard } = require('./guard');
const { History } = require('./history');
const Options = require('./options');
const { Recovery } = require('./recovery');
const { Redis } = require('./redis');
const Report = require('./report');
const { Sentinels } = require('./sentinel');
const { Workload } = require('./workload');


const internals = {
    grace: 90_000                       // for the beginning and the end of a run
};


internals.main = async function (args) {

    const options = Options.read(args);
    if (options.all) {
        process.exitCode = await All.run(options) ? 0 : 1;
        return;
    }

    const guard = new Guard();
    const start = performance.now();

    // Whatever happens: the guard kills all children and removes all files as soon as this process is gone

    const timer = setTimeout(() => internals.fail(new Error('The run did not come to its end')), options.seconds * 1000 + internals.grace);
    process.on('SIGINT', () => process.exit(130));
    process.on('SIGTERM', () => process.exit(143));
    if (process.connected) {
        process.on('disconnect', () => process.exit());
    }

    const log = (text) => options.quiet || console.error(`${((performance.now() - start) / 1000).toFixed(1).padStart(7)} s  ${text}`);

    try {
        const figures = await internals.run(options, guard, log);
        if (options.json) {
            console.log(JSON.stringify(figures, null, 4));
        }
        else {
            Report.print(figures, start);
        }

        process.exitCode = figures.isGood ? 0 : 1;
        await internals.hand(figures);
    }
    finally {
        clearTimeout(timer);
        await guard.close();
        if (process.connected) {
            process.removeAllListeners('disconnect');
            process.disconnect();
        }
    }
};


// To the run of all arrangements, if it has started this one

internals.hand = async function ({ details, ...figures }) {

    if (process.connected) {
        await new Promise((resolve) => process.send(figures, resolve));
    }
};


internals.run = async function (options, guard, log) {

    const errors = [];
    process.on('unhandledRejection', (error) => errors.push({ driver: error.stack }));

    const redis = await internals.start[options.topology](guard, options);
    const fleet = new Fleet(options, guard);
    await fleet.start(redis);

    const history = new History(options);
    const workload = new Workload(options, history, fleet);
    const faults = new Faults(options, { fleet, redis, history, log });
    const recovery = new Recovery(options, { history, fleet, workload, faults });
    history.observe({ faults: (from, to) => faults.between(from, to), entriesOf: (jwts) => (options.naive ? Promise.resolve([]) : entriesOf(redis, jwts)) });

    // Whoever has just joined waits one lease with its first logout, by design

    await sleep((options.lease || 0) + 100);
    log('begins');

    const began = performance.now();
    const isOver = () => performance.now() - began > options.seconds * 1000 || options.logouts > 0 && history.answered >= options.logouts;

    workload.start();
    const running = faults.run(isOver, (since) => recovery.watch(since));
    await internals.measure(options, fleet, isOver);
    await running;

    // The end: everything heals, and what is dead is dead for good

    await workload.stop();
    await sleep((options.lease || 0) + 1000);
    await workload.sweep();
    await fleet.stop();
    await history.settle();

    return Report.figures(options, { history, fleet, faults, recovery, workload, elapsed: performance.now() - began, errors });
};


internals.start = {
    redis: (guard, { persist }) => Redis.one(guard, persist),
    sentinel: (guard, options) => Sentinels.start(guard, options),
    cluster: (guard, options) => Cluster.start(guard, options)
};


// Without faults: from when no cache holds the whole blacklist any more, a token may cost each process one question, at first sight

internals.measure = async function ({ faults }, fleet, isOver) {

    let isBased = faults.length > 0;
    while (!isOver()) {
        await sleep(100);
        const processes = fleet.slots.map((slot) => slot.process);
        if (!isBased && processes.every((each) => each?.status?.cache.isComplete === false)) {
            await Promise.all(processes.map((each) => each.readStatus()));
            processes.forEach((each) => each.rebase());
            isBased = true;
        }
    }
};


internals.fail = function (error) {

    console.error(error);
    process.exit(2);
};


internals.main(process.argv.slice(2)).catch(internals.fail);
