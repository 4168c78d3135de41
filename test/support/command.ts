import { PassThrough } from 'node:stream';

import { expect } from '@hapi/code';
import { Redis } from 'ioredis';

import { identify } from '../../lib/blacklist/identities';
import { run } from '../../lib/cli/program';
import { entriesOf } from './entries';
import { RedisServer } from './redis';
import { jwt as settings } from './server';
import { look, payload, serve } from './tokens';

import type { script } from '@hapi/lab';
import type { StrategyOptions } from '../../lib';
import type { Pair, Prepared } from './server';


export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}


/** What was written to a stream and not read yet. Before Node 26 one read() returned all of it. */
export const unread = function (stream: PassThrough): string {

    let text = '';
    let chunk: unknown;
    while ((chunk = stream.read()) !== null) {
        text += String(chunk);
    }

    return text;
};


/** A command line in this process, under way. */
export class CommandLine {

    readonly stdin: PassThrough & { isTTY?: boolean } = new PassThrough();
    readonly done: Promise<Outcome>;
    readonly #controller = new AbortController();
    readonly #stdout: PassThrough & { isTTY?: boolean } = new PassThrough();
    readonly #stderr: PassThrough & { isTTY?: boolean } = new PassThrough();
    readonly #waiting = new Set<() => void>();
    #written = { stdout: '', stderr: '' };

    constructor(args: string[], { env = {}, isTTY = false }: { env?: NodeJS.ProcessEnv; isTTY?: boolean } = {}) {

        this.stdin.isTTY = this.#stdout.isTTY = this.#stderr.isTTY = isTTY;
        for (const name of ['stdout', 'stderr'] as const) {
            const stream = { stdout: this.#stdout, stderr: this.#stderr }[name];
            stream.on('data', (chunk) => {

                this.#written[name] += chunk;
                this.#waiting.forEach((check) => check());
            });
        }

        const terminal = { stdin: this.stdin, stdout: this.#stdout, stderr: this.#stderr, env, signal: this.#controller.signal };
        this.done = run(args, terminal).then(async (code) => {

            await Promise.all([this.#stdout, this.#stderr].map((stream) => new Promise((resolve) => stream.once('end', resolve).end())));
            return { code, ...this.#written };
        });
    }

    signal(name: NodeJS.Signals): void {

        this.#controller.abort(name);
    }

    /** Resolves when a stream says this. */
    says(pattern: RegExp): Promise<void> {

        return new Promise((resolve) => {

            const check = () => {

                if (pattern.test(this.#written.stdout) || pattern.test(this.#written.stderr)) {
                    this.#waiting.delete(check);
                    resolve();
                }
            };

            this.#waiting.add(check);
            check();
        });
    }
}


/** Runs a command line to its end. */
export const command = function (...args: string[]): Promise<Outcome> {

    return new CommandLine(args).done;
};


export const { issuer } = settings;


/** The session of a pair. */
export const sid = ({ jwt }: Pair) => payload(jwt).sid as string;


/** A Redis for the tests of a file, and servers of the app on it: for each test others, with a prefix of their own. */
export class Deployment {

    readonly lease = 100;
    redis!: RedisServer;
    raw!: Redis;
    prefix!: string;
    servers: Prepared[] = [];
    #prefixes = 0;

    constructor({ before, after, beforeEach, afterEach }: ReturnType<typeof script>) {

        before(async () => {

            this.redis = await RedisServer.start({ isSettled: true });
            this.raw = new Redis(this.redis.path!);
        });

        after(async () => {

            this.raw.disconnect();
            await this.redis.stop();
        });

        beforeEach(() => {

            this.prefix = `p${++this.#prefixes}`;
            this.servers = [];
        });

        afterEach(async () => {

            await Promise.all(this.servers.map(({ server }) => server.stop()));
        });
    }

    /** The options of the plugin. */
    get plugin() {

        return { redis: this.redis.path, prefix: this.prefix, lease: this.lease };
    }

    async launch(strategy: Partial<StrategyOptions> = {}, options = {}): Promise<Prepared> {

        const prepared = await serve(settings, strategy, { ...this.plugin, ...options });
        this.servers.push(prepared);
        return prepared;
    }

    /** The arguments that name the servers. */
    get where(): string[] {

        return ['--redis', this.redis.path!, '--prefix', this.prefix];
    }

    cli(name: string, ...args: string[]): Promise<Outcome> {

        return command(name, ...this.where, ...args);
    }

    /** Revokes without a question. */
    revoke(...args: string[]): Promise<Outcome> {

        return this.cli('revoke', '--yes', ...args);
    }

    /** Registers issuers, as a server does when it starts. Durations are in milliseconds. */
    async register(names = [issuer], { raw = this.raw, prefix = this.prefix, life = 90 * 86_400_000, tolerance = 5000, lease = 0, sessions = 0 } = {}): Promise<void> {

        await raw.hset(`{${prefix}}:blacklist:issuers`, Object.fromEntries(names.map((name) => [identify('everyone', name), `${life} ${tolerance} ${lease} ${sessions} ${name}`])));
    }

    /** The members of the log. */
    registry(): Promise<string[]> {

        return this.raw.zrange(`{${this.prefix}}:blacklist:members`, '0', '-1');
    }

    /** An entry of the blacklist. */
    async entry(key: string): Promise<{ cutoff: number; ttl: number }> {

        const { cutoff, expires } = (await entriesOf(this.raw, `{${this.prefix}}:blacklist`)).get(key)!;
        return { cutoff, ttl: expires - Date.now() };
    }

    /** The ids of a subject's stored sessions. */
    async rows(subject: string): Promise<string[]> {

        const ids = await this.raw.zrange(`${this.prefix}:{${identify('subject', issuer, subject)}}:sessions`, '0', '-1');
        return ids.filter((id) => id !== '');
    }

    /** Both tokens are refused by every server, from the answer of the command on. */
    async expectDead({ jwt, refreshToken }: Pair): Promise<void> {

        for (const server of this.servers) {
            expect(await look(server, { jwt })).to.equal('The access token was revoked');
            expect(await look(server, { refreshToken })).to.match(/^The refresh token (was revoked|is invalid)$/);
        }
    }

    async expectAlive(tokens: Partial<Pair>): Promise<void> {

        for (const server of this.servers) {
            expect(await look(server, tokens)).to.equal(200);
        }
    }
}
