import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AccessTokens } from '../../lib/jwt/jwt';
import { strategySettings } from '../../lib/options/schema';
import { Refusal } from '../../lib/errors/refusal';
import { jwt } from '../support/server';


export const lab = Lab.script();

const { describe, it } = lab;


describe('Refusal', () => {

    it('has a code, and a detail for an operator where there is one', () => {

        expect(new Refusal('access_token_expired')).to.include({ name: 'Refusal', code: 'access_token_expired', message: 'access_token_expired', detail: undefined });
        expect(new Refusal('access_token_invalid', 'no key fits it')).to.include({ code: 'access_token_invalid', message: 'no key fits it', detail: 'no key fits it' });
    });

    it('shows nothing of the token it is about, however it is printed', () => {

        const tokens = new AccessTokens(strategySettings({ jwt }).jwt, () => undefined);
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
        const token = `${part({ alg: 'HS256' })}.${part({ sub: 'somebody' })}.c2lnbmF0dXJl`;

        const error = expect(() => void tokens.verify(token)).to.throw(Refusal);
        const printed = inspect(error, { depth: Infinity, showHidden: true });
        for (const secret of [token, ...token.split('.'), 'somebody']) {
            expect(printed).to.not.contain(secret);
        }
    });
});
