import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Ioredis from 'ioredis';
import * as Ioredis5 from 'ioredis-5';
import * as Iovalkey from 'iovalkey';

import { findPort, RedisServer } from '../support/redis';
import { bearer, prepare } from '../support/server';

import type { PluginOptions } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const lease = 100;


interface Client {
    status: string;
    on(event: 'error', listener: () => void): unknown;
    quit(): Promise<unknown>;
}


type Package = Record<'Redis' | 'Cluster', new (place: any) => Client>;


describe('A client of the user', () => {

    let single: RedisServer;
    let cluster: RedisServer;
    let cleanups: (() => unknown)[] = [];

    before(async () => {

        single = await RedisServer.start({ port: true });

        // Of one node, which has all slots

        cluster = await RedisServer.start({ port: true, args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', `${await findPort()}`] });
        const admin = new Ioredis.Redis(cluster.options());
        await admin.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
        while (!(await admin.call('CLUSTER', 'INFO') as string).includes('cluster_state:ok')) {
            // Soon
        }

        admin.disconnect();
    });

    after(async () => {

        await single.stop();
        await cluster.stop();
    });

    afterEach(async () => {

        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }

        cleanups = [];
    });

    const start = async function (client: Client): Promise<Prepared> {

        client.on('error', () => undefined);
        cleanups.push(() => client.quit());

        const prepared = await prepare({}, { redis: client as unknown as PluginOptions['redis'], lease });
        cleanups.push(() => prepared.server.stop());
        await prepared.server.initialize();
        return prepared;
    };

    const packages: Record<string, Package> = { 'ioredis 6': Ioredis as unknown as Package, 'ioredis 5': Ioredis5 as unknown as Package, iovalkey: Iovalkey as unknown as Package };

    for (const [name, { Redis, Cluster }] of Object.entries(packages)) {
        for (const kind of ['server', 'Cluster']) {

            // eslint-disable-next-line no-loop-func
            it(`may be one of ${name}, for a ${kind}`, async () => {

                const open = () => (kind === 'server' ? new Redis(single.options()) : new Cluster([cluster.options()]));
                const [one, other] = [await start(open()), await start(open())];

                const first = await one.login();
                const { access_token: jwt, refresh_token: refreshToken } = await other.auth.refresh(first.refreshToken);
                expect((await one.me(jwt!)).statusCode).to.equal(200);
                expect(await one.auth.sessions('42')).to.have.length(1);

                expect((await one.server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(jwt!) })).statusCode).to.equal(204);
                for (const { me, server } of [one, other]) {
                    expect((await me(jwt!)).statusCode).to.equal(401);
                    expect((await me(first.jwt)).statusCode).to.equal(401);
                    expect((await server.inject({ method: 'POST', url: `/token?refreshToken=${refreshToken}` })).statusCode).to.equal(401);
                }

                expect(await one.auth.sessions('42')).to.be.empty();
            });
        }
    }
});
