import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { Boom } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { countRefusal, measureConfirmation, measureRevocation } from '../../lib/status/metrics';
import { RedisServer } from '../support/redis';
import { bearer, pairOf, prepare } from '../support/server';
import { end, serve } from '../support/tokens';

import type { Measurement } from '../../lib';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


describe('metrics', () => {

    const cleanups: (() => unknown)[] = [];

    afterEach(async () => {

        for (const cleanup of cleanups.splice(0)) {
            await cleanup();
        }
    });

    const measured = function (name: string): Measurement[] {

        const found: Measurement[] = [];
        const listener = (message: unknown) => found.push(message as Measurement);
        subscribe(name, listener);
        cleanups.push(() => unsubscribe(name, listener));
        return found;
    };

    const attributesOf = (found: Measurement[]) => found.splice(0).map(({ attributes }) => attributes);

    const away = async () => {

        throw new Outage('Redis is away');
    };

    describe('of revocations', () => {

        it('say how long each took, in seconds, and what ended', async () => {

            const prepared = await serve({}, { sessions: { grace: 0, max: 1 } });
            const found = measured('hard_logout.revocation.duration');
            const pair = await prepared.login();
            await end(prepared, 'session', 'both', pair);
            expect(found[0]!.value).to.be.within(0.000001, 5);
            expect(attributesOf(found)).to.equal([{ 'hard_logout.extent': 'session' }]);

            await prepared.auth.revoke({ subject: '42' }, { reason: 'of Jane Roe' });
            expect(attributesOf(found)).to.equal([{ 'hard_logout.extent': 'subject' }]);

            const first = await prepared.login();
            expect(found).to.be.empty();
            const second = await prepared.login();
            expect(first.jwt).to.not.equal(second.jwt);
            expect(attributesOf(found)).to.equal([{ 'hard_logout.extent': 'session' }]);

            await prepared.auth.refresh(second.refreshToken);
            await expect(prepared.auth.refresh(second.refreshToken)).to.reject('The refresh token was used before');
            expect(attributesOf(found)).to.equal([{ 'hard_logout.extent': 'session' }]);
        });

        it('say why one has failed, which fails all the same', async () => {

            const found = measured('hard_logout.revocation.duration');
            await expect(measureRevocation('subject', away)).to.reject(Outage);
            await expect(measureRevocation('token', async () => {

                throw new TypeError('A bug');
            })).to.reject(TypeError);

            expect(attributesOf(found)).to.equal([
                { 'hard_logout.extent': 'subject', 'error.type': 'store_unavailable' },
                { 'hard_logout.extent': 'token', 'error.type': 'TypeError' }
            ]);
        });
    });

    describe('of confirmations', () => {

        it('say how long each took, in seconds', async () => {

            const redis = await RedisServer.start({ isSettled: true });
            cleanups.push(() => redis.stop());
            const found = measured('hard_logout.confirmation.duration');
            const { server } = await prepare({}, { redis: redis.url });
            await server.initialize();
            await server.stop();

            expect(found.length).to.be.at.least(1);
            expect(found[0]!.attributes).to.equal({});
            expect(found[0]!.value).to.be.within(0.000001, 5);
        });

        it('say why one has failed', async () => {

            const found = measured('hard_logout.confirmation.duration');
            await expect(measureConfirmation(away)).to.reject(Outage);
            expect(attributesOf(found)).to.equal([{ 'error.type': 'store_unavailable' }]);
        });
    });

    describe('of refusals', () => {

        it('are one for each request, with its code', async () => {

            const prepared = await serve();
            const { server } = prepared;
            const found = measured('hard_logout.refusals');
            const pair = await prepared.login();
            const codes = () => found.splice(0).map(({ value, attributes }) => [value, attributes['hard_logout.code']]);

            await server.inject('/me');
            expect(codes()).to.equal([[1, 'credentials_missing']]);

            await server.inject({ url: '/me', headers: bearer(`${pair.jwt}x`) });
            expect(codes()).to.equal([[1, 'access_token_invalid']]);

            server.route({ method: 'GET', path: '/admin', options: { auth: { scope: 'admin' } }, handler: () => null });
            await server.inject({ url: '/admin', headers: bearer(pair.jwt) });
            expect(codes()).to.equal([[1, 'insufficient_scope']]);

            await end(prepared, 'session', 'both', pair);
            expect(codes()).to.equal([]);

            await end(prepared, 'session', 'both', pair);
            expect(codes()).to.equal([[1, 'access_token_revoked']]);
        });

        it('are counted where the app makes a page of them, and none of the app\'s own', async () => {

            const prepared = await serve();
            const { server, auth } = prepared;
            const found = measured('hard_logout.refusals');
            const pair = await prepared.login();
            server.route([
                {
                    method: 'GET',
                    path: '/own',
                    handler: () => {

                        const error = new Boom('Own', { statusCode: 409, data: { code: 'own' } });
                        error.output.payload.code = 'own';
                        throw error;
                    }
                },
                { method: 'GET', path: '/own/text', options: { auth: false }, handler: (_, h) => h.response('No').code(404) },
                { method: 'GET', path: '/own/null', options: { auth: false }, handler: (_, h) => h.response().code(404) },
                { method: 'GET', path: '/explain', options: { auth: false }, handler: () => auth.explain(pair.refreshToken) }
            ]);
            server.ext('onPreResponse', (request, h) => ('isBoom' in request.response ? h.redirect('/login') : h.continue));

            for (const url of ['/own', '/own/text', '/own/null']) {
                await server.inject({ url, headers: bearer(pair.jwt) });
            }

            expect(found).to.be.empty();

            await prepared.auth.revoke({ refreshToken: pair.refreshToken });
            expect((await server.inject('/explain')).result).to.include({ code: 'refresh_token_revoked' });
            expect(found).to.be.empty();

            expect((await server.inject({ url: '/me', headers: bearer(pair.jwt) })).statusCode).to.equal(302);
            expect(attributesOf(found)).to.equal([{ 'hard_logout.code': 'access_token_revoked' }]);
        });

        it('are counted where the logout itself fails, and at the endpoints of OAuth', async () => {

            const redis = await RedisServer.start({ isSettled: true });
            cleanups.push(() => redis.stop());
            const prepared = await serve({}, {}, { redis: redis.url, timeout: 100 });
            cleanups.push(() => prepared.server.stop());
            prepared.server.route({ method: 'POST', path: '/oauth/token', handler: { 'hard-logout': { endpoint: 'token', strategy: 'session' } } });
            const pair = await prepared.login();
            const found = measured('hard_logout.refusals');
            const headers = { 'content-type': 'application/x-www-form-urlencoded' };
            const renew = (token: string) => prepared.server.inject({ method: 'POST', url: '/oauth/token', headers, payload: `grant_type=refresh_token&refresh_token=${token}` });
            expect((await renew('made up')).statusCode).to.equal(400);
            expect(attributesOf(found)).to.equal([{ 'hard_logout.code': 'refresh_token_invalid' }]);

            const held = pairOf(JSON.parse((await renew(pair.refreshToken)).payload));
            prepared.server.ext('onPreHandler', async (_, h) => {

                await redis.kill();
                return h.continue;
            });
            expect(await end(prepared, 'session', 'access', held)).to.equal('The token store cannot be reached');
            expect(attributesOf(found)).to.equal([{ 'hard_logout.code': 'store_unavailable' }]);
        });
    });

    it('cost nothing where nobody subscribes', async () => {

        const work = Promise.resolve('done');
        expect(measureRevocation('session', () => work)).to.shallow.equal(work);
        expect(measureConfirmation(() => work)).to.shallow.equal(work);
        countRefusal({}, () => {

            throw new Error('It is not asked');
        });

        measured('hard_logout.revocation.duration');
        expect(measureRevocation('session', () => work)).to.not.shallow.equal(work);
        expect(measureConfirmation(() => work)).to.shallow.equal(work);
    });
});
