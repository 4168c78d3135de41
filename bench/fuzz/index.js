'use strict';

// npm run fuzz [-- --seconds 60] [--seed N]: runs the properties in turn, with other input each time, until the time is over

const Path = require('path');
const { parseArgs } = require('util');

const FastCheck = require('fast-check');

const { properties } = require('./properties');
const { World } = require('./world');


const internals = {
    batch: 200
};


internals.main = async function () {

    const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } });
    const seconds = Number(values.seconds);
    const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
    if (!(seconds > 0) || !Number.isInteger(first)) {
        throw new Error('--seconds takes a number above 0, --seed a whole number');
    }

    const world = await new World().start(Path.join(__dirname, '../../dist'));
    const began = Date.now();
    const end = began + seconds * 1000;
    const runs = {};
    let seed = first;

    try {
        while (Date.now() < end) {
            for (const [name, property] of Object.entries(properties(world))) {
                const details = await FastCheck.check(property, { seed, numRuns: internals.batch, interruptAfterTimeLimit: Math.max(1, end - Date.now()) });
                runs[name] = (runs[name] ?? 0) + details.numRuns;
                if (details.failed && details.counterexample !== null) {
                    throw new Error(`${name}\n${FastCheck.defaultReportMessage(details)}\n${details.errorInstance?.stack}`);
                }
            }

            if (!await world.victimsLive()) {
                throw new Error(`Somebody was logged out who did not ask for it, with the seed ${seed}`);
            }

            ++seed;
        }
    }
    finally {
        await world.stop();
    }

    const total = Object.values(runs).reduce((sum, count) => sum + count, 0);
    console.log(`Seeds ${first} to ${seed - 1}, ${((Date.now() - began) / 1000).toFixed(1)} s, ${total.toLocaleString('en')} cases, none failed:\n`);
    for (const [name, count] of Object.entries(runs)) {
        console.log(`${count.toLocaleString('en').padStart(12)}  ${name}`);
    }

    console.log(`\nSpellings of revoked tokens that jose accepts and that were refused: ${world.spellings.toLocaleString('en')}`);
    console.log(`Answers: ${Object.entries(world.statuses).map(([status, count]) => `${status}: ${count.toLocaleString('en')}`).join(', ')}`);
};


internals.main().catch((error) => {

    console.error(error.message);
    process.exitCode = 1;
});
