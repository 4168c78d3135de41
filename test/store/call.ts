import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { ReplyError } from 'ioredis';

import { Outage, WritesRefused } from '../../lib/errors/outage';
import { bounded, classify, Deadline } from '../../lib/store/call';


export const lab = Lab.script();
const { describe, it } = lab;


describe('classify()', () => {

    const codes = [
        'LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'OOM', 'BUSY', 'MISCONF', 'NOREPLICAS', 'NOAUTH',
        'WRONGPASS', 'NOPERM', 'UNBLOCKED'
    ];

    for (const code of codes) {
        it(`makes an outage of ${code}`, () => {

            const message = `${code} You can't, for the 'reason'`;
            const error = classify(new ReplyError(message));
            expect(error).to.be.an.error(Outage, `Redis: ${message}`);
            expect(error instanceof WritesRefused).to.equal(['OOM', 'MISCONF', 'NOREPLICAS'].includes(code));

            // As servers before 7 put it where a script meets it

            for (const place of ['@user_script:5: @user_script: 5:', '@user_script:5:']) {
                const inScript = `ERR Error running script (call to f_1): ${place} -${message}`;
                expect(classify(new ReplyError(inScript))).to.be.an.error(Outage, `Redis: ${inScript}`);
            }
        });
    }

    const bugs = ['ERR wrong number of arguments', 'WRONGTYPE Operation against a key', 'CROSSSLOT Keys', 'BUSYKEY Target', 'ERR TASK ASKED', 'ERR I am BUSY', 'lower case'];

    for (const message of bugs) {
        it(`makes an error of a bug of ${message}`, () => {

            const error = classify(new ReplyError(message));
            expect(error).to.be.an.error(Error, `hard-logout: Redis refused a command: ${message}`);
            expect(error).to.not.be.instanceof(Outage);
        });
    }

    it('lets nothing through that a server quotes, whatever it says', () => {

        const start = 'ERR unknown command \'AUTH\'';
        const passwords = ['secret', 'secret BUSY', 'READONLY secret', ' -OOM secret', ', with args secret', '\' secret', 'BUSY\nsecret'];
        for (const password of passwords) {
            for (const text of [`${start}, with args beginning with: 'app' '${password}' `, `${start.replaceAll('\'', '`')}, with args beginning with: \`${password}\`, `]) {
                const { message } = classify(new ReplyError(text));
                expect(message).to.match(/^hard-logout: Redis refused a command: ERR unknown command .AUTH.$/);
            }
        }

        expect(classify(new ReplyError('NOAUTH Authentication required, with args beginning with: \'secret\''))).to.be.an.error(Outage, 'Redis: NOAUTH Authentication required');
    });

    it('leaves behind the command that a reply error has with it', () => {

        const error = Object.assign(new ReplyError('BUSY'), { command: { name: 'auth', args: ['secret'] } });
        expect(Object.keys(classify(error))).to.not.include('command');
    });

    it('makes an outage of whatever else is wrong with the connection', () => {

        expect(classify(new Error('Connection is closed.'))).to.be.an.error(Outage, 'Redis: Connection is closed.');

        // What both addresses of a host refuse has a code and no message

        expect(classify(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).to.be.an.error(Outage, 'Redis: ECONNREFUSED');
    });

    it('leaves an outage as it is', () => {

        const outage = new Outage('out of reach');
        expect(classify(outage)).to.shallow.equal(outage);
    });
});


describe('bounded()', () => {

    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

    it('is the result of a call, or its error as it is classified, and leaves no timer', async () => {

        const earlier = timers();
        expect(await bounded(Promise.resolve(1), 10_000)).to.equal(1);
        await expect(bounded(Promise.reject(new Error('Connection is closed.')), 10_000)).to.reject(Outage, 'Redis: Connection is closed.');
        expect(timers()).to.equal(earlier);
    });

    it('is an outage when there is no answer in time', async () => {

        await expect(bounded(new Promise(() => undefined), 5)).to.reject(Outage, 'Redis: no answer within 5 ms');
    });
});


describe('Deadline', () => {

    it('is one for all that is awaited', async () => {

        const deadline = new Deadline(5);
        expect(await deadline.race(Promise.resolve(1))).to.equal(1);
        await expect(deadline.race(new Promise(() => undefined))).to.reject(Outage, 'Redis: no answer within 5 ms');
        await expect(deadline.race(new Promise(() => undefined))).to.reject(Outage, 'Redis: no answer within 5 ms');
    });

    it('lets an answer go first that came while this process stood still', async () => {

        const deadline = new Deadline(1);
        const answer = new Promise((resolve) => setImmediate(resolve, 'answer'));

        const end = performance.now() + 5;
        while (performance.now() < end) {
            // Standing still
        }

        expect(await deadline.race(answer)).to.equal('answer');
        deadline.clear();
    });
});
