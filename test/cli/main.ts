import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';


export const lab = Lab.script();
const { describe, it } = lab;


describe('The main module of the command line', () => {

    it('runs the command line of the process', async () => {

        const { argv, exitCode } = process;
        const write = process.stdout.write;
        const written: unknown[] = [];
        process.argv = ['node', 'hard-logout', '--version'];
        process.stdout.write = (text: unknown) => written.push(text) > 0;
        try {
            require('../../lib/cli/main');
            await new Promise(setImmediate);
        }
        finally {
            process.stdout.write = write;
            process.argv = argv;
            process.exitCode = exitCode;
        }

        expect(written).to.equal([`${require('../../package.json').version}\n`]);
    });
});
