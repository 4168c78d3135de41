import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Net from 'node:net';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { blockUnder } from './documents';
import { findPort } from './redis';
import { until } from './until';


const guide = 'docs/microservices.md';


/** An nginx or Apache of one's own, set up as a guide says. */
export interface Gateway {

    /** The status of a request for something that it guards. */
    ask(accessToken?: string): Promise<number>;

    stop(): Promise<void>;
}


/** Where the parts of a guide's configuration are in a test. */
export interface Addresses {
    app: number;
    service: number;
}


/** nginx with what stands under a heading of the guide. */
export const nginx = async function (heading: string, { app, service }: Addresses): Promise<Gateway> {

    const block = blockUnder(guide, heading, 'nginx').text.replaceAll('127.0.0.1:3000', `127.0.0.1:${app}`).replaceAll('127.0.0.1:8080', `127.0.0.1:${service}`);
    const hasScript = block.includes('js_content');
    const port = await findPort();
    const folder = makeFolder();

    if (hasScript) {
        Fs.writeFileSync(Path.join(folder, 'introspection.js'), blockUnder(guide, heading, 'js').text);
    }

    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    Fs.writeFileSync(Path.join(folder, 'nginx.conf'), `
        ${hasScript ? 'load_module /usr/lib/nginx/modules/ngx_http_js_module.so;' : ''}
        daemon off;
        pid ${folder}/nginx.pid;
        worker_processes 1;
        events {}
        http {
            access_log off;
            ${temporary}
            ${hasScript ? `js_path ${folder}; js_import introspection from introspection.js;` : ''}
            server {
                listen 127.0.0.1:${port};
                ${block}
            }
        }`);

    const args = ['-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`, ...isRoot ? ['-g', 'user root;'] : []];
    return await launch('/usr/sbin/nginx', args, { port, folder });
};


/** Apache with what stands under a heading of the guide, in front of a file. `change` alters that. */
export const apache = async function (heading: string, { app }: Addresses, change = (text: string) => text): Promise<Gateway> {

    const block = change(blockUnder(guide, heading, 'apache').text).replaceAll('127.0.0.1:3000', `127.0.0.1:${app}`);
    const port = await findPort();
    const folder = makeFolder();

    Fs.mkdirSync(Path.join(folder, 'files', 'shop'), { recursive: true });
    Fs.writeFileSync(Path.join(folder, 'files', 'shop', 'index'), 'guarded');

    const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'oauth2'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
    Fs.writeFileSync(Path.join(folder, 'apache.conf'), [
        ...modules,
        `ServerRoot ${folder}`,
        'ServerName localhost',
        `PidFile ${folder}/apache.pid`,
        `DefaultRuntimeDir ${folder}`,
        `Mutex file:${folder} default`,
        `ErrorLog ${folder}/error.log`,
        `DocumentRoot ${folder}/files`,
        `Listen 127.0.0.1:${port}`,
        ...isRoot ? ['User www-data', 'Group www-data'] : [],
        block
    ].join('\n'));

    return await launch('/usr/sbin/apache2', ['-f', `${folder}/apache.conf`, '-DFOREGROUND'], { port, folder });
};


const isRoot = process.getuid?.() === 0;


// Apache gives up its rights, and reads it then

const makeFolder = function (): string {

    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-'));
    Fs.chmodSync(folder, 0o755);
    return folder;
};


const launch = async function (command: string, args: string[], { port, folder }: { port: number; folder: string }): Promise<Gateway> {

    const child = ChildProcess.spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk) => {

        complaint += chunk;
    });

    const ended = once(child, 'exit');
    const stop = async () => {

        child.kill('SIGTERM');
        await ended;
        Fs.rmSync(folder, { recursive: true });
    };

    await until(async () => {

        if (child.exitCode !== null) {
            throw new Error(`${command} has ended: ${complaint}`);
        }

        return await isOpen(port);
    });

    return {
        stop,

        async ask(accessToken) {

            const headers: Record<string, string> = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
            const { status, body } = await fetch(`http://127.0.0.1:${port}/shop/index`, { headers });
            await body?.cancel();
            return status;
        }
    };
};


const isOpen = function (port: number): Promise<boolean> {

    return new Promise((resolve) => {

        const socket = Net.connect(port, '127.0.0.1');
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
    });
};
