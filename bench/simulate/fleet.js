'use strict';

const Path = require('path');
const { Worker } = require('worker_threads');


/**
 * Runs seeds in several threads. Resolves with the sums of all runs and with those that went wrong, of each the shortest plan that was found.
 *
 * It ends after `seconds`, after `logouts`, or after `most` runs that went wrong.
 */
exports.run = async function ({ folder, from, seconds, logouts = Infinity, draw, workers, most = 5, shrinkFor = 10, onFailure = () => undefined }) {

    const start = performance.now();
    const totals = { runs: 0 };
    const failures = [];
    let seed = from;

    const work = function () {

        return new Promise((resolve, reject) => {

            const worker = new Worker(Path.join(__dirname, 'worker.js'), { workerData: { folder, draw, shrinkFor } });
            const isOver = () => performance.now() - start > seconds * 1000 || (totals.logouts ?? 0) >= logouts || failures.length >= most;
            const next = () => (isOver() ? worker.terminate().then(resolve) : worker.postMessage(seed++));

            worker.on('message', ({ counts, failure }) => {

                ++totals.runs;
                for (const [name, count] of Object.entries(counts)) {
                    totals[name] = (totals[name] ?? 0) + count;
                }

                if (failure) {
                    failures.push({ ...failure, after: (performance.now() - start) / 1000 });
                    onFailure(failures.at(-1));
                }

                next();
            });

            worker.on('error', reject);
            next();
        });
    };

    await Promise.all(Array.from({ length: workers }, work));
    return { totals, failures, seconds: (performance.now() - start) / 1000 };
};
