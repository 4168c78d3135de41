'use strict';

// Takes each guard of the protocol out in turn: the tests named with it must fail then. Run: npm run mutations -- [parts of names, or of files' paths].
// Each room of lib has its list beside this file, and so has the example.

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');


const mutations = Fs.readdirSync(__dirname).filter((file) => file !== 'index.js').flatMap((file) => require(`./${file}`));


const internals = {
    root: Path.join(__dirname, '../../..'),
    lab: require.resolve('@hapi/lab/bin/lab'),
    heavy: Path.join('neighbours', 'node_modules'),
    workers: Math.min(2, Os.cpus().length)
};


internals.main = async function () {

    const parts = process.argv.slice(2);
    const chosen = mutations.filter(({ name, file }) => parts.length === 0 || parts.some((part) => name.includes(part) || file.includes(part)));
    const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
    const folders = Array.from({ length: internals.workers }, internals.copy);

    try {
        const sound = await internals.run(folders[0], tests, 900_000);
        if (!sound.passed) {
            throw new Error(`The tests fail without any mutation:\n${sound.output}`);
        }

        const survivors = [];
        const queue = [...chosen];
        await Promise.all(folders.map(async (folder) => {

            while (queue.length > 0) {
                const mutation = queue.shift();
                const verdict = await internals.mutate(folder, mutation);
                console.log(`${verdict.padEnd(8)} ${mutation.name}`);
                if (verdict !== 'found') {
                    survivors.push(mutation.name);
                }
            }
        }));

        console.log(`${chosen.length - survivors.length} of ${chosen.length} mutations were found by the tests`);
        process.exitCode = survivors.length > 0 ? 1 : 0;
    }
    finally {
        folders.forEach((folder) => Fs.rmSync(folder, { recursive: true }));
    }
};


internals.copy = function () {

    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-mutations-'));
    for (const name of ['.labrc.js', 'package.json', 'tsconfig.json', 'bench', 'example', 'lib', 'test']) {
        Fs.cpSync(Path.join(internals.root, name), Path.join(folder, name), { recursive: true, filter: (path) => !path.endsWith(internals.heavy) });
    }

    Fs.symlinkSync(Fs.realpathSync(Path.join(internals.root, 'node_modules')), Path.join(folder, 'node_modules'));
    return folder;
};


internals.mutate = async function (folder, { name, file, find, replace, tests }) {

    const path = Path.join(folder, file);
    const original = Fs.readFileSync(path, 'utf8');
    if (original.split(find).length !== 2) {
        return 'OUTDATED';
    }

    Fs.writeFileSync(path, original.replace(find, () => replace));
    try {
        for (const test of tests) {
            const { passed, output } = await internals.run(folder, [test]);
            if (passed) {
                continue;
            }

            // A mutation that does not even run proves nothing

            if (!/\d+ of \d+ tests failed/.test(output)) {
                console.log(output);
                return 'BROKEN';
            }

            return 'found';
        }

        return 'SURVIVED';
    }
    finally {
        Fs.writeFileSync(path, original);
    }
};


internals.run = function (folder, tests, timeout = 120_000) {

    return new Promise((resolve) => {

        const options = { cwd: folder, timeout, env: { ...process.env, NODE_ENV: 'test' } };
        ChildProcess.execFile(process.execPath, [internals.lab, '--bail', ...tests], options, (error, stdout, stderr) => {

            resolve({ passed: !error, output: `${stdout}${stderr}` });
        });
    });
};


internals.main().catch((error) => {

    console.error(error.message);
    process.exitCode = 1;
});
