'use strict';

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');

const Fleet = require('./fleet');
const Mutants = require('./mutants');
const Options = require('./options');
const { draw } = require('./plan');
const { Runner } = require('./run');


const internals = {
    root: Path.join(__dirname, '../..'),

    // What the simulated Redis has to be like, by the tests of the real one

    contract: ['test/stories/stores.ts', 'test/store/session-scripts.ts'],
    shrinkFor: 30
};


internals.main = async function (args) {

    const options = Options.read(args);
    if (options.contract) {
        return internals.contractHolds();
    }

    if (options.mutants) {
        return await Mutants.areFound(options);
    }

    if (options.seed !== undefined || options.plan !== undefined) {
        return await internals.replay(options);
    }

    const onFailure = ({ seed, violation, plan, length, after }) => {

        const file = Path.join(Os.tmpdir(), `simulate-${seed}.json`);
        Fs.writeFileSync(file, JSON.stringify(plan));
        console.error(`seed ${seed}: ${violation.kind}, after ${after.toFixed(1)} s. ${violation.detail}\n  ${length} steps, shortened to ${plan.actions.length}: --plan ${file}`);
    };

    const found = await Fleet.run({ ...options, onFailure });
    console.log(options.json ? JSON.stringify(found, null, 4) : internals.summary(found, options));
    return found.failures.length === 0;
};


internals.summary = function ({ totals, failures, seconds }, { from, workers }) {

    const { runs, logouts, failed, logins, renewals, endings, checks, outages, faults, virtual, commands } = totals;
    const minute = Math.round(logouts / seconds * 60);
    return [
        `${runs} runs (seeds ${from} to ${from + runs - 1}, some of the last may be missing) in ${seconds.toFixed(0)} s with ${workers} threads`,
        `${logouts} logouts were done (${minute} a minute), ${failed} failed with an outage`,
        `${logins} logins and ${renewals} renewals, ${endings} of the logouts by a request with tokens`,
        `${checks} checks, of which ${outages} found an outage`,
        `${faults} faults, ${commands} commands of Redis, ${Math.round(virtual / 1000)} virtual seconds`,
        `${failures.length} violations`
    ].join('\n');
};


/** Shows one run, and what goes wrong in as few steps as possible. */
internals.replay = async function ({ folder, seed, plan: file, draw: given }) {

    const runner = new Runner(folder);
    const plan = file === undefined ? draw(seed, given) : JSON.parse(Fs.readFileSync(file, 'utf8'));
    const whole = await runner.run(plan, { isTraced: true });
    const [violation] = whole.violations;
    if (!violation) {
        console.log(whole.trace.join('\n'));
        console.log(`seed ${plan.seed}: no violation`);
        return true;
    }

    const shortest = await runner.shrink(plan, violation.kind, performance.now() + internals.shrinkFor * 1000);
    const { trace } = await runner.run(shortest, { isTraced: true });
    console.log(trace.join('\n'));
    console.log(`seed ${plan.seed}: ${violation.kind}. ${plan.actions.length} steps, shortened to ${shortest.actions.length}`);
    return false;
};


/** Runs the tests of the real Redis: they start the first `redis-server` on the PATH. */
internals.contractHolds = function () {

    const PATH = `${Path.join(__dirname, 'bin')}${Path.delimiter}${process.env.PATH}`;
    const { status } = ChildProcess.spawnSync(process.execPath, [require.resolve('@hapi/lab/bin/lab'), ...internals.contract], {
        cwd: internals.root,
        env: { ...process.env, PATH },
        stdio: 'inherit'
    });

    return status === 0;
};


internals.main(process.argv.slice(2)).then((isGood) => (process.exitCode = isGood ? 0 : 1), (error) => {

    console.error(error.stack);
    process.exitCode = 1;
});
