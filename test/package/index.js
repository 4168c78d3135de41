'use strict';

// Packs what was built, installs it in a folder of its own and looks at it from there, as those who install it will.
// Run: node test/package [all]; `all` compiles with every compiler that is installed in test/types, rather than the oldest and the newest

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');
const Util = require('util');

const CommandLine = require('./command-line');
const Contents = require('./contents');
const Exports = require('./exports');
const Links = require('./links');
const QuickStart = require('./quick-start');
const Types = require('./types');

const Package = require('../../package.json');
const { rewrite } = require('../../.ci/links');


const internals = {
    root: Path.join(__dirname, '..', '..'),
    execFile: Util.promisify(ChildProcess.execFile)
};


internals.main = async function (scope) {

    const folder = await Fs.promises.mkdtemp(Path.join(await Fs.promises.realpath(Os.tmpdir()), 'hard-logout-package-'));

    try {
        const { tarball, files } = await internals.pack(folder);
        await internals.install(folder, tarball);
        await Types.install(scope);

        await Promise.all([
            internals.check('contents', () => Contents.check(folder, files)),
            internals.check('links', () => Links.check(folder)),
            internals.check('publint', () => internals.bin('publint', '--strict', tarball)),
            internals.check('attw', () => internals.bin('attw', '--no-color', '--profile', 'node16', tarball)),
            internals.check('bin', () => CommandLine.check(folder)),
            internals.check('exports', () => Exports.check(folder)),
            internals.check('quick start', () => QuickStart.check(folder))
        ]);

        await internals.check('types', () => Types.check(folder, scope));
    }
    finally {
        await Fs.promises.rm(folder, { recursive: true, force: true });
    }
};


// As `npm pack` does it, in a copy: other tests read the documents meanwhile

internals.pack = async function (folder) {

    const source = Path.join(folder, 'source');
    for (const name of ['package.json', 'dist', ...Package.files.filter((entry) => !entry.startsWith('dist'))]) {
        await Fs.promises.cp(Path.join(internals.root, name), Path.join(source, name), { recursive: true });
    }

    rewrite(source, 'absolute');

    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await internals.execFile('npm', pack, { cwd: source });
    const [{ filename, files }] = JSON.parse(stdout);
    return { tarball: Path.join(folder, filename), files: files.map(({ path }) => path) };
};


// Nothing but what a consumer has: the package, its peer, the types of Node, and what the examples import besides. From npm's cache, where `npm ci` has
// just put most of it

internals.install = async function (folder, tarball) {

    await Fs.promises.writeFile(Path.join(folder, 'package.json'), JSON.stringify({ private: true }));

    const versions = [...Object.keys(Package.peerDependencies), '@types/node', '@hapi/nes'].map((name) => `${name}@${Package.devDependencies[name]}`);
    const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await internals.execFile('npm', ['install', ...options, tarball, ...versions], { cwd: folder });
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


internals.main(process.argv[2]).catch((err) => {

    console.error(err.stderr || err);
    process.exitCode = 1;
});
