import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, sessionId } from '../../lib/blacklist/identities';
import { Failure, Usage } from '../../lib/cli/failure';
import { join } from '../../lib/cli/join';

import type { Peer } from '../../lib/store/contract';


export const lab = Lab.script();
const { describe, it } = lab;


interface Setup {
    issuers?: string[];
    lease?: number | false;
    session?: string;
    signal?: AbortSignal;
    now?: number;
    peers?: Peer[];
}


const issuer = 'https://issuer.example';

const subject = identify('subject', issuer, '42');


describe('join()', () => {

    // A store that knows one session, of the subject 42, and the calls of what changes something

    const attempt = function ({ issuers = [issuer, ''], lease, session, signal = new AbortController().signal, now = Date.now(), peers = [] }: Setup) {

        const calls: unknown[] = [];
        const endings: (() => unknown)[] = [];
        const store = {
            start: async () => calls.push('start'),
            survey: async () => ({ now, peers }),
            claims: async (address: { subject: string }) => (address.subject === subject ? '{"sub":"42"}' : null),
            connect: async (_: string, length: number) => {

                calls.push(`connect ${length}`);
                throw new Error('not here');
            }
        };

        const invocation = { issuers, target: { session }, plugin: { lease: 1500, timeout: 100, cache: { max: 10 } }, lease };
        const joined = join(invocation as any, { store, terminal: { signal }, onEnd: (close: () => unknown) => endings.push(close) } as any);
        return { joined, calls, end: () => Promise.all(endings.map((close) => close())) };
    };

    it('does nothing once the command was interrupted', async () => {

        const { joined, calls } = attempt({ signal: AbortSignal.abort('SIGINT') });
        await expect(joined).to.reject('ended');
        expect(calls).to.equal(['start']);
    });

    it('refuses a clock that is more than a minute off, either way', async () => {

        const { now } = Date;
        const fixed = now();
        Date.now = () => fixed;
        try {
            for (const [ahead, text] of [[61_000, '61 s ahead of'], [-61_000, '61 s behind']] as const) {
                const { joined, calls } = attempt({ now: fixed - ahead, lease: false });
                await expect(joined).to.reject(Failure, `This machine's clock is ${text} Redis's: set it first`);
                expect(calls).to.equal(['start']);
            }

            for (const ahead of [60_000, -60_000]) {
                await attempt({ now: fixed - ahead, lease: false }).joined;
            }
        }
        finally {
            Date.now = now;
        }
    });

    it('refuses a session of an issuer that is not named, and no other', async () => {

        const id = 'abcdefghijklmnop';
        const named = sessionId({ subject, id });
        for (const session of [named, 'external', sessionId({ subject: identify('subject', 'another', '42'), id })]) {
            await attempt({ session, lease: false }).joined;
        }

        const { joined, calls } = attempt({ session: named, issuers: ['another', ''], lease: false });
        const error = await expect(joined).to.reject(Usage, 'The session belongs to another issuer than --issuer says');
        expect(error).to.include({ code: 2 });
        expect(calls).to.equal(['start']);
    });

    it('takes the longest lease of the processes, unless it is given another', async () => {

        const peers = [{ id: 'a', beat: '1:2000', lease: 2000 }, { id: 'b', beat: '1:500', lease: 500 }];
        for (const [setup, length] of [[{ peers }, 2000], [{}, 1500], [{ peers, lease: 300 }, 300]] as const) {
            const { joined, calls, end } = attempt({ ...setup, peers: setup.peers ?? [] });
            await expect(joined).to.reject('not here');
            await end();
            expect(new Set(calls)).to.equal(new Set(['start', `connect ${length}`]));
        }
    });
});
