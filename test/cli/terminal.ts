import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Failure, Usage } from '../../lib/cli/failure';
import { confirm, count, date, distanceInWords, Output, quote, table } from '../../lib/cli/terminal';
import { unread } from '../support/command';


export const lab = Lab.script();
const { describe, it } = lab;


describe('The output of the command line', () => {

    const outputs = function (isJson: boolean) {

        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        return { output: new Output({ stdout, stderr }, isJson), written: () => [unread(stdout), unread(stderr)] };
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

    it('has its columns side by side', () => {

        expect(table([['ID', 'AGE', 'DATA'], ['a', 'an hour ago', ''], ['bcd', 'now', '{}']])).to.equal([
            'ID   AGE          DATA',
            'a    an hour ago',
            'bcd  now          {}'
        ]);
    });

    it('has its columns side by side in colours, too, for a terminal only', () => {

        const stdout = Object.assign(new PassThrough(), { isTTY: true });
        const output = new Output({ stdout, stderr: new PassThrough() }, false);
        expect(table([[output.paint('bold', 'ID'), 'AGE'], ['a', 'now'], ['bcd', 'now']])).to.equal(['\u001b[1mID\u001b[22m   AGE', 'a    now', 'bcd  now']);
        expect(outputs(false).output.paint('bold', 'ID')).to.equal('ID');
    });

    it('has ages in words', () => {

        const now = 1_700_000_000_000;
        const ages = [0, 999, 1000, 59_999, 60_000, 7_199_999, 7_200_000, 86_400_000, 40 * 86_400_000, 800 * 86_400_000];
        expect(ages.map((age) => distanceInWords(now - age, now))).to.equal([
            'now', 'now', '1 second ago', '59 seconds ago', '1 minute ago', '1 hour ago', '2 hours ago', '1 day ago', '1 month ago', '2 years ago'
        ]);
        expect([500, 90_000, 30 * 86_400_000 - 1].map((age) => distanceInWords(now + age, now))).to.equal(['now', 'in 1 minute', 'in 29 days']);
    });

    it('has ages for a person, and moments for a file', () => {

        const moment = Date.now() - 3 * 86_400_000 - 1000;
        const streams = { stdout: Object.assign(new PassThrough(), { isTTY: true }), stderr: new PassThrough() };
        expect(new Output(streams, false).moment(moment)).to.equal('3 days ago');
        expect(outputs(false).output.moment(moment)).to.equal(date(moment));
    });

    it('shows a person what it waits for, and takes it away again', async () => {

        const stderr = Object.assign(new PassThrough(), { isTTY: true });
        const output = new Output({ stdout: new PassThrough(), stderr }, false);
        let end = (_: string) => undefined as void;
        let questions = 0;
        const done = output.wait(new Promise<string>((resolve) => (end = resolve)), () => `waiting ${++questions}`);

        await new Promise((resolve) => stderr.once('readable', resolve));
        expect(unread(stderr)).to.equal('\r\u001b[Kwaiting 1, 0 s');
        output.note('look');
        expect(unread(stderr)).to.equal('\r\u001b[Khard-logout: look\n');
        await new Promise((resolve) => stderr.once('readable', resolve));
        expect(unread(stderr)).to.match(/^\r\u001b\[Kwaiting 2, \d s$/);
        end('result');
        expect(await done).to.equal('result');
        expect(unread(stderr)).to.equal('\r\u001b[K');

        // Nothing is written any more, and nothing was for what is over at once

        await expect(output.wait(Promise.reject(new Error('failed')), () => 'waiting')).to.reject('failed');
        await wait(300);
        expect(unread(stderr)).to.equal('');
        expect(questions).to.equal(2);
    });

    it('shows a file nothing of that', async () => {

        const { output, written } = outputs(false);
        expect(await output.wait(wait(300, 'result'), () => 'waiting')).to.equal('result');
        expect(written()).to.equal(['', '']);
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

        return { answer: confirm('Revoke?', 'yes', { stdin, stderr, signal }), asked: () => unread(stderr) };
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
        const error = await expect(answer).to.reject(Usage, 'This needs --yes, because there is no terminal to ask at');
        expect(error).to.include({ code: 2 });
        expect(asked()).to.equal('');
    });
});
