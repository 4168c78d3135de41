import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { redisAddress } from '../../lib/cli/address';
import { parseArguments } from '../../lib/cli/arguments';
import { Usage } from '../../lib/cli/failure';
import { help } from '../../lib/cli/help';
import { count, quote } from '../../lib/cli/output';
import { duration, identity, moment } from '../../lib/cli/values';
import { mint as mintRefreshToken } from '../../lib/sessions/refresh-token';
import { CommandLine, command } from '../support/command';
import { mint } from '../support/tokens';


export const lab = Lab.script();
const { describe, it } = lab;


const env = { REDIS_URL: 'redis://localhost' };


describe('The arguments of the command line', () => {

    const parse = (...args: string[]) => parseArguments(args, env);

    const refusal = function (...args: string[]): string {

        try {
            parse(...args);
        }
        catch (error) {
            expect(error).to.be.instanceof(Usage);
            expect(error).to.include({ code: 2 });
            return (error as Usage).message;
        }

        throw new Error(`accepted: ${args.join(' ')}`);
    };

    it('are understood', () => {

        expect(parse('revoke', '--subject', '42')).to.equal({
            command: 'revoke',
            plugin: { redis: 'redis://localhost', prefix: 'hard-logout', lease: 1500, timeout: 2000, startWithoutStore: false, cache: { max: 100_000 } },
            target: { subject: '42', session: undefined, jti: undefined, issuedBefore: undefined },
            issuers: [''],
            maxAge: 90 * 86_400_000,
            clockTolerance: 5000,
            lease: undefined,
            tokens: undefined,
            isConfirmed: false,
            isJson: false
        });

        const all = ['--redis', '/run/redis', '--prefix', 'p', '--issuer', 'a', '--issuer', 'b', '--max-age', '7d', '--clock-tolerance', '0', '--lease', '3s', '--tokens', 'ours', '-y', '--json'];
        expect(parse('revoke', '--subject=-42', '--issued-before', '2020-02-29T01:00:00+01:00', ...all)).to.include({
            target: { subject: '-42', session: undefined, jti: undefined, issuedBefore: Date.UTC(2020, 1, 29) },
            issuers: ['a', 'b'],
            maxAge: 7 * 86_400_000,
            clockTolerance: 0,
            lease: 3000,
            tokens: 'ours',
            isConfirmed: true,
            isJson: true
        });

        expect((parse('revoke', '--jti', 'a', '--lease', 'false') as any).plugin.lease).to.be.false();
        expect((parse('status', '--redis', '/run/redis') as any).plugin.redis).to.equal('/run/redis');
        expect(parse('revoke', '--help')).to.equal('help');
        expect(parse('-v')).to.equal('version');
    });

    it('name one command', () => {

        for (const args of [[], ['logout'], ['status', 'status'], ['revoke', '42'], ['--json']]) {
            expect(refusal(...args)).to.equal('One command is needed: revoke, sessions, status, watch. hard-logout --help tells more');
        }
    });

    it('name what is meant, never nothing and never too much', () => {

        const usage = 'revoke needs one of --subject, --session, --jti and --issued-before; --issued-before may have a --subject';
        expect(refusal('revoke')).to.equal(usage);
        expect(refusal('revoke', '--yes')).to.equal(usage);
        expect(refusal('revoke', '--subject', '42', '--session', 'a')).to.equal(usage);
        expect(refusal('revoke', '--jti', 'a', '--issued-before', '2020-01-01')).to.equal(usage);
        expect(refusal('revoke', '--issued-before', '2020-01-01', '--subject', '')).to.equal('--subject is empty, or no text');
        expect(refusal('revoke', '--subject', '\ud800')).to.equal('--subject is empty, or no text');
        expect(refusal('revoke', '--subject', '42', '--subject', '43')).to.equal('--subject is given more than once');
        expect(refusal('sessions')).to.equal('sessions needs a --subject');
        expect(refusal('watch', '--jti', 'a', '--session', 'b')).to.equal('watch takes one of --subject, --session and --jti');
        expect(refusal('status', '--subject', '42')).to.equal('status has no --subject');
        expect(refusal('sessions', '--subject', '42', '--yes')).to.equal('sessions has no --yes');
    });

    it('are refused without being shown', () => {

        expect(refusal('status', '--secret=hush')).to.equal('An option is unknown');
        expect(refusal('status', '-x')).to.equal('An option is unknown');
        expect(refusal('revoke', '--session', '--json')).to.equal('--session needs a value, or takes none. One that begins with - is given as --session=-...');
        expect(refusal('revoke', '--session')).to.startWith('--session needs a value');
        expect(refusal('revoke', '--yes=hush')).to.startWith('--yes needs a value, or takes none');
        expect(refusal('revoke', '-y=hush')).to.equal('An option is unknown');
        expect(refusal('revoke', '--subject', '42', '--tokens', 'hush')).to.equal('--tokens is ours or elsewhere');
        expect(refusal('status', '--prefix', 'hush {')).to.equal('--prefix must be free of braces and white space');
    });

    it('hold no token', async () => {

        const jwt = await mint();
        const refreshToken = mintRefreshToken('', '42').bytes.toString('base64url');
        for (const token of [jwt, refreshToken]) {
            for (const name of ['subject', 'session', 'jti']) {
                expect(refusal('revoke', `--${name}=${token}`)).to.equal(`--${name} is given a token. Name what the token says: its sub, its sid or its jti`);
            }
        }

        expect(identity('subject', 'a.user.name')).to.equal('a.user.name');
        expect(identity('subject', 'eyJ')).to.equal('eyJ');
    });

    it('take durations with a unit', () => {

        const values = ['5', '5ms', '5s', '5m', '5h', '5d'].map((text) => duration('lease', text, 5, 1e12));
        expect(values).to.equal([5, 5, 5000, 300_000, 18_000_000, 432_000_000]);
        for (const text of ['', '4', '-5', '5w', '5 s', '1.5s', 'Infinity', '6s']) {
            expect(() => duration('lease', text, 5, 5000)).to.throw(Usage, '--lease needs a duration such as 90d, 12h, 30m, 15s or 1500ms, from 5ms to 5000ms');
        }

        expect(refusal('revoke', '--jti', 'a', '--lease', '99')).to.startWith('--lease needs a duration');
        expect(refusal('revoke', '--jti', 'a', '--max-age', '999')).to.startWith('--max-age needs a duration');
        expect(refusal('revoke', '--jti', 'a', '--clock-tolerance', '301s')).to.startWith('--clock-tolerance needs a duration');
    });

    it('take moments that can mean one thing only', () => {

        expect(moment('issued-before', '2020-01-02')).to.equal(Date.UTC(2020, 0, 2));
        expect(moment('issued-before', '2020-01-02T03:04Z')).to.equal(Date.UTC(2020, 0, 2, 3, 4));
        expect(moment('issued-before', '2020-01-02T03:04:05.678-01:00')).to.equal(Date.UTC(2020, 0, 2, 4, 4, 5, 678));
        expect(moment('issued-before', new Date(Date.now() + 50_000).toISOString())).to.be.above(Date.now());

        const late = new Date(Date.now() + 70_000).toISOString();
        for (const text of ['', 'now', '1577934245', '1577934245678', '2020-01-02T03:04', '2020-02-30', '2020-13-01', '2020-01-02T25:00Z', '1/2/2020', late]) {
            expect(() => moment('issued-before', text)).to.throw(Usage, '--issued-before needs a moment such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute ahead');
        }
    });

    it('name a Redis', () => {

        const named = (redis: string | undefined, url?: string) => redisAddress(redis, { REDIS_URL: url });
        expect(named(undefined, 'redis://:hush@host:1/2')).to.equal('redis://:hush@host:1/2');
        expect(named('rediss://host', 'redis://other')).to.equal('rediss://host');
        expect(named('/run/redis.sock')).to.equal('/run/redis.sock');

        for (const url of [undefined, '']) {
            expect(() => named(undefined, url)).to.throw(Usage, 'No Redis is named: set REDIS_URL, or --redis where nobody sees the list of processes');
        }

        // ioredis would take these for paths and hosts, and show them

        const usage = 'needs redis://, rediss:// or the path of a unix socket, which begins with /; a password in it is percent-encoded';
        for (const url of ['redis:://:hush@host', ':hush@host', 'http://:hush@host', 'redis://:hu/sh@host', 'redis:hush', 'redis://hu/sh@host', 'redis://hu?sh@host', 'redis://hu#sh@host']) {
            expect(() => named(url)).to.throw(Usage, `--redis ${usage}`);
            expect(() => named(undefined, url)).to.throw(Usage, `REDIS_URL ${usage}`);
        }
    });

    it('ask for help, and for the version', async () => {

        expect(await command('--help')).to.equal({ code: 0, stdout: help, stderr: '' });
        const { version } = JSON.parse(Fs.readFileSync(Path.join(__dirname, '..', '..', 'package.json'), 'utf8'));
        expect(await command('--version')).to.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
        expect(await command('status')).to.include({ code: 2, stdout: '', stderr: 'hard-logout: No Redis is named: set REDIS_URL, or --redis where nobody sees the list of processes\n' });
        expect(await new CommandLine(['logout'], { env }).done).to.include({ code: 2, stdout: '' });
    });

    it('are all in the help, which fits a terminal', () => {

        for (const name of ['redis', 'prefix', 'issuer', 'subject', 'session', 'jti', 'issued-before', 'tokens', 'max-age', 'clock-tolerance', 'lease', 'yes', 'json', 'help', 'version']) {
            expect(help).to.match(new RegExp(`--${name}\\b`));
        }

        expect(help.split('\n').filter((line) => line.length > 100)).to.be.empty();
    });
});


describe('The output of the command line', () => {

    it('has nothing in it that a terminal obeys', () => {

        expect(quote({ data: '\u001b[2J\u009b2J\u202edrawkcab' })).to.equal('{"data":"\\u001b[2J\\u009b2J\\u202edrawkcab"}');
        expect(JSON.parse(quote('\u007f\u2028é'))).to.equal('\u007f\u2028é');
    });

    it('counts', () => {

        expect([0, 1, 2].map((number) => count(number, 'process', 'processes'))).to.equal(['0 processes', '1 process', '2 processes']);
        expect(count(2, 'revocation')).to.equal('2 revocations');
    });
});
