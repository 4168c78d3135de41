'use strict';

// Packs what was built, and installs it beside the neighbours, as an app would

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');


const internals = {
    root: Path.join(__dirname, '..', '..', '..'),
    neighbours: Path.join(__dirname, '..')
};


internals.npm = function (args, cwd) {

    return ChildProcess.execFileSync('npm', args, { cwd, encoding: 'utf8' });
};


internals.main = function () {

    const folder = Fs.mkdtempSync(Path.join(Fs.realpathSync(Os.tmpdir()), 'hard-logout-neighbours-'));

    try {
        const [{ filename }] = JSON.parse(internals.npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], internals.root));
        const options = ['--no-save', '--no-package-lock', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
        internals.npm(['install', ...options, Path.join(folder, filename)], internals.neighbours);
    }
    finally {
        Fs.rmSync(folder, { recursive: true, force: true });
    }
};


internals.main();
