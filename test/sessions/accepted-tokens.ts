import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { combine } from '../../lib/sessions/accepted-tokens';

import type { AccessToken } from '../../lib/jwt/access-token';
import type { AcceptedRefreshToken } from '../../lib/sessions/accepted-tokens';


export const lab = Lab.script();
const { describe, it } = lab;


const access = { issuer: 'https://futureflix.example', subject: '42', session: 's' } as AccessToken;

const refresh = { issuer: 'https://futureflix.example', subject: '42', session: 's' } as AcceptedRefreshToken;


describe('combine()', () => {

    it('says whose the tokens are, from whichever there is', () => {

        const whose = { issuer: 'https://futureflix.example', subject: '42', session: 's' };
        expect(combine(access, refresh)).to.equal({ ...whose, access, refresh });
        expect(combine(access, undefined)).to.equal({ ...whose, access, refresh: undefined });
        expect(combine(undefined, refresh)).to.equal({ ...whose, access: undefined, refresh });
    });

    it('takes the session from the token that names one', () => {

        expect(combine({ ...access, session: undefined }, refresh).session).to.equal('s');
        expect(combine(access, { ...refresh, session: undefined }).session).to.equal('s');
    });

    it('takes the issuer of the access token, whose a lookup\'s refresh token is', () => {

        expect(combine(access, { ...refresh, issuer: 'https://other.example' }).issuer).to.equal('https://futureflix.example');
    });
});
