import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { PendingRevocations } from '../../lib/sessions/pending-revocations';
import { forever } from '../../lib/blacklist/blacklist';

import type { Revocation } from '../../lib/store/blacklist-contract';


export const lab = Lab.script();
const { describe, it } = lab;


const of = (...keys: string[]): Revocation[] => keys.map((key) => ({ key, cutoff: forever, ttl: 1000 }));


describe('PendingRevocations', () => {

    /** A blacklist that says what it was asked, and waits until it is let go on. */
    const setup = function (cutoffs: Record<string, number> = {}) {

        const calls: string[] = [];
        const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
        const wait = function (call: string): Promise<void> {

            calls.push(call);
            return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
        };

        const pending = new PendingRevocations({
            known: ([key]) => cutoffs[key!] ?? 0,
            revoke: (revocations) => wait(`revoke ${revocations.map(({ key }) => key).join(' ')}`),
            confirm: () => wait('confirm')
        });

        return { pending, calls, waiting };
    };

    it('write what is asked for twice at once only once, and both wait for it', async () => {

        const { pending, calls, waiting } = setup();
        const done: string[] = [];
        const [first, second, other] = [of('a', 'b'), of('a', 'b'), of('a')].map((revocations, i) => pending.revoke(revocations).finally(() => done.push(`done ${i}`)));
        expect(calls).to.equal(['revoke a b', 'revoke a']);

        waiting[1]!.resolve();
        expect(await other).to.be.true();
        expect(done).to.equal(['done 2']);

        waiting[0]!.resolve();
        expect(await Promise.all([first, second])).to.equal([true, false]);
    });

    it('do not write again what has ended, but wait until every process knows it', async () => {

        const { pending, calls, waiting } = setup({ a: forever, b: 5 });
        const known = pending.revoke(of('a'));
        const unknown = pending.revoke(of('a', 'b'));
        expect(calls).to.equal(['confirm', 'revoke a b']);
        waiting.forEach(({ resolve }) => resolve());
        expect(await Promise.all([known, unknown])).to.equal([false, true]);
    });

    it('write again, and report as new, what has failed before, though memory knows it by then', async () => {

        const cutoffs: Record<string, number> = {};
        const { pending, calls, waiting } = setup(cutoffs);
        const [first, second] = [pending.revoke(of('a')), pending.revoke(of('a'))];
        waiting[0]!.reject(new Outage('away'));
        await expect(first).to.reject('away');
        await expect(second).to.reject('away');

        cutoffs.a = forever;
        const third = pending.revoke(of('a'));
        waiting[1]!.resolve();
        expect(await third).to.be.true();

        const fourth = pending.revoke(of('a'));
        waiting[2]!.resolve();
        expect(await fourth).to.be.false();
        expect(calls).to.equal(['revoke a', 'revoke a', 'confirm']);
    });
});
