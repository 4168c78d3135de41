import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { RedisStore } from '../../lib/store/redis';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { prepare } from '../support/server';
import { end, look, mint, payload, serve } from '../support/tokens';

import type { FoundRefreshToken, JwtOptions, PluginOptions, StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const now = Date.now;
const { remove } = RedisStore.prototype;

const minute = 60 * 1000;
const hour = 60 * minute;
const day = 24 * hour;


// No entry of the blacklist goes while a token that it stands for is still accepted

describe('logout', () => {

    let redis: RedisServer;
    let client: Redis;

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
        client = new Redis(redis.url);
    });

    after(async () => {

        client.disconnect();
        await redis.stop();
    });

    afterEach(() => {

        Date.now = now;
        RedisStore.prototype.remove = remove;
    });

    const onRedis = (prefix: string): PluginOptions => ({ redis: redis.url, prefix, lease: 300 });

    // Of a session that was ended a row stays for a while, without a subject

    const rows = async function (prefix: string): Promise<string[]> {

        const keys = await client.keys(`${prefix}:*:session:*`);
        const texts = await Promise.all(keys.map((key) => client.get(key)));
        return keys.filter((_, i) => texts[i]!.includes('"sub"'));
    };

    describe('is remembered', () => {

        /** How long (ms) the entries of the blacklist still live, shortest first. */
        const livesOf = async function (prefix: string): Promise<number[]> {

            const [seconds, microseconds] = await client.time();
            const moment = Number(seconds) * 1000 + Number(microseconds) / 1000;
            const entries = await entriesOf(client, `{${prefix}}:blacklist`);
            const expiries = await client.zrange(`{${prefix}}:blacklist:expiries`, '0', '-1', 'WITHSCORES');
            const lives = Array.from(entries.values(), ({ expires }) => expires);
            const scores = expiries.map(Number).filter((_, i) => i % 2 === 1);

            expect(lives.sort(ascending)).to.equal(scores.sort(ascending));
            return lives.map((expires) => expires - moment);
        };

        /** The same, once all that is under way is done. */
        const lifetimes = async function ({ server }: Prepared, prefix: string): Promise<number[]> {

            await server.stop();
            return livesOf(prefix);
        };

        const empty = (prefix: string) => client.del(`{${prefix}}:blacklist:blocks`, `{${prefix}}:blacklist:expiries`);

        /** How long (ms) a server still accepts a JWT, had it not been revoked: found out with a server that knows nothing. */
        const accepted = async function (jwt: string, options: Partial<JwtOptions> = {}): Promise<number> {

            const prepared = await serve(options);
            const real = Date.now();
            let [lives, ended] = [0, 400 * day];
            while (ended - lives > 1) {
                const middle = Math.floor((lives + ended) / 2);
                Date.now = () => real + middle;
                if (await look(prepared, { jwt }) === 200) {
                    lives = middle;
                }
                else {
                    ended = middle;
                }
            }

            Date.now = now;
            return ended;
        };

        const jwts: [title: string, claims: () => Record<string, unknown>, options: Partial<JwtOptions>][] = [
            ['as usual', () => ({}), {}],
            ['with no tolerance', () => ({}), { clockTolerance: 0 }],
            ['with much tolerance', () => ({}), { clockTolerance: 300_000 }],
            ['with a fractional exp', () => ({ exp: now() / 1000 + 100.999 }), { clockTolerance: 0 }],
            ['with an exp in the far future', () => ({ exp: 8.64e12 }), {}],
            ['with an exp in the far future and a fractional iat', () => ({ iat: Math.floor(now() / 1000) - 0.001, exp: 1e11 }), { clockTolerance: 0 }],
            ['with a great maxAge', () => ({ exp: 1e11 }), { maxAge: 200 * day }],
            ['with a small maxAge', () => ({ exp: now() / 1000 + 10_000 }), { maxAge: hour, clockTolerance: 1000 }],
            ['with an iat in the future', () => ({ iat: Math.floor(now() / 1000) + 5, exp: 1e11 }), { maxAge: hour }]
        ];

        for (const [title, claims, options] of jwts) {

            it(`for longer than a JWT is accepted: ${title}`, async () => {

                const prefix = title.replaceAll(' ', '-');
                const jwt = await mint(claims());
                const life = await accepted(jwt, options);
                expect(life).to.be.above(90_000);

                const prepared = await serve(options, app(), onRedis(prefix));
                for (const extent of ['token', 'session', 'subject'] as const) {
                    for (const known of [false, true]) {
                        const name = `${extent}-${known}`;
                        const own = { sub: name, jti: name, sid: known ? name : undefined };
                        expect(await end(prepared, extent, 'access', { jwt: await mint({ ...claims(), ...own }) })).to.equal(204);

                        const lives = await livesOf(prefix);
                        expect(lives).to.have.length(1);
                        expect(lives[0]).to.be.above(life);
                        await empty(prefix);
                    }
                }

                await prepared.server.stop();
            });
        }

        it('for as long as the JWTs of a session live, and not much longer, once its row is gone', async () => {

            const prefix = 'row';
            const prepared = await serve({ ttl: hour }, {}, onRedis(prefix));
            const pair = await prepared.login();
            expect(await end(prepared, 'session', 'both', pair)).to.equal(204);

            const lives = await lifetimes(prepared, prefix);
            expect(lives).to.have.length(1);
            expect(lives[0]).to.be.above(hour + 5000);
            expect(lives[0]).to.be.below(hour + 5 * minute);
            expect(await rows(prefix)).to.equal([]);
        });

        const again: Record<string, (prepared: Prepared, pair: Pair, prefix: string) => Promise<unknown>> = {
            'when it is ended again': ({ auth }, { jwt }) => auth.revoke({ session: payload(jwt).sid as string }),
            'when it is ended again and again at once': ({ auth }, { jwt }) => {

                return Promise.all(new Array(5).fill(null).map(() => auth.revoke({ session: payload(jwt).sid as string })));
            },
            'when its row had expired': async ({ auth }, { jwt }, prefix) => {

                await client.del(...await client.keys(`${prefix}:*:session:*`));
                await auth.revoke({ session: payload(jwt).sid as string });
            },
            'when a token that was used before comes several times at once': async ({ auth }, { refreshToken }) => {

                const second = await auth.refresh(refreshToken);
                await auth.refresh(second.refresh_token!);
                const results = await Promise.allSettled(new Array(5).fill(null).map(() => auth.refresh(refreshToken)));
                expect(results.map(({ status }) => status)).to.equal(new Array(5).fill('rejected'));
            }
        };

        for (const [title, work] of Object.entries(again)) {

            it(`for no less than the JWTs of a session of ours live, ${title}`, async () => {

                const prefix = title.replaceAll(' ', '-');
                const prepared = await serve({ ttl: hour }, {}, onRedis(prefix));
                const pair = await prepared.login();
                if (title === 'when it is ended again') {
                    await prepared.auth.revoke({ accessToken: pair.jwt });
                    await shortened(prefix);
                }

                await work(prepared, pair, prefix);

                const lives = await lifetimes(prepared, prefix);
                expect(lives).to.have.length(1);
                expect(lives[0]).to.be.above(hour + 5000);
            });
        }

        const shortened = async function (prefix: string): Promise<void> {

            for (let i = 0; i < 500 && (await client.zrange(`{${prefix}}:blacklist:expiries`, '0', '-1', 'WITHSCORES')).some((score) => Number(score) > now() + day); ++i) {
                await client.ping();
            }
        };

        it('for as long as the JWTs live that were issued with other settings', async () => {

            const prefix = 'settings';
            const former = await serve({ ttl: 5 * hour }, {}, onRedis(prefix));
            const { jwt } = await former.login();
            await former.server.stop();

            const prepared = await serve({ ttl: minute }, {}, onRedis(prefix));
            await prepared.auth.revoke({ session: payload(jwt).sid as string });
            expect((await lifetimes(prepared, prefix))[0]!).to.be.above(5 * hour);
        });

        it('for as long as anything of its session: a JWT that the app signs for it with the same key is none of its access tokens', async () => {

            const prefix = 'download';
            const prepared = await serve({}, {}, onRedis(prefix));
            const pair = await prepared.login();
            const claims = payload(pair.jwt);
            const exp = claims.exp as number + 10 * 24 * 60 * 60;

            for (const own of [{ jti: undefined }, { jti: 'download' }, { jti: claims.jti }, { jti: `download.${claims.exp}` }]) {
                const download = await mint({ ...claims, ...own, exp });
                expect(await look(prepared, { jwt: download })).to.equal('The access token is invalid');
                expect(await prepared.auth.explain(download)).to.include({ accepted: false, code: 'access_token_invalid' });
                expect(await end(prepared, 'session', 'access', { jwt: download })).to.equal('The access token is invalid');
            }

            // By a strategy that has no sessions, too, and not where it names a session of another issuer's, or none

            const other = await prepare({ refreshToken: undefined }, onRedis(prefix));
            await other.server.initialize();
            expect(await other.me(await mint({ ...claims, exp }))).to.equal({ statusCode: 401, message: 'The access token is invalid' });
            expect(await other.me(pair.jwt)).to.include({ statusCode: 200 });
            expect(await other.me(await mint({ ...claims, exp, sid: undefined, jti: 'a' }))).to.include({ statusCode: 200 });
            expect(await other.me(await mint({ ...claims, exp, sub: '43', jti: 'b' }))).to.include({ statusCode: 200 });
            await other.server.stop();
            await prepared.server.stop();
        });

        it('for as long as a session could live, where its row could not be removed', async () => {

            RedisStore.prototype.remove = () => Promise.reject(new Error('lost'));

            for (const extent of ['session', 'others', 'subject'] as const) {
                const prefix = `unremoved-${extent}`;
                const prepared = await serve({}, { refreshToken: { query: 'refreshToken' }, sessions: { maxIdle: day, maxAge: 7 * day } }, onRedis(prefix));
                const pair = await prepared.login();
                await prepared.login();
                expect(await end(prepared, extent, 'both', pair)).to.equal(204);

                const lives = await lifetimes(prepared, prefix);
                expect(lives).to.have.length(1);
                expect(lives.at(-1)!).to.be.above(7 * day);
            }
        });

        it('for as long as a refresh token of a session could be renewed', async () => {

            const prefix = 'renewed';
            const prepared = await serve({}, { refreshToken: { query: 'refreshToken' }, sessions: { maxIdle: day, maxAge: 7 * day, rotate: false } }, onRedis(prefix));
            const { refreshToken } = await prepared.login();
            expect(await end(prepared, 'token', 'refresh', { refreshToken })).to.equal(204);
            await expect(prepared.auth.refresh(refreshToken)).to.reject('The refresh token was revoked');

            const lives = await lifetimes(prepared, prefix);
            expect(lives).to.have.length(1);
            expect(lives[0]).to.be.above(7 * day);
        });

        it('for as long as the app\'s tokens live', async () => {

            const maxAge = 60 * day;
            const cases: [found: Partial<FoundRefreshToken>, life: number][] = [
                [{}, 60 * day],
                [{ expires: now() + 50 * day }, 50 * day],
                [{ expires: now() + 90 * day }, 60 * day],
                [{ issued: now() - 30 * day, expires: now() + 90 * day }, 30 * day],
                [{ session: 's' }, 60 * day],
                [{ session: 's', expires: now() + 50 * day }, 50 * day]
            ];

            const prefix = 'app';
            const find = (token: string) => {

                const [found] = cases[Number(token.split('.')[1])]!;
                return { subject: token, ...found, session: found.session && token };
            };

            const prepared = await serve({}, { refreshToken: { query: 'refreshToken' }, lookup: { find, remove: () => undefined, maxAge } }, onRedis(prefix));

            for (const extent of ['token', 'session', 'subject'] as const) {
                for (const [i, [{ session }, life]] of cases.entries()) {
                    await empty(prefix);
                    expect(await end(prepared, extent, 'refresh', { refreshToken: `${extent}.${i}` })).to.equal(204);

                    const lives = await livesOf(prefix);
                    const many = extent === 'subject' || extent === 'session' && session !== undefined;
                    expect(lives).to.have.length(many ? 2 : 1);
                    expect(lives[0]).to.be.above(life);

                    // The other tokens of the session, or of the subject

                    expect(lives[lives.length - 1]).to.be.above(many ? maxAge : life);
                }
            }

            await prepared.server.stop();
        });
    });
});


/** Refresh tokens of a lookup, which all belong to one user. */
const app = function (): Pick<StrategyOptions, 'refreshToken' | 'lookup'> {

    return { refreshToken: { query: 'refreshToken' }, lookup: { find: () => ({ subject: '42' }), remove: () => undefined } };
};


const ascending = (a: number, b: number) => a - b;
