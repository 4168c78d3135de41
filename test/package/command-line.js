'use strict';

const Assert = require('assert');
const ChildProcess = require('child_process');
const Util = require('util');

const Package = require('../../package.json');


const internals = {
    execFile: Util.promisify(ChildProcess.execFile)
};


exports.check = async function (folder) {

    const env = { ...process.env, REDIS_URL: '' };
    const run = (...args) => internals.execFile('npx', ['--offline', '--no', '--', 'hard-logout', ...args], { cwd: folder, env });

    const { stdout } = await run('--version');
    Assert.strictEqual(stdout, `${Package.version}\n`, 'hard-logout gives another version');

    const { code, stderr } = await run('status').catch((error) => error);
    Assert.strictEqual(code, 2, 'hard-logout ends with another code than expected');
    Assert.match(stderr, /No Redis is given/);
};
