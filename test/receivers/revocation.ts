import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { AskedBlacklist } from '../../lib/blacklist/asked-blacklist';
import { serveEndpoints } from '../support/endpoints';
import { mint } from '../support/tokens';
import { StoreWatch } from '../support/watch-store';

import type { RevokedEvent } from '../../lib';
import type { WithEndpoints } from '../support/endpoints';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('the revocation endpoint', () => {

    let world: WithEndpoints;
    const now = Date.now;
    const { cutoffs, present } = MemoryStore.prototype;
    const { confirm } = AskedBlacklist.prototype;

    before(async () => {

        world = await serveEndpoints();
    });

    afterEach(() => {

        Date.now = now;
        Object.assign(MemoryStore.prototype, { cutoffs, present });
        AskedBlacklist.prototype.confirm = confirm;
    });

    after(() => world.server.stop());

    const status = async (token: string, fields = {}) => {

        const { statusCode, payload: body, headers, result } = await world.revoke(token, fields);
        expect(headers['cache-control']).to.equal('no-store');
        if (statusCode === 200) {
            expect(body).to.equal('{}');
        }

        return statusCode === 200 ? 200 : (result as { error: string }).error;
    };

    const alive = async ({ jwt, refreshToken }: { jwt: string; refreshToken: string }) => [(await world.me(jwt)).statusCode, (await world.renew(refreshToken)).statusCode];

    it('ends the session of an access token, of an expired one, and of a refresh token, whatever the hint says', async () => {

        const revoked: RevokedEvent[] = [];
        world.server.events.on({ name: 'hard-logout', channels: 'revoked' }, (event) => {

            revoked.push(event);
        });

        for (const hint of [{}, { token_type_hint: 'access_token' }, { token_type_hint: 'refresh_token' }, { token_type_hint: 'other' }]) {
            for (const kind of ['jwt', 'refreshToken'] as const) {
                const pair = await world.login();
                expect(await status(pair[kind], hint)).to.equal(200);
                expect(await alive(pair)).to.equal([401, 400]);
            }
        }

        const expired = await world.login();
        const later = now() + 20 * 60_000;
        Date.now = () => later;
        expect(await status(expired.jwt)).to.equal(200);
        expect((await world.renew(expired.refreshToken)).statusCode).to.equal(400);

        expect(revoked).to.have.length(9);
        expect(revoked[0]).to.include({ strategy: 'session', extent: 'session', subject: '42', reason: 'revocation' });
        expect(revoked[0]!.request).to.be.a.string();
    });

    it('leaves other sessions of the subject alone', async () => {

        const [one, other] = [await world.login(), await world.login()];
        expect(await status(one.jwt)).to.equal(200);
        expect(await alive(other)).to.equal([200, 200]);
    });

    it('ends a token that names no session, and it alone', async () => {

        const [one, other] = [await mint({ jti: 'one' }), await mint({ jti: 'other' })];
        expect(await status(one)).to.equal(200);
        expect([await world.me(one), await world.me(other)].map(({ statusCode }) => statusCode)).to.equal([401, 200]);
    });

    it('responds with a success to what is dead, or unknown, and asks the store nothing about what was made up', async () => {

        const pair = await world.login();
        expect(await status(pair.refreshToken)).to.equal(200);

        const strangers = await mint({}, 'a secret of somebody else, as long as that');
        const watch = new StoreWatch();
        watch.begin();
        for (const token of [strangers, 'x', 'x.y.z', `${pair.jwt}x`, '\u0000', 'a'.repeat(10_000)]) {
            expect(await status(token)).to.equal(200);
        }

        watch.release();
        expect(watch.calls).to.equal([]);

        for (const token of [pair.jwt, pair.refreshToken]) {
            expect(await status(token)).to.equal(200);
        }

    });

    it('calls a token dead only when whatever revoked it holds in every process', async () => {

        const pair = await world.login();
        await status(pair.jwt);

        AskedBlacklist.prototype.confirm = () => Promise.reject(new Outage('not yet'));
        expect(await status(pair.jwt)).to.equal('temporarily_unavailable');
        expect(await status(pair.refreshToken)).to.equal('temporarily_unavailable');
    });

    it('does not call a token dead that something else accepts, or that it will accept itself', async () => {

        const seconds = Math.floor(now() / 1000);
        for (const claims of [{ aud: 'other' }, { iss: 'https://other.example' }, { nbf: seconds + 3600 }, { iat: seconds + 3600 }, { cnf: { jkt: 'a' } }]) {
            expect(await status(await mint(claims))).to.equal('unsupported_token_type');
        }

        expect((await world.revoke(await mint({ aud: 'other' }))).statusCode).to.equal(400);
    });

    it('ends the session of a refresh token that was used before', async () => {

        const { refreshToken } = await world.login();
        const second = (await world.renew(refreshToken)).result as { refresh_token: string; access_token: string };
        const third = (await world.renew(second.refresh_token)).result as { refresh_token: string; access_token: string };

        expect(await status(refreshToken)).to.equal(200);
        expect(await alive({ jwt: third.access_token, refreshToken: third.refresh_token })).to.equal([401, 400]);
    });

    it('is not certain while the store is away, of either token', async () => {

        const { jwt, refreshToken } = await world.login();
        MemoryStore.prototype.cutoffs = () => Promise.reject(new Outage('away'));
        MemoryStore.prototype.present = () => Promise.reject(new Outage('away'));
        expect(await status(jwt)).to.equal('temporarily_unavailable');
        expect(await status(refreshToken)).to.equal('temporarily_unavailable');
    });

    it('knows no refresh tokens where the strategy has none', async () => {

        const plain = await serveEndpoints({ refreshToken: undefined });
        const access = await mint({ jti: 'plain' });
        expect((await plain.revoke('opaque')).statusCode).to.equal(200);
        expect((await plain.revoke(access)).statusCode).to.equal(200);
        expect((await plain.me(access)).statusCode).to.equal(401);
        await plain.server.stop();
    });

    describe('with the refresh tokens of an app', () => {

        const stored = new Map<string, { subject: string; session?: string }>();
        const removed: string[] = [];
        let lookup: WithEndpoints;

        before(async () => {

            lookup = await serveEndpoints({ lookup: {
                find: (token) => stored.get(token) ?? null,
                remove: (token) => removed.push(token)
            } });
        });

        after(() => lookup.server.stop());

        it('ends them in any form, also in that of a JWT', async () => {

            const foreign = await mint({}, 'a secret of somebody else, as long as that');
            for (const token of ['opaque', 'a+b/c=', 'x.y.z', foreign]) {
                stored.set(token, { subject: '42', session: `session of ${token}` });
                expect((await lookup.revoke(token)).statusCode).to.equal(200);
                expect(removed.pop()).to.equal(token);

                const access = await mint({ sid: `session of ${token}` });
                expect((await lookup.me(access)).statusCode).to.equal(401);
            }
        });

        it('responds with a success to those that the app does not know', async () => {

            expect((await lookup.revoke('unknown')).statusCode).to.equal(200);
            expect(removed).to.equal([]);
        });

        it('does not take an access token for one of them', async () => {

            stored.clear();
            const access = await mint({ sid: 'login' });
            expect((await lookup.revoke(access)).statusCode).to.equal(200);
            expect((await lookup.me(access)).statusCode).to.equal(401);
            expect(removed).to.equal([]);
        });
    });
});
