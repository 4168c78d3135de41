'use strict';

// npm run model:protocol [-- --quick] [-- --trail NO_GUARD]: searches all orders of events of protocol.pml with spin, in several sizes, and demands
// no violation with all guards, and one without any of them. Needs spin and a C compiler (Debian: apt install spin gcc)

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');
const { parseArgs } = require('util');

const { guards, searches } = require('./searches');


const internals = {
    model: Path.join(__dirname, 'protocol.pml'),
    memory: 6000,                                   // MB
    limit: 300_000                                  // ms for one search
};


internals.run = function (folder, command, args, timeout = 60_000) {

    return new Promise((resolve, reject) => {

        ChildProcess.execFile(command, args, { cwd: folder, timeout, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {

            if (error?.code === 'ENOENT') {
                reject(new Error(`${command} is not installed (Debian: apt install spin gcc)`));
                return;
            }

            if (error?.killed) {
                reject(new Error(`${command} took more than ${timeout / 1000} s`));
                return;
            }

            // pan exits with an error where it finds one

            if (error && command !== './pan') {
                reject(new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`));
                return;
            }

            resolve(stdout);
        });
    });
};


// One search: compiled and run in a folder of its own

internals.search = async function ({ flags, bits, isShortest = false, wantsTrail = false }) {

    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'model-'));
    try {
        const began = Date.now();
        Fs.copyFileSync(internals.model, Path.join(folder, 'protocol.pml'));
        await internals.run(folder, 'spin', ['-a', ...flags.map((flag) => `-D${flag}`), 'protocol.pml']);

        const storage = bits ? ['-DBITSTATE'] : ['-DCOLLAPSE', `-DMEMLIM=${internals.memory}`];
        await internals.run(folder, 'gcc', ['-O2', '-w', '-DSAFETY', '-DNOREDUCE', ...(isShortest ? ['-DBFS'] : []), ...storage, '-o', 'pan', 'pan.c']);

        const limits = isShortest ? [] : ['-m2000000', ...(bits ? [`-w${bits}`, '-k3'] : [])];
        const report = await internals.run(folder, './pan', limits, internals.limit);

        const number = (pattern) => Number(pattern.exec(report)?.[1] ?? NaN);
        const result = {
            errors: number(/errors: (\d+)/),
            states: number(/(\d+)(?:e\+\d+)? states, stored/),
            depth: number(/depth reached (\d+)/),
            isComplete: !bits && !/not completed|max search depth too small|out of memory/i.test(report),
            reason: /^pan:1: ([a-z ]*[a-z])/m.exec(report)?.[1],
            seconds: (Date.now() - began) / 1000
        };

        if (Number.isNaN(result.errors)) {
            throw new Error(`no result of pan:\n${report}`);
        }

        if (wantsTrail) {
            const steps = await internals.run(folder, './pan', ['-r']);
            result.trail = steps.split('\n').filter((line) => /^(\d: |server: |FAULT: )/.test(line));
        }

        return result;
    }
    finally {
        Fs.rmSync(folder, { recursive: true });
    }
};


internals.describe = function (flags) {

    const value = (name, otherwise) => flags.find((flag) => flag.startsWith(`${name}=`))?.split('=')[1] ?? otherwise;
    return `${value('N', 3)} processes, ${value('R', 1)} revocation${value('R', 1) === '2' ? 's' : ''}, up to ${value('FAULTS', 2)} faults`;
};


internals.main = async function () {

    const { values: { quick, trail } } = parseArgs({ options: { quick: { type: 'boolean', default: false }, trail: { type: 'string' } } });

    if (trail) {
        const guard = guards.find(({ flag }) => flag === trail);
        if (!guard) {
            throw new Error(`--trail takes one of ${guards.map(({ flag }) => flag).join(', ')}`);
        }

        const result = await internals.search({ flags: [...guard.flags, guard.flag], isShortest: true, wantsTrail: true });
        console.log(`Without: ${guard.text}\n\n${result.trail.map((line) => `  ${line}`).join('\n')}\n`);
        return;
    }

    let failures = 0;
    const began = Date.now();

    console.log('With all guards: nothing is accepted by a process that holds a lease after its revocation was done, and no process is stuck.\n');
    for (const { name, flags, bits, isQuick } of searches.filter((search) => !quick || search.isQuick)) {
        const { errors, states, depth, isComplete, reason, seconds } = await internals.search({ flags, bits });
        const isGood = errors === 0 && (isComplete || bits !== undefined);
        failures += isGood ? 0 : 1;
        console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name}: ${internals.describe(flags)}`);
        console.log(`     ${flags.filter((flag) => !flag.includes('=')).join(' ')}`);
        console.log(`     ${states.toLocaleString('en')} states, depth ${depth}, ${bits ? 'bitstate: not each state was surely visited' : isComplete ? 'complete' : 'NOT COMPLETE'}, ${seconds.toFixed(0)} s${reason ? `: ${reason}` : ''}${isQuick ? '' : ' (not with --quick)'}\n`);
    }

    console.log('Without one guard: a counterexample, the shortest.\n');
    for (const { flag, text, flags } of guards) {
        const { depth, reason, seconds } = await internals.search({ flags: [...flags, flag], isShortest: true });
        const isGood = reason === 'assertion violated';
        failures += isGood ? 0 : 1;
        console.log(`${isGood ? 'ok  ' : 'FAIL'} ${flag.padEnd(24)} ${isGood ? `${String(depth).padStart(3)} steps` : 'none     '} ${seconds.toFixed(0).padStart(3)} s  ${text}`);
    }

    console.log(`\n${failures === 0 ? 'All as it should be' : `${failures} are not as they should be`}, ${((Date.now() - began) / 1000).toFixed(0)} s`);
    process.exitCode = failures === 0 ? 0 : 1;
};


internals.main().catch((error) => {

    console.error(error.message);
    process.exitCode = 1;
});
