import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify } from '../../lib/blacklist/identities';
import { actorsOf } from '../../lib/jwt/actor';

import type { Act } from '../../lib/types';


export const lab = Lab.script();
const { describe, it } = lab;


const minute = 60_000;

const token = { issuer: 'a', issued: 100 * minute, stamp: 99 * minute, clockTolerance: 5000 };


describe('actorsOf()', () => {

    const of = (act: Act | undefined, given: Partial<typeof token> = {}) => actorsOf({ ...token, ...given, claims: { act } });

    it('finds nobody in a token that nobody acts with', () => {

        expect(of(undefined)).to.be.undefined();
    });

    it('knows what ends an actor: the subject, everyone of the issuer, and the session', () => {

        expect(of({ sub: 'agent', sid: 's' })).to.equal([{
            issuer: 'a',
            subject: 'agent',
            session: 's',
            identities: [identify('subject', 'a', 'agent'), identify('everyone', 'a'), identify('session', 'a', 's')],
            stamp: token.stamp
        }]);

        expect(of({ sub: 'agent', iss: 'b' })![0]!.identities).to.equal([identify('subject', 'b', 'agent'), identify('everyone', 'b')]);
    });

    it('knows an actor under no issuer as well where the strategy checks none', () => {

        expect(of({ sub: 'agent', iss: 'b' }, { issuer: '' })![0]!.identities).to.equal([
            identify('subject', 'b', 'agent'), identify('everyone', 'b'), identify('subject', '', 'agent'), identify('everyone', '')
        ]);
        expect(of({ sub: 'agent' }, { issuer: '' })![0]!.identities).to.equal([identify('subject', '', 'agent'), identify('everyone', '')]);
        expect(of({ sub: 'agent', iss: '' })![0]!.identities).to.equal([identify('subject', '', 'agent'), identify('everyone', '')]);
    });

    it('counts from the login of the actor: to the millisecond where that is a session of issue(), else less the tolerance', () => {

        const sid = Buffer.concat([Buffer.from(identify('subject', 'a', 'agent'), 'base64url'), Buffer.alloc(12)]).toString('base64url');
        expect(of({ sub: 'agent', sid, auth_time: 3000.123 })![0]!.stamp).to.equal(3_000_123);
        expect(of({ sub: 'another', sid, auth_time: 3000.123 })![0]!.stamp).to.equal(2_995_123);
        expect(of({ sub: 'agent', sid: 's', auth_time: 3000 })![0]!.stamp).to.equal(2_995_000);
    });

    it('believes no login that is later than the token, by more than clocks may differ', () => {

        expect(of({ sub: 'agent', auth_time: 101 * 60 + 1 })![0]!.stamp).to.equal(101 * minute + 1000 - 5000);
        expect(of({ sub: 'agent', auth_time: 101 * 60 + 2 })![0]!.stamp).to.equal(token.stamp);
    });

    it('finds who acted before as well', () => {

        expect(of({ sub: 'one', act: { sub: 'two', act: { sub: 'three' } } })!.map(({ subject }) => subject)).to.equal(['one', 'two', 'three']);
    });
});
