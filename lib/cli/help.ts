import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { allowed, commands, everywhere } from './arguments';

import type { Command, OptionName } from './arguments';


const width = 96;

const column = 20;


const about: Record<Command, { usage: string[]; summary: string; text: string[] }> = {
    revoke: {
        usage: ['--subject ID', '--session ID', '--jti ID', '--issued-before DATE [--subject ID]'],
        summary: 'revokes a subject, a session, a token, or everything issued before a date',
        text: [
            'Revokes everything that was issued to a subject so far, a session by its sid, an access token by its jti, or everything that was issued before a date, to one subject or to everybody. The command ends when every process of the app has the revocation.',
            'Each server registers its strategies in Redis when it starts: issuers, how long they accept tokens, and whether they have sessions. So the only option of the app to repeat here is its prefix, if it has one.',
            'The app\'s onRevoke and lookup.remove are not called; refresh tokens are revoked with their subject or session. Processes with lease: false are not counted, because they ask Redis at every request.'
        ]
    },
    sessions: {
        usage: ['--subject ID'],
        summary: 'lists a subject\'s live sessions',
        text: ['Lists a subject\'s live sessions, oldest first, with the data that the app attached to them.']
    },
    status: {
        usage: [''],
        summary: 'shows the processes of the app, and the blacklist',
        text: ['Shows the processes that share the blacklist, by host and process id, and how long each takes to confirm an empty write (the command waits for one lease at most); how many revocations there are; and whether Redis is settled. If it is not, a process that joins waits for a lease.']
    },
    watch: {
        usage: ['[--subject ID | --session ID | --jti ID]'],
        summary: 'shows revocations as they arrive, until you interrupt it',
        text: [
            'Shows revocations as they arrive, until you interrupt it. The blacklist stores digests, so a revocation is shown with a name only if it is for everybody, or if you give the name by --subject, --session or --jti. No logout waits for this command.'
        ]
    },
    doctor: {
        usage: [''],
        summary: 'finds what is wrong with Redis, and says what to type',
        text: [
            'Checks a live Redis: version, eviction, persistence, replicas, Sentinels, memory, clock, the rights of the user, strategies and processes. Each check is one line: good or not good and, if not, what to type. Exits with 1 if anything is not good.',
            'To try the rights of the user, it writes and removes keys of its own under the prefix. It does not read or change data of the app.'
        ]
    }
};


const descriptions: Record<OptionName, [value: string, text: string]> = {
    redis: ['URL', 'redis://, rediss://, redis+sentinel://HOST:PORT,HOST:PORT/NAME, or the path of a unix socket. Give it once for each of several nodes of a Cluster. Default: REDIS_URL of the environment, with spaces between several. Put passwords there, or in REDIS_PASSWORD and REDIS_SENTINEL_PASSWORD: other users can see arguments'],
    prefix: ['PREFIX', 'the plugin\'s prefix. Default: hard-logout'],
    issuer: ['ISSUER', 'the strategy\'s jwt.issuer; once for each of several. Only a revocation needs it, and only if the strategies have several issuers. An empty one (--issuer "") means strategies without an issuer'],
    subject: ['ID', 'the sub of the tokens'],
    session: ['ID', 'the sid of a session'],
    jti: ['ID', 'the jti of an access token'],
    'issued-before': ['DATE', 'such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC)'],
    yes: ['', 'does not ask. Without it, you confirm a subject or a date at the terminal'],
    json: ['', 'writes results as JSON to the standard output, one value per line, with dates and durations in milliseconds. Everything else goes to the standard error'],
    help: ['', 'shows the help of a command: hard-logout revoke --help'],
    version: ['', 'shows the version']
};


const exitCodes: [string, string][] = [
    ['0', 'done. A revocation holds in every process'],
    ['1', 'failed, or doctor found a problem. Unless the message says that nothing was revoked, the revocation may hold or not: repeat it'],
    ['2', 'the command line was not understood; nothing was done'],
    ['3', 'not confirmed; nothing was done'],
    ['128 + signal', 'interrupted (130) or terminated (143). Otherwise as 1']
];


export const help = function (command?: Command): string {

    const lines = command === undefined ? [
        'Revokes tokens and sessions of hapi-auth-hard-logout, and shows what is revoked.',
        '',
        'Usage: hard-logout COMMAND [OPTIONS]',
        '',
        'Commands',
        ...commands.flatMap((name) => item(name, about[name].summary)),
        '',
        'Options of every command',
        ...[...everywhere, 'help', 'version'].flatMap((name) => option(name as OptionName)),
        '',
        'Exit codes',
        ...exitCodes.flatMap(([code, text]) => item(code, text))
    ] : [
        ...about[command].usage.map((usage, i) => `${i === 0 ? 'Usage:' : '      '} hard-logout ${command} ${usage}`.trimEnd()),
        ...about[command].text.flatMap((text) => ['', ...wrap(text, width)]),
        '',
        'Options',
        ...[...allowed[command], ...everywhere].flatMap(option)
    ];

    return `${lines.join('\n')}\n`;
};


export const version = function (): string {

    return JSON.parse(Fs.readFileSync(Path.join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
};


const short: Partial<Record<OptionName, string>> = { yes: ', -y', help: ', -h', version: ', -v' };

const option = function (name: OptionName): string[] {

    const [value, text] = descriptions[name];
    return item(`--${name}${short[name] ?? ''} ${value}`.trimEnd(), text);
};


// A name beside its description, or above it if it is long

const item = function (name: string, text: string): string[] {

    const lines = wrap(text, width - column).map((line) => `${' '.repeat(column)}${line}`);
    return name.length + 4 > column ? [`  ${name}`, ...lines] : [`  ${name}`.padEnd(column) + lines[0]!.slice(column), ...lines.slice(1)];
};


const wrap = function (text: string, length: number): string[] {

    return text.match(new RegExp(`\\S.{0,${length - 1}}(?=\\s|$)`, 'g'))!;
};
