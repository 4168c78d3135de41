import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib/store/memory';
import { bearer, pairOf } from '../support/server';
import { forgeRefreshToken } from '../support/sessions';
import * as Support from '../support/tokens';
import { mint, payload, verdict } from '../support/tokens';
import { StoreWatch } from '../support/watch-store';

import type { Request } from '@hapi/hapi';
import type { FoundRefreshToken, JwtOptions, StrategyOptions, TokenResponse } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;
const { create, present, remove, revoke } = MemoryStore.prototype;

const start = 1_700_000_000_000;
const day = 24 * 60 * 60 * 1000;


describe('refresh', () => {

    afterEach(() => {

        Date.now = now;
        Object.assign(MemoryStore.prototype, { create, present, remove, revoke });
    });

    describe('of our sessions', () => {

        it('resolves with the successor and a new JWT of the same session', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const first = pairOf(await prepared.auth.issue(null, { sub: '42', scope: 'read', plan: { name: 'family' } }, { data: { device: 'phone' } }));

            Date.now = () => start + 60_500;

            const res = await renew(prepared, first.refreshToken);
            expect(res.statusCode).to.equal(200);
            expect(res.headers['cache-control']).to.equal('no-store');

            const answer = res.result as TokenResponse;
            expect(Object.keys(answer).sort()).to.equal(['access_token', 'expires_in', 'refresh_token', 'refresh_token_expires_in', 'token_type']);
            expect(answer).to.include({ token_type: 'Bearer', expires_in: 900 });

            const second = pairOf(answer);
            expect(second.refreshToken).to.not.equal(first.refreshToken);

            const [before, after] = [payload(first.jwt), payload(second.jwt)];
            expect(after).to.equal({ ...before, jti: after.jti, iat: start / 1000 + 60, exp: start / 1000 + 960 });
            expect(after.jti).to.not.equal(before.jti);

            expect(await look(prepared, first.jwt)).to.equal(200);
            expect(await look(prepared, second.jwt)).to.equal(200);

            const { result } = await prepared.server.inject(`/look?refreshToken=${second.refreshToken}`);
            expect((result as any).artifacts).to.include({ data: { device: 'phone' } });
        });

        it('renews by hand as well as by request', async () => {

            const prepared = await serve();
            const { refreshToken } = await prepared.login();

            const second = pairOf(await prepared.auth.refresh(refreshToken));
            expect(await look(prepared, second.jwt)).to.equal(200);

            const third = pairOf(await prepared.auth.refresh(second.refreshToken));
            expect(await look(prepared, third.jwt)).to.equal(200);
            expect(new Set([refreshToken, second.refreshToken, third.refreshToken]).size).to.equal(3);
        });

        it('answers the same successor again within the grace', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const { refreshToken } = await prepared.login();
            const second = pairOf(await prepared.auth.refresh(refreshToken));

            Date.now = () => start + 9_999;
            const again = pairOf((await renew(prepared, refreshToken)).result as TokenResponse);
            expect(again.refreshToken).to.equal(second.refreshToken);
            expect(await look(prepared, again.jwt)).to.equal(200);
        });

        for (const how of ['by request', 'by hand', 'on a route that renews nothing']) {

            it(`ends the session of a token that was used before, its JWTs included: ${how}`, async () => {

                Date.now = () => start;

                const prepared = await serve();
                const first = await prepared.login();
                const second = pairOf(await prepared.auth.refresh(first.refreshToken));
                const other = await prepared.login();

                Date.now = () => start + 10_000;

                if (how === 'by hand') {
                    const error = await expect(prepared.auth.refresh(first.refreshToken)).to.reject('The refresh token was used before');
                    expect(error).to.include({ isBoom: true, data: { code: 'refresh_token_reused' } });
                }
                else {
                    const res = how === 'by request' ? await renew(prepared, first.refreshToken) : await prepared.server.inject(`/look?refreshToken=${first.refreshToken}`);
                    expect(res.statusCode).to.equal(401);
                    expect((res.result as Error).message).to.equal('The refresh token was used before');
                }

                expect(await look(prepared, first.jwt)).to.equal('The access token was revoked');
                expect(await look(prepared, second.jwt)).to.equal('The access token was revoked');
                expect(await verdict(renew(prepared, second.refreshToken))).to.equal('The refresh token was revoked');
                expect(await verdict(renew(prepared, first.refreshToken))).to.equal('The refresh token was revoked');

                expect(await look(prepared, other.jwt)).to.equal(200);
                expect(await verdict(renew(prepared, other.refreshToken))).to.equal(200);
            });
        }

        it('ends the session of the last but one token, in the grace too', async () => {

            const prepared = await serve();
            const first = await prepared.login();
            const second = pairOf(await prepared.auth.refresh(first.refreshToken));
            const third = pairOf(await prepared.auth.refresh(second.refreshToken));

            await expect(prepared.auth.refresh(first.refreshToken)).to.reject('The refresh token was used before');
            expect(await look(prepared, third.jwt)).to.equal('The access token was revoked');
            expect(await verdict(renew(prepared, third.refreshToken))).to.equal('The refresh token was revoked');
        });

        it('renews nothing after a logout: neither the token, nor one that was replaced just before', async () => {

            const prepared = await serve();
            const first = await prepared.login();
            const second = pairOf(await prepared.auth.refresh(first.refreshToken));

            const res = await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${second.refreshToken}`, headers: bearer(second.jwt) });
            expect(res.statusCode).to.equal(204);

            for (const token of [first.refreshToken, second.refreshToken]) {
                expect(await verdict(renew(prepared, token))).to.equal('The refresh token was revoked');
                await expect(prepared.auth.refresh(token)).to.reject('The refresh token was revoked');
            }

            expect(await look(prepared, first.jwt)).to.equal('The access token was revoked');
        });

        it('renews nothing that was authenticated before a logout', async () => {

            const prepared = await serve();
            const { refreshToken } = await prepared.login();

            let logout = true;
            prepared.server.ext('onPreHandler', async (request, h) => {

                if (request.path === '/token' && logout) {
                    logout = false;
                    await prepared.auth.revoke({ refreshToken });
                }

                return h.continue;
            });

            expect(await verdict(renew(prepared, refreshToken))).to.equal('The refresh token was revoked');
        });

        it('renews nothing of a subject that was ended, where the clean-up failed as well', async () => {

            MemoryStore.prototype.remove = () => Promise.reject(new Error('lost'));

            const prepared = await serve();
            const before = await prepared.login();
            await prepared.auth.revoke({ subject: '42' });
            const after = await prepared.login();

            expect(await verdict(renew(prepared, before.refreshToken))).to.equal('The refresh token was revoked');
            expect(await verdict(renew(prepared, after.refreshToken))).to.equal(200);
        });

        for (const target of ['everybody', 'the subject'] as const) {

            it(`takes no token for a stolen one whose session was ended with those of ${target} before a moment, and writes nothing for it`, async () => {

                Date.now = () => start;
                MemoryStore.prototype.remove = () => Promise.reject(new Error('lost'));

                const prepared = await serve({ sessions: { grace: 0 } });
                const reused: unknown[] = [];
                prepared.server.events.on({ name: 'hard-logout', channels: 'reuse-detected' }, (event) => reused.push(event));

                const first = await prepared.login();
                const second = pairOf(await prepared.auth.refresh(first.refreshToken));
                await prepared.auth.revoke({ issuedBefore: start + 1, ...target === 'the subject' && { subject: '42' } });

                Date.now = () => start + 1;
                const later = await prepared.login();
                const latest = pairOf(await prepared.auth.refresh(later.refreshToken));
                MemoryStore.prototype.revoke = async (revocations) => {

                    expect(revocations).to.be.empty();
                    return await revoke.call(new MemoryStore(), revocations);
                };

                for (const { refreshToken } of [first, second]) {
                    expect(await verdict(renew(prepared, refreshToken))).to.equal('The refresh token was revoked');
                    await expect(prepared.auth.refresh(refreshToken)).to.reject('The refresh token was revoked');
                    await prepared.auth.revoke({ refreshToken });
                    expect(await prepared.auth.explain(refreshToken)).to.include({ code: 'refresh_token_revoked' });
                }

                expect(reused).to.equal([]);

                // What began after that moment is guarded as ever

                MemoryStore.prototype.revoke = revoke;
                expect(await look(prepared, latest.jwt)).to.equal(200);
                await expect(prepared.auth.refresh(later.refreshToken)).to.reject('The refresh token was used before');
                expect(reused).to.have.length(1);
            });
        }

        it('knows nothing of forged tokens, which do no harm', async () => {

            const prepared = await serve();
            const { jwt, refreshToken } = await prepared.login();
            const other = await prepared.login('43');

            const forged = (position: number) => forgeRefreshToken(Buffer.from(refreshToken, 'base64url'), position).toString('base64url');
            const tokens = [
                'x',
                jwt,
                refreshToken.slice(0, -1),
                `${refreshToken}A`,
                `${refreshToken.slice(0, -1)}=`,
                ...[5, 30, 45, 70, 95].map((index) => flip(refreshToken, index)),       // Damaged
                forged(0),                                                              // Another subject
                forged(20),                                                             // Another session
                forged(30),                                                             // Another family
                refreshToken.slice(0, 40) + other.refreshToken.slice(40)
            ];

            for (const token of tokens) {
                expect(await verdict(renew(prepared, encodeURIComponent(token)))).to.equal('The refresh token is invalid');
                await expect(prepared.auth.refresh(token)).to.reject('The refresh token is invalid');
            }

            expect(await look(prepared, jwt)).to.equal(200);
            expect(await verdict(renew(prepared, refreshToken))).to.equal(200);
        });

        it('does not show by a token that is made up whether a session was ended, nor asks the blacklist', async () => {

            const prepared = await serve();
            const [ended, live] = [await prepared.login(), await prepared.login()];
            await prepared.auth.revoke({ accessToken: ended.jwt });

            // Whoever knows the id of a session can make this up

            const watch = new StoreWatch();
            for (const { jwt } of [ended, live]) {
                const sid = Buffer.from(payload(jwt).sid as string, 'base64url');
                const madeUp = forgeRefreshToken(Buffer.concat([sid, Buffer.alloc(48)]), 40).toString('base64url');

                watch.begin();
                expect(await verdict(renew(prepared, madeUp))).to.equal('The refresh token is invalid');
                await expect(prepared.auth.revoke({ refreshToken: madeUp })).to.reject('The refresh token is invalid');
                expect(await prepared.auth.explain(madeUp)).to.include({ code: 'refresh_token_invalid' });
                expect(watch.calls).to.equal(['present', 'present', 'present']);
                watch.release();
            }

            expect(await verdict(renew(prepared, ended.refreshToken))).to.equal('The refresh token was revoked');
            await prepared.auth.revoke({ refreshToken: ended.refreshToken });
            expect(await verdict(renew(prepared, live.refreshToken))).to.equal(200);
        });

        it('shows on a route that only looks no trace of a renewal to who has the token from before it', async () => {

            Date.now = () => start;

            const prepared = await serve();
            const { refreshToken } = await prepared.login();
            const shown = async () => (await prepared.server.inject(`/look?refreshToken=${refreshToken}`)).result;

            Date.now = () => start + 60_000;
            const before = await shown();
            await prepared.auth.refresh(refreshToken);

            for (const later of [0, 5000, 9999]) {
                Date.now = () => start + 60_000 + later;
                expect(await shown()).to.equal(before);
            }

            // Who goes on looking is found out

            Date.now = () => start + 70_000;
            expect(await verdict(prepared.server.inject(`/look?refreshToken=${refreshToken}`))).to.equal('The refresh token was used before');
        });

        for (const how of ['renewal', 'login'] as const) {

            it(`signs no access token that lives for longer than the store knows, in a process that stands still during a ${how}`, async () => {

                Date.now = () => start;

                const prepared = await serve();
                let pair = await prepared.login();
                const still = function () {

                    Date.now = () => start + 5 * 60_000;
                };

                MemoryStore.prototype.present = async function (...args) {

                    const answer = await present.apply(this, args);
                    still();
                    return answer;
                };

                MemoryStore.prototype.create = async function (...args) {

                    const answer = await create.apply(this, args);
                    still();
                    return answer;
                };

                pair = how === 'renewal' ? pairOf(await prepared.auth.refresh(pair.refreshToken)) : await prepared.login();
                expect(payload(pair.jwt)).to.include({ iat: start / 1000, exp: start / 1000 + 900 });
            });
        }

        it('ends a session that is not renewed in time, and one that is as old as it may be', async () => {

            const prepared = await serve({ sessions: { maxIdle: 2 * day, maxAge: 3 * day } });
            Date.now = () => start;
            let { refreshToken } = await prepared.login();
            const idle = await prepared.login();

            Date.now = () => start + 2 * day - 1;
            refreshToken = pairOf((await renew(prepared, refreshToken)).result as TokenResponse).refreshToken;

            Date.now = () => start + 2 * day;
            expect(await verdict(renew(prepared, idle.refreshToken))).to.equal('The refresh token is invalid');

            Date.now = () => start + 3 * day - 60_000;
            const last = (await renew(prepared, refreshToken)).result as TokenResponse;
            expect(last).to.include({ expires_in: 60, refresh_token_expires_in: 60 });
            expect(payload(last.access_token!).exp).to.equal((start + 3 * day) / 1000);

            Date.now = () => start + 3 * day;
            expect(await verdict(renew(prepared, last.refresh_token!))).to.equal('The refresh token is invalid');
        });

        it('keeps the refresh token where it does not rotate', async () => {

            Date.now = () => start;

            const prepared = await serve({ sessions: { rotate: false } });
            const { refreshToken } = await prepared.login();

            for (const later of [0, 60_000, day]) {
                Date.now = () => start + later;
                const { result } = await renew(prepared, refreshToken);
                expect((result as TokenResponse).refresh_token).to.equal(refreshToken);
                expect(await look(prepared, (result as TokenResponse).access_token!)).to.equal(200);
            }
        });

        it('takes the name of the session from the claim that the strategy names', async () => {

            const prepared = await serve(undefined, { sessionClaim: 'login' });
            const { jwt, refreshToken } = await prepared.login();
            const { result } = await prepared.server.inject(`/look?refreshToken=${refreshToken}`);

            const { login } = payload(jwt);
            expect(login).to.be.a.string();
            expect((result as any).artifacts).to.include({ session: login });
            expect((result as any).credentials).to.equal({ user: { id: '42' }, sub: '42', login, auth_time: payload(jwt).auth_time });
            expect(payload(jwt)).to.not.include('sid');

            await prepared.auth.revoke({ session: login as string });
            expect(await look(prepared, jwt)).to.equal('The access token was revoked');
        });
    });

    describe('of the app', () => {

        it('asks the app for each token on each route', async () => {

            const asked: unknown[] = [];
            const prepared = await serve({
                lookup: {
                    find: async (token, request) => {

                        asked.push(token, request?.path);
                        return { subject: '42' };
                    },
                    remove: () => undefined
                }
            });

            const jwt = await mint();
            expect(await verdict(prepared.server.inject('/look?refreshToken=a'))).to.equal(200);
            expect(await verdict(prepared.server.inject({ url: '/look?refreshToken=b', headers: bearer(jwt) }))).to.equal(200);
            expect(await verdict(prepared.server.inject({ url: '/me?refreshToken=c', headers: bearer(jwt) }))).to.equal(200);
            expect(await verdict(logout(prepared, { jwt, refreshToken: 'd' }))).to.equal(204);

            expect(asked).to.equal(['a', '/look', 'b', '/look', 'd', '/logout']);
        });

        it('takes what the app says for the credentials where there is no JWT', async () => {

            const rows: Record<string, FoundRefreshToken> = {
                plain: { subject: '42' },
                session: { subject: '42', session: 's' },
                own: { subject: '42', credentials: { user: { name: 'Norman' }, scope: ['renew'] } }
            };

            const prepared = await serve({ lookup: { find: (token) => rows[token], remove: () => undefined } });
            const shown = async (token: string, jwt?: string) => {

                const { result } = await prepared.server.inject({ url: `/look?refreshToken=${token}`, headers: jwt === undefined ? {} : bearer(jwt) });
                return (result as any).credentials;
            };

            expect(await shown('plain')).to.equal({ user: { id: '42' }, sub: '42' });
            expect(await shown('session')).to.equal({ user: { id: '42' }, sub: '42', sid: 's' });
            expect(await shown('own')).to.equal({ user: { name: 'Norman' }, scope: ['renew'] });

            const jwt = await mint({ scope: 'read' });
            expect(await shown('own', jwt)).to.equal({ user: { id: '42' }, ...payload(jwt), scope: ['read'] });
        });

        for (const answer of [null, undefined]) {

            it(`refuses what the app does not know: ${answer}`, async () => {

                const prepared = await serve({ lookup: { find: () => answer, remove: () => undefined } });
                expect(await verdict(prepared.server.inject('/look?refreshToken=a'))).to.equal('The refresh token is invalid');
            });
        }

        const shapes: [problem: string, found: unknown, message: RegExp][] = [
            ['no subject', {}, /must return a subject/],
            ['an empty subject', { subject: '' }, /must return a subject/],
            ['a subject that is no string', { subject: 42 }, /must return a subject/],
            ['no object', true, /must return a subject/],
            ['a session that is no string', { subject: '42', session: 7 }, /must return session/],
            ['an empty session', { subject: '42', session: '' }, /must return session/],
            ['null for a session', { subject: '42', session: null }, /must return session/],
            ['text for a date', { subject: '42', expires: '2040-01-01' }, /must return expires/],
            ['digits for a date', { subject: '42', expires: '2208988800000' }, /must return expires/],
            ['null for a date', { subject: '42', expires: null }, /must return expires/],
            ['no date', { subject: '42', expires: new Date('never') }, /must return expires/],
            ['no number', { subject: '42', expires: NaN }, /must return expires/],
            ['no moment', { subject: '42', expires: Infinity }, /must return expires/],
            ['text for the moment of issue', { subject: '42', issued: 'yesterday' }, /must return issued/],
            ['null for the moment of issue', { subject: '42', issued: null }, /must return issued/],
            ['no date for the moment of issue', { subject: '42', issued: new Date('never') }, /must return issued/]
        ];

        for (const [problem, found, message] of shapes) {

            it(`stays a bug where the app answers ${problem}`, async () => {

                const errors: string[] = [];
                const prepared = await serve({ lookup: { find: () => found as FoundRefreshToken, remove: () => undefined } });
                prepared.server.events.on({ name: 'request', channels: 'error' }, (_, { error }) => {

                    errors.push((error as Error).message);
                });

                const { statusCode } = await prepared.server.inject('/look?refreshToken=a');
                expect(statusCode).to.equal(500);
                expect(errors).to.have.length(1);
                expect(errors[0]).to.match(message);
            });
        }

        it('stays a bug where the app throws', async () => {

            const prepared = await serve({
                lookup: {
                    find: () => {

                        throw new Error('a bug');
                    },
                    remove: () => undefined
                }
            });

            expect((await prepared.server.inject('/look?refreshToken=a')).statusCode).to.equal(500);
        });

        it('refuses an expired token, whatever its date is', async () => {

            Date.now = () => start;

            let found: Partial<FoundRefreshToken> = {};
            const prepared = await serve({ lookup: { find: () => ({ subject: '42', ...found }), remove: () => undefined } });
            const shown = () => prepared.server.inject('/look?refreshToken=a');

            const cases: [found: Partial<FoundRefreshToken>, expires: number][] = [
                [{ expires: start + 5000 }, start + 5000],
                [{ expires: new Date(start + 5000) }, start + 5000],
                [{ expires: start + 5000.5 }, start + 5000.5],
                [{ issued: start - 90 * day + 5000 }, start + 5000],
                [{ issued: new Date(start - 90 * day + 5000) }, start + 5000],
                [{ issued: start - 90 * day + 5000, expires: start + day }, start + 5000],
                [{ issued: start, expires: start + 5000 }, start + 5000]
            ];

            for (const [answer, expires] of cases) {
                found = answer;

                const { result } = await shown();
                expect((result as any).artifacts).to.include({ expires });

                Date.now = () => Math.ceil(expires) - 1;
                expect(await verdict(shown())).to.equal(200);

                Date.now = () => Math.ceil(expires);
                expect(await verdict(shown())).to.equal('The refresh token expired');

                Date.now = () => start;
            }

            // Without a date it lives for as long as such a token lives at most

            found = {};
            expect(((await shown()).result as any).artifacts).to.include({ expires: start + 90 * day });
        });

        it('revokes both tokens, and has the app revoke its own: once, and when both are dead', async () => {

            const revoked: unknown[] = [];
            const verdicts: unknown[] = [];
            const jwt = await mint({ sid: 's' });

            const prepared: Prepared = await serve({
                lookup: {
                    find: () => ({ subject: '42', session: 's' }),
                    remove: async (token, request) => {

                        revoked.push(token, (request as Request).path);
                        verdicts.push(await look(prepared, jwt), await verdict(prepared.server.inject('/look?refreshToken=opaque')));
                    }
                }
            });

            expect(await verdict(logout(prepared, { jwt, refreshToken: 'opaque' }))).to.equal(204);
            expect(revoked).to.equal(['opaque', '/logout']);
            expect(verdicts).to.equal(['The access token was revoked', 'The refresh token was revoked']);

            expect(await verdict(logout(prepared, { jwt, refreshToken: 'opaque' }))).to.equal('The access token was revoked');
            expect(revoked).to.have.length(2);
        });

        it('says so where the app fails to revoke its own, while both tokens are dead', async () => {

            const prepared = await serve({
                lookup: {
                    find: () => ({ subject: '42' }),
                    remove: async () => {

                        throw new Error('a bug');
                    }
                }
            });

            const jwt = await mint();
            expect((await logout(prepared, { jwt, refreshToken: 'opaque' })).statusCode).to.equal(500);
            expect(await look(prepared, jwt)).to.equal('The access token was revoked');
            expect(await verdict(prepared.server.inject('/look?refreshToken=opaque'))).to.equal('The refresh token was revoked');
        });

        it('leaves the app\'s token alone where nothing could be written', async () => {

            const revoked: string[] = [];
            const prepared = await serve({ lookup: { find: () => ({ subject: '42' }), remove: (token) => revoked.push(token) } });

            MemoryStore.prototype.revoke = () => Promise.reject(new Error('lost'));
            const pair = { jwt: await mint(), refreshToken: 'opaque' };
            expect((await logout(prepared, pair)).statusCode).to.equal(500);
            expect(revoked).to.equal([]);

            MemoryStore.prototype.revoke = revoke;
            expect((await logout(prepared, pair)).statusCode).to.equal(204);
            expect(revoked).to.equal(['opaque']);
        });

        for (const session of [undefined, 's']) {

            it(`revokes with the refresh token alone: ${session ? 'with' : 'without'} a session`, async () => {

                const prepared = await serve({ lookup: { find: () => ({ subject: '42', session }), remove: () => undefined } });
                const jwts = { s: await mint({ sid: 's' }), t: await mint({ sid: 't' }), none: await mint() };

                expect(await verdict(prepared.server.inject({ method: 'POST', url: '/session/refresh?refreshToken=opaque' }))).to.equal(204);

                expect(await verdict(prepared.server.inject('/look?refreshToken=opaque'))).to.equal('The refresh token was revoked');
                expect(await look(prepared, jwts.s)).to.equal(session ? 'The access token was revoked' : 200);
                expect(await look(prepared, jwts.t)).to.equal(200);
                expect(await look(prepared, jwts.none)).to.equal(200);
                expect(await verdict(prepared.server.inject('/look?refreshToken=other'))).to.equal(session ? 'The refresh token was revoked' : 200);
            });
        }

        it('keeps it revoked when the app names another session later, or none', async () => {

            let session: string | undefined = 's';
            const prepared = await serve({ lookup: { find: () => ({ subject: '42', session }), remove: () => undefined } });

            expect(await verdict(logout(prepared, { jwt: await mint({ sid: 's' }), refreshToken: 'opaque' }))).to.equal(204);

            for (const later of ['s', 't', undefined]) {
                session = later;
                expect(await verdict(prepared.server.inject('/look?refreshToken=opaque'))).to.equal('The refresh token was revoked');
            }
        });

        it('keeps it revoked whichever issuer\'s JWT it came with, and when it comes alone', async () => {

            const issuer = ['https://one.example', 'https://two.example'];
            for (const iss of issuer) {
                const prepared = await serve({ lookup: { find: () => ({ subject: '42', session: 's' }), remove: () => undefined } }, { issuer });
                const jwts = await Promise.all(issuer.map((other) => mint({ iss: other, sid: 't' })));

                expect(await verdict(logout(prepared, { jwt: await mint({ iss, sid: 's' }), refreshToken: 'opaque' }))).to.equal(204);
                expect(await verdict(prepared.server.inject('/look?refreshToken=opaque'))).to.equal('The refresh token was revoked');
                for (const jwt of jwts) {
                    expect(await look(prepared, jwt)).to.equal(200);
                    expect(await verdict(prepared.server.inject({ url: '/look?refreshToken=opaque', headers: bearer(jwt) }))).to.equal('The refresh token was revoked');
                }
            }
        });

        it('falls under its subject\'s cut-off by its moment of issue', async () => {

            Date.now = () => start;

            const rows: Record<string, FoundRefreshToken> = {
                before: { subject: '42', issued: start - 1 },
                date: { subject: '42', issued: new Date(start - 1) },
                now: { subject: '42', issued: start },
                ahead: { subject: '42', issued: start + 5000 },
                unknown: { subject: '42' },
                after: { subject: '42', issued: start + 5001 },
                dateAfter: { subject: '42', issued: new Date(start + 5001) },
                other: { subject: '43', issued: start - 1 }
            };

            const prepared = await serve({ lookup: { find: (token) => rows[token], remove: () => undefined } });
            await prepared.auth.revoke({ subject: '42' });

            const verdicts: Record<string, unknown> = {};
            for (const token of Object.keys(rows)) {
                verdicts[token] = await verdict(prepared.server.inject(`/look?refreshToken=${token}`));
            }

            const dead = 'The refresh token was revoked';
            expect(verdicts).to.equal({ before: dead, date: dead, now: dead, ahead: dead, unknown: dead, after: 200, dateAfter: 200, other: 200 });

            Date.now = () => start + day;
            expect(await verdict(prepared.server.inject('/look?refreshToken=unknown'))).to.equal(dead);
        });

        it('is dead after a revocation of what everybody was issued before a moment', async () => {

            Date.now = () => start;

            const rows: Record<string, FoundRefreshToken> = {
                one: { subject: '42', issued: start - 1 },
                two: { subject: '43', session: 'a', issued: start + 4999 },
                unknown: { subject: '44' },
                after: { subject: '42', issued: start + 5000 }
            };

            const prepared = await serve({ lookup: { find: (token) => rows[token], remove: () => undefined } });
            await prepared.auth.revoke({ issuedBefore: start });

            const verdicts = await Promise.all(Object.keys(rows).map((token) => verdict(prepared.server.inject(`/look?refreshToken=${token}`))));
            const dead = 'The refresh token was revoked';
            expect(verdicts).to.equal([dead, dead, dead, 200]);
        });
    });
});


const serve = function (options?: Partial<StrategyOptions>, jwt: Partial<JwtOptions> = {}): Promise<Prepared> {

    return Support.serve(jwt, options && { refreshToken: { query: 'refreshToken' }, ...options });
};


const look = function (prepared: Prepared, jwt: string): Promise<number | string> {

    return Support.look(prepared, { jwt });
};


const renew = function ({ server }: Prepared, refreshToken: string) {

    return server.inject({ method: 'POST', url: `/token?refreshToken=${refreshToken}` });
};


const logout = function ({ server }: Prepared, { jwt, refreshToken }: Pair) {

    return server.inject({ method: 'POST', url: `/logout?refreshToken=${refreshToken}`, headers: bearer(jwt) });
};


const flip = function (text: string, index: number): string {

    return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
};
