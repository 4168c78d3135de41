import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { start } from '../../lib/cli/program';
import { identify, identifyToken } from '../../lib/blacklist/identities';
import { CommandLine, command } from '../support/command';
import { RedisServer } from '../support/redis';
import { jwt as settings, prepare } from '../support/server';
import { look, mint, payload, serve } from '../support/tokens';

import type { SessionInfo, StrategyOptions } from '../../lib';
import type { Outcome } from '../support/command';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, beforeEach, describe, it } = lab;


const { issuer } = settings;

const lease = 100;

const sid = ({ jwt }: Pair) => payload(jwt).sid as string;


describe('The command line', () => {

    let redis: RedisServer;
    let raw: Redis;
    let prefix: string;
    let prefixes = 0;
    let servers: Prepared[];

    before(async () => {

        redis = await RedisServer.start();
        raw = new Redis(redis.path!);
    });

    after(async () => {

        raw.disconnect();
        await redis.stop();
    });

    beforeEach(() => {

        prefix = `p${++prefixes}`;
        servers = [];
    });

    afterEach(async () => {

        await Promise.all(servers.map(({ server }) => server.stop()));
    });

    const launch = async function (strategy: Partial<StrategyOptions> = {}, options = {}): Promise<Prepared> {

        const prepared = await serve(settings, strategy, { redis: redis.path, prefix, lease, ...options });
        servers.push(prepared);
        return prepared;
    };

    const where = () => ['--redis', redis.path!, '--prefix', prefix];

    const cli = (name: string, ...args: string[]): Promise<Outcome> => command(name, ...where(), '--issuer', issuer, ...args);

    const revoke = (...args: string[]): Promise<Outcome> => cli('revoke', '--yes', '--lease', `${lease}`, ...args);

    const registry = () => raw.hkeys(`{${prefix}}:blacklist:processes`);

    const entry = async function (key: string): Promise<{ cutoff: number; ttl: number }> {

        const [cutoff, expires] = (await raw.hget(`{${prefix}}:blacklist`, key))!.split(':').map(Number);
        return { cutoff: cutoff!, ttl: expires! - Date.now() };
    };

    const rows = (subject: string) => raw.keys(`${prefix}:{${identify('subject', issuer, subject)}}:session:*`);

    // From the moment of the answer on, both tokens, in both processes

    const expectDead = async function ({ jwt, refreshToken }: Pair): Promise<void> {

        for (const server of servers) {
            expect(await look(server, { jwt })).to.equal('The access token was revoked');
            expect(await look(server, { refreshToken })).to.match(/^The refresh token (was revoked|is invalid)$/);
        }
    };

    const expectAlive = async function (tokens: Partial<Pair>): Promise<void> {

        for (const server of servers) {
            expect(await look(server, tokens)).to.equal(200);
        }
    };


    describe('revoke', () => {

        it('ends everything of a subject, and what comes right afterwards lives', async () => {

            const { login } = await launch();
            await launch();
            const pairs = [await login(), await login()];
            const other = await login('43');

            const { code, stdout, stderr } = await revoke('--subject', '42');
            expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
            expect(stdout).to.equal(`Revoked everything of the subject "42", of the issuer "${issuer}". 2 processes have it.\n`);
            const next = await login();

            await expectDead(pairs[0]!);
            await expectDead(pairs[1]!);
            await expectAlive(other);
            await expectAlive(next);
            expect(await rows('42')).to.have.length(1);
            expect(await registry()).to.have.length(2);
        });

        it('leaves no login undead that comes meanwhile', async () => {

            const { login } = await launch();
            let isDone = false;
            const done = revoke('--subject', '42').then(({ code }) => {

                isDone = true;
                expect(code).to.equal(0);
            });

            const pairs: Pair[] = [];
            while (!isDone) {
                pairs.push(await login());
            }

            await done;
            const verdicts = await Promise.all(pairs.map(async ({ jwt, refreshToken }) => [await look(servers[0]!, { jwt }) === 200, await look(servers[0]!, { refreshToken }) === 200]));
            expect(verdicts.filter(([access, refresh]) => access !== refresh)).to.be.empty();

            const alive = verdicts.map(([access]) => access!);
            expect(alive.at(0)).to.be.false();
            expect(alive.slice(alive.indexOf(true))).to.not.include(false);
        });

        it('ends a session', async () => {

            const { login } = await launch();
            const [pair, other] = [await login(), await login()];
            const { code, stdout } = await revoke('--session', sid(pair), '--json');
            expect(code).to.equal(0);
            expect(JSON.parse(stdout)).to.equal({ session: sid(pair), issuers: [issuer], sessions: 0, processes: 1 });

            await expectDead(pair);
            await expectAlive(other);
            expect(await rows('42')).to.have.length(1);

            // As long as the access token could have been presented

            const { ttl } = await entry(identify('session', issuer, sid(pair)));
            expect(ttl).to.be.between(14 * 60_000, 17 * 60_000 + 10_000);
            expect((await revoke('--session', sid(pair))).code).to.equal(0);
        });

        it('does not end half a session, under another issuer', async () => {

            const { login } = await launch();
            const pair = await login();
            const { code, stderr } = await command('revoke', ...where(), '--lease', `${lease}`, '--session', sid(pair), '--yes');
            expect({ code, stderr }).to.equal({ code: 2, stderr: 'hard-logout: The session is of another issuer than --issuer says\n' });
            await expectAlive(pair);
            await expectAlive({ jwt: pair.jwt });

            expect((await revoke('--session', sid(pair), '--issuer', 'another')).code).to.equal(0);
            await expectDead(pair);
        });

        it('ends a session from elsewhere, for as long as is said', async () => {

            await launch();
            const jwt = await mint({ sid: 'a' });
            expect(await revoke('--session', 'a', '--max-age', '2d')).to.include({ code: 0, stdout: `Revoked the session "a", of the issuer "${issuer}". 1 process has it.\n` });
            expect(await look(servers[0]!, { jwt })).to.equal('The access token was revoked');
            expect((await entry(identify('session', issuer, 'a'))).ttl).to.be.between(2 * 86_400_000 + 60_000, 2 * 86_400_000 + 66_000);
        });

        it('ends one token', async () => {

            const { login } = await launch();
            const [pair, other] = [await login(), await login()];
            const { code, stdout } = await revoke('--jti', payload(pair.jwt).jti as string);
            expect(code).to.equal(0);
            expect(stdout).to.startWith(`Revoked the token "${payload(pair.jwt).jti}", of`);

            expect(await look(servers[0]!, { jwt: pair.jwt })).to.equal('The access token was revoked');
            await expectAlive({ refreshToken: pair.refreshToken });
            await expectAlive(other);
            expect((await entry(identifyToken(issuer, payload(pair.jwt).jti as string))).ttl).to.be.between(90 * 86_400_000 + 60_000, 90 * 86_400_000 + 66_000);
        });

        it('ends what was issued before a moment, to a subject', async () => {

            const { auth, login } = await launch();
            const [old, pair, other] = [await login(), await login(), await login('43')];
            const [{ created: first }, { created: second }] = (await auth.sessions('42')) as [SessionInfo, SessionInfo];
            expect(second).to.be.above(first);

            const { code, stdout } = await revoke('--subject', '42', '--issued-before', new Date(second).toISOString());
            expect(code).to.equal(0);
            expect(stdout).to.startWith(`Revoked what was issued before ${new Date(second).toISOString()} to the subject "42", of`);
            await expectDead(old);
            await expectAlive(pair);
            await expectAlive(other);
            expect(await rows('42')).to.have.length(1);
        });

        it('ends what was issued before a moment, to everybody', async () => {

            const { login } = await launch();
            const [pair, other] = [await login(), await login('43')];
            const { code, stdout } = await revoke('--issued-before', new Date(Date.now() + 1000).toISOString(), '--json');
            expect(code).to.equal(0);
            expect(JSON.parse(stdout)).to.include({ issuers: [issuer], sessions: 0, processes: 1 });
            await expectDead(pair);
            await expectDead(other);
        });

        it('ends it under each issuer that is named, or none', async () => {

            const args = ['revoke', ...where(), '--yes', '--lease', `${lease}`, '--subject', '42'];
            const { stdout } = await command(...args, '--issuer', '', '--issuer', issuer);
            expect(stdout).to.startWith(`Revoked everything of the subject "42", without an issuer and of the issuer "${issuer}".`);
            await entry(identify('subject', issuer, '42'));
            await entry(identify('subject', '', '42'));

            await command(...args.slice(0, -1), '43');
            await entry(identify('subject', '', '43'));
        });

        it('takes tokens from elsewhere for as old as a clock may say that is ahead', async () => {

            const { login } = await launch();

            const ahead = async function (subject: string, ...args: string[]): Promise<number> {

                const began = Date.now();
                expect((await revoke('--subject', subject, '--json', ...args)).code).to.equal(0);
                return (await entry(identify('subject', issuer, subject))).cutoff - began;
            };

            expect(await ahead('none')).to.be.between(5000, 7000);
            expect(await ahead('few', '--clock-tolerance', '100s')).to.be.between(100_000, 102_000);
            expect(await ahead('nobody', '--tokens', 'ours')).to.be.between(-1, 2000);

            await login();
            expect(await ahead('42')).to.be.between(-1, 2000);
            await login();
            expect(await ahead('42', '--tokens', 'elsewhere')).to.be.between(5000, 7000);
        });

        it('ends JWTs from elsewhere of the same moment', async () => {

            const prepared = await prepare({ refreshToken: undefined }, { redis: redis.path, prefix, lease });
            servers.push(prepared);
            await prepared.server.initialize();

            const jwt = await mint({ iat: Math.floor(Date.now() / 1000) + 3 });
            expect(await prepared.me(jwt)).to.include({ statusCode: 200 });
            expect((await revoke('--subject', '42')).code).to.equal(0);
            expect(await prepared.me(jwt)).to.include({ statusCode: 401, message: 'The access token was revoked' });
        });

        it('leaves the app\'s clearing up to time, where that fails', async () => {

            const { login } = await launch();
            const pair = await login();
            const line = new CommandLine(['revoke', ...where(), '--issuer', issuer, '--lease', '1s', '--session', sid(pair)]);
            try {
                await raw.call('ACL', 'SETUSER', 'default', '-zrem');
                const { code, stderr } = await line.done;
                expect(code).to.equal(0);
                expect(stderr).to.startWith('hard-logout: what is left of the sessions stays for a while, which is harmless: ');
                await expectDead(pair);
            }
            finally {
                await raw.call('ACL', 'SETUSER', 'default', '+zrem');
            }
        });

        it('asks before anything broad', async () => {

            const { login } = await launch();
            const pair = await login();

            const ask = async function (answer: string | null, ...args: string[]): Promise<Outcome> {

                const line = new CommandLine(['revoke', ...where(), '--issuer', issuer, '--lease', `${lease}`, ...args], { isTTY: true });
                await line.says(/to go on: $/);
                expect(await registry()).to.have.length(1);
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
            await expectAlive(pair);

            expect(await ask(' yes \n', '--subject', '42')).to.include({ code: 0, stderr: question });
            await expectDead(pair);
            expect(await ask('everybody\n', ...everybody)).to.include({ code: 0 });
        });

        it('refuses anything broad where nobody can be asked', async () => {

            for (const args of [['--subject', '42'], ['--issued-before', '2020-01-01'], ['--issued-before', '2020-01-01', '--subject', '42']]) {
                expect(await cli('revoke', ...args)).to.equal({ code: 2, stdout: '', stderr: 'hard-logout: This needs --yes where there is no terminal to ask on\n' });
            }
        });

        it('says so where no process of the app can be seen', async () => {

            const { code, stdout, stderr } = await revoke('--jti', 'a');
            expect(code).to.equal(0);
            expect(stdout).to.endWith('0 processes have it.\n');
            expect(stderr).to.equal('hard-logout: no process is in the registry: are these the Redis and the prefix of the app?\n');
        });

        it('waits as long as the processes trust their memory', async () => {

            await launch({}, { lease: 2000 });
            const [first, second] = [Date.now(), await cli('revoke', '--jti', 'a').then(() => Date.now())];
            expect(second - first).to.be.least(2000);
        });

        it('reaches processes that ask at each request', async () => {

            const { login } = await launch({}, { lease: false });
            const pair = await login();
            const { code, stdout } = await cli('revoke', '--subject', '42', '--yes', '--lease', 'false');
            expect(code).to.equal(0);
            expect(stdout).to.endWith('Who asks Redis at each request knows it.\n');
            await expectDead(pair);
            expect(JSON.parse((await cli('revoke', '--jti', 'a', '--lease', 'false', '--json')).stdout)).to.include({ processes: null });
        });

        it('refuses where the clocks are apart, which would let a revocation end too early', async () => {

            const now = Date.now;
            for (const [shift, text] of [[3600_000, '3600 s ahead of'], [-3600_000, '3600 s behind']] as const) {
                Date.now = () => now() + shift;
                try {
                    const { code, stderr } = await revoke('--jti', 'a');
                    expect(code).to.equal(1);
                    expect(stderr.replace(/\d{4} s/, '3600 s')).to.equal(`hard-logout: This machine's clock is ${text} Redis's: set it first\n`);
                }
                finally {
                    Date.now = now;
                }
            }

            expect(await raw.exists(`{${prefix}}:blacklist`)).to.equal(0);
        });

        it('does not say done where it is not certain', async () => {

            await launch();
            await raw.call('ACL', 'SETUSER', 'default', '-publish');
            try {
                const { code, stdout, stderr } = await revoke('--jti', 'a');
                expect({ code, stdout }).to.equal({ code: 1, stdout: '' });
                expect(stderr).to.endWith(': it is not certain whether it was revoked in every process; repeat it\n');
            }
            finally {
                await raw.call('ACL', 'SETUSER', 'default', '+publish');
            }
        });

        it('leaves the registry when it is interrupted, and says what is certain', async () => {

            await launch();
            const interrupted = async function (when: (line: CommandLine) => Promise<unknown> | void, signal: NodeJS.Signals, options = {}, ...args: string[]): Promise<Outcome> {

                const line = new CommandLine(['revoke', ...where(), '--issuer', issuer, '--lease', '5s', ...args], options);
                await when(line);
                line.signal(signal);
                const outcome = await line.done;
                expect(line.stdin.isPaused()).to.equal(line.stdin.isTTY!);
                expect(await registry()).to.have.length(1);
                return outcome;
            };

            const nothing = { code: 130, stdout: '', stderr: 'hard-logout: SIGINT: nothing was revoked\n' };
            expect(await interrupted(() => undefined, 'SIGINT', {}, '--jti', 'a')).to.equal(nothing);
            expect(await interrupted((line) => line.says(/go on/), 'SIGINT', { isTTY: true }, '--subject', '42')).to.include({ code: 130, stdout: '' });
            expect(await raw.exists(`{${prefix}}:blacklist`)).to.equal(0);

            const written = async function (): Promise<void> {

                const news = raw.duplicate();
                await news.subscribe(`{${prefix}}:blacklist:news:0`);
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

            const line = new CommandLine(['revoke', ...where(), '--jti', 'a']);
            line.signal('SIGINT');
            expect(await line.done).to.include({ code: 130, stderr: 'hard-logout: SIGINT: nothing was revoked\n' });
            expect(await registry()).to.be.empty();
        });
    });


    describe('sessions', () => {

        it('lists what lives, with what the app attached, and no token', async () => {

            const { auth } = await launch();
            const { access_token: jwt, refresh_token: refreshToken } = await auth.issue({ sub: '42', secret: 'hush' }, { data: { device: 'a\u001b[2Jphone' } });
            await auth.issue({ sub: '42' });
            const sessions = await auth.sessions('42');

            const { code, stdout, stderr } = await cli('sessions', '--subject', '42', '--json');
            expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
            const listed = JSON.parse(stdout);
            expect(listed.map(({ expires, ...session }: any) => session)).to.equal(sessions.map(({ id, created, renewed, data }) => ({
                issuer,
                id,
                created,
                renewed,
                ...data !== undefined && { data }
            })));
            expect(Math.abs(listed[0].expires - sessions[0]!.expires)).to.be.below(2000);

            const text = (await cli('sessions', '--subject', '42')).stdout.split('\n');
            expect(text).to.have.length(3);
            expect(text[0]).to.startWith(`${sessions[0]!.id}  created ${new Date(sessions[0]!.created).toISOString()}  renewed `);
            expect(text[0]).to.endWith('  {"device":"a\\u001b[2Jphone"}');
            expect(text[1]).to.endWith('Z');

            for (const secret of ['hush', jwt, refreshToken!]) {
                expect(`${stdout}${text}`).to.not.contain(secret);
            }

            expect(await registry()).to.have.length(1);
        });

        it('leaves out what was revoked', async () => {

            const { login } = await launch();
            await login();
            await revoke('--issued-before', new Date(Date.now() + 1000).toISOString());
            expect(await rows('42')).to.have.length(1);
            expect(await cli('sessions', '--subject', '42')).to.equal({ code: 0, stdout: 'No sessions of "42".\n', stderr: '' });
            expect(await cli('sessions', '--subject', '42', '--json')).to.include({ stdout: '[]\n' });
        });

        it('can be interrupted', async () => {

            const line = new CommandLine(['sessions', ...where(), '--subject', '42']);
            line.signal('SIGINT');
            expect(await line.done).to.equal({ code: 130, stdout: '', stderr: 'hard-logout: SIGINT: nothing was read\n' });
        });
    });


    describe('status', () => {

        it('shows the processes that live, those that do not, and the blacklist', async () => {

            expect(await cli('status', '--json')).to.include({ code: 2 });
            const status = (...args: string[]) => command('status', ...where(), ...args);

            const empty = await status();
            expect(empty).to.include({ code: 0, stderr: '' });
            expect(empty.stdout).to.equal('Redis is not settled: it is new, or was restarted, promoted or emptied, and a process that joins waits for a lease\n0 revocations\n0 processes\n');

            const { login, auth } = await launch();
            await auth.revoke({ session: sid(await login()) });
            const [id] = await registry();
            await raw.hset(`{${prefix}}:blacklist:processes`, 'gone', '7:200');

            const { code, stdout } = await status('--json');
            expect(code).to.equal(0);
            const { processes, ...rest } = JSON.parse(stdout);
            expect(rest).to.equal({ isSettled: true, revocations: 1 });
            expect(processes).to.have.length(2);
            const [living, gone] = processes[0].id === id ? processes : processes.reverse();
            expect(living).to.include({ id, lease });
            expect(living.beat as number).to.be.between(-1, 200);
            expect(gone).to.equal({ id: 'gone', lease: 200, beat: null });

            const lines = (await status()).stdout.split('\n');
            expect(lines.slice(0, 3)).to.equal(['Redis is settled', '1 revocation', '2 processes']);
            expect(lines).to.include('  gone  lease 200 ms  no beat within its lease: gone, or paused');
            expect(lines.find((line) => line.includes(id!))).to.match(/ {2}lease 100 ms {2}beat \d+ ms ago$/);
            expect(await registry()).to.have.length(2);
        });
    });


    describe('watch', () => {

        const follow = async function (...args: string[]): Promise<CommandLine> {

            const line = new CommandLine(['watch', ...where(), '--issuer', issuer, ...args]);
            await line.says(/hard-logout: watching\n$/);
            return line;
        };

        it('tells of revocations as they arrive, without being waited for', async () => {

            const { auth, login } = await launch();
            await auth.revoke({ session: sid(await login()) });
            const pair = await login();

            const line = await follow();
            expect(await registry()).to.have.length(1);
            await auth.revoke({ session: sid(pair) });
            const key = identify('session', issuer, sid(pair));
            await line.says(new RegExp(`^\\S+Z {2}${key} {2}something: revoked\n$`, 'm'));

            await auth.revoke({ issuedBefore: 1_600_000_000_000 });
            await line.says(/ {2}everybody: revoked what was issued before 2020-09-13T12:26:40.000Z\n$/);
            expect(auth).to.exist();

            line.signal('SIGINT');
            const { code, stdout, stderr } = await line.done;
            expect(code).to.equal(130);
            expect(stdout.split('\n')).to.have.length(3);
            expect(stderr).to.equal('hard-logout: watching\nhard-logout: SIGINT: no longer watching\n');
        });

        it('tells of what is named', async () => {

            const { auth, login } = await launch();
            const pair = await login();
            const lines = await Promise.all([follow('--subject', '42', '--json'), follow('--session', sid(pair), '--json'), follow('--jti', 'a', '--json')]);

            await revoke('--jti', 'a');
            await auth.revoke({ session: sid(pair) });
            await auth.revoke({ subject: '42' });
            await auth.revoke({ subject: '43' });
            await auth.revoke({ issuedBefore: 1_600_000_000_000 });
            await Promise.all(lines.map((line) => line.says(/"everybody"/)));

            lines.forEach((line) => line.signal('SIGTERM'));
            const told = await Promise.all(lines.map(async (line) => (await line.done).stdout.trim().split('\n').map((text) => JSON.parse(text))));
            expect(told.map((events) => events.map(({ event, kind, id }) => [event, kind, id]))).to.equal([
                [['connected', undefined, undefined], ['revoked', 'subject', '42'], ['revoked', 'everybody', null]],
                [['connected', undefined, undefined], ['revoked', 'session', sid(pair)], ['revoked', 'everybody', null]],
                [['connected', undefined, undefined], ['revoked', 'token', 'a'], ['revoked', 'everybody', null]]
            ]);

            const [, subject, everybody] = told[0]!;
            expect(subject.before as number).to.be.between(Date.now() - 5000, Date.now() + 1);
            expect(everybody).to.include({ before: 1_600_000_000_000, key: identify('everyone', issuer) });
            expect(told[1]![1]).to.include({ before: null, key: identify('session', issuer, sid(pair)) });
            expect(told[1]![1].ttl as number).to.be.above(60_000);
        });

        it('says so when it loses the connection, and then what it has missed', async () => {

            const { auth } = await launch();
            const line = await follow('--json');

            const kill = async function (): Promise<void> {

                const clients = (await raw.call('CLIENT', 'LIST') as string).split('\n').filter((client) => / name=hard-logout:lease /.test(client));
                const ids = clients.map((client) => /^id=(\d+)/.exec(client)![1]!);

                // Together, so that it is written while nobody listens

                await Promise.all([...ids.map((id) => raw.call('CLIENT', 'KILL', 'ID', id)), raw.hset(`{${prefix}}:blacklist`, 'missed', `5:${Date.now() + 60_000}`), raw.hset(`{${prefix}}:blacklist`, 'over', '5:5')]);
            };

            await kill();
            await line.says(/connected again: what was missed has been told\n$/);
            expect(auth).to.exist();

            line.signal('SIGINT');
            const { stdout, stderr } = await line.done;
            const events = stdout.trim().split('\n').map((text) => JSON.parse(text));
            expect(events.map(({ event }) => event)).to.equal(['connected', 'lost', 'revoked', 'connected']);
            expect(events[1].reason).to.equal('Redis: the connection was lost');
            expect(events[2]).to.include({ key: 'missed', before: 6, kind: null, id: null });
            expect(stderr).to.contain('hard-logout: the connection is lost: Redis: the connection was lost\n');
        });

        it('says so once, for as long as Redis is gone', { timeout: 15_000 }, async () => {

            const own = await RedisServer.start();
            try {
                const line = new CommandLine(['watch', '--redis', own.path!]);
                await line.says(/watching/);
                await own.restart();
                await line.says(/connected again/);
                own.pause();
                await line.says(/the connection is lost[^]*the connection is lost/);
                own.resume();
                await line.says(/connected again[^]*connected again/);
                line.signal('SIGINT');
                expect((await line.done).stderr.match(/the connection is lost/g)).to.have.length(2);
            }
            finally {
                await own.stop();
            }
        });
    });


    it('fails where there is no Redis, without showing a password', { timeout: 15_000 }, async () => {

        const urls = ['redis://user:hush@127.0.0.1:1', 'rediss://:hush@127.0.0.1:1', '/nowhere/redis.sock'];
        const lines = [['revoke', '--jti', 'a'], ['sessions', '--subject', '42'], ['status'], ['watch', '--json']];
        const fail = async function (line: string[], url: string): Promise<void> {

            const { code, stdout, stderr } = await command(...line, '--redis', url);
            expect({ code, stdout }).to.equal({ code: 1, stdout: '' });
            expect(stderr).to.startWith('hard-logout: Redis: connect ');
            expect(stderr).to.not.contain('hush');
        };

        await Promise.all(lines.flatMap((line) => urls.map((url) => fail(line, url))));
    });

    it('fails where the password is wrong, without showing it', async () => {

        const own = await RedisServer.start({ port: true, args: ['--requirepass', 'secret'] });
        try {
            const enter = (password: string) => new CommandLine(['status'], { env: { REDIS_URL: `redis://:${password}@127.0.0.1:${own.port}` } }).done;
            const { code, stdout, stderr } = await enter('hush');
            expect({ code, stdout }).to.equal({ code: 1, stdout: '' });
            expect(stderr).to.startWith('hard-logout: Redis: WRONGPASS ');
            expect(stderr).to.not.contain('hush');
            expect(await enter('secret')).to.include({ code: 0, stderr: '' });
        }
        finally {
            await own.stop();
        }
    });


    describe('as a process', () => {

        const fake = function (...args: string[]) {

            return Object.assign(new EventEmitter(), {
                argv: ['node', 'hard-logout', ...args],
                env: { REDIS_URL: redis.path },
                stdin: new PassThrough(),
                stdout: new PassThrough(),
                stderr: new PassThrough(),
                exitCode: undefined as number | undefined
            });
        };

        it('ends by a signal, once', async () => {

            for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
                const process = fake('watch');
                const done = start(process as any);
                process.emit(signal, signal);
                expect(process.listenerCount(signal)).to.equal(0);
                await done;
                expect(process.exitCode).to.equal(code);
                expect(process.eventNames()).to.be.empty();
            }
        });

        it('ends when nobody reads it any more', async () => {

            const process = fake('watch');
            const done = start(process as any);
            process.stdout.emit('error', new Error('EPIPE'));
            process.stdout.emit('error', new Error('EPIPE'));
            await done;
            expect(process.exitCode).to.equal(141);
        });

        it('begins with its main module', async () => {

            const { argv, exitCode } = process;
            const write = process.stdout.write;
            const written: unknown[] = [];
            process.argv = ['node', 'hard-logout', '--version'];
            process.stdout.write = (text: unknown) => written.push(text) > 0;
            try {
                require('../../lib/cli/main');
                await new Promise(setImmediate);
            }
            finally {
                process.stdout.write = write;
                process.argv = argv;
                process.exitCode = exitCode;
            }

            expect(written).to.equal([`${require('../../package.json').version}\n`]);
        });
    });
});
