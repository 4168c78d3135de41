import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identity, moment, parseArguments } from '../../lib/cli/arguments';
import { Usage } from '../../lib/cli/failure';
import { mint as mintRefreshToken } from '../../lib/sessions/refresh-token-format';
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
            plugin: { redis: 'redis://localhost', prefix: 'hard-logout', lease: 1500, timeout: 2000, startWithoutStore: false, cache: { max: 100_000 }, events: { client: false } },
            target: { subject: '42', session: undefined, jti: undefined, issuedBefore: undefined },
            issuers: [],
            isConfirmed: false,
            isJson: false
        });

        const all = ['--redis', '/run/redis', '--prefix', 'p', '--issuer', 'a', '--issuer', 'b', '--issuer', '', '-y', '--json'];
        expect(parse('revoke', '--subject=-42', '--issued-before', '2020-02-29T01:00:00+01:00', ...all)).to.include({
            target: { subject: '-42', session: undefined, jti: undefined, issuedBefore: Date.UTC(2020, 1, 29) },
            issuers: ['a', 'b', ''],
            isConfirmed: true,
            isJson: true
        });

        expect((parse('status', '--redis', '/run/redis') as any).plugin.redis).to.equal('/run/redis');
        expect(parse('revoke', '--help')).to.equal({ command: 'help', of: 'revoke' });
        expect(parse('-h', 'hush')).to.equal({ command: 'help', of: undefined });
        expect(parse('-v')).to.equal({ command: 'version' });
    });

    it('name one command', () => {

        const list = 'Commands are revoke, sessions, status, watch, doctor; see hard-logout --help';
        expect(refusal()).to.equal(`A command is missing. ${list}`);
        expect(refusal('--json')).to.equal(`A command is missing. ${list}`);
        expect(refusal('logout')).to.equal(`The command is unknown. ${list}`);
        expect(refusal('revoke', '42')).to.equal('revoke takes options only; see hard-logout revoke --help');
        expect(refusal('status', 'status')).to.equal('status takes options only; see hard-logout status --help');
    });

    it('may be misspelt: what was probably meant is named, what was typed is not', () => {

        const meant = function (...args: string[]): string | null {

            const message = refusal(...args);
            expect(message).to.match(/^(The command|An option) is unknown\./);
            expect(message).to.not.match(/hush|hunter|w4tc/);
            return /Did you mean (\S+)\?/.exec(message)?.[1] ?? null;
        };

        const commands = { revok: 'revoke', Revoke: 'revoke', rveoke: 'revoke', revoek: 'revoke', sesion: 'sessions', sess: 'sessions', stats: 'status', wacht: 'watch', wathc: 'watch' };
        expect(Object.keys(commands).map((text) => meant(text))).to.equal(Object.values(commands));
        expect(refusal('help')).to.contain('Did you mean --help?');
        expect(['s', 'hush', 'logout', 'hunter2', 'w4tc#'].map((text) => meant(text))).to.equal([null, null, null, null, 'watch']);

        const options = { '--subjet': '--subject', '--sub': '--subject', '--sesion=hush': '--session', '--issued_before=hush': '--issued-before', '--isuer': '--issuer', '--jsno': '--json', '--Yes': '--yes' };
        expect(Object.keys(options).map((text) => meant('revoke', text))).to.equal(Object.values(options));
        expect(['--secret=hush', '--hunter2', '-x', '--x'].map((text) => meant('revoke', text))).to.equal([null, null, null, null]);
    });

    it('name what is meant, never nothing and never too much', () => {

        const usage = 'revoke needs one of --subject, --session, --jti and --issued-before; only --subject and --issued-before go together';
        expect(refusal('revoke')).to.equal(usage);
        expect(refusal('revoke', '--yes')).to.equal(usage);
        expect(refusal('revoke', '--subject', '42', '--session', 'a')).to.equal(usage);
        expect(refusal('revoke', '--jti', 'a', '--issued-before', '2020-01-01')).to.equal(usage);
        expect(refusal('revoke', '--issued-before', '2020-01-01', '--subject', '')).to.equal('--subject is empty, or not valid text');
        expect(refusal('revoke', '--subject', '\ud800')).to.equal('--subject is empty, or not valid text');
        expect(refusal('revoke', '--subject', '42', '--subject', '43')).to.equal('--subject is given more than once');
        expect(refusal('sessions')).to.equal('sessions needs a --subject');
        expect(refusal('watch', '--jti', 'a', '--session', 'b')).to.equal('watch takes one of --subject, --session and --jti');
        expect(refusal('status', '--subject', '42')).to.equal('status has no --subject');
        expect(refusal('sessions', '--subject', '42', '--yes')).to.equal('sessions has no --yes');
    });

    it('name no token', async () => {

        const token = await mint();
        for (const name of ['subject', 'session', 'jti']) {
            expect(refusal('revoke', `--${name}=${token}`)).to.startWith(`--${name} is a token.`);
        }
    });

    it('are refused without being shown', () => {

        expect(refusal('status', '--secret=hush')).to.equal('An option is unknown.');
        expect(refusal('status', '-x')).to.equal('An option is unknown.');
        expect(refusal('revoke', '--session', '--json')).to.equal('--session needs a value, or takes none. Write a value that starts with - as --session=-...');
        expect(refusal('revoke', '--session')).to.startWith('--session needs a value');
        expect(refusal('revoke', '--yes=hush')).to.startWith('--yes needs a value, or takes none');
        expect(refusal('revoke', '-y=hush')).to.equal('An option is unknown.');
        expect(refusal('status', '--prefix', 'hush {')).to.equal('--prefix must be a text without braces and white space');
    });
});


describe('Values of the command line', () => {

    it('are moments that can mean one thing only', () => {

        expect(moment('issued-before', '2020-01-02')).to.equal(Date.UTC(2020, 0, 2));
        expect(moment('issued-before', '2020-01-02T03:04Z')).to.equal(Date.UTC(2020, 0, 2, 3, 4));
        expect(moment('issued-before', '2020-01-02T03:04:05.678-01:00')).to.equal(Date.UTC(2020, 0, 2, 4, 4, 5, 678));
        expect(moment('issued-before', new Date(Date.now() + 50_000).toISOString())).to.be.above(Date.now());

        const late = new Date(Date.now() + 70_000).toISOString();
        for (const text of ['', 'now', '1577934245', '1577934245678', '2020-01-02T03:04', '2020-02-30', '2020-13-01', '2020-01-02T25:00Z', '1/2/2020', late]) {
            expect(() => moment('issued-before', text)).to.throw(Usage, '--issued-before needs a date such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute in the future');
        }
    });

    it('are no tokens, which are refused without being shown', async () => {

        const jwt = await mint();
        const refreshToken = mintRefreshToken('', '42').bytes.toString('base64url');
        for (const token of [jwt, refreshToken]) {
            expect(() => identity('subject', token)).to.throw(Usage, '--subject is a token. Give the token\'s sub, sid or jti instead');
        }

        for (const text of ['a.user.name', 'eyJ', 'eyJ.a', refreshToken.slice(1)]) {
            expect(identity('subject', text)).to.equal(text);
        }
    });

    it('are no empty ids, and none that are no text', () => {

        for (const text of ['', '\ud800']) {
            expect(() => identity('session', text)).to.throw(Usage, '--session is empty, or not valid text');
        }
    });
});
