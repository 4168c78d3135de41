import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, sessionId } from '../../lib/blacklist/identities';
import { parse } from '../../lib/sessions/refresh-token-format';
import { MemoryStore } from '../../lib/store/memory';
import { RedisServer } from '../support/redis';
import { forgeRefreshToken, idsOf, live, pairFrom, prepare, tokenOf } from '../support/sessions';
import { jwt, pairOf, prepare as prepareServer } from '../support/server';

import type { RefreshToken } from '../../lib/sessions/refresh-token-format';
import type { NewSession, Presentation } from '../../lib/store/session-contract';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


const second = 1000;

const minute = 60 * second;

const day = 24 * 60 * minute;

const realNow = Date.now;


describe('Sessions', () => {

    // A whole second, so that what is rounded to seconds is exact

    let now: number;

    beforeEach(() => {

        now = Math.ceil(realNow() / second) * second;
        Date.now = () => now;
    });

    afterEach(() => {

        Date.now = realNow;
    });


    describe('issue()', () => {

        it('answers a pair of one session', async () => {

            const { sessions, tokens } = prepare();
            const pair = await sessions.issue({ sub: '42', scope: 'films' }, undefined);
            const access = await tokens.verify(pair.accessToken);
            const { session } = live(await sessions.inspect(tokenOf(pair)));

            expect(access.claims).to.include({ sub: '42', scope: 'films', iss: jwt.issuer, aud: jwt.audience, sid: session.sid });
            expect(access.session).to.equal(session.sid);
            expect(access.stamp).to.equal(session.created);
            expect(session.created).to.equal(now);
            expect(session.claims).to.equal({ sub: '42', scope: 'films', auth_time: now / second });
        });

        it('lets both tokens live as long as the options say, and no longer', async () => {

            const { sessions, tokens } = prepare({ maxIdle: 10 * day, maxAge: 20 * day }, { ttl: 5 * minute });
            const pair = await sessions.issue({ sub: '42' }, undefined);

            expect(pair.expiresIn).to.equal(5 * minute);
            expect(pair.remaining).to.equal(10 * day);
            expect((await tokens.verify(pair.accessToken)).claims.exp).to.equal((now + 5 * minute) / second);
            expect(live(await sessions.inspect(tokenOf(pair))).session.expires).to.equal(now + 10 * day);
        });

        it('lets neither token outlive the session', async () => {

            const { sessions, tokens } = prepare({ maxIdle: 10 * day, maxAge: 10 * minute });
            const pair = await sessions.issue({ sub: '42' }, undefined);

            expect(pair.expiresIn).to.equal(10 * minute);
            expect(pair.remaining).to.equal(10 * minute);
            expect((await tokens.verify(pair.accessToken)).claims.exp).to.equal((now + 10 * minute) / second);
        });

        it('names the session in the claim that the strategy says', async () => {

            const { sessions, tokens } = prepare({}, { sessionClaim: 'login' });
            const pair = await sessions.issue({ sub: '42' }, undefined);
            const { session } = live(await sessions.inspect(tokenOf(pair)));
            const access = await tokens.verify(pair.accessToken);

            expect(access.claims).to.include({ login: session.sid });
            expect(access.claims).to.not.include('sid');
        });

        it('keeps the sessions of a subject together, and those of another issuer\'s apart', async () => {

            const store = new MemoryStore();
            const [ours, others] = [prepare({}, {}, store), prepare({}, { issuer: ['https://other.example', jwt.issuer] }, store)];
            const first = tokenOf(await ours.sessions.issue({ sub: '42' }, undefined));
            const later = tokenOf(await ours.sessions.issue({ sub: '42' }, undefined));
            await ours.sessions.issue({ sub: '43' }, undefined);
            const other = tokenOf(await others.sessions.issue({ sub: '42' }, undefined));

            expect(await idsOf(store.list(first.subject))).to.equal([first.id, later.id]);
            expect(await idsOf(store.list(other.subject))).to.equal([other.id]);
        });

        it('needs no issuer', async () => {

            const { sessions, tokens } = prepare({}, { issuer: undefined });
            const pair = await sessions.issue({ sub: '42' }, undefined);

            expect(tokenOf(pair).subject).to.equal(identify('subject', '', '42'));
            expect((await tokens.verify(pair.accessToken)).claims).to.not.include('iss');
        });

        it('keeps the data of a session', async () => {

            const { sessions } = prepare();
            for (const data of [{ device: 'Zoë\'s phone', seen: [1, null] }, 'text', '', 0, false, []]) {
                const token = tokenOf(await sessions.issue({ sub: '42' }, data));
                expect(live(await sessions.inspect(token)).session.data).to.equal(data);
            }

            for (const data of [undefined, null]) {
                const token = tokenOf(await sessions.issue({ sub: '42' }, data));
                expect(live(await sessions.inspect(token)).session.data).to.be.undefined();
            }
        });

        it('refuses data of more than 4096 bytes, and then begins nothing', async () => {

            const store = new MemoryStore();
            const { sessions } = prepare({}, {}, store);
            const fits = ['x'.repeat(4094), 'é'.repeat(2047)];
            const tooLong = ['x'.repeat(4095), 'é'.repeat(2048), { device: 'x'.repeat(4096) }];

            for (const data of tooLong) {
                await expect(sessions.issue({ sub: '42' }, data)).to.reject('data is longer than 4096 bytes of JSON');
            }

            expect(await idsOf(store.list(identify('subject', jwt.issuer, '42')))).to.be.empty();

            for (const data of fits) {
                const token = tokenOf(await sessions.issue({ sub: '42' }, data));
                expect(live(await sessions.inspect(token)).session.data).to.equal(data);
            }
        });

        it('keeps nothing that could be presented', async () => {

            const store = new RecordingStore();
            const { sessions } = prepare({}, {}, store);
            const first = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const next = tokenOf(pairFrom(await sessions.renew(first)));

            expect(store.written).to.have.length(2);
            const written = JSON.stringify(store.written);
            for (const { bytes } of [first, next]) {
                for (const part of [bytes, bytes.subarray(28, 44), bytes.subarray(44)]) {
                    expect(written).to.not.contain(part.toString('base64url'));
                    expect(written).to.not.contain(part.toString('hex'));
                }
            }
        });
    });


    describe('renew()', () => {

        it('replaces the refresh token, and signs another access token of the same session', async () => {

            const { sessions, tokens } = prepare();
            const first = await sessions.issue({ sub: '42', scope: 'films' }, { device: 'phone' });
            const earlier = await tokens.verify(first.accessToken);

            now += minute;
            const renewed = live(await sessions.renew(tokenOf(first)));
            const later = await tokens.verify(renewed.pair!.accessToken);

            expect(renewed.pair!.refreshToken).to.not.equal(first.refreshToken);
            expect(renewed.session).to.include({ sid: earlier.session, created: earlier.stamp, claims: { sub: '42', scope: 'films', auth_time: now / second - 60 }, data: { device: 'phone' } });

            expect(later).to.include({ session: earlier.session, stamp: earlier.stamp });
            expect(later.claims).to.include({ sub: '42', scope: 'films', iat: now / second, exp: (now + 15 * minute) / second });
            expect(later.jti).to.not.equal(earlier.jti);
        });

        it('goes on from one to the next', async () => {

            const { sessions } = prepare();
            let pair = await sessions.issue({ sub: '42' }, undefined);
            const created = now;
            const seen = [pair.refreshToken];
            for (let i = 0; i < 5; ++i) {
                pair = pairFrom(await sessions.renew(tokenOf(pair)));
                seen.push(pair.refreshToken);
            }

            expect(new Set(seen).size).to.equal(6);
            for (const token of seen.slice(0, 4)) {
                expect(await sessions.renew(parse(token)!)).to.equal({ state: 'superseded', created, subject: '42' });
            }
        });

        it('answers the same successor again within the grace', async () => {

            const { sessions, tokens } = prepare();
            const first = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const renewed = pairFrom(await sessions.renew(first));

            const again = pairFrom(await sessions.renew(first));
            expect(again.refreshToken).to.equal(renewed.refreshToken);
            expect(again.accessToken).to.not.equal(renewed.accessToken);
            expect((await tokens.verify(again.accessToken)).session).to.equal((await tokens.verify(renewed.accessToken)).session);

            // And it is the one that counts

            const next = pairFrom(await sessions.renew(tokenOf(again)));
            expect(next.refreshToken).to.not.equal(renewed.refreshToken);
        });

        it('counts the grace from the first use, not from the last', async () => {

            const { sessions } = prepare({ grace: 10 * second });
            const first = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const created = now;

            now += 5 * minute;
            const { refreshToken } = pairFrom(await sessions.renew(first));

            for (const step of [4 * second, 4 * second, 2 * second - 1]) {
                now += step;
                expect(pairFrom(await sessions.renew(first)).refreshToken).to.equal(refreshToken);
                expect(live(await sessions.inspect(first)).state).to.equal('live');
            }

            now += 1;
            expect(await sessions.inspect(first)).to.equal({ state: 'superseded', created, subject: '42' });
            expect(await sessions.renew(first)).to.equal({ state: 'superseded', created, subject: '42' });
            expect(live(await sessions.inspect(parse(refreshToken)!)).state).to.equal('live');
        });

        it('counts the grace of each token anew', async () => {

            const { sessions } = prepare({ grace: 10 * second });
            let token = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            for (let i = 0; i < 3; ++i) {
                now += minute;
                const { refreshToken } = pairFrom(await sessions.renew(token));
                now += 9 * second;
                expect(pairFrom(await sessions.renew(token)).refreshToken).to.equal(refreshToken);
                token = parse(refreshToken)!;
            }
        });

        it('knows no grace once the successor was used', async () => {

            const { sessions } = prepare();
            const first = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const created = now;
            const next = tokenOf(pairFrom(await sessions.renew(first)));
            await sessions.renew(next);

            expect(await sessions.renew(first)).to.equal({ state: 'superseded', created, subject: '42' });
            expect(await sessions.inspect(first)).to.equal({ state: 'superseded', created, subject: '42' });
            expect(live(await sessions.inspect(next)).state).to.equal('live');
        });

        it('knows no grace where it is switched off', async () => {

            const { sessions } = prepare({ grace: 0 });
            const first = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const created = now;
            await sessions.renew(first);

            expect(await sessions.renew(first)).to.equal({ state: 'superseded', created, subject: '42' });
        });

        it('does not know a token whose family is forged, and changes nothing', async () => {

            const { sessions } = prepare();
            const token = tokenOf(await sessions.issue({ sub: '42' }, undefined));

            for (const position of [28, 43]) {
                expect(await sessions.renew(forge(token, position))).to.equal({ state: 'unknown' });
                expect(await sessions.inspect(forge(token, position))).to.equal({ state: 'unknown' });
            }

            expect(pairFrom(await sessions.renew(token)).refreshToken).to.be.a.string();
        });

        it('does not know a token of another session, or of another subject', async () => {

            const { sessions } = prepare();
            const token = tokenOf(await sessions.issue({ sub: '42' }, undefined));

            expect(await sessions.renew(forge(token, 0))).to.equal({ state: 'unknown' });
            expect(await sessions.renew(forge(token, 16))).to.equal({ state: 'unknown' });
        });

        it('calls a token superseded whose family is right and whose secret is not', async () => {

            const { sessions } = prepare();
            const token = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const created = now;

            for (const position of [44, 67]) {
                expect(await sessions.renew(forge(token, position))).to.equal({ state: 'superseded', created, subject: '42' });
                expect(await sessions.inspect(forge(token, position))).to.equal({ state: 'superseded', created, subject: '42' });
            }
        });

        it('does not know a token of another issuer\'s, though both share the store', async () => {

            const store = new MemoryStore();
            const [ours, others] = [prepare({}, {}, store), prepare({}, { issuer: 'https://other.example' }, store)];
            const token = tokenOf(await ours.sessions.issue({ sub: '42' }, undefined));

            expect(await others.sessions.inspect(token)).to.equal({ state: 'unknown' });
            expect(await others.sessions.renew(token)).to.equal({ state: 'unknown' });
            expect(live(await ours.sessions.inspect(token)).state).to.equal('live');
        });

        it('prolongs the life of a session that is used', async () => {

            const { sessions } = prepare({ maxIdle: 10 * minute });
            let pair = await sessions.issue({ sub: '42' }, undefined);
            for (let i = 0; i < 3; ++i) {
                now += 10 * minute - 1;
                pair = pairFrom(await sessions.renew(tokenOf(pair)));
                expect(pair.remaining).to.equal(10 * minute);
            }

            expect(live(await sessions.inspect(tokenOf(pair))).session.expires).to.equal(now + 10 * minute);

            now += 10 * minute;
            expect(await sessions.renew(tokenOf(pair))).to.equal({ state: 'unknown' });
            expect(await sessions.inspect(tokenOf(pair))).to.equal({ state: 'unknown' });
        });

        it('does not prolong the life of a session past its greatest age', async () => {

            const { sessions } = prepare({ maxIdle: 10 * minute, maxAge: 25 * minute });
            let pair = await sessions.issue({ sub: '42' }, undefined);
            const remaining: number[] = [];
            for (let i = 0; i < 4; ++i) {
                now += 6 * minute;
                pair = pairFrom(await sessions.renew(tokenOf(pair)));
                remaining.push(pair.remaining);
            }

            expect(remaining).to.equal([10 * minute, 10 * minute, 7 * minute, minute]);

            now += minute - 1;
            expect(live(await sessions.inspect(tokenOf(pair))).session.expires).to.equal(now + 1);

            now += 1;
            expect(await sessions.inspect(tokenOf(pair))).to.equal({ state: 'unknown' });
            expect(await sessions.renew(tokenOf(pair))).to.equal({ state: 'unknown' });
        });

        it('signs no access token that outlives its session', async () => {

            const { sessions, tokens } = prepare({ maxIdle: 30 * minute, maxAge: 40 * minute }, { ttl: 15 * minute });
            const first = await sessions.issue({ sub: '42' }, undefined);
            const ends = now + 40 * minute;

            now += 20 * minute;
            const renewed = pairFrom(await sessions.renew(tokenOf(first)));
            expect(renewed.expiresIn).to.equal(15 * minute);

            now += 12 * minute;
            const third = pairFrom(await sessions.renew(tokenOf(renewed)));
            expect(third.expiresIn).to.equal(8 * minute);
            expect((await tokens.verify(third.accessToken)).claims.exp).to.equal(ends / second);
        });

        it('lets an access token live on that is not renewed, as long as its session could be', async () => {

            const { sessions } = prepare({ maxIdle: 5 * minute }, { ttl: 15 * minute });
            const first = await sessions.issue({ sub: '42' }, undefined);
            const next = pairFrom(await sessions.renew(tokenOf(first)));

            expect(first).to.include({ expiresIn: 5 * minute, remaining: 5 * minute });
            expect(next).to.include({ expiresIn: 5 * minute, remaining: 5 * minute });
        });

        it('leaves the refresh token where it is not to be rotated', async () => {

            const { sessions, tokens } = prepare({ rotate: false, maxIdle: 10 * minute });
            const first = await sessions.issue({ sub: '42' }, undefined);
            const seen = new Set([first.accessToken]);

            for (let i = 0; i < 3; ++i) {
                now += 9 * minute;
                const pair = pairFrom(await sessions.renew(tokenOf(first)));
                expect(pair.refreshToken).to.equal(first.refreshToken);
                expect(pair.remaining).to.equal(10 * minute);
                seen.add((await tokens.verify(pair.accessToken)).claims.jti!);
            }

            expect(seen.size).to.equal(4);
        });

        it('leads to the current token, too, where rotation was switched off meanwhile', async () => {

            const store = new MemoryStore();
            const first = tokenOf(await prepare({}, {}, store).sessions.issue({ sub: '42' }, undefined));
            const { refreshToken } = pairFrom(await prepare({}, {}, store).sessions.renew(first));

            const { sessions } = prepare({ rotate: false }, {}, store);
            expect(pairFrom(await sessions.renew(first)).refreshToken).to.equal(refreshToken);
            expect(pairFrom(await sessions.renew(parse(refreshToken)!)).refreshToken).to.equal(refreshToken);
        });
    });


    describe('inspect()', () => {

        it('returns what is known of a session', async () => {

            const { sessions } = prepare({ maxIdle: day });
            const token = tokenOf(await sessions.issue({ sub: '42' }, { device: 'phone' }));
            const created = now;

            now += minute;
            expect(await sessions.inspect(token)).to.equal({
                state: 'live',
                session: {
                    sid: sessionId(token),
                    created,
                    expires: created + day,
                    claims: { sub: '42', auth_time: created / second },
                    data: { device: 'phone' }
                }
            });
        });

        it('has no effect: neither on the token nor on the life of the session', async () => {

            const { sessions } = prepare({ maxIdle: 10 * minute });
            const token = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const expires = now + 10 * minute;

            for (let i = 0; i < 3; ++i) {
                now += 3 * minute;
                expect(live(await sessions.inspect(token)).session.expires).to.equal(expires);
            }

            now += minute;
            expect(await sessions.inspect(token)).to.equal({ state: 'unknown' });
        });

        it('does not begin the grace', async () => {

            const { sessions } = prepare({ grace: 10 * second });
            const token = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            await sessions.inspect(token);

            now += minute;
            const { refreshToken } = pairFrom(await sessions.renew(token));

            now += 10 * second - 1;
            expect(pairFrom(await sessions.renew(token)).refreshToken).to.equal(refreshToken);
        });
    });
});


describe('Sessions of two processes', () => {

    it('are renewed once, though fifty ask at the same time', async () => {

        const redis = await RedisServer.start();
        const options = { redis: redis.url, timeout: 5000 };
        const [one, other] = [await prepareServer({}, options), await prepareServer({}, options)];
        try {
            await Promise.all([one.server.initialize(), other.server.initialize()]);
            const { refreshToken } = await one.login();
            const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? one : other).auth.refresh(refreshToken)));
            const pairs = answers.map(pairOf);
            expect(new Set(pairs.map((pair) => pair.refreshToken)).size).to.equal(1);
            expect(new Set(pairs.map((pair) => pair.jwt)).size).to.equal(50);

            const [successor] = pairs;
            expect(successor!.refreshToken).to.not.equal(refreshToken);
            expect((await other.me(successor!.jwt)).statusCode).to.equal(200);

            // It is the current one in both, and was used by nobody yet

            const next = pairOf(await other.auth.refresh(successor!.refreshToken));
            expect(pairOf(await one.auth.refresh(successor!.refreshToken)).refreshToken).to.equal(next.refreshToken);
            await expect(one.auth.refresh(refreshToken)).to.reject('The refresh token was used before');
            await expect(other.auth.refresh(next.refreshToken)).to.reject('The refresh token was revoked');
        }
        finally {
            await Promise.all([one.server.stop(), other.server.stop()]);
            await redis.stop();
        }
    });
});


class RecordingStore extends MemoryStore {

    readonly written: (NewSession | Presentation)[] = [];

    override create(...given: Parameters<MemoryStore['create']>): ReturnType<MemoryStore['create']> {

        this.written.push(given[1]);
        return super.create(...given);
    }

    override present(...given: Parameters<MemoryStore['present']>): ReturnType<MemoryStore['present']> {

        this.written.push(given[1]);
        return super.present(...given);
    }
}


const forge = function ({ bytes }: RefreshToken, position: number): RefreshToken {

    return parse(forgeRefreshToken(bytes, position).toString('base64url'))!;
};
