import { EventEmitter, once } from 'node:events';
import * as Net from 'node:net';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { Outage } from '../../lib/errors/outage';
import { Connection } from '../../lib/store/connection';
import * as LogScripts from '../../lib/store/blacklist-scripts';
import * as Scripts from '../../lib/store/session-scripts';
import { RedisServer } from '../support/redis';
import { until } from '../support/until';

import type { RedisOptions } from 'ioredis';
import type { Client } from '../../lib/store/call';
import type { PluginSettings } from '../../lib/options/settings';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


describe('Connection', { timeout: 10_000 }, () => {

    let server: RedisServer;
    let raw: Redis;
    let cleanups: (() => unknown)[];

    before(async () => {

        server = await RedisServer.start();
        raw = new Redis({ path: server.path });
    });

    after(async () => {

        raw.disconnect();
        await server.stop();
    });

    beforeEach(async () => {

        cleanups = [];
        await raw.flushall();
    });

    afterEach(async () => {

        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }
    });

    const open = function (redis: PluginSettings['redis'] = server.options(), timeout = 1000): { connection: Connection; errors: Error[] } {

        const errors: Error[] = [];
        const connection = new Connection({ redis, timeout, prefix: 'app', cache: { max: 1 }, lease: 1500, startWithoutStore: false }, (error) => errors.push(error));
        cleanups.push(() => connection.stop());
        return { connection, errors };
    };

    // A server to do harm to

    const launch = async function (options?: Parameters<typeof RedisServer.start>[0]): Promise<RedisServer> {

        const own = await RedisServer.start(options);
        cleanups.push(() => own.stop());
        return own;
    };

    const user = function (options: RedisOptions = {}, at = server): Redis {

        const client = new Redis({ ...at.options(), ...options });
        client.on('error', () => null);
        cleanups.push(() => client.disconnect());
        return client;
    };


    describe('with a client of this package', () => {

        it('takes the path of a socket', async () => {

            const { connection } = open(server.url);
            expect(server.url).to.startWith('/');
            await connection.start();
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('takes a URL', async () => {

            const own = await launch({ port: true });
            const { connection } = open(`${own.url}/3`);
            await connection.start();

            expect(own.url).to.startWith('redis://');
            expect(await connection.run((client) => client.client('INFO'))).to.match(/ db=3 /);
        });

        it('takes options, which win over its own', async () => {

            const { connection } = open({ path: server.path, db: 4, connectionName: 'of-the-users' });
            await connection.start();
            expect(await connection.run((client) => client.client('INFO'))).to.match(/ name=of-the-users .* db=4 /);
        });

        it('leaves the options as they are', async () => {

            const options = Object.freeze({ path: server.path });
            const { connection } = open(options);
            await connection.start();
            expect(options).to.equal({ path: server.path });
        });

        it('says who it is', async () => {

            const { connection } = open();
            expect(await connection.run((client) => client.client('GETNAME'))).to.equal('hard-logout');
        });

        it('connects when it is needed first, whatever the options say', async () => {

            const nobody = async () => await named(raw) === 0;

            for (const options of [server.url, server.options(), { ...server.options(), lazyConnect: false }]) {
                const { connection } = open(options);
                expect(await nobody()).to.be.true();

                await connection.run(ping);
                expect(await named(raw)).to.equal(1);

                await connection.stop();
                await until(nobody);
            }
        });

        it('connects once, though many need it at once', async () => {

            const { connection } = open();
            await Promise.all(Array.from({ length: 50 }, () => connection.run(ping)));
            expect(await named(raw)).to.equal(1);
        });

        it('closes its connection when it is stopped, and opens no other', async () => {

            const { connection, errors } = open();
            await connection.start();
            const client = await clientOf(connection);
            await connection.stop();

            await until(() => client.status === 'end');
            await until(async () => await named(raw) === 0);
            expect(errors).to.be.empty();
        });

        it('refuses what comes after its stop, and connects for nobody', async () => {

            const { connection } = open();
            await connection.start();
            await connection.stop();
            await expect(connection.run(ping)).to.reject(Outage, 'Redis: stopped');
            await until(async () => await named(raw) === 0);
            await raw.ping();
            expect(await named(raw)).to.equal(0);
        });

        it('can be stopped before it was started, and twice', async () => {

            const { connection } = open();
            await connection.stop();
            await connection.stop();
            await connection.start();
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('says what a server may want that ends each connection, and nothing of the kind once it has served', async () => {

            let isRude = true;
            const sockets: Net.Socket[] = [];
            const proxy = Net.createServer((socket) => {

                sockets.push(socket.on('error', () => null));
                if (isRude) {
                    socket.once('data', () => socket.resetAndDestroy());
                }
                else {
                    const upstream = Net.connect(server.path!);
                    socket.on('close', () => upstream.destroy()).pipe(upstream).pipe(socket);
                }
            });

            proxy.listen(0, '127.0.0.1');
            await once(proxy, 'listening');
            cleanups.push(() => proxy.close());
            const place = { host: '127.0.0.1', port: (proxy.address() as Net.AddressInfo).port };

            for (const [options, wish] of [[{}, 'TLS (rediss://, or tls)'], [{ tls: {} }, 'a client certificate (cert and key in tls)']] as const) {
                const { connection, errors } = open({ ...place, ...options }, 100);
                const message = new RegExp(`^Redis: (ECONNRESET|EPIPE): the server ended the connection\\. Does it want ${wish.replace(/[()]/g, '\\$&')}\\?$`);
                await expect(connection.run(ping)).to.reject(Outage);
                await until(() => errors.length > 0);
                expect(errors[0]).to.be.an.error(Outage, message);
                await connection.stop();
            }

            isRude = false;
            const { connection, errors } = open(place);
            await connection.start();
            sockets.at(-1)!.resetAndDestroy();
            await until(() => errors.length > 0);
            expect(errors[0]!.message).to.match(/^Redis: (read|write) \w+$/);
        });

        it('starts again right after it was stopped', async () => {

            const { connection } = open();
            for (let i = 0; i < 3; ++i) {
                await connection.start();
                await connection.stop();
            }

            await connection.start();
            expect(await connection.run(ping)).to.equal('PONG');
            await until(async () => await named(raw) === 1);
        });

        it('starts again after it was stopped while the server was away', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 400);
            await connection.start();
            await own.kill();
            await expect(connection.run(ping)).to.reject(Outage);

            const client = await clientOf(connection).catch(() => null);
            expect(client).to.be.null();

            await connection.stop();
            await own.restart();
            await connection.start();
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('is not started where there is no server, and does not go on trying', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 100);
            await connection.start();
            const client = await clientOf(connection);
            await own.kill();

            expect(await hurried(600, () => connection.start())).to.be.an.error(Outage, /^Redis: connect (ECONNREFUSED|ENOENT) /);

            // It can be started once there is one, with a client of its own

            await own.restart();
            await connection.start();
            expect(await clientOf(connection)).to.not.shallow.equal(client);
            expect(client.status).to.not.equal('ready');
        });

        it('comes back from the end that a client can come to, as one of Sentinel\'s does', async () => {

            const { connection } = open();
            const client = await clientOf(connection);
            client.disconnect();
            await until(() => client.status === 'end');

            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('is not started where the server says nothing', async () => {

            const own = await launch();
            const { connection, errors } = open(own.options());

            // Another reason, long ago

            await connection.start();
            await own.kill();
            await until(() => errors.length > 0);
            await connection.stop();
            await own.restart();

            own.pause();
            expect(await hurried(100, () => connection.start())).to.be.an.error(Outage, 'Redis: no answer within 5000 ms');

            own.resume();
            await connection.start();
        });

        it('is not started where it is not let in, and says so', async () => {

            const own = await launch();
            const { connection } = open(own.options());
            await user({}, own).acl('SETUSER', 'default', '-ping');

            await expect(connection.start()).to.reject(Outage, /^Redis: NOPERM /);
        });

        it('says when it is there again, also where nothing asks', async () => {

            const ready = new EventEmitter();
            const errors: Error[] = [];
            const settings = { redis: { ...server.options(), connectionName: 'idle' }, timeout: 1000, prefix: 'app', cache: { max: 1 }, lease: 1500, startWithoutStore: false };
            const connection = new Connection(settings, (error) => errors.push(error), () => ready.emit('ready'));
            cleanups.push(() => connection.stop());
            await connection.start();

            const again = once(ready, 'ready');
            const [, id] = /^id=(\d+).* name=idle /m.exec(await raw.client('LIST') as string)!;
            await raw.client('KILL', 'ID', id!);
            await again;
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('reports what goes wrong, and lets ioredis print nothing', async () => {

            const own = await launch();
            const { connection, errors } = open(own.options(), 100);
            await connection.start();

            const printed: unknown[][] = [];
            const { error, warn } = console;
            console.error = console.warn = (...args) => printed.push(args);
            try {
                await own.kill();
                await expect(connection.run(ping)).to.reject(Outage);
                await until(() => errors.length > 0);
            }
            finally {
                Object.assign(console, { error, warn });
            }

            expect(printed).to.be.empty();
            expect(errors[0]).to.be.an.error(Outage, /^Redis: connect (ECONNREFUSED|ENOENT) /);
        });

        it('does not show the password', async () => {

            const own = await launch({ args: ['--requirepass', 'the right one'] });
            const { connection, errors } = open({ ...own.options(), password: 'not-the-right-one' }, 100);
            const error = await rejection(connection.run(ping));
            await until(() => errors.some(({ message }) => message.startsWith('Redis: WRONGPASS')));

            for (const each of [error, ...errors]) {
                expect(each).to.be.an.error(Outage);
                expect(everythingOf(each)).to.not.contain('right-one');
            }
        });

        it('does not show the password, also where the server quotes it', async () => {

            const own = await launch({ args: ['--rename-command', 'AUTH', '', '--rename-command', 'HELLO', ''] });
            const { connection, errors } = open({ ...own.options(), password: 'not-BUSY -OOM, with args-the-right-one' }, 100);
            const error = await rejection(connection.run(ping));
            await until(() => errors.some(({ message }) => /unknown command/i.test(message)));

            for (const each of [error, ...errors]) {
                expect(everythingOf(each)).to.not.contain('right-one').and.not.contain('not-BUSY');
            }
        });

        it('connects at once when it hears that the server is there again', async () => {

            const own = await launch();
            const { connection, errors } = open({ ...own.options(), retryStrategy: () => 60_000 });
            await connection.start();
            const client = await clientOf(connection);

            connection.hurry();
            expect(client.status).to.equal('ready');

            await own.kill();
            await until(() => client.status === 'reconnecting');
            await own.restart();
            connection.hurry();
            expect(await connection.run(ping)).to.equal('PONG');
            expect(errors.map(({ message }) => message)).to.equal([]);
        });

        it('tries again at once, and then twice a second for ever', async () => {

            const { connection } = open();
            const { retryStrategy } = (await clientOf(connection)).options as RedisOptions;

            expect(retryStrategy!(1)).to.equal(50);
            expect(retryStrategy!(10)).to.equal(500);
            expect(retryStrategy!(1_000_000)).to.equal(500);
        });
    });


    describe('with a client of the user\'s', () => {

        it('uses it, and neither clones nor closes it', async () => {

            const client = user({ connectionName: 'of-the-users' });
            const { connection } = open(client);
            await connection.start();
            expect(await clientOf(connection)).to.shallow.equal(client);

            await connection.stop();
            expect(client.status).to.equal('ready');
            expect(await client.ping()).to.equal('PONG');
            await connection.start();
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('leaves it to the user when it connects again', async () => {

            const own = await launch();
            const client = user({ retryStrategy: () => 60_000 }, own);
            const { connection } = open(client);
            await connection.start();

            await own.kill();
            await until(() => client.status === 'reconnecting');
            await own.restart();
            connection.hurry();
            expect(client.status).to.equal('reconnecting');
        });

        it('leaves its errors to the user', async () => {

            const client = user();
            const listeners = client.listeners('error');
            open(client);
            expect(client.listeners('error')).to.equal(listeners);
        });

        it('connects one that waits for its first command, whatever it does with commands until then', async () => {

            for (const options of [{}, { enableOfflineQueue: false }]) {
                const client = user({ lazyConnect: true, ...options });
                const { connection } = open(client);
                expect(client.status).to.equal('wait');

                const answers = await Promise.all([connection.start(), connection.run(ping), connection.run(ping)]);
                expect(answers).to.equal([undefined, 'PONG', 'PONG']);
            }
        });

        it('waits for one that is connecting', async () => {

            const client = user({ enableOfflineQueue: false });
            const { connection } = open(client);
            expect(client.status).to.equal('connecting');
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('does not open again one that the user has closed', async () => {

            const client = user();
            const { connection } = open(client, 50);
            await connection.start();
            client.disconnect();
            await until(() => client.status === 'end');

            await expect(connection.run(ping)).to.reject(Outage, 'Redis: no answer within 50 ms');
            expect(client.status).to.equal('end');

            // Until the user does

            await client.connect();
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('bounds the answers of one that would wait for ever', async () => {

            const own = await launch();
            const client = user({ maxRetriesPerRequest: null }, own);
            const { connection } = open(client, 100);
            await connection.start();

            own.pause();
            await expect(connection.run(ping)).to.reject(Outage, 'Redis: no answer within 100 ms');
            own.resume();
            await until(() => connection.run(ping).then(() => true, () => false));

            await own.kill();
            await expect(connection.run(ping)).to.reject(Outage);
            await until(() => client.status === 'reconnecting');
            await expect(connection.run(ping)).to.reject(Outage, 'Redis: no answer within 100 ms');
        });

        it('reports one that cannot be connected', async () => {

            const own = await launch();
            await own.kill();
            const { connection, errors } = open(user({ lazyConnect: true }, own), 100);

            await expect(connection.run(ping)).to.reject(Outage, 'Redis: no answer within 100 ms');
            expect(errors[0]).to.be.an.error(Outage, 'Redis: Connection is closed.');
        });
    });


    describe('when the server is not there', () => {

        it('answers within its timeout where there is none', async () => {

            const own = await launch();
            await own.kill();
            const { connection } = open(own.options(), 100);
            const [error, duration] = await timed(connection.run(ping));

            expect(error).to.be.an.error(Outage, 'Redis: no answer within 100 ms');
            expect(duration).to.be.within(80, 1900);
        });

        it('answers within its timeout when it dies under way', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 2000);
            await connection.start();

            own.pause();
            const pending = rejection(connection.run(ping));
            await own.kill();

            expect(await pending).to.be.an.error(Outage, /^Redis: (?!no answer)/);
        });

        it('answers within its timeout when it is frozen, and works again when it goes on', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 100);
            await connection.start();

            own.pause();
            const pending = Array.from({ length: 20 }, () => timed(connection.run(ping)));
            for (const [error, duration] of await Promise.all(pending)) {
                expect(error).to.be.an.error(Outage, 'Redis: no answer within 100 ms');
                expect(duration).to.be.within(95, 1900);
            }

            own.resume();
            await until(() => connection.run(ping).then(() => true, () => false));
            expect(await connection.run(ping)).to.equal('PONG');
        });

        it('gives up a frozen server, and works again when it goes on', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 100);
            await connection.start();
            const client = await clientOf(connection);

            own.pause();
            await expect(connection.run(ping)).to.reject(Outage);
            await until(() => client.status !== 'ready');
            await expect(connection.run(ping)).to.reject(Outage, 'Redis: no answer within 100 ms');

            own.resume();
            await until(() => connection.run(ping).then(() => true, () => false));
        });

        it('lets no command wait for ever, though nobody waits for it any more', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 100);
            await connection.start();

            own.pause();
            let command!: Promise<Error | null>;
            await expect(connection.run((client) => {

                command = rejection(client.ping());
                return command;
            })).to.reject(Outage, 'Redis: no answer within 100 ms');

            expect(await command).to.be.an.error('Command timed out');
            own.resume();
        });

        it('keeps no command for a connection to come', async () => {

            const { connection } = open();
            const client = await clientOf(connection) as Redis;
            client.disconnect(true);

            await expect(connection.run(ping)).to.reject(Outage, /^Redis: Stream isn't writeable/);
            await until(() => connection.run(ping).then(() => true, () => false));
        });

        it('gives up one that freezes before the first answer', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 100);

            own.pause();
            await expect(connection.run(ping)).to.reject(Outage, 'Redis: no answer within 100 ms');
            own.resume();
            await until(() => connection.run(ping).then(() => true, () => false));
        });

        it('starts once the server is there, within five seconds, though a question may not take as long', async () => {

            const own = await launch();
            await own.kill();
            const { connection, errors } = open(own.options(), 50);
            const started = rejection(connection.start());
            await until(() => errors.length > 2);
            await own.restart();

            expect(await started).to.be.null();
        });

        it('works again within a second of the restart, with all data lost, and without a client of this package', async () => {

            const own = await launch();
            const { connection, errors } = open(own.options(), 1000);
            await connection.script(Scripts.stamp, ['key'], [1000]);

            await own.kill();
            await until(() => errors.length > 2);
            await own.restart();

            expect(await connection.script(Scripts.stamp, ['key'], [1000])).to.be.a.number();
        });

        it('lets a question wait for a server that is on its way back', async () => {

            const own = await launch();
            const { connection } = open(own.options(), 2000);
            await connection.start();
            await own.kill();
            await until(async () => (await timed(connection.run(ping, 10)))[0]?.message === 'Redis: no answer within 10 ms');

            const waiting = connection.run(ping);
            await own.restart();
            expect(await waiting).to.equal('PONG');
        });

        it('does not heap up listeners while hundreds of questions wait', async () => {

            const own = await launch();
            const client = user({}, own);
            const { connection } = open(client, 100);
            await connection.start();
            const names = ['ready', 'close', 'end', 'error', 'connect'];
            const earlier = names.map((name) => client.listenerCount(name));

            await own.kill();
            await until(() => client.status === 'reconnecting');

            for (let i = 0; i < 2; ++i) {
                const waiting = Array.from({ length: 300 }, () => rejection(connection.run(ping)));
                expect(client.listenerCount('ready')).to.be.below(4);
                for (const error of await Promise.all(waiting)) {
                    expect(error).to.be.an.error(Outage);
                }
            }

            await own.restart();
            await until(() => connection.run(ping).then(() => true, () => false));
            expect(names.map((name) => client.listenerCount(name))).to.equal(earlier);
        });

        it('leaves no timer behind that could fire after the answer', async () => {

            const { connection } = open(undefined, 60_000);
            await connection.start();
            const earlier = timers();

            await connection.run(ping);
            await expect(connection.run(() => Promise.reject(new Error('no')))).to.reject();
            await expect(connection.run(() => {

                throw new Error('no');
            })).to.reject();

            expect(timers()).to.be.at.most(earlier);
        });
    });


    describe('its errors', () => {

        it('are an outage when the server refuses to write, or to let us in', async () => {

            const own = await launch();
            const admin = user({}, own);
            const { connection } = open(own.options());
            await connection.script(Scripts.stamp, ['key'], [1000]);
            const write = () => connection.script(Scripts.stamp, ['key'], [1000]);

            const revoke = () => connection.script(LogScripts.enter, LogScripts.suffixes.map((suffix) => `log${suffix}`), ['news', 'epoch', 'key', 1, 60_000, '', '', '']);
            await revoke();
            await admin.config('SET', 'maxmemory', '1');
            await expect(revoke()).to.reject(Outage, /OOM/);
            await admin.config('SET', 'maxmemory', '0');

            await admin.config('SET', 'min-replicas-to-write', '1');
            await expect(write()).to.reject(Outage, /NOREPLICAS/);
            await admin.config('SET', 'min-replicas-to-write', '0');

            await admin.acl('SETUSER', 'default', '-evalsha');
            await expect(write()).to.reject(Outage, /NOPERM/);
            await admin.acl('SETUSER', 'default', '+evalsha');

            await admin.config('SET', 'replica-serve-stale-data', 'yes');
            await admin.replicaof('127.0.0.1', '1');
            await expect(write()).to.reject(Outage, /READONLY/);
            await admin.config('SET', 'replica-serve-stale-data', 'no');
            await expect(write()).to.reject(Outage, /MASTERDOWN/);
            await admin.replicaof('NO', 'ONE');

            expect(await write()).to.be.a.number();
        });

        it('are an outage while a script keeps the server busy', async () => {

            const own = await launch({ args: ['--busy-reply-threshold', '1'] });
            const admin = user({}, own);
            const { connection } = open(own.options());
            await connection.start();

            const endless = rejection(admin.eval('while true do end', 0));
            await until(async () => /BUSY/.test((await rejection(connection.run(ping)))?.message ?? ''));
            await expect(connection.run(ping)).to.reject(Outage, /^Redis: BUSY /);

            await connection.run((client) => client.script('KILL'));
            expect(await endless).to.be.an.error(/killed/);
        });

        it('keep to themselves the keys and arguments of the command', async () => {

            const { connection } = open();
            await raw.set('a-secret-key', 'of another type');

            const errors = [
                await rejection(connection.run((client) => client.hmget('a-secret-key', 'a-secret-field'))),
                await rejection(connection.script(Scripts.stamp, ['a-secret-key'], ['a-secret-field'])),
                await rejection(connection.run((client) => client.call('NO-SUCH-COMMAND', 'a-secret-key', 'a-secret-field') as Promise<unknown>))
            ];

            for (const error of errors) {
                expect(error).to.be.an.error(Error, /^hard-logout: Redis refused a command: (WRONGTYPE|ERR) /);
                expect(everythingOf(error)).to.not.contain('a-secret');
            }
        });

        it('keep them to themselves in an outage, too', async () => {

            const own = await launch();
            const admin = user({}, own);
            const { connection, errors } = open(own.options(), 200);
            const ask = () => rejection(connection.run((client) => client.hmget('a-secret-key', 'a-secret-field')));
            await connection.start();

            await admin.acl('SETUSER', 'default', '-hmget');
            const refused = await ask();
            await admin.acl('SETUSER', 'default', '+hmget');

            own.pause();
            const unanswered = await ask();
            const cut = ask();
            await own.kill();

            for (const error of [refused, unanswered, await cut, await ask(), ...errors]) {
                expect(error).to.be.an.error(Outage);
                expect(everythingOf(error)).to.not.contain('a-secret');
            }
        });
    });
});


const ping = function (client: Client): Promise<string> {

    return client.ping();
};


const clientOf = async function (connection: Connection): Promise<Client> {

    let held!: Client;
    await connection.run(async (client) => {

        held = client;
    });

    return held;
};


const rejection = async function (promise: Promise<unknown>): Promise<Error | null> {

    return (await timed(promise))[0];
};


const timed = async function (promise: Promise<unknown>): Promise<[Error | null, number]> {

    const earlier = performance.now();
    try {
        await promise;
        return [null, performance.now() - earlier];
    }
    catch (error) {
        return [error as Error, performance.now() - earlier];
    }
};


// The five seconds that a start may take, in less

const hurried = async function (duration: number, start: () => Promise<void>): Promise<Error | null> {

    const { setTimeout: realSetTimeout } = globalThis;
    const hurry = (callback: () => void, ms?: number) => realSetTimeout(callback, ms === 5000 ? duration : ms);
    globalThis.setTimeout = hurry as typeof setTimeout;
    try {
        return await rejection(start());
    }
    finally {
        globalThis.setTimeout = realSetTimeout;
    }
};


const named = async function (observer: Redis): Promise<number> {

    return (await observer.client('LIST') as string).match(/name=hard-logout /g)?.length ?? 0;
};


const timers = function (): number {

    return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
};


const everythingOf = function (error: unknown): string {

    return inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity });
};
