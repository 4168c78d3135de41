'use strict';

// The tests start private Redis servers. Installs Redis where that takes no question, otherwise says what to type.

const ChildProcess = require('child_process');
const Fs = require('fs');
const Path = require('path');


const internals = {
    managers: [
        { tool: 'apt-get', install: ['install', 'redis-server'], options: ['-y', '-o', 'DPkg::Lock::Timeout=120'], update: ['update'], root: true },
        { tool: 'dnf', install: ['install', 'redis'], options: ['-y'], root: true },
        { tool: 'apk', install: ['add', 'redis'], options: [], root: true },
        { tool: 'brew', install: ['install', 'redis'], options: [], root: false }
    ]
};


internals.main = function () {

    if (internals.installed()) {
        return;
    }

    const manager = internals.managers.find(({ tool }) => internals.onPath(tool));
    if (!manager) {
        return internals.fail('Put redis-server or valkey-server on the PATH.');
    }

    const { tool, install, options, update, root } = manager;
    const sudo = root && process.getuid() !== 0;

    if (!sudo || process.env.CI && internals.run('sudo', '-n', 'true')) {
        const prefix = [...sudo ? ['sudo', '-n'] : [], 'env', 'DEBIAN_FRONTEND=noninteractive', tool];

        console.log(`Installing Redis with ${tool} for the tests`);

        if (update) {
            internals.run(...prefix, ...update);
        }

        internals.run(...prefix, ...install, ...options);
    }

    if (!internals.installed()) {
        internals.fail(`Type: ${sudo ? 'sudo ' : ''}${tool} ${install.join(' ')}`);
    }
};


internals.installed = function () {

    return internals.onPath('redis-server') || internals.onPath('valkey-server');
};


internals.onPath = function (name) {

    return process.env.PATH.split(Path.delimiter).some((folder) => Fs.existsSync(Path.join(folder, name)));
};


internals.run = function (command, ...args) {

    return ChildProcess.spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
};


internals.fail = function (line) {

    console.error(`The tests need a Redis server. ${line}`);
    process.exitCode = 1;
};


internals.main();
