'use strict';

const Assert = require('assert');
const ChildProcess = require('child_process');
const Fs = require('fs');
const Net = require('net');
const Path = require('path');
const Util = require('util');


const internals = {
    root: Path.join(__dirname, '..', '..')
};


/** README.md's quick start as it stands, saved as it says, under node alone: logs in, renews and logs out. */
exports.check = async function (folder) {

    const text = Fs.readFileSync(Path.join(internals.root, 'README.md'), 'utf8').split('\n## Quick start\n')[1];
    Fs.writeFileSync(Path.join(folder, 'server.mjs'), /^```ts\n([^]*?)^```$/m.exec(text)[1]);

    const port = await internals.freePort();
    const env = { ...process.env, PORT: `${port}` };
    delete env.REDIS_URL;
    delete env.JWT_KEY;

    const child = ChildProcess.spawn(process.execPath, ['server.mjs'], { cwd: folder, env });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));

    const printed = new Promise((resolve, reject) => {

        child.stdout.once('data', (chunk) => resolve(`${chunk}`));
        child.once('exit', (code) => reject(new Error(`the quick start exits with ${code}`)));
    });

    try {
        const call = async (method, path, headers, payload) => {

            const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: payload && JSON.stringify(payload) });
            return [response.status, response.headers.get('content-length') === '0' || response.status === 204 ? null : await response.json()];
        };

        const headersOf = ({ access_token: access, refresh_token: refresh }) => ({ authorization: `Bearer ${access}`, 'x-refresh-token': refresh });
        const login = () => call('POST', '/login', { 'content-type': 'application/json' }, { name: 'ada', password: 'lovelace' });

        Assert.match(await printed, new RegExp(`^Listening on http://.+:${port}\n$`));
        const [, first] = await login();
        const [, second] = await call('POST', '/token', headersOf(first));
        const calls = [['GET', '/me'], ['POST', '/logout'], ['GET', '/me'], ['POST', '/token']];
        const statuses = [];
        for (const [method, path] of calls) {
            statuses.push((await call(method, path, headersOf(second)))[0]);
        }

        Assert.deepStrictEqual(statuses, [200, 204, 401, 401], 'the quick start responds with other statuses than expected');
    }
    catch (err) {
        throw new Error(`${err.message}\n${stderr}`, { cause: err });
    }
    finally {
        child.kill('SIGKILL');
    }
};


internals.freePort = async function () {

    const server = Net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address();
    await Util.promisify(server.close.bind(server))();
    return port;
};
