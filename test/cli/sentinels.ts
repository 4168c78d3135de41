import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { askSentinels } from '../../lib/cli/sentinels';
import { RedisServer } from '../support/redis';
import { launchSentinel } from '../support/sentinel';
import { until } from '../support/until';


export const lab = Lab.script();
const { after, describe, it } = lab;


describe('Sentinels', { timeout: 20_000 }, () => {

    const cleanups: (() => unknown)[] = [];

    after(async () => {

        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }
    });

    it('say what they know of the master, or why they do not', async () => {

        const master = await RedisServer.start({ port: true });
        cleanups.push(() => master.stop());
        const sentinel = await launchSentinel(master.port!, cleanups);
        await until(async () => (await sentinel.raw.call('SENTINEL', 'MASTERS') as unknown[]).length === 1);

        const ask = async (...ports: number[]) => askSentinels({ sentinels: ports.map((port) => ({ host: '127.0.0.1', port })), name: 'main' }, 1000);
        const [good, away, other] = await ask(sentinel.port, 1, master.port!);
        expect(good).to.equal({ address: `127.0.0.1:${sentinel.port}`, problem: null, count: 1, downAfter: 1000 });
        expect(away).to.equal({ address: '127.0.0.1:1', problem: 'connect ECONNREFUSED 127.0.0.1:1', count: 0, downAfter: 0 });
        expect(other).to.include({ count: 0, downAfter: 0 });
        expect(other!.problem).to.contain('unknown command');

        await sentinel.raw.call('SENTINEL', 'SET', 'main', 'quorum', '2');
        const [few] = await ask(sentinel.port);
        expect(few!.problem!).to.startWith('NOQUORUM ');
        expect(few).to.include({ count: 1, downAfter: 1000 });
    });

    it('may want TLS and a password of their own', async () => {

        const master = await RedisServer.start({ port: true, args: ['--requirepass', 'hush'] });
        cleanups.push(() => master.stop());
        const options = { sentinels: [{ host: '127.0.0.1', port: master.port! }], name: 'main' };
        expect((await askSentinels(options, 1000))[0]!.problem!).to.startWith('NOAUTH ');
        expect((await askSentinels({ ...options, sentinelPassword: 'hush' }, 1000))[0]!.problem).to.contain('unknown command');
        expect((await askSentinels({ ...options, enableTLSForSentinelMode: true }, 1000))[0]!.problem).to.not.match(/NOAUTH|unknown|hush/);
    });
});
