'use strict';

// Takes guards out of the package, one at a time, and looks after how many logouts a run goes wrong

const Fs = require('fs');
const Os = require('os');
const Path = require('path');

const Fleet = require('./fleet');
const Guards = require('./guards');


const internals = {
    // After how many logouts a guard counts as found by nothing

    most: 20_000,

    // The sources of the built package

    root: Path.resolve(process.env.SOURCES ?? Path.join(__dirname, '../..'))
};


/** Guards in as many threads as there may be, each guard in one: so that the same seed finds it each time. */
exports.areFound = async function ({ folder, name, logouts, workers, draw }) {

    const chosen = Guards.filter((mutant) => mutant.name.includes(name));
    const queue = [...chosen];
    const limit = Math.min(logouts, internals.most);
    let missed = 0;

    const work = async () => {

        while (queue.length > 0) {
            const mutant = queue.shift();
            const { failures: [failure], totals } = await internals.look(folder, mutant, limit, draw);
            missed += failure ? 0 : 1;
            const found = failure ? `seed ${String(failure.seed).padStart(5)}  ${failure.violation.kind}` : '';
            console.log(`${failure ? 'found   ' : 'SURVIVED'} ${mutant.name.padEnd(80)} ${String(totals.logouts).padStart(7)} logouts  ${found}`);
        }
    };

    await Promise.all(Array.from({ length: workers }, work));
    console.log(`${chosen.length - missed} of ${chosen.length} guards were missed when they were taken out, within ${limit} logouts each`);
    return missed === 0;
};


internals.look = async function (folder, mutant, logouts, draw) {

    const copy = internals.copy(folder, mutant);
    try {
        return await Fleet.run({ folder: copy, from: 1, seconds: Infinity, logouts, workers: 1, draw: { ...draw, faults: mutant.faults, ...mutant.draw }, most: 1, shrinkFor: 0 });
    }
    finally {
        Fs.rmSync(copy, { recursive: true });
    }
};


// The sources are mutated, as the tests do, and only this file is compiled anew

internals.copy = function (folder, { name, file, find, replace }) {

    const Typescript = require('typescript');

    const source = Fs.readFileSync(Path.join(internals.root, file), 'utf8');
    if (source.split(find).length !== 2) {
        throw new Error(`The list is out of date: ${file} must have exactly one place for "${name}"`);
    }

    const { config } = Typescript.readConfigFile(Path.join(internals.root, 'tsconfig.json'), Typescript.sys.readFile);
    const { options } = Typescript.convertCompilerOptionsFromJson({ ...config.compilerOptions, module: 'commonjs', moduleResolution: 'bundler' }, internals.root);
    const { outputText } = Typescript.transpileModule(source.replace(find, () => replace), { compilerOptions: options, fileName: file });

    const copy = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-mutant-'));
    Fs.cpSync(folder, copy, { recursive: true });
    Fs.writeFileSync(Path.join(copy, Path.relative('lib', file).replace(/\.ts$/, '.js')), outputText);
    return copy;
};
