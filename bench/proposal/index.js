'use strict';

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');
const Util = require('util');

const { Guard } = require('../consistency/guard');
const { Redis } = require('../consistency/redis');
const { Bench } = require('../measure');
const { Noise } = require('../noise');
const Report = require('../report');
const { check } = require('./check');


const internals = {
    usage: `node bench/proposal -- [options]

  --quick   few rounds: a first look`
};


internals.main = async function (args) {

    const { values: { quick, help } } = Util.parseArgs({ args, options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
    if (help) {
        console.log(internals.usage);
        return;
    }

    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hapi-proposal-'));
    try {
        const hapi = internals.patched(folder);
        await check(require(hapi));
        console.log('The patched hapi does what the proposal says.\n');
        console.log(await internals.measure(hapi, quick));
    }
    finally {
        Fs.rmSync(folder, { recursive: true });
    }
};


/** Where a copy of the installed hapi is, with the patch. */
internals.patched = function (folder) {

    const modules = Path.join(__dirname, '..', 'node_modules');
    const { version } = require(Path.join(modules, '@hapi', 'hapi', 'package.json'));

    const hapi = Path.join(folder, 'hapi');
    Fs.cpSync(Path.join(modules, '@hapi', 'hapi'), hapi, { recursive: true, dereference: true });
    Fs.symlinkSync(modules, Path.join(folder, 'node_modules'));
    ChildProcess.execFileSync('patch', ['-s', '-p1', '-d', hapi, '-i', Path.join(__dirname, `hapi-${version}.patch`)], { stdio: 'inherit' });
    return hapi;
};


internals.measure = async function (hapi, quick) {

    const guard = new Guard();
    try {
        const bench = new Bench(guard, await Redis.one(guard, false));
        const noise = new Noise();
        await bench.mint('HS256', 'HS256', 100);

        const options = { processes: quick ? 2 : 6, rounds: 8, count: 1000, warmUp: quick ? 4000 : 10_000 };
        const sections = [
            ['To the no-op scheme, on hapi as it is', [
                ['no-op scheme', { subject: 'noop' }],
                ['with two hooks', { subject: 'hooked' }],
                ['with two hooks, patched', { subject: 'hooked', hapi }],
                ['with two hooks that are filtered, patched', { subject: 'hooked', hapi, isFiltered: true }]
            ]],
            ['To two hooks, on hapi as it is', [
                ['no-op scheme with two hooks', { subject: 'hooked' }],
                ['with two hooks, patched', { subject: 'hooked', hapi }],
                ['with two hooks that are filtered, patched', { subject: 'hooked', hapi, isFiltered: true }]
            ]]
        ];

        const tables = [];
        for (const [title, servers] of sections) {
            tables.push(Report.requests(title, await bench.rounds(servers, options)));
        }

        bench.close();
        const { before, after, steal = NaN } = noise.measure();
        const machine = `Node.js ${process.version}, ${Os.availableParallelism()} cores, load ${before.toFixed(1)} to ${after.toFixed(1)}, steal ${steal.toFixed(1)} %.`;
        return [`${machine} Behind a ratio are the least and the greatest of several pairs of processes.\n`, ...tables].join('\n');
    }
    finally {
        await guard.close();
    }
};


internals.main(process.argv.slice(2)).then(
    () => process.exit(0),
    (error) => {

        console.error(error);
        process.exit(2);
    }
);
