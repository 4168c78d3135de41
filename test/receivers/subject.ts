import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identifierOf, subjectOf } from '../../lib/receivers/subject';


export const lab = Lab.script();

const { describe, it } = lab;


describe('a subject identifier', () => {

    const [one, two] = ['https://one.example', 'https://two.example'];

    const issSub = { format: 'iss_sub', iss: one, sub: '42' };

    const opaque = { format: 'opaque', id: '42' };

    it('has a format', () => {

        expect(identifierOf(issSub)).to.shallow.equal(issSub);
        for (const value of [undefined, null, 'iss_sub', [], {}, { format: 1 }, { format: '' }]) {
            expect(() => identifierOf(value)).to.throw('The subject identifier sub_id is missing');
        }
    });

    it('names a subject of an issuer that the sender speaks for', () => {

        expect(subjectOf(issSub, [two, one])).to.equal({ issuer: one, subject: '42' });
        expect(subjectOf(issSub, [two])).to.equal({});
        expect(subjectOf({ ...issSub, sub: '' }, [one])).to.equal({});
        expect(subjectOf({ ...issSub, iss: [one] }, [one])).to.equal({});
    });

    it('names a subject of the one issuer that it can be of', () => {

        expect(subjectOf(opaque, [one])).to.equal({ issuer: one, subject: '42' });
        expect(subjectOf(opaque, [one, two])).to.equal({});
        expect(subjectOf({ ...opaque, id: 42 }, [one])).to.equal({});
    });

    it('names the same subject in several ways', () => {

        const email = { format: 'email', email: 'ada@example.com' };
        expect(subjectOf({ format: 'aliases', identifiers: [email, issSub] }, [one])).to.equal({ issuer: one, subject: '42' });
        expect(subjectOf({ format: 'aliases', identifiers: [email] }, [one])).to.equal({});
        expect(subjectOf({ format: 'aliases', identifiers: issSub }, [one])).to.equal({});
    });

    it('names a user, a session, or both', () => {

        const session = { format: 'opaque', id: 'a' };
        expect(subjectOf({ format: 'complex', user: issSub, session }, [one])).to.equal({ issuer: one, subject: '42', session: 'a' });
        expect(subjectOf({ format: 'complex', session }, [one])).to.equal({ issuer: one, session: 'a' });
        expect(subjectOf({ format: 'complex', user: issSub }, [one])).to.equal({ issuer: one, subject: '42', session: undefined });
        expect(subjectOf({ format: 'complex', tenant: opaque }, [one])).to.equal({});
    });

    it('of any other kind names nobody', () => {

        for (const value of [{ format: 'email', email: 'ada@example.com' }, { format: 'other' }, 'text', null]) {
            expect(subjectOf(value, [one])).to.equal({});
        }
    });
});
