import { once } from 'node:events';
import { createServer } from 'node:http';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { KeySetOutage } from '../../lib/errors/outage';
import { strategySettings } from '../../lib/options/schema';
import { OrderTokens } from '../../lib/receivers/order-token';
import { InvalidRequest } from '../../lib/receivers/response';
import { issuer, keySet, logoutToken, providersJwt, receiving, strangersKey } from '../support/provider';
import { secret } from '../support/server';

import type { AddressInfo } from 'node:net';
import type { StrategyOptions } from '../../lib';
import type { OrderTokensOptions } from '../../lib/receivers/order-token';


export const lab = Lab.script();

const { describe, it } = lab;


const systemNow = Date.now;


describe('OrderTokens', () => {

    const { jwt } = strategySettings({ jwt: providersJwt });

    const tokens = (options: Partial<OrderTokensOptions> = {}) => new OrderTokens({ issuer, audience: ['shop'], types: ['logout+jwt'], required: ['exp'], jwt, ...options }, () => undefined);

    const reason = async (token: Promise<string>, options: Partial<OrderTokensOptions> = {}) => {

        const error: any = await expect(tokens(options).verify(await token, Date.now())).to.reject();
        expect(Object.keys(error).sort()).to.equal(['code', 'name']);
        expect(error.cause).to.be.undefined();
        return [error.code, error.message];
    };

    it('have their claims read', async () => {

        expect(await tokens().verify(await logoutToken({ jti: '1' }), Date.now())).to.include({ iss: issuer, jti: '1', sub: '42', sid: 'a' });
    });

    it('are judged as of the moment when they arrived', async () => {

        const token = await logoutToken({ iat: 1000, exp: 1120 });
        expect(await tokens().verify(token, 1100 * 1000)).to.include({ iat: 1000 });
        expect(await reason(Promise.resolve(token))).to.equal(['invalid_request', 'The token has expired']);
    });

    it('are refused for a reason that has nothing of the token in it', async () => {

        expect(await reason(logoutToken({ iss: 'https://other.example' }))).to.equal(['invalid_issuer', 'A claim of the token is missing or wrong']);
        expect(await reason(logoutToken({ aud: 'other' }))).to.equal(['invalid_audience', 'A claim of the token is missing or wrong']);
        expect(await reason(logoutToken({ exp: undefined }))).to.equal(['invalid_request', 'A claim of the token is missing or wrong']);
        expect(await reason(logoutToken({}, {}, strangersKey))).to.equal(['invalid_key', 'The signature of the token is not by a key of the sender']);
        expect(await reason(logoutToken({}, { kid: 'two' }))).to.equal(['invalid_key', 'The signature of the token is not by a key of the sender']);
        expect(await reason(logoutToken({}, { typ: 'at+jwt' }))).to.equal(['invalid_request', 'The typ of the token is not accepted']);
        expect(await reason(logoutToken({ sub: '' }))).to.equal(['invalid_request', 'A claim of the token cannot be used']);
        expect(await reason(Promise.resolve('token'))).to.equal(['invalid_request', 'The token cannot be read']);
    });

    it('are not refused for a key that the set may have by now, and are in the end', async () => {

        let fetches = 0;
        let published: object = { keys: [] };
        const provider = createServer((request, response) => {

            ++fetches;
            response.setHeader('content-type', 'application/json').end(JSON.stringify(published));
        });

        provider.listen(0, '127.0.0.1');
        await once(provider, 'listening');
        const { port } = provider.address() as AddressInfo;
        const remote = tokens({ key: new URL(`http://127.0.0.1:${port}/`) });
        const arrived = Date.now();

        try {
            await expect(remote.verify(await logoutToken(), arrived)).to.reject(KeySetOutage, 'The key set does not have the key, and was fetched just now');
            await expect(remote.verify(await logoutToken(), arrived)).to.reject(KeySetOutage);
            expect(fetches).to.equal(1);

            Date.now = () => arrived + 1500;
            await expect(remote.verify(await logoutToken(), arrived)).to.reject(KeySetOutage);
            expect(fetches).to.equal(2);

            Date.now = () => arrived + 2001;
            await expect(remote.verify(await logoutToken(), arrived)).to.reject(InvalidRequest, 'The signature of the token is not by a key of the sender');
            expect(fetches).to.equal(2);

            published = keySet;
            Date.now = () => arrived + 3000;
            expect(await remote.verify(await logoutToken(), arrived)).to.include({ sub: '42' });
            expect(fetches).to.equal(3);
        }
        finally {
            Date.now = systemNow;
            provider.close();
            provider.closeAllConnections();
        }
    });

    it('are not judged while their key set cannot be fetched, and what the app\'s own key function throws is passed on', async () => {

        const away = tokens({ key: new URL('http://127.0.0.1:1/keys') });
        await expect(away.verify(await logoutToken(), Date.now())).to.reject(KeySetOutage);

        const broken = tokens({ key: () => Promise.reject(new Error('A bug')) });
        await expect(broken.verify(await logoutToken(), Date.now())).to.reject('A bug');
    });
});


describe('the sender of orders', () => {

    const accepts = async function (handler: object, jwt: Partial<StrategyOptions['jwt']> = {}): Promise<number> {

        const { server, notify } = await receiving(handler, { strategy: { jwt: { ...providersJwt, ...jwt } } });
        const statusCode = await notify(await logoutToken());
        await server.stop();
        return statusCode;
    };

    it('is the issuer of the strategy, or the one that the route names', async () => {

        expect(await accepts({})).to.equal(200);
        expect(await accepts({ issuer }, { issuer: ['https://other.example', issuer] })).to.equal(200);
        expect(await accepts({ issuer: 'https://other.example' }, { issuer: ['https://other.example', issuer] })).to.equal(400);
        expect(await accepts({ issuer }, { issuer: undefined })).to.equal(200);
    });

    it('has to be named where the strategy has no issuer, or several', async () => {

        const needs = 'hard-logout: the route POST /receive needs the issuer whose orders it accepts: its strategy has none, or several';
        await expect(accepts({}, { issuer: undefined })).to.reject(needs);
        await expect(accepts({}, { issuer: ['https://other.example', issuer] })).to.reject(needs);
    });

    it('needs find where the strategy accepts none of its tokens, so that nothing would end', async () => {

        await expect(accepts({ issuer }, { issuer: 'https://other.example' })).to.reject(
            'hard-logout: the route POST /receive needs find: its strategy accepts no tokens of the issuer, so nothing would end');
        expect(await accepts({ issuer, find: () => null }, { issuer: 'https://other.example' })).to.equal(200);
    });

    it('has a key that fits its algorithms', async () => {

        await expect(accepts({ algorithms: ['RS256'] })).to.reject(
            'hard-logout: the route POST /receive cannot verify orders with these algorithms and this key, or its strategy\'s. hard-logout: jwt.key holds no key for jwt.algorithms');
        await expect(accepts({ key: secret, algorithms: ['ES256'] })).to.reject(/cannot verify orders with these algorithms and this key/);
    });
});
