'use strict';

// Takes guards out of the package, one at a time, and looks how long it takes until a run goes wrong

const Fs = require('fs');
const Os = require('os');
const Path = require('path');

const Fleet = require('./fleet');
const Guards = require('./guards');


const internals = {
    // The sources of the built package

    root: Path.resolve(process.env.SOURCES ?? Path.join(__dirname, '../..'))
};


exports.areFound = async function ({ folder, name, seconds, workers, draw }) {

    const chosen = Guards.filter((mutant) => mutant.name.includes(name));
    let missed = 0;
    for (const mutant of chosen) {
        const copy = internals.copy(folder, mutant);
        try {
            const { failures: [failure], totals } = await Fleet.run({ folder: copy, from: 1, seconds, workers, draw: { ...draw, faults: mutant.faults, ...mutant.draw }, most: 1, shrinkFor: 0 });
            missed += failure ? 0 : 1;
            const found = failure && `seed ${String(failure.seed).padStart(5)}  ${failure.after.toFixed(1).padStart(6)} s  ${String(totals.logouts).padStart(7)} logouts  ${failure.violation.kind}`;
            console.log(`${failure ? 'found   ' : 'SURVIVED'} ${mutant.name.padEnd(80)} ${found ?? `${totals.logouts} logouts`}`);
        }
        finally {
            Fs.rmSync(copy, { recursive: true });
        }
    }

    console.log(`${chosen.length - missed} of ${chosen.length} guards were missed when they were taken out`);
    return missed === 0;
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
