'use strict';

// What is installed beside hapi: by this package, as npm packs it, and by what it replaces. Prints the table of the README.md beside this file. Run: npm run size

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');

const Package = require('../../package.json');


const internals = {
    root: Path.join(__dirname, '..', '..'),
    hapi: `@hapi/hapi@${Package.devDependencies['@hapi/hapi']}`,

    stacks: [
        ['hapi-auth-jwt2@11.0.0', '@now-ims/hapi-now-auth@2.1.0', 'hapi-auth-multiple-strategies@3.0.0', `ioredis@${Package.dependencies.ioredis}`],
        ['hapi-auth-jwt2@11.0.0', '@now-ims/hapi-now-auth@2.1.0', 'hapi-auth-multiple-strategies@3.0.0', 'redis@6.3.1'],
        ['@hapi/jwt@3.2.4', `ioredis@${Package.dependencies.ioredis}`],
        ['@hapi/jwt@3.2.4']
    ]
};


internals.main = function () {

    const folder = Fs.mkdtempSync(Path.join(Fs.realpathSync(Os.tmpdir()), 'hard-logout-size-'));
    try {
        const [{ filename }] = JSON.parse(internals.npm(internals.root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder));
        const stacks = [[Path.join(folder, filename)], ...internals.stacks];

        console.log('| beside hapi | packages | of these another version of one that is there | installed |\n|---|---|---|---|');
        for (const [i, stack] of stacks.entries()) {
            const { names, packages, copies, bytes } = internals.measure(Path.join(folder, `${i}`), stack);
            console.log(`| ${names.join(', ')} | ${packages} | ${copies} | ${(bytes / 1e6).toFixed(1)} MB |`);
        }
    }
    finally {
        Fs.rmSync(folder, { recursive: true, force: true });
    }
};


// What hapi has brought along is there anyway, and does not count

internals.measure = function (folder, stack) {

    Fs.mkdirSync(folder);
    Fs.writeFileSync(Path.join(folder, 'package.json'), JSON.stringify({ private: true }));

    internals.install(folder, internals.hapi);
    const without = internals.weigh(folder);
    const direct = internals.direct(folder);

    internals.install(folder, ...stack);
    const all = internals.weigh(folder);

    return {
        names: internals.direct(folder).filter((name) => !direct.includes(name)),
        packages: all.packages - without.packages,
        copies: all.copies - without.copies,
        bytes: all.bytes - without.bytes
    };
};


internals.install = function (folder, ...names) {

    internals.npm(folder, 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...names);
};


internals.npm = function (folder, ...args) {

    return ChildProcess.execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
};


// The sum of what is in the files: the blocks that they take are the file system's

internals.weigh = function (folder) {

    const modules = Path.join(folder, 'node_modules');
    const files = Fs.readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== '.package-lock.json');
    const paths = Object.keys(internals.lock(folder)).filter(Boolean);

    return {
        packages: paths.length,
        copies: paths.length - new Set(paths.map((path) => path.split('node_modules/').at(-1))).size,
        bytes: files.reduce((sum, { parentPath, name }) => sum + Fs.statSync(Path.join(parentPath, name)).size, 0)
    };
};


internals.direct = function (folder) {

    const packages = internals.lock(folder);
    return Object.keys(packages[''].dependencies).map((name) => `\`${name}\` ${packages[`node_modules/${name}`].version}`);
};


internals.lock = function (folder) {

    return JSON.parse(Fs.readFileSync(Path.join(folder, 'package-lock.json'))).packages;
};


internals.main();
