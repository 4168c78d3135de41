import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { allowed, commands, everywhere } from './arguments';

import type { Command, OptionName } from './arguments';


const width = 96;

const column = 20;


const about: Record<Command, { usage: string[]; summary: string; text: string[] }> = {
    revoke: {
        usage: ['--subject ID', '--session ID', '--jti ID', '--issued-before DATE [--subject ID]'],
        summary: 'revokes a subject, a session, a token, or what was issued before a moment',
        text: [
            'Revokes everything of a subject that was issued so far, a session by its sid, an access token by its jti, or what was issued before a moment, to a subject or to everybody. It is done when every process of the app has the revocation.',
            'Each server registers its strategies in Redis when it starts: issuers, for how long they accept tokens, and whether they have sessions. So only --prefix has to be given, if the app has one.',
            'The app\'s onRevoke is not called, nor is its lookup.remove: refresh tokens are revoked with their subject or session all the same. Processes with lease: false are in no registry, because they ask Redis at every request.'
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
        text: ['Shows the processes that share the blacklist, by host and process id, and how long each takes to confirm a write of nothing, for which it waits for a lease at most; how many revocations there are; and whether Redis is settled: if not, a process that joins waits for a lease.']
    },
    watch: {
        usage: ['[--subject ID | --session ID | --jti ID]'],
        summary: 'shows revocations as they arrive, until it is interrupted',
        text: [
            'Shows revocations as they arrive, until it is interrupted. The blacklist stores digests: what was revoked has a name only if it is everybody, or is asked for by --subject, --session or --jti. No logout waits for this command.'
        ]
    },
    doctor: {
        usage: [''],
        summary: 'looks for what is wrong with Redis, and says what to type',
        text: [
            'Looks at a live Redis: versions, eviction, persistence, replicas, Sentinels, memory, the clock, the rights of the user, the strategies and the processes. It says in one line each what is good and what is not, and what to type. It exits with 1 if anything is not good.',
            'For a moment it writes keys of its own under the prefix, to try the rights of the user. Nothing that the app has is read or changed.'
        ]
    }
};


const descriptions: Record<OptionName, [value: string, text: string]> = {
    redis: ['URL', 'redis://, rediss://, redis+sentinel://HOST:PORT,HOST:PORT/NAME, or the path of a unix socket. Once for each of several nodes of a Cluster. Default: REDIS_URL of the environment, with spaces between several. Passwords belong there, or in REDIS_PASSWORD and REDIS_SENTINEL_PASSWORD: other users can see arguments'],
    prefix: ['PREFIX', 'the plugin\'s prefix. Default: hard-logout'],
    issuer: ['ISSUER', 'the strategy\'s jwt.issuer; once for each of several. Needed only for a revocation, if the strategies have several. An empty one (--issuer "") stands for strategies without an issuer'],
    subject: ['ID', 'the sub of the tokens'],
    session: ['ID', 'the sid of a session'],
    jti: ['ID', 'the jti of an access token'],
    'issued-before': ['DATE', 'such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC)'],
    yes: ['', 'asks nothing. Without it, a subject or a moment is confirmed on a terminal'],
    json: ['', 'writes results as JSON to the standard output, one value a line, with moments and durations in milliseconds. Everything else goes to the standard error'],
    help: ['', 'shows the help of a command: hard-logout revoke --help'],
    version: ['', 'shows the version']
};


const exitCodes: [string, string][] = [
    ['0', 'done. A revocation holds in every process'],
    ['1', 'failed, or doctor has found something. Unless it says that nothing was revoked, a revocation may hold or not: repeat it'],
    ['2', 'the command line was not understood; nothing was done'],
    ['3', 'not confirmed; nothing was done'],
    ['128 + signal', 'interrupted (130), terminated (143). As for 1']
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
