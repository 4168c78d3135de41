import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { bearer, pairOf, prepare } from '../support/server';

import type { ResponseObject } from '@hapi/hapi';
import type { TokenResponse } from '../../lib';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const minute = 60_000;

const realNow = Date.now;


describe('Injected credentials', () => {

    afterEach(() => {

        Date.now = realNow;
    });

    it('do not pass a route with maxAuthAge by what a web socket was authenticated with long ago', async () => {

        const { auth, login, server } = await prepare();
        server.route([
            { method: 'POST', path: '/vault', options: { plugins: { 'hard-logout': { maxAuthAge: 5 * minute } } }, handler: () => null },
            { method: 'POST', path: '/safe', options: { plugins: { 'hard-logout': { acr: 'otp' } } }, handler: () => null },
            { method: 'POST', path: '/other', handler: () => null },
            { method: 'POST', path: '/either', options: { plugins: { 'hard-logout': { tokens: 'either' } } }, handler: () => null }
        ]);

        const pair = await login();
        const { request: { auth: { credentials, artifacts } } } = await server.inject({ url: '/me', headers: bearer(pair.jwt) });
        const inject = async (url: string, other: object | null = artifacts) => {

            const res = await server.inject({ method: 'POST', url, auth: { strategy: 'session', credentials, artifacts: other as Record<string, unknown> } });
            return (res.result as { code?: string } | null)?.code ?? res.statusCode;
        };

        const refused = 'insufficient_user_authentication';
        expect([await inject('/vault'), await inject('/safe')]).to.equal([204, refused]);

        const now = realNow();
        Date.now = () => now + 10 * minute;
        expect([await inject('/vault'), await inject('/other')]).to.equal([refused, 204]);

        // A refresh token says of its session when the user was authenticated. Credentials of a test have no tokens

        const { request } = await server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` });
        expect(await inject('/vault', request.auth.artifacts)).to.equal(refused);
        expect(await inject('/vault', {})).to.equal(204);

        // As it does beside an access token that has expired

        const renewed = pairOf((request.response as ResponseObject).source as TokenResponse);
        Date.now = () => now + 40 * minute;
        const { request: { auth: { artifacts: late } } } = await server.inject({ method: 'POST', url: `/either?refreshToken=${renewed.refreshToken}`, headers: bearer(renewed.jwt) });
        expect(late.expired).to.be.true();
        expect(await inject('/vault', late)).to.equal(refused);
        expect((await auth.sessions('42'))).to.have.length(1);
    });
});
