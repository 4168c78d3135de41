import { parseArgs } from 'node:util';

import { isPast } from '../blacklist/clock';
import { pluginSettings } from '../options/schema';
import { parse as parseRefreshToken } from '../sessions/refresh-token-format';
import { redisAddress } from './address';
import { Usage } from './failure';

import type { PluginSettings } from '../options/settings';


export const commands = ['revoke', 'sessions', 'status', 'watch', 'doctor'] as const;

export type Command = typeof commands[number];


export interface Invocation {
    command: Command;
    plugin: PluginSettings;

    /** What is revoked or shown. `issuedBefore` is in milliseconds since the epoch. */
    target: { subject?: string; session?: string; jti?: string; issuedBefore?: number };

    /** Those that were given. An empty one stands for strategies without an issuer. */
    issuers: string[];

    isConfirmed: boolean;
    isJson: boolean;
}


const options = {
    redis: { type: 'string', multiple: true },
    prefix: { type: 'string', multiple: true },
    issuer: { type: 'string', multiple: true },
    subject: { type: 'string', multiple: true },
    session: { type: 'string', multiple: true },
    jti: { type: 'string', multiple: true },
    'issued-before': { type: 'string', multiple: true },
    yes: { type: 'boolean', short: 'y' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' }
} as const;


export type OptionName = keyof typeof options;


export const everywhere: OptionName[] = ['redis', 'prefix', 'json'];

export const allowed: Record<Command, OptionName[]> = {
    revoke: ['issuer', 'subject', 'session', 'jti', 'issued-before', 'yes'],
    sessions: ['issuer', 'subject'],
    status: [],
    watch: ['issuer', 'subject', 'session', 'jti'],
    doctor: []
};


// Which options name a target, alone or together. Without a target nothing is revoked

const targets: Record<Command, string[]> = {
    revoke: ['subject', 'session', 'jti', 'issued-before', 'subject issued-before'],
    sessions: ['subject'],
    status: [''],
    watch: ['', 'subject', 'session', 'jti'],
    doctor: ['']
};

const targetUsage: Record<Command, string> = {
    revoke: 'revoke needs one of --subject, --session, --jti and --issued-before; only --subject and --issued-before go together',
    sessions: 'sessions needs a --subject',
    status: 'status needs no more',
    watch: 'watch takes one of --subject, --session and --jti',
    doctor: 'doctor needs no more'
};


/** Reads a command line. @throws `Usage`. */
export const parseArguments = function (args: string[], env: NodeJS.ProcessEnv): Invocation | { command: 'help'; of?: Command } | { command: 'version' } {

    const { values, positionals: [first, ...rest] } = split(args);
    const command = commands.find((name) => name === first);

    if (values.help || values.version) {
        return values.help ? { command: 'help', of: command } : { command: 'version' };
    }

    if (!command) {
        const problem = first === undefined ? 'A command is missing.' : `The command is unknown.${meant(first, [...commands, '--help', '--version'])}`;
        throw new Usage(`${problem} Commands are ${commands.join(', ')}; see hard-logout --help`);
    }

    if (rest.length > 0) {
        throw new Usage(`${command} takes options only; see hard-logout ${command} --help`);
    }

    for (const name of Object.keys(values) as OptionName[]) {
        if (![...everywhere, ...allowed[command]].includes(name)) {
            throw new Usage(`${command} has no --${name}`);
        }

        if (name !== 'issuer' && name !== 'redis' && Array.isArray(values[name]) && values[name].length > 1) {
            throw new Usage(`--${name} is given more than once`);
        }
    }

    const one = <T>(name: Exclude<OptionName, 'yes' | 'json' | 'help' | 'version'>, read: (name: string, text: string) => T): T | undefined => {

        const text = values[name]?.[0];
        return text === undefined ? undefined : read(name, text);
    };

    const target = {
        subject: one('subject', identity),
        session: one('session', identity),
        jti: one('jti', identity),
        issuedBefore: one('issued-before', moment)
    };

    const named = ['subject', 'session', 'jti', 'issued-before'].filter((name) => name in values).join(' ');
    if (!targets[command].includes(named)) {
        throw new Usage(targetUsage[command]);
    }

    return {
        command,
        plugin: settings({ redis: redisAddress(values.redis, env), prefix: values.prefix?.[0] }),
        target,
        issuers: values.issuer ?? [],
        isConfirmed: values.yes ?? false,
        isJson: values.json ?? false
    };
};


const zoned = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

const jwt = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;


/** A date in milliseconds since the epoch. A time without a zone, or a mere number, is ambiguous and refused. */
export const moment = function (name: string, text: string): number {

    const [, day] = zoned.exec(text) ?? [];
    const value = day === undefined || !isDay(day) ? NaN : Date.parse(text);
    if (!isPast(value)) {
        throw new Usage(`--${name} needs a date such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute in the future`);
    }

    return value;
};


/** The id of a subject, a session or a token. A token itself is refused before any of it is shown. */
export const identity = function (name: string, text: string): string {

    if (text === '' || !text.isWellFormed()) {
        throw new Usage(`--${name} is empty, or not valid text`);
    }

    if (jwt.test(text) || parseRefreshToken(text) !== null) {
        throw new Usage(`--${name} is a token. Give the token's sub, sid or jti instead`);
    }

    return text;
};


// Date.parse() turns 30 February into 2 March

const isDay = function (day: string): boolean {

    const value = new Date(day);
    return !Number.isNaN(value.getTime()) && value.toISOString().startsWith(day);
};


// The messages of parseArgs() show the values that it did not expect

const split = function (args: string[]) {

    try {
        return parseArgs({ args, options, allowPositionals: true, strict: true });
    }
    catch (error) {
        const [, name] = /'(?:-\w, )?(-{1,2}[\w-]{1,40})\b/.exec((error as Error).message) ?? [];
        const isUnknown = (error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
        throw new Usage(isUnknown ? `An option is unknown.${meant(name ?? '', Object.keys(options).map((known) => `--${known}`))}` : `${name} needs a value, or takes none. Write a value that starts with - as ${name}=-...`);
    }
};


// Suggests a known name. The error must not show what was typed: it may be a secret

const meant = function (typed: string, names: string[]): string {

    const word = bare(typed);
    const found = names.find((name) => word.length > 1 && bare(name).startsWith(word)) ??
        names.find((name) => distance(word, bare(name)) <= Math.min(2, (word.length - 1) / 2));

    return found === undefined ? '' : ` Did you mean ${found}?`;
};


const bare = (name: string) => name.replace(/^-+/, '').toLowerCase();


// The Damerau-Levenshtein distance

const distance = function (a: string, b: string): number {

    let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
    for (let i = 1; i <= a.length; ++i) {
        const row = [i];
        for (let j = 1; j <= b.length; ++j) {
            const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
            row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + Number(a[i - 1] !== b[j - 1]), isSwapped ? before[j - 2]! + 1 : Infinity);
        }

        [before, last] = [last, row];
    }

    return last[b.length]!;
};


// A person can wait longer than a request, and may be far from Redis

const settings = function (plugin: object): PluginSettings {

    try {
        return pluginSettings({ ...plugin, timeout: 2000 });
    }
    catch (error) {
        throw new Usage((error as Error).message.replace(/^.*: /, '--'));
    }
};
