import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';


export const lab = Lab.script();

const { describe, it } = lab;


const root = Path.join(__dirname, '..', '..');


// What a tag that is no text can be: by the place that has it

const variables: Record<string, string[]> = {
    'lib/status/monitor.ts channel': ['outage', 'recovery']
};


const emitted = function (file: string): string[] {

    const calls = Fs.readFileSync(Path.join(root, file), 'utf8').matchAll(/(\w+)(?:\?|!)?\.log\(\s*(?:\[([^\]]*)\])?/g);
    return Array.from(calls).flatMap(([, logger, tags]) => {

        expect(tags, `tags in ${file} that can be read here`).to.be.a.string();
        return tags!.split(', ').reduce((lists: string[][], tag) => {

            const texts = /^'[\w-]+'$/.test(tag) ? [tag.slice(1, -1)] : variables[`${file} ${tag}`];
            expect(texts, `${tag} in ${file}`).to.exist();
            return lists.flatMap((list) => texts!.map((text) => [...list, text]));
        }, [[logger === 'request' ? 'request' : 'log']]).map((list) => list.join(' '));
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
        expect(listed).to.include(['log hard-logout store error', 'request hard-logout outage served']);
    });
});
