import * as Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import * as HardLogout from '../lib';
import { version } from '../package.json';
import { hurry, unhurried } from './support/clock';
import { RedisServer } from './support/redis';
import { bearer, jwt, pairOf, prepare } from './support/server';
import { end, look, mint, payload, refused, serve } from './support/tokens';
import { until } from './support/until';

import type { PluginOptions, RouteOptions, StrategyOptions } from '../lib';
import type { Pair, Prepared } from './support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const { hardLogout, plugin } = HardLogout;

describe('plugin', () => {

    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
    });

    after(async () => {

        await redis.stop();
    });

    afterEach(unhurried);

    const onRedis = (prefix: string): PluginOptions => ({ redis: redis.url, prefix, lease: 300 });

    it('exports itself and a typed way to its api', async () => {

        expect(Object.keys(HardLogout).sort()).to.equal(['hardLogout', 'plugin']);

        const { server } = await prepare();
        expect(hardLogout(server)).to.shallow.equal(server.auth.api.session as never);
        expect(() => hardLogout(server, 'jwt')).to.throw('No hard-logout strategy has the name jwt');
        server.auth.strategy('other', 'hard-logout', { jwt } satisfies StrategyOptions);
        expect(hardLogout(server, 'other')).to.shallow.equal(server.auth.api.other as never);
        expect(hardLogout(server, 'other')).to.not.shallow.equal(hardLogout(server, 'session'));

        server.auth.scheme('theirs', () => ({ api: {}, authenticate: (_, h) => h.authenticated({ credentials: {} }) }));
        server.auth.strategy('theirs', 'theirs');
        for (const name of ['theirs', 'unknown']) {
            expect(() => hardLogout(server, name)).to.throw(`No hard-logout strategy has the name ${name}`);
        }
    });

    it('needs the name of a strategy only where there are several', async () => {

        const server = Hapi.server();
        await server.register(plugin);
        expect(() => hardLogout(server)).to.throw('The server has no hard-logout strategy yet');

        server.auth.strategy('one', 'hard-logout', { jwt } satisfies StrategyOptions);
        expect(hardLogout(server)).to.shallow.equal(server.auth.api.one as never);

        server.auth.strategy('two', 'hard-logout', { jwt } satisfies StrategyOptions);
        expect(() => hardLogout(server)).to.throw('The server has several hard-logout strategies: call hardLogout(server, name) with the name of one');
    });

    it('shows its version where a server lists what is registered', async () => {

        const { server } = await prepare();
        expect((server.registrations as Record<string, { version: string }>)['hard-logout']!.version).to.equal(version);
    });

    describe('registration', () => {

        it('needs no options', async () => {

            for (const registration of [plugin, { plugin }, { plugin, options: {} }, { plugin, options: undefined }]) {
                const server = Hapi.server({ debug: false });
                await server.register(registration as Hapi.ServerRegisterPluginObject<PluginOptions>);
                server.auth.strategy('any', 'hard-logout', { jwt, refreshToken: { query: 'refreshToken' } } satisfies StrategyOptions);
                await server.initialize();

                const { access_token: token } = await hardLogout(server, 'any').issue(null, { sub: '42' });
                expect((await server.auth.test('any', (await server.inject({ url: '/', headers: bearer(token) })).request)).credentials).to.include({ sub: '42' });
            }
        });

        it('refuses options that it does not know', async () => {

            const server = Hapi.server();
            await expect(server.register({ plugin, options: { reddis: redis.url } as PluginOptions })).to.reject(/^hard-logout: invalid plugin options: .*reddis/);
        });

        it('refuses a strategy that it does not understand', async () => {

            const server = Hapi.server();
            await server.register(plugin);
            expect(() => server.auth.strategy('any', 'hard-logout', {})).to.throw(/^hard-logout: invalid strategy options: .*jwt/);
            expect(() => server.auth.strategy('any', 'hard-logout')).to.throw(/^hard-logout: invalid strategy options: .*jwt/);
        });

        const bad = { method: 'GET' as const, path: '/bad', options: { plugins: { 'hard-logout': { tokens: 'all' } as unknown as RouteOptions } }, handler: () => null };

        it('looks at the routes that were there before', async () => {

            const server = Hapi.server();
            server.route([{ ...bad, path: '/a', options: { plugins: { 'hard-logout': { tokens: 'access' } } } }, bad]);
            await expect(server.register(plugin)).to.reject(/^hard-logout: invalid plugins\['hard-logout'\] of the route GET \/bad: /);
        });

        it('looks at the routes that come later', async () => {

            const server = Hapi.server();
            await server.register(plugin);
            expect(() => server.route(bad)).to.throw(/^hard-logout: invalid plugins\['hard-logout'\] of the route GET \/bad: /);
        });

        it('looks at the routes with their strategies at start', async () => {

            const { server } = await prepare();
            server.route({ method: 'GET', path: '/bad', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: () => null });
            await expect(server.initialize()).to.reject('hard-logout: the route GET /bad revokes on a safe method: use POST, or set allowSafeMethods');
        });

        it('looks at the routes with their strategies after the start', async () => {

            const { server } = await prepare();
            await server.initialize();
            expect(() => {

                server.route({ method: 'GET', path: '/bad', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: () => null });
            }).to.throw('hard-logout: the route GET /bad revokes on a safe method: use POST, or set allowSafeMethods');
        });
    });

    describe('start', () => {

        it('says that one process is on its own, where no Redis is named', async () => {

            for (const [options, count] of [[{}, 1], [{ redis: redis.url }, 0]] as const) {
                const { server } = await prepare({}, options);
                const lines = logOf(server);

                await server.initialize();
                await server.stop();

                const memory = lines.filter(({ data }) => String(data).startsWith('Revocations and sessions are stored in this process only. Set the option redis'));
                expect(memory.map(({ tags }) => tags)).to.equal(count === 0 ? [] : [['hard-logout', 'store', 'warn']]);
            }
        });

        it('fails where Redis is away, in a few seconds, and says why', async () => {

            hurry();

            const { server } = await prepare({}, { redis: '/nowhere/redis.sock' });
            const lines = logOf(server);

            await expect(server.initialize()).to.reject(Error, 'Redis: connect ENOENT /nowhere/redis.sock');

            expect(lines).to.equal([{ tags: ['hard-logout', 'store', 'warn'], data: 'Redis cannot be reached, and is retried: Redis: connect ENOENT /nowhere/redis.sock' }]);
        });

        const quiet = [['hard-logout', 'store', 'warn'], ['hard-logout', 'store', 'info']];

        it('logs once that the connection was lost, and once that it is there again', async () => {

            const { server } = await prepare({}, onRedis('broken'));
            const client = new Redis(redis.options());
            await server.initialize();
            try {
                const lines = logOf(server);
                await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
                await until(() => lines.some(({ tags }) => tags.includes('info')));
                expect(lines.map(({ tags }) => tags)).to.equal(quiet);
            }
            finally {
                client.disconnect();
                await server.stop();
            }
        });

        it('logs once that Redis is away, and once that it is there again, where there is no lease', async () => {

            const mortal = await RedisServer.start();
            const { server, auth } = await prepare({}, { redis: mortal.url, lease: false });
            await server.initialize();
            try {
                const lines = logOf(server);
                await mortal.kill();
                await expect(auth.sessions('42')).to.reject();
                await mortal.restart();
                await until(() => lines.some(({ tags }) => tags.includes('info')));
                expect(lines.map(({ tags }) => tags)).to.equal(quiet);
            }
            finally {
                await server.stop();
                await mortal.stop();
            }
        });

        it('fails where Redis refuses', async () => {

            const locked = await RedisServer.start({ args: ['--requirepass', 'secret'] });
            try {

                // In a hurry, 16 ms for each connection would not be enough on a busy machine

                const { server } = await prepare({}, { redis: { ...locked.options(), password: 'not-the-secret' }, timeout: 40_000 });
                const lines = logOf(server);
                hurry();

                await expect(server.initialize()).to.reject(Error, /^Redis: (WRONGPASS|NOAUTH)/);

                const text = textOf(lines);
                expect(text).to.match(/WRONGPASS|NOAUTH/);
                expect(text).to.not.contain('not-the-secret');
            }
            finally {
                await locked.stop();
            }
        });

        it('fails where Redis evicts, whatever it may start without', async () => {

            const cache = await RedisServer.start({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
            try {
                for (const startWithoutStore of [false, true]) {
                    const { server } = await prepare({}, { redis: cache.url, startWithoutStore });
                    await expect(server.initialize()).to.reject(/^Redis: it evicts \(maxmemory-policy is allkeys-lru\), so that a logout may be lost/);
                }
            }
            finally {
                await cache.stop();
            }
        });

        it('warns of a Redis that may lose what is written to it, and again of the one that takes its place', async () => {

            const mortal = await RedisServer.start({ port: true, args: ['--appendonly', 'yes'] });
            const client = new Redis(mortal.options());
            const { server } = await prepare({}, { redis: mortal.url, lease: 300 });
            try {
                const lines = logOf(server);
                const warnings = () => lines.filter(({ tags, data }) => tags.includes('warn') && !String(data).startsWith('Redis cannot be reached'));
                await server.initialize();
                expect(warnings()).to.equal([]);

                await client.config('SET', 'maxmemory', '100mb');
                await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
                await client.config('SET', 'appendonly', 'no');
                const outage = server.events.once({ name: 'hard-logout', channels: 'outage' });
                mortal.pause();
                await outage;
                const recovery = server.events.once({ name: 'hard-logout', channels: 'recovery' });
                mortal.resume();
                await recovery;
                await until(() => warnings().length > 0);

                expect(warnings().map(({ tags, data }) => [tags, data])).to.equal([[
                    ['hard-logout', 'store', 'warn'],
                    'Redis writes no append-only file: after a restart of Redis a token that was revoked may be accepted again. Set appendonly to yes'
                ]]);
                expect(lines.find(({ data }) => data instanceof Error && data.message.startsWith('Redis: it evicts'))!.tags).to.equal(['hard-logout', 'store', 'error']);
            }
            finally {
                await server.stop();
                client.disconnect();
                await mortal.stop();
            }
        });

        it('warns of a process that has another key', async () => {

            const servers = [];
            const warned: unknown[] = [];
            for (const key of [jwt.key, jwt.key, 'another secret of 32 bytes or more']) {
                const { server } = await prepare({ jwt: { ...jwt, key } }, onRedis('keys'));
                const lines = logOf(server);
                await server.initialize();
                servers.push(server);
                warned.push(lines.filter(({ tags }) => tags.includes('keys')));
            }

            expect(warned).to.equal([[], [], [{
                tags: ['hard-logout', 'keys', 'warn'],
                data: 'The process that started before this one has another key for the strategy session. If both run, each refuses the tokens of the other. ' +
                    'Give all processes the same jwt.key. If it was changed on purpose, nothing is wrong'
            }]]);

            await Promise.all(servers.map((server) => server.stop()));
        });

        it('warns of a process whose strategy has another session claim', async () => {

            const servers = [];
            const warned: unknown[] = [];
            for (const sessionClaim of ['sid', 'sid', 'session']) {
                const { server } = await prepare({ jwt: { ...jwt, sessionClaim } }, onRedis('agreed'));
                const lines = logOf(server);
                await server.initialize();
                servers.push(server);
                warned.push(lines.filter(({ tags }) => tags.includes('strategies')).map(({ tags, data }) => [tags.at(-1), /has (\S+ \S+), and .*, has (\S+):/.exec(data as string)!.slice(1)]));
            }

            expect(warned).to.equal([[], [], [['warn', ['jwt.sessionClaim "session"', '"sid"']]]]);
            await Promise.all(servers.map((server) => server.stop()));
        });

        for (const [store, options] of Object.entries({ memory: () => ({}), redis: onRedis })) {

            it(`goes on after a stop: ${store}`, async () => {

                const prepared = await serve({}, {}, options('again'));
                const [one, two] = [await prepared.login(), await prepared.login()];
                expect(await end(prepared, 'session', 'both', one)).to.equal(204);

                for (let i = 0; i < 3; ++i) {
                    await prepared.server.stop();
                    await prepared.server.initialize();

                    expect(await look(prepared, { jwt: one.jwt })).to.equal('The access token was revoked');
                    expect(await look(prepared, two)).to.equal(200);

                    const three = await prepared.login();
                    expect(await end(prepared, 'session', 'both', three)).to.equal(204);
                    expect(await look(prepared, { jwt: three.jwt })).to.equal('The access token was revoked');
                }

                await prepared.server.stop();
            });
        }
    });

    describe('stop', () => {

        it('closes what it has opened', async () => {

            const client = new Redis(redis.url);
            const { server, login } = await prepare({}, onRedis('stop'));
            const connections = async () => (await client.client('LIST') as string).split('\n').filter((line) => line.includes('name=hard-logout')).length;

            await server.initialize();
            await login();
            expect(await connections()).to.equal(2);

            await server.stop();
            for (let i = 0; i < 500 && await connections() > 0; ++i) {
                await client.ping();
            }

            expect(await connections()).to.equal(0);
            client.disconnect();
        });

        it('leaves a client of the user\'s open', async () => {

            await redis.settle('theirs');
            const client = new Redis(redis.url);
            const prepared = await serve({}, {}, { redis: client, prefix: 'theirs' });
            const { jwt: token, refreshToken } = await prepared.login();
            expect(await end(prepared, 'session', 'both', { jwt: token, refreshToken })).to.equal(204);

            await prepared.server.stop();
            expect(client.status).to.equal('ready');
            expect(await client.zcard('{theirs}:blacklist:expiries')).to.equal(1);
            client.disconnect();
        });
    });

    it('logs what is wrong with the store, and none of its secrets', async () => {

        const mortal = await RedisServer.start({ isSettled: true });
        try {
            const prepared = await serve({}, {}, { redis: mortal.url, lease: false });
            const lines = logOf(prepared.server);
            const { jwt: token, refreshToken } = await prepared.login();

            await mortal.kill();
            expect(await look(prepared, { jwt: token })).to.equal('The token store cannot be reached');

            expect(lines.length).to.be.above(0);
            for (const { tags, data } of lines) {
                expect(tags).to.equal(['hard-logout', 'store', 'warn']);
                expect(data).to.be.a.string();
            }

            const text = textOf(lines);
            expect(text).to.contain(mortal.path!);
            expect(text).to.not.contain(token);
            expect(text).to.not.contain(refreshToken);

            await prepared.server.stop();
        }
        finally {
            await mortal.stop();
        }
    });

    describe('on one Redis', () => {

        it('keeps two apps apart by their prefix', async () => {

            const [one, two] = [await serve({}, {}, onRedis('app-1')), await serve({}, {}, onRedis('app-2'))];
            const pair = await one.login();

            // The second has the same key, so it accepts the JWT, but it knows neither the session nor what becomes of it

            expect(await look(two, { jwt: pair.jwt })).to.equal(200);
            expect(await look(two, { refreshToken: pair.refreshToken })).to.equal('The refresh token is invalid');

            expect(await end(one, 'subject', 'both', pair)).to.equal(204);
            expect(await look(one, { jwt: pair.jwt })).to.equal('The access token was revoked');
            expect(await look(two, { jwt: pair.jwt })).to.equal(200);

            await Promise.all([one.server.stop(), two.server.stop()]);
        });

        const ended: Record<string, string[]> = {
            token: ['jwt', 'refresh'],
            session: ['jwt', 'renewed', 'refresh'],
            others: ['other', 'otherRefresh'],
            subject: ['jwt', 'renewed', 'refresh', 'other', 'otherRefresh', 'foreign']
        };

        for (const extent of ['token', 'session', 'others', 'subject'] as const) {

            it(`ends '${extent}' in every process before the logout is answered`, async () => {

                const processes = await Promise.all([1, 2, 3].map(() => serve({}, {}, onRedis(`all-${extent}`))));
                const [here, ...elsewhere] = processes as [Prepared, ...Prepared[]];

                const pair = await here.login();
                const { jwt: renewed, refreshToken } = pairOf(await elsewhere[0]!.auth.refresh(pair.refreshToken));
                const other = await elsewhere[1]!.login();
                const held: Record<string, Partial<Pair>> = {
                    jwt: { jwt: pair.jwt },
                    renewed: { jwt: renewed },
                    refresh: { refreshToken },
                    other: { jwt: other.jwt },
                    otherRefresh: { refreshToken: other.refreshToken },
                    foreign: { jwt: await mint() },
                    stranger: { jwt: await mint({ sub: '43' }) }
                };

                // One process has seen all of them before, one sees them for the first time afterwards

                expect(await refused(here, held)).to.equal([]);
                expect(await refused(elsewhere[0]!, held)).to.equal([]);

                expect(await end(here, extent, 'both', { jwt: pair.jwt, refreshToken })).to.equal(204);

                for (const each of processes) {
                    expect(await refused(each, held)).to.equal(ended[extent]!);
                }

                for (const each of processes) {
                    const later = await each.login();
                    for (const process of processes) {
                        expect(await look(process, later)).to.equal(200);
                    }
                }

                await Promise.all(processes.map(({ server }) => server.stop()));
            });
        }

        it('ends a session in every process when its token is used again in any', async () => {

            const strategy = { refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } };
            const [one, two] = [await serve({}, strategy, onRedis('reuse')), await serve({}, strategy, onRedis('reuse'))];
            const first = await one.login();
            const second = pairOf(await two.auth.refresh(first.refreshToken));
            expect(await look(one, second)).to.equal(200);

            await expect(one.auth.refresh(first.refreshToken)).to.reject('The refresh token was used before');
            expect(await look(two, { jwt: second.jwt })).to.equal('The access token was revoked');
            expect(await look(two, { refreshToken: second.refreshToken })).to.equal('The refresh token was revoked');

            await Promise.all([one.server.stop(), two.server.stop()]);
        });

        it('asks again about what was not revoked, and never again about what was', async () => {

            const client = new Redis(redis.url);
            const monitor = await client.monitor();
            let asked = 0;
            let marked!: () => void;
            monitor.on('monitor', (_, [command, key]: string[]) => {

                asked += Number(/^hmget$/i.test(command!) && key === '{asks}:blacklist:blocks');
                if (/^echo$/i.test(command!)) {
                    marked();
                }
            });

            /** How often the blacklist was asked meanwhile. */
            const questions = async function (work: () => Promise<unknown>): Promise<number> {

                asked = 0;
                await work();
                const mark = new Promise<void>((resolve) => (marked = resolve));
                await client.echo('done');
                await mark;
                return asked;
            };

            const options = { ...onRedis('asks'), lease: false as const };
            const [one, two] = [await serve({}, {}, options), await serve({}, {}, options)];
            const pair = await one.login();

            expect(await questions(() => look(two, { jwt: pair.jwt }))).to.equal(1);
            expect(await questions(() => look(two, { jwt: pair.jwt }))).to.equal(1);

            expect(await end(one, 'session', 'both', pair)).to.equal(204);

            // Who has ended it knows; another process learns it when it first asks

            expect(await questions(() => look(one, { jwt: pair.jwt }))).to.equal(0);
            expect(await questions(() => look(two, { jwt: pair.jwt }))).to.equal(1);
            expect(await questions(() => look(two, { jwt: pair.jwt }))).to.equal(0);
            expect(await questions(() => look(two, { refreshToken: pair.refreshToken }))).to.equal(0);
            expect(await look(two, { jwt: pair.jwt })).to.equal('The access token was revoked');

            monitor.disconnect();
            client.disconnect();
            await Promise.all([one.server.stop(), two.server.stop()]);
        });

        it('remembers as many revocations as it may', async () => {

            const mortal = await RedisServer.start({ isSettled: true });
            try {
                const prepared = await serve({}, {}, { redis: mortal.url, cache: { max: 1 } });
                const pairs = [await prepared.login(), await prepared.login()];
                for (const { jwt: token } of pairs) {
                    await prepared.auth.revoke({ session: payload(token).sid as string });
                }

                await mortal.kill();
                expect(await look(prepared, { jwt: pairs[1]!.jwt })).to.equal('The access token was revoked');
                expect(await look(prepared, { jwt: pairs[0]!.jwt })).to.equal('The token store cannot be reached');
                await prepared.server.stop();
            }
            finally {
                await mortal.stop();
            }
        });
    });
});


interface Line {
    tags: string[];
    data: unknown;
}


/** What a server logs from now on. */
const logOf = function (server: Hapi.Server): Line[] {

    const lines: Line[] = [];
    server.events.on('log', ({ tags, data, error }) => {

        lines.push({ tags, data: data ?? error });
    });

    return lines;
};


/** Everything that an error in them says, or holds. */
const textOf = function (lines: Line[]): string {

    return lines.map(({ data }) => `${(data as Error).stack} ${JSON.stringify(data)}`).join();
};
