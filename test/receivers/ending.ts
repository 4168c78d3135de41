import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { accessToken, issuer, logoutToken, providersJwt, receiving } from '../support/provider';
import { jwt as ownJwt } from '../support/server';

import type { Found, Named, StrategyOptions } from '../../lib';
import type { Receiving } from '../support/provider';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('what an order ends', () => {

    let receiver: Receiving;

    afterEach(() => receiver.server.stop());

    const own: Partial<StrategyOptions> = { jwt: ownJwt, refreshToken: { query: 'refreshToken' } };

    const sender = { issuer, key: providersJwt.key, algorithms: ['ES256'] as ['ES256'] };

    it('is what the app finds for it, in sessions of its own', async () => {

        const asked: Named[] = [];
        const sessions: Record<string, Found | Found[] | null> = {};
        receiver = await receiving({ ...sender, find: async (named) => {

            asked.push(named);
            return sessions[named.session ?? named.subject!] ?? null;
        } }, { strategy: own });

        const login = async (sub: string) => (await receiver.api.issue(null, { sub })).access_token;
        const [one, two, three, four] = [await login('1'), await login('1'), await login('3'), await login('4')];
        const id = (await receiver.api.sessions('1'))[0]!.id;

        expect(await receiver.notify(await logoutToken({ sid: 'unknown' }))).to.equal(200);
        expect(asked).to.equal([{ issuer, subject: '42', session: 'unknown' }]);

        sessions.a = { session: id };
        expect(await receiver.notify(await logoutToken({ sub: undefined }))).to.equal(200);
        expect(await receiver.me(one)).to.equal(401);
        expect(await receiver.me(two)).to.equal(200);

        sessions['42'] = [{ subject: '1' }, { subject: '3', issuer: ownJwt.issuer }];
        expect(await receiver.notify(await logoutToken({ sid: undefined }))).to.equal(200);
        expect(await receiver.me(two)).to.equal(401);
        expect(await receiver.me(three)).to.equal(401);
        expect(await receiver.me(four)).to.equal(200);

        // A login that follows is accepted at once

        expect(await receiver.me(await login('1'))).to.equal(200);
    });

    it('is nothing of a session that began later than the clocks may differ', async () => {

        receiver = await receiving({ ...sender, find: () => ({ subject: '1' }) }, { strategy: own });
        const login = async () => (await receiver.api.issue(null, { sub: '1' })).access_token;
        const token = await login();
        const seconds = Math.floor(Date.now() / 1000);

        expect(await receiver.notify(await logoutToken({ sid: undefined, iat: seconds - 7 }))).to.equal(200);
        expect(await receiver.me(token)).to.equal(200);
        expect(await receiver.notify(await logoutToken({ sid: undefined, iat: seconds - 3 }))).to.equal(200);
        expect(await receiver.me(token)).to.equal(401);
    });

    it('is not of an issuer that the strategy does not have', async () => {

        receiver = await receiving({ ...sender, find: () => ({ subject: '1', issuer: 'https://other.example' }) }, { strategy: own });
        expect(await receiver.notify(await logoutToken())).to.equal(500);
    });

    it('is a subject or a session, and never everybody\'s', async () => {

        const found: any[] = [{}, { subject: '' }, { subject: 42 }];
        receiver = await receiving({ ...sender, find: () => found.shift() }, { strategy: own });
        const { access_token: token } = await receiver.api.issue(null, { sub: '1' });
        expect(await receiver.notify(await logoutToken())).to.equal(500);
        expect(await receiver.notify(await logoutToken())).to.equal(500);
        expect(await receiver.notify(await logoutToken())).to.equal(500);
        expect(await receiver.notify(await logoutToken())).to.equal(200);
        expect(await receiver.me(token)).to.equal(200);
    });

    it('is not known while the app cannot find it, and is asked for again', async () => {

        let isAway = true;
        receiver = await receiving({ ...sender, find: () => {

            if (isAway) {
                isAway = false;
                throw new Error('The database is away');
            }

            return { subject: '1' };
        } }, { strategy: own });

        const { access_token: token } = await receiver.api.issue(null, { sub: '1' });
        expect(await receiver.notify(await logoutToken())).to.equal(200);
        expect(await receiver.me(token)).to.equal(401);
    });

    it('is a token without an issuer in a strategy that checks none', async () => {

        receiver = await receiving({ issuer }, { strategy: { jwt: { ...providersJwt, issuer: undefined } } });
        const revoked = receiver.server.events.once({ name: 'hard-logout', channels: 'revoked' });
        expect(await receiver.notify(await logoutToken())).to.equal(200);
        expect((await revoked)[0]).to.include({ issuer: '', session: 'a' });
    });

    it('is found without an issuer in such a strategy, too', async () => {

        receiver = await receiving({ issuer, find: () => ({ session: 'b' }) }, { strategy: { jwt: { ...providersJwt, issuer: undefined } } });
        const token = await accessToken({ sid: 'b' });
        expect(await receiver.notify(await logoutToken())).to.equal(200);
        expect(await receiver.me(token)).to.equal(401);
    });

    it('is a refresh token of the app\'s own as well, which another clock has dated', async () => {

        const seconds = Math.floor(Date.now() / 1000);
        const issued: Record<string, number> = { before: seconds - 64, same: seconds - 60 + 0.9, after: seconds - 50 };
        const lookup = { find: (token: string) => ({ subject: '42', issued: issued[token]! * 1000 }), remove: () => undefined };
        receiver = await receiving({}, { strategy: { refreshToken: { query: 'refreshToken' }, lookup } });
        receiver.server.route({ method: 'GET', path: '/refresh', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: () => null });
        const status = async (token: string) => (await receiver.server.inject(`/refresh?refreshToken=${token}`)).statusCode;

        expect(await receiver.notify(await logoutToken({ sid: undefined, iat: seconds - 60 }))).to.equal(200);
        expect(await status('before')).to.equal(401);
        expect(await status('same')).to.equal(401);
        expect(await status('after')).to.equal(204);
    });

    it('can be forbidden by the app', async () => {

        receiver = await receiving({}, { strategy: { onRevoke: () => Promise.reject(new Error('Not now')) } });
        expect(await receiver.notify(await logoutToken())).to.equal(500);
    });
});
