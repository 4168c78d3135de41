'use strict';

const Fs = require('fs');
const Os = require('os');
const Path = require('path');
const Util = require('util');

const { Guard } = require('./consistency/guard');
const { Redis } = require('./consistency/redis');
const Fleet = require('./fleet');
const { Bench } = require('./measure');
const { Noise } = require('./noise');
const Renewal = require('./renewal');
const Report = require('./report');
const Scale = require('./scale');
const Sections = require('./sections');
const { targets } = require('./targets');


const internals = {
    usage: `npm run bench -- [options]

  --quick        few rounds: a first look
  --only LIST    some of warm,cold,latency,logout,renewal,scale,fleet (the first four)
  --members LIST of fleet: how many (10,100,1000,10000, as far as ulimit -n goes)
  --lease MS     of fleet: the lease (1500). A longer one leaves room for more members
  --check        exits with 1 when a ratio is worse than it was
  --save         writes the part of figures.md for this major version of Node.js
  PACKAGE=path   the built package (../dist)`,

    sections: { ...Sections, renewal: Renewal.run, scale: Scale.run, fleet: Fleet.run }
};


internals.main = async function (args) {

    const { values } = Util.parseArgs({
        args,
        options: {
            quick: { type: 'boolean', default: false },
            only: { type: 'string', default: 'warm,cold,latency,logout' },
            members: { type: 'string' },
            lease: { type: 'string', default: '1500' },
            check: { type: 'boolean', default: false },
            save: { type: 'boolean', default: false },
            help: { type: 'boolean', default: false }
        }
    });

    const sections = values.only.split(',');
    if (values.help || sections.some((name) => !Object.hasOwn(internals.sections, name))) {
        console.log(internals.usage);
        return values.help ? 0 : 2;
    }

    const results = await internals.measure(sections, { quick: values.quick, sizes: values.members?.split(',').map(Number), lease: Number(values.lease) });
    const report = internals.report(results);
    console.log(report);

    if (values.save) {
        internals.save(report);
    }

    const broken = targets(results).map(([what, measured, , most]) => [what, measured.value ?? measured, most]).filter(([, measured, most]) => measured > most);
    broken.forEach(([what, measured, most]) => console.log(`BROKEN: ${what}: ${measured.toFixed(3)}, at most ${most}`));
    return values.check && broken.length > 0 ? 1 : 0;
};


internals.measure = async function (sections, options) {

    const guard = new Guard();
    try {
        const redis = await Redis.one(guard, false);
        const results = {};
        const noises = [];
        for (const name of sections) {
            const bench = new Bench(guard, redis);
            const noise = new Noise();
            await redis.ask('FLUSHALL');
            results[name] = await internals.sections[name](bench, { guard, redis, ...options });
            bench.close();
            noises.push({ name, ...noise.measure() });
        }

        return { ...results, noises };
    }
    finally {
        await guard.close();
    }
};


internals.report = function ({ warm, cold, latency, logout, renewal, scale, fleet, noises }) {

    const { table, requests, fixed, ratio } = Report;
    const parts = [`Node.js ${process.version}, ${Os.cpus()[0]?.model.trim()}, ${Os.availableParallelism()} cores. Behind a ratio are the least and the greatest of several pairs of processes.\n`];

    if (warm) {
        parts.push(requests('Tokens that were seen before', warm));
    }

    if (cold) {
        parts.push(requests('Tokens that were not seen before', cold));
    }

    if (latency) {
        parts.push(table('1,500 requests a second', latency, [
            ['', ({ name }) => name],
            ['p50, ms', fixed(2, ({ p50 }) => p50)],
            ['p99, ms', fixed(2, ({ p99 }) => p99)],
            ['p99, ratio', ratio(({ p99Ratio }) => p99Ratio)]
        ]));
    }

    if (logout) {
        parts.push(table('A logout', logout, [
            ['', ({ name }) => name],
            ['CPU, µs', fixed(0, ({ cpu }) => cpu)],
            ['p50, ms', fixed(2, ({ p50 }) => p50)],
            ['p99, ms', fixed(2, ({ p99 }) => p99)]
        ]));
    }

    if (renewal) {
        parts.push(table('Logins and renewals, ES256, beside ours', renewal, [
            ['', ({ name }) => name],
            ['CPU, µs', fixed(0, ({ cpu }) => cpu)],
            ['ratio to ours', ratio((row) => row.ratio)],
            ['a second', fixed(0, ({ rate }) => rate)],
            ['p50, ms', fixed(2, ({ p50 }) => p50)],
            ['p99, ms', fixed(2, ({ p99 }) => p99)]
        ]));
    }

    if (scale) {
        parts.push(table('As work grows', scale, [
            ['', ({ what }) => what],
            ['', ({ size }) => size.toLocaleString('en')],
            ['CPU, µs', fixed(1, ({ cpu }) => cpu)],
            ['ratio', ratio((row) => row.ratio)],
            ['memory, MB', fixed(1, ({ memory }) => (memory === undefined ? undefined : memory / 1e6))]
        ]));
    }

    if (fleet) {
        parts.push(...Fleet.tables(fleet));
    }

    parts.push(table('Noise', noises, [
        ['', ({ name }) => name],
        ['minutes', fixed(1, ({ minutes }) => minutes)],
        ['load before', fixed(1, ({ before }) => before)],
        ['load after', fixed(1, ({ after }) => after)],
        ['stolen by other machines, %', fixed(1, ({ steal }) => steal)]
    ]));

    const all = targets({ warm, cold, latency, renewal, scale, fleet });
    if (all.length > 0) {
        parts.push(table('Targets', all, [
            ['', ([what]) => what],
            ['measured', ([, measured]) => (measured.value === undefined ? measured.toFixed(2) : ratio(() => measured)())],
            ['aim', ([, , aim]) => aim],
            ['at most', ([, , , most]) => most]
        ]));
    }

    return parts.join('\n');
};


internals.save = function (report) {

    const file = Path.join(__dirname, 'figures.md');
    const heading = (part) => part.slice(0, part.indexOf('\n'));
    const [major] = process.versions.node.split('.');
    const own = `## Node.js ${major}\n\n${report}`;
    const others = Fs.readFileSync(file, 'utf8').split(/^(?=## )/m).filter((part) => heading(part) !== heading(own));
    Fs.writeFileSync(file, [...others, own].sort().join(''));
};


internals.main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error) => {

        console.error(error);
        process.exit(2);
    }
);
