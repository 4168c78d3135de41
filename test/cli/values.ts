import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Usage } from '../../lib/cli/failure';
import { identity, moment, redisAddress } from '../../lib/cli/values';
import { mint as mintRefreshToken } from '../../lib/sessions/refresh-token';
import { mint } from '../support/tokens';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Values of the command line', () => {

    it('are moments that can mean one thing only', () => {

        expect(moment('issued-before', '2020-01-02')).to.equal(Date.UTC(2020, 0, 2));
        expect(moment('issued-before', '2020-01-02T03:04Z')).to.equal(Date.UTC(2020, 0, 2, 3, 4));
        expect(moment('issued-before', '2020-01-02T03:04:05.678-01:00')).to.equal(Date.UTC(2020, 0, 2, 4, 4, 5, 678));
        expect(moment('issued-before', new Date(Date.now() + 50_000).toISOString())).to.be.above(Date.now());

        const late = new Date(Date.now() + 70_000).toISOString();
        for (const text of ['', 'now', '1577934245', '1577934245678', '2020-01-02T03:04', '2020-02-30', '2020-13-01', '2020-01-02T25:00Z', '1/2/2020', late]) {
            expect(() => moment('issued-before', text)).to.throw(Usage, '--issued-before needs a moment such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute ahead');
        }
    });

    it('are addresses of Redis', () => {

        const named = (redis: string | undefined, url?: string) => redisAddress(redis, { REDIS_URL: url });
        expect(named(undefined, 'redis://:hush@host:1/2')).to.equal('redis://:hush@host:1/2');
        expect(named('rediss://host', 'redis://other')).to.equal('rediss://host');
        expect(named('/run/redis.sock')).to.equal('/run/redis.sock');

        for (const url of [undefined, '']) {
            expect(() => named(undefined, url)).to.throw(Usage, 'No Redis is named: set REDIS_URL, or give --redis where no other user can list the processes');
        }

        // ioredis would take these for paths and hosts, and show them

        const usage = 'needs redis://, rediss:// or the path of a unix socket, which begins with /; a password in it is percent-encoded';
        for (const url of ['redis:://:hush@host', ':hush@host', 'http://:hush@host', 'redis://:hu/sh@host', 'redis:hush', 'redis://hu/sh@host', 'redis://hu?sh@host', 'redis://hu#sh@host']) {
            expect(() => named(url)).to.throw(Usage, `--redis ${usage}`);
            expect(() => named(undefined, url)).to.throw(Usage, `REDIS_URL ${usage}`);
        }
    });

    it('are no tokens, which are refused without being shown', async () => {

        const jwt = await mint();
        const refreshToken = mintRefreshToken('', '42').bytes.toString('base64url');
        for (const token of [jwt, refreshToken]) {
            expect(() => identity('subject', token)).to.throw(Usage, '--subject is given a token. Give the token\'s sub, sid or jti instead');
        }

        for (const text of ['a.user.name', 'eyJ', 'eyJ.a', refreshToken.slice(1)]) {
            expect(identity('subject', text)).to.equal(text);
        }
    });

    it('are no empty ids, and none that are no text', () => {

        for (const text of ['', '\ud800']) {
            expect(() => identity('session', text)).to.throw(Usage, '--session is empty, or no text');
        }
    });
});
