'use strict';

const { parentPort, workerData } = require('worker_threads');

const { draw } = require('./plan');
const { Runner } = require('./run');


const { folder, draw: options, shrinkFor } = workerData;

// Outages and refusals are errors: to note where each was made takes as long as to find it. --seed shows it

Error.stackTraceLimit = 0;

const runner = new Runner(folder);


parentPort.on('message', async (seed) => {

    const plan = draw(seed, options);
    const { counts, violations: [violation] } = await runner.run(plan);
    if (!violation) {
        parentPort.postMessage({ counts });
        return;
    }

    const foundIn = performance.now();
    const shortest = shrinkFor > 0 ? await runner.shrink(plan, violation.kind, foundIn + shrinkFor * 1000) : plan;
    parentPort.postMessage({ counts, failure: { seed, violation, plan: shortest, length: plan.actions.length } });
});
