'use strict';

// Packs what was built, installs it in a folder of its own and looks at it from there, as those who install it will

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');
const Util = require('util');

const CommandLine = require('./command-line');
const Exports = require('./exports');
const Types = require('./types');

const Package = require('../../package.json');


const internals = {
    root: Path.join(__dirname, '..', '..'),
    execFile: Util.promisify(ChildProcess.execFile)
};


internals.main = async function () {

    const folder = await Fs.promises.mkdtemp(Path.join(await Fs.promises.realpath(Os.tmpdir()), 'hard-logout-package-'));

    try {
        const tarball = await internals.install(folder);

        await Promise.all([
            internals.check('publint', () => internals.bin('publint', '--strict', tarball)),
            internals.check('attw', () => internals.bin('attw', '--no-color', tarball)),
            internals.check('bin', () => CommandLine.check(folder)),
            internals.check('exports', () => Exports.check(folder)),
            internals.check('types', () => Types.check(folder))
        ]);
    }
    finally {
        await Fs.promises.rm(folder, { recursive: true, force: true });
    }
};


// Without a network: what the package may import is linked from our own node_modules, and nothing else is

internals.install = async function (folder) {

    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await internals.execFile('npm', pack, { cwd: internals.root });
    const tarball = Path.join(folder, JSON.parse(stdout)[0].filename);

    const modules = Path.join(folder, 'node_modules');
    const installed = Path.join(modules, Package.name);
    await Fs.promises.mkdir(installed, { recursive: true });
    await internals.execFile('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);

    for (const name of [...Object.keys(Package.dependencies), ...Object.keys(Package.peerDependencies), '@types/node']) {
        const link = Path.join(modules, name);
        await Fs.promises.mkdir(Path.dirname(link), { recursive: true });
        await Fs.promises.symlink(Path.join(internals.root, 'node_modules', name), link);
    }

    return tarball;
};


internals.bin = function (name, ...args) {

    return internals.execFile(Path.join(internals.root, 'node_modules', '.bin', name), args);
};


internals.check = async function (name, check) {

    try {
        await check();
        console.log(`ok      ${name}`);
    }
    catch (err) {
        console.log(`FAILED  ${name}\n\n${err.stdout || err.stderr || err.message}\n`);
        process.exitCode = 1;
    }
};


internals.main();
