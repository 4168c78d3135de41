import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { Lookups } from '../../lib/blacklist/lookups';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeClock, settle } from '../support/clock';
import { FakeServer } from '../support/link';

import type { FakeLink } from '../support/link';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Lookups', () => {

    it('of one turn are one command', async () => {

        const { lookups, server, link, learned } = await prepare();
        server.revoke([{ key: 'subject', cutoff: 1000, ttl: 5000 }]);

        const answers = await Promise.all(['token', 'session', 'subject'].map((key) => ask(lookups, key, link, learned)));
        expect(answers).to.equal([0, 0, 1000]);
        expect(learned).to.equal([['token', 0], ['session', 0], ['subject', 1000]]);
        expect(server.calls).to.equal(['a cutoffs token,session,subject']);
    });

    it('about one key are one, however many ask', async () => {

        const { lookups, server, link, learned } = await prepare();
        link.answers.shut();

        const answers = [ask(lookups, 'token', link, learned), ask(lookups, 'token', link, learned)];
        await settle();
        answers.push(ask(lookups, 'token', link, learned));
        await settle();
        link.answers.open();

        expect(await Promise.all(answers)).to.equal([0, 0, 0]);
        expect(server.calls).to.equal(['a cutoffs token']);
        expect(learned).to.equal([['token', 0]]);
    });

    it('are asked anew once they were answered', async () => {

        const { lookups, server, link, learned } = await prepare();
        expect(await ask(lookups, 'token', link, learned)).to.equal(0);

        server.revoke([{ key: 'token', cutoff: forever, ttl: 5000 }]);
        expect(await ask(lookups, 'token', link, learned)).to.equal(forever);
        expect(server.calls).to.equal(['a cutoffs token', 'a cutoffs token']);
    });

    it('are answered as dead by news that came while they were on their way', async () => {

        const { lookups, link, learned } = await prepare();
        link.answers.shut();

        const asked = [ask(lookups, 'token', link, learned), ask(lookups, 'session', link, learned)];
        await settle();
        lookups.mark({ key: 'token', cutoff: forever, ttl: 5000 });
        lookups.mark({ key: 'another', cutoff: forever, ttl: 5000 });
        link.answers.open();

        expect(await Promise.all(asked)).to.equal([forever, 0]);
        expect(learned).to.equal([['token', forever], ['session', 0]]);
    });

    it('are answered with the latest of several news and of the answer', async () => {

        const { lookups, server, link, learned } = await prepare();
        server.revoke([{ key: 'late', cutoff: 5000, ttl: 5000 }]);
        link.answers.shut();

        const asked = [ask(lookups, 'subject', link, learned), ask(lookups, 'late', link, learned)];
        await settle();
        lookups.mark({ key: 'subject', cutoff: 2000, ttl: 5000 });
        lookups.mark({ key: 'subject', cutoff: 1000, ttl: 5000 });
        lookups.mark({ key: 'late', cutoff: 1000, ttl: 5000 });
        link.answers.open();

        expect(await Promise.all(asked)).to.equal([2000, 5000]);
    });

    it('forget the news with the answer', async () => {

        const { lookups, link, learned } = await prepare();
        lookups.mark({ key: 'subject', cutoff: 3000, ttl: 5000 });
        expect(await ask(lookups, 'subject', link, learned)).to.equal(0);

        const asked = ask(lookups, 'subject', link, learned);
        lookups.mark({ key: 'subject', cutoff: 2000, ttl: 5000 });
        expect(await asked).to.equal(2000);
        expect(await ask(lookups, 'subject', link, learned)).to.equal(0);
    });

    it('fail together, and can be asked again', async () => {

        const { lookups, server, link, learned } = await prepare();
        server.refusals.set('cutoffs', new Outage('out of reach'));

        const asked = ['token', 'session', 'token'].map((key) => ask(lookups, key, link, learned));
        const outcomes = await Promise.allSettled(asked);
        expect(outcomes.map(({ status }) => status)).to.equal(['rejected', 'rejected', 'rejected']);
        await expect(asked[0]!).to.reject(Outage, 'out of reach');
        expect(learned).to.be.empty();

        server.refusals.clear();
        expect(await ask(lookups, 'token', link, learned)).to.equal(0);
    });
});


const prepare = async function (): Promise<{ lookups: Lookups; server: FakeServer; link: FakeLink; learned: [string, number][] }> {

    const server = new FakeServer(new FakeClock());
    return { lookups: new Lookups(), server, link: await server.connect('a'), learned: [] };
};


const ask = function (lookups: Lookups, key: string, link: FakeLink, learned: [string, number][]): Promise<number> {

    return lookups.ask(key, link, (cutoff) => learned.push([key, cutoff]));
};
