import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Path from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { findPort, RedisServer } from '../support/redis';

import type { TokenResponse } from '../../lib';


export const lab = Lab.script();

const { after, before, describe, it } = lab;


interface App {
    name: string;
    uri: string;
    process: ChildProcess.ChildProcess;
}


const execFile = promisify(ChildProcess.execFile);


// Where npm puts them

const bin = (...path: string[]) => Path.join(__dirname, 'node_modules', ...path);

const runtimes: Record<string, [file: string, ...args: string[]]> = {
    'the Node.js of these tests': [process.execPath],
    'Node.js 22': [bin('node-22', 'bin', 'node')],
    'Node.js 24': [bin('node-24', 'bin', 'node')],
    'Node.js 26': [bin('node-26', 'bin', 'node')],
    Bun: [bin('.bin', 'bun'), 'run'],
    Deno: [bin('.bin', 'deno'), 'run', '--allow-all', '--no-lock']
};


// What has depended on the version of Node before: its cryptography, its streams, its sockets; and what the package promises

const unitTests = ['test/jwt/key.ts', 'test/jwt/signature.ts', 'test/cli/terminal.ts', 'test/cli/watch.ts', 'test/request/extract.ts', 'test/stories/story.ts', 'test/stories/lease-processes.ts'];


const isInstalled = (name: string) => Fs.existsSync(runtimes[name]![0]);

for (const name of Object.keys(runtimes).filter((each) => !isInstalled(each))) {
    console.log(`${name} is not installed, and so is not tried: npm ci --prefix test/runtimes installs it`);
}


describe('the built package', { timeout: 60_000 }, () => {

    let redis: RedisServer;
    const apps: App[] = [];

    before(async () => {

        redis = await RedisServer.start();
        const names = Object.keys(runtimes).filter(isInstalled);
        apps.push(...await Promise.all(names.map((name) => start(name, redis.path!))));
    });

    after(async () => {

        apps.forEach(({ process: child }) => child.kill('SIGKILL'));
        await redis.stop();
    });

    for (const name of Object.keys(runtimes)) {

        it(`ends a login under ${name} for all the others, and theirs for it`, { skip: !isInstalled(name) }, async () => {

            const app = apps.find((each) => each.name === name)!;
            for (const other of apps) {
                await tell(app, other);
                await tell(other, app);
            }
        });

        // eslint-disable-next-line no-loop-func
        it(`stops under ${name}, and leaves nothing open`, { skip: !isInstalled(name) }, async () => {

            const app = await start(name, redis.path!);
            const { access_token: jwt } = await login(app);
            expect(await call(app, 'GET', '/me', jwt)).to.equal(200);
            app.process.kill('SIGTERM');
            expect(await once(app.process, 'exit')).to.equal([0, null]);
        });
    }
});


describe('the unit tests', { timeout: 240_000 }, () => {

    for (const name of Object.keys(runtimes).filter((each) => each.startsWith('Node.js '))) {

        it(`pass under ${name}, as far as its version matters`, { skip: !isInstalled(name) }, async () => {

            const [node] = runtimes[name]!;
            const { stdout } = await execFile(node, ['node_modules/.bin/lab', ...unitTests], { cwd: Path.join(__dirname, '..', '..') }).catch((error) => error);
            expect(stdout, stdout).to.match(/^\d{3} tests complete$/m);
        });
    }
});


/** A login at one, a renewal at both, a logout at the other. From its response on both tokens are refused everywhere. */
const tell = async function (one: App, other: App): Promise<void> {

    const first = await login(one);
    expect(await call(other, 'GET', '/me', first.access_token)).to.equal(200);

    const { access_token: jwt, refresh_token: refreshToken } = await post(other, `/token?refreshToken=${first.refresh_token}`);
    expect(await call(one, 'GET', '/me', jwt)).to.equal(200);

    expect(await call(other, 'POST', `/logout?refreshToken=${refreshToken}`, jwt)).to.equal(204);

    for (const app of [one, other]) {
        expect(await call(app, 'GET', '/me', jwt)).to.equal(401);
        expect(await call(app, 'GET', '/me', first.access_token)).to.equal(401);
        expect(await call(app, 'POST', `/token?refreshToken=${refreshToken}`)).to.equal(401);
    }
};


const start = async function (name: string, redis: string): Promise<App> {

    const [file, ...args] = runtimes[name]!;
    const port = await findPort();
    const child = ChildProcess.spawn(file, [...args, Path.join(__dirname, '..', 'support', 'runtime-app.js'), redis, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
    expect(String(output), name).to.equal('listening\n');
    return { name, uri: `http://127.0.0.1:${port}`, process: child };
};


const login = (app: App) => post(app, '/login');


const post = async function ({ name, uri }: App, path: string): Promise<TokenResponse> {

    const response = await fetch(uri + path, { method: 'POST' });
    expect(response.status, name).to.equal(200);
    return await response.json() as TokenResponse;
};


const call = async function ({ uri }: App, method: string, path: string, jwt?: string): Promise<number> {

    const headers = jwt === undefined ? undefined : { authorization: `Bearer ${jwt}` };
    const response = await fetch(uri + path, { method, headers });
    await response.arrayBuffer();
    return response.status;
};
