import { EventEmitter } from 'node:events';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Cluster, Redis } from 'ioredis';

import { isAddress, isClient, redisProblem } from '../../lib/options/redis';


export const lab = Lab.script();

const { describe, it } = lab;


const open = (options = {}) => new Redis({ ...options, lazyConnect: true });

const openCluster = (options = {}) => new Cluster([{ host: '127.0.0.1', port: 1 }], { ...options, lazyConnect: true });


describe('isClient()', () => {

    it('knows clients, whatever version of ioredis they are of', () => {

        const alien = { status: 'ready', disconnect: () => undefined, options: {} };
        for (const client of [open(), openCluster(), alien]) {
            expect(isClient(client)).to.be.true();
        }
    });

    it('knows from them what only leads to a server', () => {

        for (const address of ['redis://127.0.0.1', { host: '127.0.0.1' }, { status: 'ready' }, { disconnect: true }, {}, null, undefined]) {
            expect(isClient(address)).to.be.false();
        }
    });
});


describe('isAddress()', () => {

    it('takes URLs and paths of sockets', () => {

        for (const text of ['redis://localhost', 'rediss://user:a%40b@redis.example:6380/2', 'REDIS://localhost', 'redis://localhost?family=6', '/run/redis.sock', '/run/redis.sock?db=2']) {
            expect(isAddress(text), text).to.be.true();
        }
    });

    it('takes nothing that ioredis takes for something else', () => {

        for (const text of ['', 'localhost', 'localhost:6379', 'valkey://localhost', 'http://localhost', 'redis:localhost', 'redis://', 'unix:///run/redis.sock', 'redis://:a/b@localhost', 'redis://localhost?x=a@b', 'redis://localhost#a@b']) {
            expect(isAddress(text), text).to.be.false();
        }
    });
});


describe('problemOf()', () => {

    const places = 'must name a server, as host, as path, or as sentinels: it is missing, or empty';

    it('finds nothing wrong with a server that is named, or with a client', () => {

        const bare = Object.assign(Object.create(null), { host: 'redis.example' });
        for (const redis of ['redis://localhost', '/run/redis.sock', { host: 'redis.example' }, { path: '/run/redis.sock' }, { port: 6380 }, { sentinels: [{ host: 'a' }], name: 'b' }, bare, open(), openCluster()]) {
            expect(redisProblem(redis)).to.be.null();
        }
    });

    it('says which URLs there are', () => {

        for (const redis of ['', 'valkey://localhost', 'http://localhost:6379', 'localhost:6379']) {
            expect(redisProblem(redis)).to.equal('must be a URL that starts with redis:// or rediss://, or the path of a unix socket, which starts with /; a password in it is percent-encoded');
        }
    });

    it('refuses what can be no place of a Redis', () => {

        for (const redis of [null, 6379, true, [{ host: 'redis.example' }], () => null]) {
            expect(redisProblem(redis)).to.equal('must be a URL, ioredis options, or a client');
        }
    });

    it('refuses a URL object, of which ioredis sees nothing', () => {

        expect(redisProblem(new URL('redis://redis.example'))).to.equal('must be a URL as a string: use its href');
    });

    it('refuses a client of the package redis, which ioredis would take for options without a host', () => {

        class Client extends EventEmitter {

            isOpen = false;

            get options(): object {

                return { url: 'redis://redis.example' };
            }

            connect(): void {}

            sendCommand(): void {}

            disconnect(): void {}
        }

        expect(redisProblem(new Client())).to.equal('must be a client of the package ioredis: one of another package, such as redis, cannot be used');
    });

    it('refuses options of the package redis, which lead ioredis to 127.0.0.1', () => {

        for (const [name, options] of Object.entries({ url: { url: 'redis://redis.example' }, socket: { socket: { host: 'redis.example' }, port: 6379 } })) {
            expect(redisProblem(options)).to.equal(`must be options of the package ioredis: ${name} is one of the package redis. Name the server as host and port, or as path`);
        }
    });

    it('refuses options whose server is not named, or by a variable that is not set', () => {

        for (const options of [{}, { password: 'x' }, { host: undefined }, { host: '', port: 6379 }, { host: undefined, port: 6379 }, { path: null }, { sentinels: undefined, name: 'x' }, { port: undefined }]) {
            expect(redisProblem(options)).to.equal(places);
        }
    });

    it('refuses a Cluster that reads from replicas, which hear of a logout too late', () => {

        for (const scaleReads of ['slave', 'all', () => undefined]) {
            expect(redisProblem(openCluster({ scaleReads }))).to.equal('must be a Cluster that reads from masters (scaleReads)');
        }

        expect(redisProblem(openCluster({ scaleReads: 'master' }))).to.be.null();
    });
});
