'use strict';

const Assert = require('assert');
const ChildProcess = require('child_process');
const Fs = require('fs');
const Path = require('path');
const Util = require('util');


const internals = {
    source: Path.join(__dirname, '..', 'types'),
    root: Path.join(__dirname, '..', '..'),
    execFile: Util.promisify(ChildProcess.execFile),

    // How a consumer may compile what is in test/types, as CommonJS and as ES modules. Since 5.9 there is node20

    modes: [
        { type: 'commonjs', module: 'node16' },
        { type: 'module', module: 'node16' },
        { type: 'commonjs', module: 'node20', since: 5.9 },
        { type: 'module', module: 'node20', since: 5.9 },
        { type: 'commonjs', module: 'nodenext' },
        { type: 'module', module: 'nodenext' },
        { type: 'commonjs', module: 'preserve', moduleResolution: 'bundler' },
        { type: 'module', module: 'esnext', moduleResolution: 'bundler' }
    ],

    // All declarations are checked, those of the dependencies as well, but for the compiler's own

    options: { target: 'es2023', lib: ['es2023'], types: ['node'], strict: true, skipLibCheck: false, skipDefaultLibCheck: true, noEmit: true },

    // Compilers at work at a time

    width: 2
};


// An augmentation holds for a whole program, and so has one of its own

internals.parts = [
    { part: '.', modes: internals.modes, documents: ['README.md', 'docs/lookup.md', 'docs/sessions.md', 'docs/tenants.md'] },
    { part: 'augmented', modes: [internals.modes[0], internals.modes.at(-1)] }
];


/** Installs the compilers: the oldest and the newest one, and the others where `scope` is `'all'`. */
exports.install = async function (scope) {

    const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await internals.execFile('npm', ['ci', ...options, ...scope === 'all' ? [] : ['--omit=dev']], { cwd: internals.source });
};


exports.check = async function (folder, scope) {

    const shown = Fs.readFileSync(Path.join(internals.source, 'augmented', 'hapi.ts'), 'utf8');
    Assert(Fs.readFileSync(Path.join(internals.root, 'API.md'), 'utf8').includes(`\n${shown}`), 'API.md shows another augmentation than the one that is compiled');

    const { dependencies, devDependencies } = require(Path.join(internals.source, 'package.json'));

    const compilers = Object.keys({ ...dependencies, ...scope === 'all' && devDependencies }).map((name) => {

        const path = Path.join(internals.source, 'node_modules', name);
        const { version } = JSON.parse(Fs.readFileSync(Path.join(path, 'package.json')));
        return { path, version };
    });

    const programs = internals.parts.flatMap(({ part, modes, documents }) => modes.map((mode) => internals.project(folder, part, mode, documents)));
    const jobs = compilers.flatMap((compiler) => {

        return programs.filter(({ since = 0 }) => parseFloat(compiler.version) >= since).map(({ project }) => ({ ...compiler, project }));
    });

    const count = jobs.length;
    const failures = [];
    const work = async () => {

        while (jobs.length) {
            const failure = await internals.compile(jobs.shift());
            failures.push(...failure);
        }
    };

    await Promise.all(Array.from({ length: internals.width }, work));
    Assert(!failures.length, failures.join('\n'));
    console.log(`        compiled ${count} times by TypeScript ${compilers.map(({ version }) => version).join(', ')}`);
};


internals.project = function (folder, part, { type, since, ...options }, documents = []) {

    const project = Path.join(folder, [part.replace('.', 'plain'), type, ...Object.values(options)].join('-'));
    Fs.mkdirSync(project);

    const source = Path.join(internals.source, part);
    for (const file of Fs.readdirSync(source).filter((name) => name.endsWith('.ts'))) {
        Fs.copyFileSync(Path.join(source, file), Path.join(project, file));
    }

    for (const document of documents) {
        internals.examples(document).forEach((example, i) => {

            // Before 5.8 TypeScript knew no require() of what is an ES module

            if (type === 'module' || options.moduleResolution || !example.includes('from \'jose\'')) {
                Fs.writeFileSync(Path.join(project, `${Path.basename(document)}.${i}.ts`), example);
            }
        });
    }

    Fs.writeFileSync(Path.join(project, 'package.json'), JSON.stringify({ type }));
    Fs.writeFileSync(Path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...internals.options, ...options } }));
    return { project, since };
};


internals.examples = function (document) {

    const text = Fs.readFileSync(Path.join(internals.root, document), 'utf8');
    return Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, example]) => example);
};


internals.compile = async function ({ path, version, project }) {

    try {
        await internals.execFile(process.execPath, [Path.join(path, 'bin', 'tsc'), '--pretty', 'false', '-p', project], { cwd: project });
        return [];
    }
    catch (err) {
        return [`TypeScript ${version}, ${Path.basename(project)}:\n${err.stdout || err.message}`];
    }
};
