import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, identifyToken } from '../../lib/blacklist/identities';
import { Failure } from '../../lib/cli/failure';
import { join } from '../../lib/cli/revoke';
import { CommandLine, Deployment, issuer, sid } from '../support/command';
import { entriesOf } from '../support/entries';
import { prepare } from '../support/server';
import { look, mint, payload } from '../support/tokens';
import { until } from '../support/until';

import type { SessionInfo } from '../../lib';
import type { Outcome } from '../support/command';
import type { Pair } from '../support/server';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


interface Setup {
    signal?: AbortSignal;
    now?: number;
    longest?: number;
    registered?: number[];
}


describe('revoke', () => {

    it('ends everything of a subject, and what comes right afterwards lives', async () => {

        const { login } = await app.launch();
        await app.launch();
        const pairs = [await login(), await login()];
        const other = await login('43');

        const { code, stdout, stderr } = await app.revoke('--subject', '42');
        expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
        expect(stdout).to.equal(`Revoked everything of the subject "42", of the issuer "${issuer}". 2 processes have it.\n`);
        const next = await login();

        await app.expectDead(pairs[0]!);
        await app.expectDead(pairs[1]!);
        await app.expectAlive(other);
        await app.expectAlive(next);
        expect(await app.rows('42')).to.have.length(1);
        expect(await app.registry()).to.have.length(2);
    });

    it('leaves no login undead that comes meanwhile', async () => {

        const { login } = await app.launch();
        let isDone = false;
        const done = app.revoke('--subject', '42').then(({ code }) => {

            isDone = true;
            expect(code).to.equal(0);
        });

        const pairs: Pair[] = [];
        while (!isDone) {
            pairs.push(await login());
        }

        await done;
        pairs.push(await login());
        const verdicts = await Promise.all(pairs.map(async ({ jwt, refreshToken }) => [await look(app.servers[0]!, { jwt }) === 200, await look(app.servers[0]!, { refreshToken }) === 200]));
        expect(verdicts.filter(([access, refresh]) => access !== refresh)).to.be.empty();

        const alive = verdicts.map(([access]) => access!);
        expect(alive.at(0)).to.be.false();
        expect(alive.slice(alive.indexOf(true))).to.not.include(false);
    });

    it('ends a session', async () => {

        const { login } = await app.launch();
        const [pair, other] = [await login(), await login()];
        const { code, stdout } = await app.revoke('--session', sid(pair), '--json');
        expect(code).to.equal(0);
        expect(JSON.parse(stdout)).to.equal({ session: sid(pair), issuers: [issuer], sessions: 0, processes: 1 });

        await app.expectDead(pair);
        await app.expectAlive(other);
        expect(await app.rows('42')).to.have.length(1);

        // As long as the access token could have been presented

        const { ttl } = await app.entry(identify('session', issuer, sid(pair)));
        expect(ttl).to.be.between(14 * 60_000, 17 * 60_000 + 11_000);
        expect((await app.revoke('--session', sid(pair))).code).to.equal(0);
    });

    it('ends a session from elsewhere, for as long as the strategies of its issuer accept its tokens', async () => {

        await app.launch();
        const jwt = await mint({ sid: 'a' });
        expect(await app.revoke('--session', 'a')).to.include({ code: 0, stdout: `Revoked the session "a", of the issuer "${issuer}". 1 process has it.\n` });
        expect(await look(app.servers[0]!, { jwt })).to.equal('The access token was revoked');
        expect((await app.entry(identify('session', issuer, 'a'))).ttl).to.be.between(90 * 86_400_000 + 120_000, 90 * 86_400_000 + 131_000);

        await app.launch({ sessions: { maxAge: 100 * 86_400_000 } });
        expect(await app.revoke('--session', 'b')).to.include({ code: 0 });
        expect((await app.entry(identify('session', issuer, 'b'))).ttl).to.be.between(100 * 86_400_000 + 120_000, 100 * 86_400_000 + 131_000);
    });

    it('ends one token', async () => {

        const { login } = await app.launch();
        const [pair, other] = [await login(), await login()];
        const { code, stdout } = await app.revoke('--jti', payload(pair.jwt).jti as string);
        expect(code).to.equal(0);
        expect(stdout).to.startWith(`Revoked the token "${payload(pair.jwt).jti}", of`);

        expect(await look(app.servers[0]!, { jwt: pair.jwt })).to.equal('The access token was revoked');
        await app.expectAlive({ refreshToken: pair.refreshToken });
        await app.expectAlive(other);
        expect((await app.entry(identifyToken(issuer, payload(pair.jwt).jti as string))).ttl).to.be.between(90 * 86_400_000 + 120_000, 90 * 86_400_000 + 131_000);
    });

    it('ends what was issued before a moment, to a subject', async () => {

        const { auth, login } = await app.launch();
        const [old, pair, other] = [await login(), await login(), await login('43')];
        const [{ created: first }, { created: second }] = (await auth.sessions('42')) as [SessionInfo, SessionInfo];
        expect(second).to.be.above(first);

        const { code, stdout } = await app.revoke('--subject', '42', '--issued-before', new Date(second).toISOString());
        expect(code).to.equal(0);
        expect(stdout).to.startWith(`Revoked what was issued before ${new Date(second).toISOString()} to the subject "42", of`);
        await app.expectDead(old);
        await app.expectAlive(pair);
        await app.expectAlive(other);
        expect(await app.rows('42')).to.have.length(1);
    });

    it('ends what was issued before a moment, to everybody', async () => {

        const { login } = await app.launch();
        const [pair, other] = [await login(), await login('43')];
        const { code, stdout } = await app.revoke('--issued-before', new Date(Date.now() + 1000).toISOString(), '--json');
        expect(code).to.equal(0);
        expect(JSON.parse(stdout)).to.include({ issuers: [issuer], sessions: 0, processes: 1 });
        await app.expectDead(pair);
        await app.expectDead(other);
    });

    it('ends it under each issuer that is named, or none', async () => {

        await app.launch();
        await app.register(['']);
        expect(await app.revoke('--subject', '42')).to.equal({
            code: 2,
            stdout: '',
            stderr: `hard-logout: There are several issuers: choose with --issuer, once for each of several. Strategies have "" (no issuer), "${issuer}"\n`
        });

        expect((await app.revoke('--subject', '43', '--issuer', '')).stdout).to.startWith('Revoked everything of the subject "43", without an issuer. 1');
        expect((await app.revoke('--subject', '42', '--issuer', '', '--issuer', issuer)).stdout).to.startWith(`Revoked everything of the subject "42", without an issuer and of the issuer "${issuer}".`);
        const ends = [['', '43'], ['', '42'], [issuer, '42']] as const;
        expect([...(await entriesOf(app.raw, `{${app.prefix}}:blacklist`)).keys()].sort()).to.equal(ends.map(([name, subject]) => identify('subject', name, subject)).sort());
    });

    it('takes tokens from elsewhere for as old as a clock may say that is ahead', async () => {

        const external = await prepare({ refreshToken: undefined }, app.plugin);
        app.servers.push(external);
        await external.server.initialize();

        const ahead = async function (subject: string): Promise<number> {

            const began = Date.now();
            expect((await app.revoke('--subject', subject, '--json')).code).to.equal(0);
            return (await app.entry(identify('subject', issuer, subject))).cutoff - began;
        };

        expect(await ahead('42')).to.be.between(5000, 7000);
        await app.register([issuer], { tolerance: 100_000 });
        expect(await ahead('43')).to.be.between(100_000, 102_000);

        // Where any process has sessions of the issuer, they have a clock of their own: a login may follow at once

        const { login, me } = await app.launch();
        expect(await ahead('44')).to.be.between(-1, 2000);
        expect(await me((await login('44')).jwt)).to.include({ statusCode: 200 });
    });

    it('ends JWTs from elsewhere of the same moment', async () => {

        const prepared = await prepare({ refreshToken: undefined }, app.plugin);
        app.servers.push(prepared);
        await prepared.server.initialize();

        const jwt = await mint({ iat: Math.floor(Date.now() / 1000) + 3 });
        expect(await prepared.me(jwt)).to.include({ statusCode: 200 });
        expect((await app.revoke('--subject', '42')).code).to.equal(0);
        expect(await prepared.me(jwt)).to.include({ statusCode: 401, message: 'The access token was revoked' });
    });

    it('leaves the app\'s clearing up to time, where that fails', async () => {

        const { login } = await app.launch();
        const pair = await login();
        const line = new CommandLine(['revoke', ...app.where, '--session', sid(pair)]);
        try {
            await app.raw.call('ACL', 'SETUSER', 'default', '-zrem');
            const { code, stderr } = await line.done;
            expect(code).to.equal(0);
            expect(stderr).to.startWith('hard-logout: the rows of the sessions stay in Redis until they expire, which is harmless: ');
            await app.expectDead(pair);
        }
        finally {
            await app.raw.call('ACL', 'SETUSER', 'default', '+zrem');
        }
    });

    it('asks before anything broad', async () => {

        const { login } = await app.launch();
        const pair = await login();

        const ask = async function (answer: string | null, ...args: string[]): Promise<Outcome> {

            const line = new CommandLine(['revoke', ...app.where, ...args], { isTTY: true });
            await line.says(/to go on: $/);
            expect(await app.registry()).to.have.length(1);
            line.stdin.end(answer ?? '');
            return line.done;
        };

        const question = `Revoke everything of the subject "42", of the issuer "${issuer}"? Type yes to go on: `;
        for (const answer of [null, '\n', 'no\n', 'y\n', 'everybody\n']) {
            expect(await ask(answer, '--subject', '42')).to.equal({ code: 3, stdout: '', stderr: `${question}hard-logout: Not confirmed: nothing was revoked\n` });
        }

        const everybody = ['--issued-before', new Date().toISOString()];
        expect(await ask('yes\n', ...everybody)).to.include({ code: 3, stdout: '' });
        expect(await ask('no\n', ...everybody, '--subject', '42')).to.include({ code: 3, stdout: '' });
        await app.expectAlive(pair);

        const { code, stderr } = await ask(' yes \n', '--subject', '42');
        expect(code).to.equal(0);
        expect(stderr).to.startWith(question);
        await app.expectDead(pair);
        expect(await ask('everybody\n', ...everybody)).to.include({ code: 0 });
    });

    it('shows a person what it is waiting for', async () => {

        await app.register();
        await app.raw.hset(`{${app.prefix}}:blacklist:log`, 'lease', 600);
        const line = new CommandLine(['revoke', ...app.where, '--jti', 'a'], { isTTY: true });

        // A process that joins waits for a lease if the server may have lost its data, and a revocation for a process that is gone

        await line.says(/\r\u001b\[Kjoining the processes of the app, \d s$/);
        await until(async () => await app.raw.hget(`{${app.prefix}}:blacklist:log`, 'restoring') === null && await app.raw.hexists(`{${app.prefix}}:blacklist:log`, 'epoch') === 1);
        await app.raw.zadd(`{${app.prefix}}:blacklist:members`, 0, 'gone');
        await line.says(/\r\u001b\[Kwaiting: 0 of 1 process has it, \d s$/);
        expect((await line.done).stderr).to.endWith('s\r\u001b[K');
    });

    it('refuses anything broad where nobody can be asked', async () => {

        await app.register();
        for (const args of [['--subject', '42'], ['--issued-before', '2020-01-01'], ['--issued-before', '2020-01-01', '--subject', '42']]) {
            expect(await app.cli('revoke', ...args)).to.equal({ code: 2, stdout: '', stderr: 'hard-logout: This needs --yes, because there is no terminal to ask at\n' });
        }
    });

    it('waits as long as the processes trust their memory', async () => {

        await app.launch({}, { lease: 500 });
        await app.raw.zadd(`{${app.prefix}}:blacklist:members`, 0, 'gone');
        const [first, second] = [Date.now(), await app.cli('revoke', '--jti', 'a').then(() => Date.now())];
        expect(second - first).to.be.least(500);
    });

    it('reaches processes that ask at each request, and are in no registry', async () => {

        const { login } = await app.launch({}, { lease: false });
        const pair = await login();
        const { code, stdout, stderr } = await app.revoke('--subject', '42');
        expect(code).to.equal(0);
        expect(stdout).to.endWith('0 processes have it.\n');
        expect(stderr).to.equal('hard-logout: no process is in the registry: either none is running, or they have lease: false, ask Redis at every request, and so know it already\n');
        await app.expectDead(pair);
    });

    it('refuses where the clocks are apart, which would let a revocation end too early', async () => {

        await app.register();
        const now = Date.now;
        for (const [shift, text] of [[3600_000, '3600 s ahead of'], [-3600_000, '3600 s behind']] as const) {
            Date.now = () => now() + shift;
            try {
                const { code, stderr } = await app.revoke('--jti', 'a');
                expect(code).to.equal(1);
                expect(stderr.replace(/\d{4} s/, '3600 s')).to.equal(`hard-logout: This machine's clock is ${text} Redis's clock: set it first\n`);
            }
            finally {
                Date.now = now;
            }
        }

        expect(await app.raw.exists(`{${app.prefix}}:blacklist`)).to.equal(0);
    });

    it('does not say done where it is not certain', async () => {

        await app.launch();
        await app.raw.call('ACL', 'SETUSER', 'default', '-publish');
        try {
            const { code, stdout, stderr } = await app.revoke('--jti', 'a');
            expect({ code, stdout }).to.equal({ code: 1, stdout: '' });
            expect(stderr).to.endWith(': it is not certain whether it was revoked in every process; repeat it\n');
        }
        finally {
            await app.raw.call('ACL', 'SETUSER', 'default', '+publish');
        }
    });

    it('leaves the registry when it is interrupted, and says what is certain', async () => {

        await app.launch();
        const interrupted = async function (when: (line: CommandLine) => Promise<unknown> | void, signal: NodeJS.Signals, options = {}, ...args: string[]): Promise<Outcome> {

            const line = new CommandLine(['revoke', ...app.where, ...args], options);
            await when(line);
            line.signal(signal);
            const outcome = await line.done;
            expect(line.stdin.isPaused()).to.equal(line.stdin.isTTY!);
            expect(await app.registry()).to.have.length(1);
            return outcome;
        };

        const nothing = { code: 130, stdout: '', stderr: 'hard-logout: SIGINT: nothing was revoked\n' };
        expect(await interrupted(() => undefined, 'SIGINT', {}, '--jti', 'a')).to.equal(nothing);
        expect(await interrupted((line) => line.says(/go on/), 'SIGINT', { isTTY: true }, '--subject', '42')).to.include({ code: 130, stdout: '' });
        expect(await app.raw.exists(`{${app.prefix}}:blacklist`)).to.equal(0);

        const written = async function (): Promise<void> {

            const news = app.raw.duplicate();
            await news.subscribe(`{${app.prefix}}:blacklist:news:0`);
            await new Promise((resolve) => {

                news.once('message', resolve);
            });
            news.disconnect();
        };

        expect(await interrupted(written, 'SIGTERM', {}, '--jti', 'a')).to.equal({
            code: 143,
            stdout: '',
            stderr: 'hard-logout: SIGTERM: it is not certain whether it was revoked in every process; repeat it\n'
        });
    });

    it('does not join once it was interrupted', async () => {

        const line = new CommandLine(['revoke', ...app.where, '--jti', 'a']);
        line.signal('SIGINT');
        expect(await line.done).to.include({ code: 130, stderr: 'hard-logout: SIGINT: nothing was revoked\n' });
        expect(await app.registry()).to.be.empty();
    });
});


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
