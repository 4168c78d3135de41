import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { Outage } from '../../lib/errors/outage';
import { openClient, openLinkClient } from '../../lib/store/client';
import { RedisServer } from '../support/redis';
import { until } from '../support/until';

import type { Cluster, RedisOptions } from 'ioredis';
import type { PluginSettings } from '../../lib/options/settings';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


describe('client', { timeout: 10_000 }, () => {

    let server: RedisServer;
    let raw: Redis;
    let cleanups: (() => unknown)[];

    before(async () => {

        server = await RedisServer.start({ port: true });
        raw = new Redis(server.options());
    });

    after(async () => {

        raw.disconnect();
        await server.stop();
    });

    beforeEach(() => {

        cleanups = [];
    });

    afterEach(async () => {

        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }

        await raw.flushall();
    });

    const user = function (options: RedisOptions = {}): Redis {

        const client = new Redis({ ...server.options(), ...options });
        cleanups.push(() => client.disconnect());
        return client;
    };


    describe('openClient()', () => {

        const open = function (redis: string | RedisOptions, errors: Error[] = []): Redis {

            const client = openClient(redis, 250, (error) => errors.push(error));
            cleanups.push(() => client.disconnect());
            return client;
        };

        it('takes a URL, and options', async () => {

            for (const redis of [server.url, server.options()]) {
                const client = open(redis);
                expect(client.status).to.equal('wait');
                await client.connect();
                expect(await client.client('GETNAME')).to.equal('hard-logout');
            }
        });

        it('connects when it is asked to, and not before, whatever the options say', async () => {

            for (const redis of [`${server.url}?lazyConnect=`, { ...server.options(), lazyConnect: false }]) {
                expect(open(redis).status).to.equal('wait');
            }
        });

        it('leaves the rest to the options', async () => {

            const client = open({ ...server.options(), connectionName: 'own', keyPrefix: 'own:', commandTimeout: 5000 });
            await client.connect();
            expect(await client.client('GETNAME')).to.equal('own');
            await client.set('key', 'value');
            expect(await raw.get('own:key')).to.equal('value');
            expect(client.options.commandTimeout).to.equal(5000);
        });

        it('fails in time, and does nothing twice', async () => {

            const client = open(server.options());
            await expect(client.ping()).to.reject(/enableOfflineQueue/);
            await until(() => client.status === 'ready');
            await expect(client.blpop('nothing', 0)).to.reject('Command timed out');
            expect(client.options).to.include({ connectTimeout: 500, socketTimeout: 1000, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
        });

        it('tries again at once when the connection is lost, then twice a second', () => {

            const { retryStrategy } = open(server.options()).options;
            expect([1, 2, 9, 10, 11, 1000].map((attempt) => retryStrategy!(attempt))).to.equal([50, 100, 450, 500, 500, 500]);
        });

        it('leaves errors to the code that opened it', async () => {

            const errors: Error[] = [];
            const client = open({ host: '127.0.0.1', port: 1 }, errors);
            await expect(client.connect()).to.reject();
            expect(errors[0]).to.be.an.error(/ECONNREFUSED/);
        });
    });


    describe('openLinkClient()', () => {

        const open = async function (redis: NonNullable<PluginSettings['redis']>): Promise<Redis> {

            const client = await openLinkClient(redis, '{app}:blacklist', 250);
            cleanups.push(() => client.disconnect());
            return client;
        };

        const info = async function (client: Redis): Promise<string> {

            if (client.status === 'wait') {
                await client.connect();
            }

            await until(() => client.status === 'ready');
            return await client.client('INFO') as string;
        };

        it('takes a URL, options, or a client of the user, and speaks RESP3 there', async () => {

            const alien = { status: 'ready', disconnect: () => undefined, options: server.options() } as unknown as Redis;
            for (const redis of [server.url, server.options(), user(), alien]) {
                expect(await info(await open(redis))).to.match(/ name=hard-logout:lease .* resp=3/);
            }
        });

        it('goes to the database of the user', async () => {

            for (const redis of [`${server.url}/2`, { ...server.options(), db: 2 }, user({ db: 2 })]) {
                expect(await info(await open(redis))).to.match(/ db=2 /);
            }
        });

        it('logs in as the user does', async () => {

            await raw.acl('SETUSER', 'someone', 'reset', 'on', '>secret', '~*', '&*', '+@all');
            const url = server.url.replace('redis://', 'redis://someone:secret@');
            const credentials = { username: 'someone', password: 'secret' };
            for (const redis of [url, { ...server.options(), ...credentials }, user(credentials)]) {
                expect(await info(await open(redis))).to.match(/ user=someone /);
            }
        });

        it('leaves the client of the user alone', async () => {

            const client = user({ lazyConnect: true, connectionName: 'own' });
            const { options } = client;
            const copy = { ...options };
            await info(await open(client));
            expect(client.status).to.equal('wait');
            expect(client.options).to.shallow.equal(options);
            expect({ ...client.options }).to.equal(copy);
        });

        it('keeps to its own rules, whatever the options say', async () => {

            const wishes = {
                lazyConnect: false, protocol: 2, enableOfflineQueue: true, enableAutoPipelining: true, autoResendUnfulfilledCommands: true,
                autoResubscribe: true, maxRetriesPerRequest: 20, retryStrategy: () => 1, commandTimeout: 1, socketTimeout: 1, connectTimeout: 1,
                readOnly: true, keyPrefix: 'own:', stringNumbers: true, connectionName: 'own', reconnectOnError: () => true
            } as const;

            for (const redis of [{ ...server.options(), ...wishes }, user({ ...wishes, lazyConnect: true })]) {
                const client = await open(redis);
                expect(client.status).to.equal('wait');
                await expect(client.ping()).to.reject(/enableOfflineQueue/);

                expect(await info(client)).to.match(/ name=hard-logout:lease .* resp=3/);
                expect(await client.hset('key', 'field', 'value')).to.equal(1);
                expect(await raw.hget('key', 'field')).to.equal('value');
                expect(await client.blpop('nothing', 0.01)).to.be.null();
                await raw.del('key');

                await raw.call('CLIENT', 'KILL', 'ID', await client.client('ID'));
                await until(() => client.status === 'end');
                await expect(client.ping()).to.reject();
            }
        });

        it('keeps to them whatever a URL says', async () => {

            const client = await open(`${server.url}?keyPrefix=own:&protocol=2&connectionName=own&enableOfflineQueue=yes&readOnly=yes`);
            await expect(client.ping()).to.reject(/enableOfflineQueue/);
            expect(await info(client)).to.match(/ name=hard-logout:lease .* resp=3/);
            await client.set('key', 'value');
            expect(await raw.get('key')).to.equal('value');
        });

        it('does not wait for a server longer than twice the time of a question', async () => {

            const client = await open(server.options());
            expect(client.options.connectTimeout).to.equal(500);
        });


        describe('of a Cluster', () => {

            const ranges = [[100, 199, ['10.0.0.2', 7002], ['10.0.0.3', 7003]], [0, 99, ['10.0.0.1', 7001]]];

            const cluster = function (options: Record<string, unknown> = {}, slot: unknown = 150): Cluster & { asked: string[][] } {

                const asked: string[][] = [];
                const nodes = [{ options: { host: '10.0.0.1', port: 7001 } }, { options: { host: '10.0.0.2', port: 7002, username: 'node' } }];
                return {
                    isCluster: true, status: 'ready', disconnect: () => undefined, options, asked,
                    nodes: () => nodes,
                    cluster: (...args: string[]) => {

                        asked.push(args);
                        return args[0] === 'SLOTS' ? Promise.resolve(ranges) : slot;
                    }
                } as unknown as Cluster & { asked: string[][] };
            };

            it('goes to the master that owns the slot of the key', async () => {

                const fake = cluster();
                const { options } = await open(fake);
                expect(options).to.include({ host: '10.0.0.2', port: 7002, username: 'node' });
                expect(fake.asked).to.equal([['KEYSLOT', '{app}:blacklist'], ['SLOTS']]);

                expect((await open(cluster({}, 99))).options).to.include({ host: '10.0.0.1', port: 7001 });
                expect((await open(cluster({}, '100'))).options).to.include({ host: '10.0.0.2', port: 7002 });
            });

            it('logs in there as its client does', async () => {

                const { options } = await open(cluster({ redisOptions: { username: 'someone', password: 'secret', tls: {} } }, 50));
                expect(options).to.include({ host: '10.0.0.1', port: 7001, username: 'someone', password: 'secret', tls: {} });
            });

            it('goes where its client has to go instead', async () => {

                const away = { host: 'gate.example', port: 9000 };
                for (const natMap of [{ '10.0.0.2:7002': away }, (node: string) => (node === '10.0.0.2:7002' ? away : null)]) {
                    expect((await open(cluster({ natMap }))).options).to.include(away);
                    expect((await open(cluster({ natMap }, 50))).options).to.include({ host: '10.0.0.1', port: 7001 });
                }
            });

            it('goes to a master that its client has not heard of', async () => {

                const fake = cluster({ redisOptions: { password: 'secret' } });
                fake.nodes = () => [];
                expect((await open(fake)).options).to.include({ host: '10.0.0.2', port: 7002, password: 'secret' });
            });

            it('is an outage where no one owns it, or no one answers', async () => {

                await expect(open(cluster({}, 200))).to.reject(Outage, 'Redis: no node of the Cluster serves the blacklist');
                await expect(open(cluster({}, new Promise(() => undefined)))).to.reject(Outage, 'Redis: no answer within 250 ms');
                await expect(open(cluster({}, Promise.reject(new Error('None of startup nodes is available'))))).to.reject(Outage, /startup nodes/);
            });
        });
    });
});
