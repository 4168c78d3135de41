import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { allowed, commands, everywhere } from '../../lib/cli/arguments';
import { help } from '../../lib/cli/help';
import { CommandLine, command } from '../support/command';


export const lab = Lab.script();
const { describe, it } = lab;


describe('The help of the command line', () => {

    it('is written on request, as is the version', async () => {

        expect(await command('--help')).to.equal({ code: 0, stdout: help(), stderr: '' });
        expect(await command('revoke', '--help')).to.equal({ code: 0, stdout: help('revoke'), stderr: '' });
        const { version } = JSON.parse(Fs.readFileSync(Path.join(__dirname, '..', '..', 'package.json'), 'utf8'));
        expect(await command('--version')).to.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
        expect(await command('status')).to.include({ code: 2, stdout: '', stderr: 'hard-logout: No Redis is given: set REDIS_URL, or use --redis where no other user can list the processes\n' });
        expect(await new CommandLine(['logout'], { env: { REDIS_URL: 'redis://localhost' } }).done).to.include({ code: 2, stdout: '' });
    });

    it('names each command', () => {

        for (const name of commands) {
            expect(help()).to.match(new RegExp(`^  ${name} +\\S`, 'm'));
            expect(help(name)).to.startWith(`Usage: hard-logout ${name}`);
        }
    });

    it('has the options of each command, and no others', () => {

        const optionsOf = (text: string) => Array.from(text.matchAll(/^ {2}--([a-z-]+)/gm), ([, name]) => name);
        expect(optionsOf(help())).to.equal([...everywhere, 'help', 'version']);
        for (const name of commands) {
            expect(optionsOf(help(name))).to.equal([...allowed[name], ...everywhere]);
        }
    });

    it('fits a terminal, and loses no word by that', () => {

        for (const text of [help(), ...commands.map((name) => help(name))]) {
            expect(text.split('\n').filter((line) => line.length > 96 || /\s$/.test(line))).to.equal([]);
        }

        expect(help('revoke').replace(/\s+/g, ' ')).to.contain('The command ends when every process of the app has the revocation. Each server registers its strategies in Redis');
    });
});
