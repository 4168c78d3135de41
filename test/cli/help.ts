import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { help } from '../../lib/cli/help';
import { CommandLine, command } from '../support/command';


export const lab = Lab.script();
const { describe, it } = lab;


describe('The help of the command line', () => {

    it('is written on request, as is the version', async () => {

        expect(await command('--help')).to.equal({ code: 0, stdout: help, stderr: '' });
        const { version } = JSON.parse(Fs.readFileSync(Path.join(__dirname, '..', '..', 'package.json'), 'utf8'));
        expect(await command('--version')).to.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
        expect(await command('status')).to.include({ code: 2, stdout: '', stderr: 'hard-logout: No Redis is named: set REDIS_URL, or give --redis where no other user can list the processes\n' });
        expect(await new CommandLine(['logout'], { env: { REDIS_URL: 'redis://localhost' } }).done).to.include({ code: 2, stdout: '' });
    });

    it('has all options, and fits a terminal', () => {

        for (const name of ['redis', 'prefix', 'issuer', 'subject', 'session', 'jti', 'issued-before', 'tokens', 'max-age', 'clock-tolerance', 'lease', 'yes', 'json', 'help', 'version']) {
            expect(help).to.match(new RegExp(`--${name}\\b`));
        }

        expect(help.split('\n').filter((line) => line.length > 100)).to.be.empty();
    });
});
