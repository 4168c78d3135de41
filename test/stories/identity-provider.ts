import * as Fs from 'node:fs';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { IdentityProvider } from '../support/identity-provider';
import { Child, compile } from '../support/process';
import { RedisServer } from '../support/redis';
import { bearer } from '../support/server';
import { until } from '../support/until';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


const root = Path.join(__dirname, '..', '..');


describe('A logout at the identity provider', { timeout: 30_000 }, () => {

    let folder: string;
    let redis: RedisServer;
    let provider: IdentityProvider;
    let processes: Child[];
    let uris: string[];

    before(async () => {

        folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-'));
        Fs.copyFileSync(Path.join(root, 'package.json'), Path.join(folder, 'package.json'));
        compile(Path.join(root, 'lib'), Path.join(folder, 'lib'));
        Fs.symlinkSync(Fs.realpathSync(Path.join(root, 'node_modules')), Path.join(folder, 'node_modules'));

        [redis, provider] = await Promise.all([RedisServer.start(), IdentityProvider.start()]);
        await redis.settle();
        const options = JSON.stringify({ redis: redis.path, lease: 500, timeout: 200 });
        processes = await Promise.all([0, 1].map(() => Child.start('receiver-process.js', Path.join(folder, 'lib'), options, provider.issuer)));
        uris = await Promise.all(processes.map((process) => process.call('uri') as Promise<string>));
        await provider.serve(`${uris[0]}/backchannel-logout`);
    });

    after(async () => {

        processes.forEach((process) => process.kill('SIGKILL'));
        provider.stop();
        await redis.stop();
        Fs.rmSync(folder, { recursive: true });
    });

    afterEach(() => {

        provider.sent.length = 0;
        provider.isAway = false;
    });

    // In each process

    const me = (token: string) => Promise.all(uris.map(async (uri) => (await fetch(`${uri}/me`, { headers: bearer(token) })).status));

    const isDead = (token: string) => until(async () => (await me(token)).every((status) => status === 401));

    it('is one in each process when the provider has its 200', async () => {

        const [phone, laptop] = [await provider.login(), await provider.login()];
        expect(await me(phone.accessToken)).to.equal([200, 200]);

        await phone.logout();
        expect(provider.sent).to.equal([null]);
        expect(await me(phone.accessToken)).to.equal([401, 401]);
        expect(await me(laptop.accessToken)).to.equal([200, 200]);
    });

    it('is carried out after an outage of Redis, during which the provider gets a 503', async () => {

        const { accessToken, logout } = await provider.login();
        expect(await me(accessToken)).to.equal([200, 200]);

        redis.pause();
        await logout();
        redis.resume();
        expect(provider.sent).to.have.length(1);
        expect(provider.sent[0]).to.include('503');
        await isDead(accessToken);
    });

    it('is carried out after an outage of the key set, during which the provider gets a 503', async () => {

        // A process that has not fetched the key set yet

        await processes[0]!.call('stop');
        const options = JSON.stringify({ redis: redis.path, lease: 500, timeout: 200 });
        processes[0] = await Child.start('receiver-process.js', Path.join(folder, 'lib'), options, provider.issuer);
        uris[0] = await processes[0].call('uri') as string;
        await provider.serve(`${uris[0]}/backchannel-logout`);

        const { accessToken, logout } = await provider.login();
        provider.isAway = true;
        await logout();
        expect(provider.sent).to.have.length(1);
        expect(provider.sent[0]).to.include('503');

        provider.isAway = false;
        await isDead(accessToken);
    });

    it('is none that is lost because the provider has just changed its key', async () => {

        const { accessToken, logout } = await provider.login();
        expect(await me(accessToken)).to.equal([200, 200]);
        await provider.rotate();
        await logout();
        await isDead(accessToken);
    });
});
