import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { issuer, logoutToken, providersJwt, receiving } from '../support/provider';
import { secret } from '../support/server';

import type { StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


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
