import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { jwt } from '../support/server';


export const lab = Lab.script();

const { describe, it } = lab;


const root = Path.join(__dirname, '..', '..');


const emitted = function (file: string): string[] {

    const code = Fs.readFileSync(Path.join(root, file), 'utf8').replaceAll(/^ *\/\*\*[^]*?\*\/$/gm, '');
    const calls = code.matchAll(/(\w+)(?:\?|!)?\.log\(\s*(?:\[([^\]]*)\])?/g);
    return Array.from(calls).map(([, logger, tags]) => {

        expect(tags, `tags in ${file} that can be read here`).to.be.a.string();
        expect(tags, `tags in ${file}`).to.match(/^'[\w-]+'(?:, '[\w-]+')*$/);
        return [logger === 'request' ? 'request' : 'log', ...tags!.split(', ').map((tag) => tag.slice(1, -1))].join(' ');
    });
};


describe('the log', () => {

    it('has the tags that API.md lists, and no others', () => {

        const files = Fs.readdirSync(Path.join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
        const found = files.flatMap((file) => emitted(`lib/${file.replaceAll(Path.sep, '/')}`));

        const section = Fs.readFileSync(Path.join(root, 'API.md'), 'utf8').split(/^## /m).find((text) => text.startsWith('Log\n'))!;
        const listed = section.split('\n').flatMap((line) => {

            const item = /^- (?:`\[[^`]*\]`(?:, | and )?)+/.exec(line)?.[0] ?? '';
            const channel = line.includes('of a request') ? 'request' : 'log';
            return Array.from(item.matchAll(/`\[([^`]*)\]`/g), ([, tags]) => [channel, ...tags!.split(', ').map((tag) => tag.slice(1, -1))].join(' '));
        });

        expect(listed.toSorted()).to.equal([...new Set(found)].sort());
        expect(listed).to.include(['log hard-logout store error', 'request hard-logout outage served warn']);

        // hapi-pino takes a level from the tags, and would call the rest 'info'

        expect(listed.filter((tags) => !/ (?:info|warn|error)$/.test(tags))).to.equal([]);
    });

    it('is printed as API.md says, and a 401 is not, whatever the strategy is called', async () => {

        const { error } = console;
        const printed: string[] = [];
        console.error = (...parts: string[]) => printed.push(parts.join(' '));
        try {
            const [, log, requests] = /`debug: \{ log: (\[[^\]]*\]), request: (\[[^\]]*\]) \}`/.exec(Fs.readFileSync(Path.join(root, 'API.md'), 'utf8'))!;
            const server = Hapi.server({ debug: { log: listOf(log!), request: listOf(requests!) } });
            await server.register(plugin);
            server.auth.strategy('hard-logout', 'hard-logout', { jwt });
            server.route([
                { method: 'GET', path: '/', options: { auth: 'hard-logout' }, handler: () => '' },
                { method: 'GET', path: '/served', handler: (request) => request.log(['hard-logout', 'outage', 'served', 'warn']) ?? '' }
            ]);

            expect((await server.inject({ url: '/', headers: { authorization: 'Bearer a.b.c' } })).statusCode).to.equal(401);
            expect((await server.inject('/')).statusCode).to.equal(401);
            expect(printed).to.equal([]);

            await server.inject('/served');
            server.log(['hard-logout', 'store', 'warn'], 'a warning');
            expect(printed.map((line) => line.trim())).to.equal(['Debug: hard-logout, outage, served, warn', 'Debug: hard-logout, store, warn \n    a warning']);
        }
        finally {
            console.error = error;
        }
    });
});


const listOf = function (text: string): string[] {

    return JSON.parse(text.replaceAll('\'', '"'));
};
