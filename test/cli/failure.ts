import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { explained, interruptible } from '../../lib/cli/failure';


export const lab = Lab.script();
const { describe, it } = lab;


describe('A message', () => {

    it('says what to do where a node of a Cluster was named alone', () => {

        expect(explained(new Error('Redis: MOVED 5 127.0.0.1:1'))).to.equal('Redis: MOVED 5 127.0.0.1:1: it is a node of a Cluster. Give --redis once for each of several nodes');
        expect(explained(new Error('Redis: REMOVED'))).to.equal('Redis: REMOVED');
    });
});


describe('A signal', () => {

    it('interrupts what begins after it', async () => {

        const signal = AbortSignal.abort('SIGTERM');
        const error = await expect(interruptible(new Promise(() => undefined), signal, 'nothing')).to.reject('SIGTERM: nothing');
        expect(error).to.include({ code: 143 });
    });

    it('is not listened to for longer than it takes', async () => {

        const { signal } = new AbortController();
        const removed: unknown[] = [];
        signal.removeEventListener = (...args: unknown[]) => removed.push(args[0]);
        expect(await interruptible(Promise.resolve(1), signal, 'nothing')).to.equal(1);
        expect(removed).to.equal(['abort']);
    });
});
