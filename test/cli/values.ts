import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Usage } from '../../lib/cli/failure';
import { identity, moment } from '../../lib/cli/values';
import { mint as mintRefreshToken } from '../../lib/sessions/refresh-token-format';
import { mint } from '../support/tokens';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Values of the command line', () => {

    it('are moments that can mean one thing only', () => {

        expect(moment('issued-before', '2020-01-02')).to.equal(Date.UTC(2020, 0, 2));
        expect(moment('issued-before', '2020-01-02T03:04Z')).to.equal(Date.UTC(2020, 0, 2, 3, 4));
        expect(moment('issued-before', '2020-01-02T03:04:05.678-01:00')).to.equal(Date.UTC(2020, 0, 2, 4, 4, 5, 678));
        expect(moment('issued-before', new Date(Date.now() + 50_000).toISOString())).to.be.above(Date.now());

        const late = new Date(Date.now() + 70_000).toISOString();
        for (const text of ['', 'now', '1577934245', '1577934245678', '2020-01-02T03:04', '2020-02-30', '2020-13-01', '2020-01-02T25:00Z', '1/2/2020', late]) {
            expect(() => moment('issued-before', text)).to.throw(Usage, '--issued-before needs a date such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute in the future');
        }
    });

    it('are no tokens, which are refused without being shown', async () => {

        const jwt = await mint();
        const refreshToken = mintRefreshToken('', '42').bytes.toString('base64url');
        for (const token of [jwt, refreshToken]) {
            expect(() => identity('subject', token)).to.throw(Usage, '--subject is a token. Give the token\'s sub, sid or jti instead');
        }

        for (const text of ['a.user.name', 'eyJ', 'eyJ.a', refreshToken.slice(1)]) {
            expect(identity('subject', text)).to.equal(text);
        }
    });

    it('are no empty ids, and none that are no text', () => {

        for (const text of ['', '\ud800']) {
            expect(() => identity('session', text)).to.throw(Usage, '--session is empty, or not valid text');
        }
    });
});
