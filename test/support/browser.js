'use strict';

// Runs the tests in test/browser against a Chromium that is installed. Installs nothing, but says what to type.

const ChildProcess = require('child_process');
const Fs = require('fs');
const Path = require('path');


const internals = {
    globals: ['__zod_globalConfig', '__zod_globalRegistry', 'Symbol(signal-exit emitter)'],          // Of playwright-core
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    root: Path.join(__dirname, '..', '..')
};


internals.main = function () {

    if (!internals.canResolve('playwright-core')) {
        return internals.fail('The dependencies are missing. Type: npm ci');
    }

    const chromium = process.env.CHROMIUM || internals.find();
    if (!chromium) {
        return internals.fail('The tests need Chromium. On Debian, as root, type: apt-get install -y chromium\nOr set CHROMIUM to the path of a Chromium or Chrome.');
    }

    const lab = require.resolve('@hapi/lab/bin/lab');
    const args = [lab, '--reporter', './test/support/count.js', '--timeout', '120000', '--globals', internals.globals.join(','), 'test/browser', ...process.argv.slice(2)];
    const { status } = ChildProcess.spawnSync(process.execPath, args, { cwd: internals.root, stdio: 'inherit', env: { ...process.env, CHROMIUM: chromium } });
    process.exitCode = status ?? 1;
};


internals.find = function () {

    const folders = process.env.PATH.split(Path.delimiter);
    return internals.names.flatMap((name) => folders.map((folder) => Path.join(folder, name))).find((file) => Fs.existsSync(file));
};


internals.canResolve = function (name) {

    try {
        return Boolean(require.resolve(name));
    }
    catch {
        return false;
    }
};


internals.fail = function (line) {

    console.error(line);
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
};


internals.main();
