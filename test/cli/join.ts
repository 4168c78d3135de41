import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Failure } from '../../lib/cli/failure';
import { join } from '../../lib/cli/join';


export const lab = Lab.script();
const { describe, it } = lab;


interface Setup {
    signal?: AbortSignal;
    now?: number;
    longest?: number;
    registered?: number[];
}


describe('join()', () => {

    // A store, and the calls of what changes something

    const attempt = function ({ signal = new AbortController().signal, now = Date.now(), longest = 0, registered = [] }: Setup) {

        const calls: unknown[] = [];
        const endings: (() => unknown)[] = [];
        const store = {
            survey: async () => ({ now, lease: longest }),
            connect: async (length: number) => {

                calls.push(`connect ${length}`);
                throw new Error('not here');
            }
        };

        const invocation = { plugin: { lease: 1500, timeout: 100, cache: { max: 10 } } };
        const joined = join(invocation as any, registered.map((lease) => ({ lease })), { store, terminal: { signal }, onEnd: (close: () => unknown) => endings.push(close) } as any);
        return { joined, calls, end: () => Promise.all(endings.map((close) => close())) };
    };

    it('does nothing once the command was interrupted', async () => {

        const { joined, calls } = attempt({ signal: AbortSignal.abort('SIGINT') });
        await expect(joined).to.reject('ended');
        expect(calls).to.be.empty();
    });

    it('refuses a clock that is more than a minute off, either way', async () => {

        const { now } = Date;
        const fixed = now();
        Date.now = () => fixed;
        try {
            for (const [ahead, text] of [[61_000, '61 s ahead of'], [-61_000, '61 s behind']] as const) {
                const { joined, calls } = attempt({ now: fixed - ahead });
                await expect(joined).to.reject(Failure, `This machine's clock is ${text} Redis's clock: set it first`);
                expect(calls).to.be.empty();
            }

            for (const ahead of [60_000, -60_000]) {
                const { joined, calls, end } = attempt({ now: fixed - ahead });
                joined.catch(() => undefined);
                while (calls.length === 0) {
                    await new Promise(setImmediate);
                }

                await end();
            }
        }
        finally {
            Date.now = now;
        }
    });

    it('takes the longest lease that is known, of the log or of what is registered, or the default', async () => {

        for (const [setup, length] of [[{ longest: 2000, registered: [0, 500] }, 2000], [{ longest: 500, registered: [0] }, 500], [{ registered: [0, 3000] }, 3000], [{ registered: [0] }, 1500]] as [Setup, number][]) {
            const { joined, calls, end } = attempt(setup);
            joined.catch(() => undefined);
            while (calls.length === 0) {
                await new Promise(setImmediate);
            }

            await end();
            expect(new Set(calls)).to.equal(new Set([`connect ${length}`]));
        }
    });
});
