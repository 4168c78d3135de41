import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Failure, Usage } from '../../lib/cli/failure';
import { confirm, count, date, Output, quote } from '../../lib/cli/terminal';


export const lab = Lab.script();
const { describe, it } = lab;


describe('The output of the command line', () => {

    const outputs = function (isJson: boolean) {

        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const text = (stream: PassThrough) => stream.read()?.toString() ?? '';
        return { output: new Output({ stdout, stderr }, isJson), written: () => [text(stdout), text(stderr)] };
    };

    it('has nothing in it that a terminal obeys', () => {

        expect(quote({ data: '\u001b[2J\u009b2J\u202edrawkcab' })).to.equal('{"data":"\\u001b[2J\\u009b2J\\u202edrawkcab"}');
        expect(JSON.parse(quote('\u007f\u2028é'))).to.equal('\u007f\u2028é');
    });

    it('counts, and names moments', () => {

        expect([0, 1, 2].map((number) => count(number, 'process', 'processes'))).to.equal(['0 processes', '1 process', '2 processes']);
        expect(count(2, 'revocation')).to.equal('2 revocations');
        expect(date(1_600_000_000_000)).to.equal('2020-09-13T12:26:40.000Z');
    });

    it('keeps results apart from everything else', () => {

        const text = outputs(false);
        text.output.result({ a: 1 }, ['one', 'two']);
        expect(text.written()).to.equal(['one\ntwo\n', '']);
        text.output.event({ event: 'a' }, 'happened');
        expect(text.written()).to.equal(['', 'hard-logout: happened\n']);

        const json = outputs(true);
        json.output.result({ a: '\u202e' }, ['one']);
        expect(json.written()).to.equal(['{"a":"\\u202e"}\n', '']);
        json.output.event({ event: 'a' }, 'happened');
        expect(json.written()).to.equal(['{"event":"a"}\n', 'hard-logout: happened\n']);
    });
});


describe('confirm()', () => {

    const ask = function (typed: string | null, { isTTY = true, signal = new AbortController().signal } = {}) {

        const [stdin, stderr] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()];
        if (typed !== null) {
            stdin.end(typed);
        }

        return { answer: confirm('Revoke?', 'yes', { stdin, stderr, signal }), asked: () => stderr.read()?.toString() ?? '' };
    };

    it('resolves with the answer that was asked for', async () => {

        for (const typed of ['yes\n', ' yes \nno\n']) {
            const { answer, asked } = ask(typed);
            await answer;
            expect(asked()).to.equal('Revoke? Type yes to go on: ');
        }
    });

    it('takes anything else for a no', async () => {

        for (const typed of ['', '\n', 'no\n', 'y\n', 'YES\n', 'yes!\n', 'no\nyes\n']) {
            const error = await expect(ask(typed).answer).to.reject(Failure, 'Not confirmed: nothing was revoked');
            expect(error).to.include({ code: 3 });
        }
    });

    it('takes a signal for a no', async () => {

        const controller = new AbortController();
        const { answer } = ask(null, { signal: controller.signal });
        controller.abort('SIGINT');
        await expect(answer).to.reject(Failure, 'Not confirmed: nothing was revoked');
    });

    it('does not ask without a terminal, whatever is on the standard input', async () => {

        const { answer, asked } = ask('yes\n', { isTTY: false });
        const error = await expect(answer).to.reject(Usage, 'This needs --yes, because there is no terminal to ask on');
        expect(error).to.include({ code: 2 });
        expect(asked()).to.equal('');
    });
});
