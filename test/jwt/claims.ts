import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { claimsProblem } from '../../lib/jwt/claims';
import { strategySettings } from '../../lib/options/schema';
import { accepted, claims, freeze, mint, moment, refused, second, serve, thaw } from '../support/access-tokens';
import { jwt } from '../support/server';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


describe('problemOf()', () => {

    beforeEach(() => {

        freeze(moment);
    });

    afterEach(thaw);

    const texts = ['', null, 1, true, [], ['42'], {}, '\ud800', 'a\udc00b'];

    const dates = ['@1e400', '@-1e400', '@1e308', '@8640000000001', '1893456060', '2030-01-01', '', null, true, [], [second], {}, -1, '@-0.1'];

    const bad: Record<string, unknown[]> = {
        sub: [undefined, ...texts],
        jti: texts,
        sid: texts,
        exp: [undefined, ...dates],
        iat: [undefined, ...dates],
        nbf: dates,
        auth_time: dates,
        scope: [null, 1, true, {}, [1], ['a', null], [['a']]],
        act: [
            'agent', null, {}, [], ...texts.map((sub) => ({ sub })),
            ...[null, 1, [], '\ud800'].map((iss) => ({ sub: 'agent', iss })),
            ...texts.map((sid) => ({ sub: 'agent', sid })),
            ...[null, 'now', -1].map((auth_time) => ({ sub: 'agent', auth_time })),
            { sub: 'agent', act: {} }, { sub: 'agent', act: { sub: 'another', act: { sub: 1 } } }
        ],
        iss: [undefined, 'https://other.example', `${jwt.issuer}/`, ...texts, [jwt.issuer]],
        aud: [undefined, 'other', ['other'], null, 1, {}, [], '']
    };

    for (const [claim, values] of Object.entries(bad)) {
        it(`refuses what can be no ${claim}`, async () => {

            const { me } = await serve();
            for (const value of values) {
                expect(await me(await mint({ [claim]: value })), inspect(value)).to.equal(refused);
            }
        });
    }

    const good: Record<string, unknown[]> = {
        sub: ['0', ' ', 'caf\u00e9', '\ud83d\ude00', 's'.repeat(1000)],
        jti: [undefined, '0', '\ud83d\ude00'],
        sid: [undefined, 'a session'],
        exp: [second + 0.5, second + 1e9, '@8640000000000'],
        iat: [second - 100, second - 0.5],
        nbf: [undefined, 0, second],
        auth_time: [undefined, 0, second + 0.25],
        scope: [undefined, '', 'a b', [], ['a', 'b']],
        act: [
            undefined, { sub: 'agent' }, { sub: 'agent', client_id: 1 }, { sub: 'agent', iss: '' },
            { sub: 'agent', iss: 'https://staff.example', sid: 's', auth_time: second - 60.25, act: { sub: 'another' } }
        ],
        aud: ['api', ['api'], ['other', 'api']],
        client_id: [null, 1, {}]
    };

    for (const [claim, values] of Object.entries(good)) {
        it(`accepts what can be a ${claim}`, async () => {

            const { me } = await serve();
            for (const value of values) {
                expect(await me(await mint({ [claim]: value })), inspect(value)).to.equal(accepted);
            }
        });
    }

    it('refuses an iss that is none also where any is accepted', async () => {

        const { me } = await serve({ issuer: undefined });

        for (const iss of texts) {
            expect(await me(await mint({ iss })), inspect(iss)).to.equal(refused);
        }

        for (const iss of [undefined, 'https://other.example']) {
            expect(await me(await mint({ iss }))).to.equal(accepted);
        }
    });

    it('accepts each issuer of a list, and each audience', async () => {

        const { me } = await serve({ issuer: ['a', 'b'], audience: ['c', 'd'] });

        for (const iss of ['a', 'b']) {
            for (const aud of ['c', 'd', ['x', 'd']]) {
                expect(await me(await mint({ iss, aud }))).to.equal(accepted);
            }
        }

        expect(await me(await mint({ iss: 'c', aud: 'c' }))).to.equal(refused);
        expect(await me(await mint({ iss: 'a', aud: 'a' }))).to.equal(refused);
        expect(await me(await mint({ iss: ['a', 'b'], aud: 'c' }))).to.equal(refused);
    });

    it('accepts any audience where none is named', async () => {

        const { me } = await serve({ audience: undefined });

        for (const aud of [undefined, 'other', ['other']]) {
            expect(await me(await mint({ aud }))).to.equal(accepted);
        }
    });

    it('refuses claims that are nested more than 64 deep', async () => {

        const nested = (depth: number) => ({ deep: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) });
        const { me } = await serve();

        expect(await me(await mint(nested(63)))).to.equal(accepted);
        expect(await me(await mint(nested(64)))).to.equal(refused);
    });

    it('refuses a token that is bound to a key of its client, unless the strategy allows it', async () => {

        const usual = await serve();
        const allowing = await serve({ allowBoundTokens: true });

        for (const cnf of [{ jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }, { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }, {}, null, '']) {
            expect(await usual.me(await mint({ cnf })), inspect(cnf)).to.equal(refused);
            expect(await allowing.me(await mint({ cnf })), inspect(cnf)).to.equal(accepted);
        }
    });

    it('says to an operator what is wrong', () => {

        const settings = strategySettings({ jwt: { ...jwt, sessionClaim: 'login' } }).jwt;
        for (const [changes, typ, problem] of [
            [{}, 'JWT', null],
            [{}, 'logout+jwt', 'its type is not that of an access token'],
            [{ deep: JSON.parse('['.repeat(64) + ']'.repeat(64)) }, 'JWT', 'its claims are nested too deeply'],
            [{ sub: 7 }, 'JWT', 'its claim sub is missing or cannot be used'],
            [{ exp: undefined }, 'JWT', 'its claim exp is missing or cannot be used'],
            [{ login: 7 }, 'JWT', 'its claim login is missing or cannot be used'],
            [{ cnf: { jkt: 'x' } }, 'JWT', 'it is bound to a key of its client, which this strategy does not check'],
            [{ iss: 'https://other.example' }, 'JWT', 'its claim iss is not one that the strategy accepts'],
            [{ aud: ['other'] }, 'JWT', 'its claim aud is not one that the strategy accepts']
        ] as const) {
            expect(claimsProblem({ ...claims, ...changes }, typ, settings)).to.equal(problem);
        }
    });

    it('accepts access tokens only, by their type', async () => {

        const { me } = await serve();

        for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt', 'Application/At+Jwt']) {
            expect(await me(await mint({}, { typ })), typ).to.equal(accepted);
        }

        for (const typ of ['', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'id+jwt', 'at+jwt ', 'at+jwt\n', 'x-at+jwt', 'application/', 'text/jwt', 'at', null, 1, ['JWT'], {}]) {
            expect(await me(await mint({}, { typ })), inspect(typ)).to.equal(refused);
        }
    });

    it('refuses another session claim of the wrong type', async () => {

        const { me } = await serve({ sessionClaim: 'login' });

        expect(await me(await mint({ login: 1, sid: 'a' }))).to.equal(refused);
        expect(await me(await mint({ login: 'a', sid: 1 }))).to.equal(accepted);
    });
});
