import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { redisAddress } from '../../lib/cli/address';
import { Usage } from '../../lib/cli/failure';


export const lab = Lab.script();
const { describe, it } = lab;


const usage = 'needs redis://, rediss://, redis+sentinel://host:port,host:port/name or the path of a unix socket, which begins with /; a password in it is percent-encoded';

const named = (redis: string[] | string | undefined, env: NodeJS.ProcessEnv = {}) => redisAddress(typeof redis === 'string' ? [redis] : redis, env);

const refuse = function (redis: string[] | string, message = `--redis ${usage}`): void {

    expect(() => named(redis)).to.throw(Usage, message);
};


describe('An address of Redis', () => {

    it('is an argument, or in the environment', () => {

        expect(named(undefined, { REDIS_URL: 'redis://:hush@host:1/2' })).to.equal('redis://:hush@host:1/2');
        expect(named('rediss://host', { REDIS_URL: 'redis://other' })).to.equal('rediss://host');
        expect(named('/run/redis.sock')).to.equal('/run/redis.sock');
        expect(named(undefined, { REDIS_URL: '/run/my redis.sock' })).to.equal('/run/my redis.sock');

        for (const REDIS_URL of [undefined, '', ' ']) {
            expect(() => named(undefined, { REDIS_URL })).to.throw(Usage, 'No Redis is given: set REDIS_URL, or use --redis where no other user can list the processes');
        }
    });

    it('is nothing that ioredis would take for paths and hosts, and show', () => {

        for (const url of ['redis:://:hush@host', ':hush@host', 'http://:hush@host', 'redis://:hu/sh@host', 'redis:hush', 'redis://hu/sh@host', 'redis://hu?sh@host', 'redis://hu#sh@host', '']) {
            refuse(url);
            refuse(['redis://host', url]);
            if (url !== '') {
                expect(() => named(undefined, { REDIS_URL: url })).to.throw(Usage, `REDIS_URL ${usage}`);
            }
        }
    });

    it('may have its password elsewhere in the environment', () => {

        const env = { REDIS_USERNAME: 'us er', REDIS_PASSWORD: 'h%41@/#' };
        expect(named('redis://host:1/2', env)).to.equal('redis://us%20er:h%2541%40%2F%23@host:1/2');
        expect(named('redis://host', { REDIS_PASSWORD: 'a' })).to.equal('redis://:a@host');
        expect(named('redis://other@host', env)).to.equal('redis://other:h%2541%40%2F%23@host');
        expect(named('redis://other:own@host', env)).to.equal('redis://other:own@host');
        expect(named('redis://host', { REDIS_USERNAME: 'user', REDIS_PASSWORD: '' })).to.equal('redis://host');
        expect(named('/run/redis.sock', env)).to.equal('/run/redis.sock?username=us+er&password=h%2541%40%2F%23');
        expect(named('/run/redis.sock?db=2', { REDIS_PASSWORD: 'a' })).to.equal('/run/redis.sock?db=2&password=a');
        expect(named('/run/redis.sock?password=own', env)).to.equal('/run/redis.sock?password=own');
    });

    it('may be those of Sentinels', () => {

        expect(named('redis+sentinel://one:1,two/main')).to.equal({ failoverDetector: false, sentinels: [{ host: 'one', port: 1 }, { host: 'two', port: 26379 }], name: 'main' });
        expect(named('rediss+sentinel://us%20er:h%40:%2F@[::1]:2/ma%20in/3', { REDIS_SENTINEL_PASSWORD: 'b', REDIS_PASSWORD: 'c' })).to.equal({
            failoverDetector: false,
            sentinels: [{ host: '::1', port: 2 }],
            name: 'ma in',
            db: 3,
            username: 'us er',
            password: 'h@:/',
            sentinelPassword: 'b',
            tls: {},
            enableTLSForSentinelMode: true
        });

        const env = { REDIS_USERNAME: 'user', REDIS_PASSWORD: 'c' };
        expect(named('redis+sentinel://one/main', env)).to.include({ username: 'user', password: 'c' });
        expect(named('redis+sentinel://:a@one/main', env)).to.include({ username: 'user', password: 'a' });
        expect(Object.keys(named('redis+sentinel://user@one/main') as object)).to.equal(['failoverDetector', 'sentinels', 'name']);

        for (const text of ['', 'one', 'one/', '/main', 'one:x/main', 'one,/main', ':hush@/main', 'a:hu/sh@one/main', 'hush%@one/main', '[one/main', 'one/main/x']) {
            refuse(`redis+sentinel://${text}`);
        }
    });

    it('may be those of nodes of a Cluster', () => {

        const found = function (redis: string[] | undefined, env: NodeJS.ProcessEnv = {}) {

            const { status, options, startupNodes } = named(redis, env) as any;
            expect(status).to.equal('wait');
            return { nodes: startupNodes, login: options.redisOptions };
        };

        const nodes = [{ host: 'one', port: 6379 }, { host: '::1', port: 2 }];
        expect(found(['redis://one', 'redis://[::1]:2'])).to.equal({ nodes, login: { commandTimeout: 4000 } });
        expect(found(undefined, { REDIS_URL: ' redis://one  redis://user:h%40@[::1]:2', REDIS_PASSWORD: 'c' })).to.equal({ nodes, login: { commandTimeout: 4000, username: 'user', password: 'h@' } });
        expect(found(['rediss://one', 'rediss://[::1]:2'], { REDIS_PASSWORD: 'c' })).to.equal({ nodes, login: { commandTimeout: 4000, password: 'c', tls: {} } });

        refuse(['redis://one', '/run/redis.sock'], '--redis has several addresses, so they are the nodes of a Cluster: each has to start with redis:// or rediss://');
        refuse(['redis://one', 'redis+sentinel://two/main']);
        refuse(['redis://one', 'redis://:hush%@two']);
    });
});
