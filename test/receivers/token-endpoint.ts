import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { basic, serveEndpoints } from '../support/endpoints';
import { payload } from '../support/tokens';

import type { SessionEvent } from '../../lib';
import type { WithEndpoints } from '../support/endpoints';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


interface Tokens {
    access_token: string;
    refresh_token: string;
    expires_in: number;
    refresh_token_expires_in: number;
    token_type: string;
    scope?: string;
}


describe('the token endpoint', () => {

    const { present } = MemoryStore.prototype;
    const now = Date.now;
    let world: WithEndpoints;

    before(async () => {

        world = await serveEndpoints({ validate: ({ sub }) => ({ isValid: sub !== 'blocked' }) });
    });

    afterEach(() => {

        Date.now = now;
        MemoryStore.prototype.present = present;
    });

    after(() => world.server.stop());

    const refusal = async (refreshToken: string, fields?: Record<string, string>) => {

        const res = await world.renew(refreshToken, fields);
        expect(res.statusCode).to.equal(400);
        expect(res.headers['cache-control']).to.equal('no-store');
        return res.result;
    };

    it('renews a session as RFC 6749 wants it', async () => {

        const seen: SessionEvent[] = [];
        world.server.events.once({ name: 'hard-logout', channels: 'refreshed' }, (event) => {

            seen.push(event);
        });

        const pair = await world.login();
        const res = await world.renew(pair.refreshToken);
        const { access_token: accessToken, refresh_token: refreshToken, ...rest } = res.result as Tokens;

        expect(res.statusCode).to.equal(200);
        expect(res.headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': 'application/json; charset=utf-8' });
        expect(JSON.parse(res.payload)).to.only.include(['access_token', 'refresh_token', 'token_type', 'expires_in', 'refresh_token_expires_in']);
        expect(rest).to.equal({ token_type: 'Bearer', expires_in: 900, refresh_token_expires_in: 30 * 24 * 60 * 60, scope: undefined });
        expect(payload(accessToken).sid).to.equal(payload(pair.jwt).sid);
        expect(refreshToken).to.not.equal(pair.refreshToken);
        expect(await world.me(accessToken)).to.include({ statusCode: 200 });

        expect(seen).to.have.length(1);
        expect(seen[0]).to.include({ strategy: 'session', subject: '42', session: payload(pair.jwt).sid as string });
        expect(seen[0]!.request).to.be.a.string();
    });

    it('ignores a public client\'s Authorization header, and asks a confidential one who it is', async () => {

        const renewal = async () => ({ grant_type: 'refresh_token', refresh_token: (await world.login()).refreshToken });
        expect((await world.post('/oauth/token', await renewal(), basic('app', 'wrong'))).statusCode).to.equal(200);
        expect((await world.post('/oauth/token', await renewal(), { authorization: 'Bearer x' })).statusCode).to.equal(200);
        expect((await world.post('/clients/token', await renewal(), basic('app', 'wrong'))).statusCode).to.equal(401);
        expect((await world.post('/clients/token', await renewal(), basic('app'))).statusCode).to.equal(200);
    });

    it('refuses other grants', async () => {

        for (const grant of ['password', 'authorization_code', 'client_credentials', 'REFRESH_TOKEN']) {
            expect(await refusal('x', { grant_type: grant })).to.equal({ error: 'unsupported_grant_type', error_description: 'The grant type must be refresh_token' });
        }

        expect(await refusal('')).to.equal({ error: 'invalid_request', error_description: 'The parameter refresh_token is missing' });
    });

    it('refuses a refresh token that is unknown, revoked or expired, and an access token', async () => {

        const invalid = { error: 'invalid_grant', error_description: 'The refresh token is invalid', code: 'refresh_token_invalid' };
        const revoked = await world.login();
        await world.revoke(revoked.jwt);

        for (const token of ['x', 'x.y.z', 'a'.repeat(102), revoked.jwt, (await world.login()).jwt]) {
            expect(await refusal(token)).to.equal(invalid);
        }

        expect(await refusal(revoked.refreshToken)).to.include({ error: 'invalid_grant' });

        const old = await world.login();
        const later = now() + 40 * 24 * 3_600_000;
        Date.now = () => later;
        expect(await refusal(old.refreshToken)).to.equal(invalid);
    });

    it('ends the session of a refresh token that was used before', async () => {

        const seen: SessionEvent[] = [];
        world.server.events.on({ name: 'hard-logout', channels: 'reuse-detected' }, (event) => {

            seen.push(event);
        });

        const first = await world.login();
        const second = (await world.renew(first.refreshToken)).result as Tokens;
        const third = (await world.renew(second.refresh_token)).result as Tokens;

        expect(await refusal(first.refreshToken)).to.equal({ error: 'invalid_grant', error_description: 'The refresh token was used before', code: 'refresh_token_reused' });
        expect(await refusal(third.refresh_token)).to.include({ error: 'invalid_grant' });
        expect(await world.me(third.access_token)).to.include({ statusCode: 401 });
        expect(seen).to.have.length(1);
        expect(seen[0]!.request).to.be.a.string();
    });

    it('gives no more scope than the login had, and says what it gives where it was asked', async () => {

        const issue = async (scope?: string | string[]) => (await world.auth.issue(null, { sub: '42', ...scope !== undefined && { scope } })).refresh_token;
        const exceeds = { error: 'invalid_scope', error_description: 'The scope exceeds that of the login' };

        for (const granted of ['read write', ['read', 'write']]) {
            expect((await world.renew(await issue(granted), { scope: 'read' })).result).to.include({ scope: 'read write' });
            expect(await refusal(await issue(granted), { scope: 'read admin' })).to.equal(exceeds);
        }

        const token = await issue();
        expect(await refusal(token, { scope: 'read' })).to.equal(exceeds);
        expect((await world.renew(token)).statusCode).to.equal(200);
    });

    it('asks the app\'s own check, before anything is replaced', async () => {

        const { refreshToken } = await world.login('blocked');
        for (let i = 0; i < 3; ++i) {
            expect(await refusal(refreshToken)).to.equal({ error: 'invalid_grant', error_description: 'The credentials were refused', code: 'credentials_refused' });
        }
    });

    it('renews nothing of a session that is ended between the two questions', async () => {

        const { refreshToken, jwt } = await world.login();
        MemoryStore.prototype.present = function (token, options) {

            if (options.next) {
                MemoryStore.prototype.present = present;
                return world.auth.revoke({ accessToken: jwt }).then(() => this.present(token, options));
            }

            return Reflect.apply(present, this, [token, options]);
        };

        expect(await refusal(refreshToken)).to.include({ error: 'invalid_grant', code: 'refresh_token_revoked' });
    });

    it('responds with 503 while the store is away', async () => {

        const { refreshToken } = await world.login();
        MemoryStore.prototype.present = () => Promise.reject(new Outage('away'));

        const res = await world.renew(refreshToken);
        expect(res.statusCode).to.equal(503);
        expect(res.headers).to.include({ 'retry-after': '1', 'cache-control': 'no-store' });
        expect(res.result).to.equal({ error: 'temporarily_unavailable', error_description: 'The token store cannot be reached', code: 'store_unavailable' });
    });

    it('needs a strategy with sessions', async () => {

        const { server } = await serveEndpoints({ lookup: { find: () => null, remove: () => undefined } });
        const add = () => server.route({ method: 'POST', path: '/oauth/token', handler: { 'hard-logout': { endpoint: 'token', strategy: 'session' } } });
        expect(add).to.throw('hard-logout: the route POST /oauth/token needs a strategy with sessions');
        await server.stop();
    });
});
