import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { byId, digest, identify, identifier, identifyToken, identitiesOf, named, ownIssuer, sessionAddress, sessionId } from '../../lib/blacklist/identities';
import { mint, nonce, successor } from '../../lib/sessions/refresh-token-format';

import type { IdentityKind } from '../../lib/blacklist/identities';


export const lab = Lab.script();
const { describe, it } = lab;


const issuer = 'https://futureflix.example';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';


describe('identify()', () => {

    it('names the same thing the same, today and tomorrow', () => {

        // Keys outlive a deployment: another spelling would bring the revoked back to life

        expect(identify('token', issuer, 'jti 1')).to.equal('7vd4INyuQLKQ7xYo9s_wsw');
        expect(identify('everyone', '')).to.equal('BD1moDTqoKBIX2v7YFqXIA');
    });

    it('answers 128 bits of SHA-256 in base64url', () => {

        const hash = createHash('sha256').update(JSON.stringify(['subject', issuer, '42'])).digest();
        expect(identify('subject', issuer, '42')).to.equal(hash.subarray(0, 16).toString('base64url'));
    });

    it('is bounded and opaque, whatever the claim holds', () => {

        for (const value of ['', '42', '{braces} and spaces', '\0\r\n', '\ud83c\udf7f', 'x'.repeat(100_000)]) {
            expect(identify('subject', issuer, value)).to.match(/^[\w-]{22}$/);
        }
    });

    it('distinguishes kinds, issuers and values, wherever one ends and the next begins', () => {

        const kinds: IdentityKind[] = ['token', 'session', 'subject', 'everyone', 'refresh', 'family'];
        const keys = [
            ...kinds.map((kind) => identify(kind, issuer, '42')),
            identify('subject', 'https://other.example', '42'),
            identify('subject', '', '42'),
            identify('subject', issuer, '43'),
            identify('subject', issuer, '042'),
            identify('subject', `${issuer}4`, '2'),
            identify('subject', `${issuer}","4`, '2'),
            identify('subject', issuer, ''),
            identify('subject', issuer, '42 '),
            identify('subject', issuer, '４２')
        ];

        expect(new Set(keys).size).to.equal(keys.length);
    });

    it('distinguishes lone surrogates, which UTF-8 does not', () => {

        expect(identify('token', issuer, '\ud800')).to.not.equal(identify('token', issuer, '\ud801'));
        expect(identify('token', issuer, '\ud800')).to.not.equal(identify('token', issuer, '\ufffd'));
    });

    it('takes a value that is left out for an empty one', () => {

        expect(identify('everyone', issuer)).to.equal(identify('everyone', issuer, ''));
    });
});


describe('identifier()', () => {

    it('names values as identify() does', () => {

        const subject = identifier('subject', issuer);
        for (const value of ['', '42', 'x'.repeat(1000), '"', '\ud800']) {
            expect(subject(value)).to.equal(identify('subject', issuer, value));
        }
    });
});


describe('identifyToken()', () => {

    it('names a token by its jti, and unlike one that has none', () => {

        expect(identifyToken(issuer, '1')).to.equal(identify('token', issuer, byId('1')));
        expect(identifyToken(issuer, 'input 1')).to.not.equal(identify('token', issuer, 'input 1'));
    });
});


describe('identitiesOf()', () => {

    it('has one order, which named() takes apart again', () => {

        expect(identitiesOf('token', 'subject', 'everyone', 'session')).to.equal(['token', 'subject', 'everyone', 'session']);
        expect(named(identitiesOf('token', 'subject', 'everyone', 'session'))).to.equal({ token: 'token', subject: 'subject', everyone: 'everyone', session: 'session' });
    });

    it('leaves out a session where there is none', () => {

        expect(identitiesOf('token', 'subject', 'everyone', undefined)).to.equal(['token', 'subject', 'everyone']);
        expect(named(identitiesOf('token', 'subject', 'everyone', undefined)).session).to.be.undefined();
    });
});


describe('digest()', () => {

    it('answers 128 bits of SHA-256 in base64url', () => {

        const bytes = Buffer.from([0, 1, 2, 255]);
        expect(digest(bytes)).to.equal(createHash('sha256').update(bytes).digest().subarray(0, 16).toString('base64url'));
    });

    it('reads bytes, not text', () => {

        expect(digest(Buffer.from([0xff]))).to.not.equal(digest(Buffer.from([0xfe])));
    });
});


describe('ownIssuer()', () => {

    it('is the first issuer of a strategy, or empty where it names none', () => {

        expect(ownIssuer([issuer, 'https://other.example'])).to.equal(issuer);
        expect(ownIssuer([])).to.equal('');
    });
});


describe('sessionId()', () => {

    it('leads back to where the session is kept', () => {

        const { subject, id } = mint(issuer, '42');
        const sid = sessionId({ subject, id });

        expect(sid).to.match(/^[\w-]{38}$/);
        expect(sessionAddress(sid)).to.equal({ subject, id });
    });

    it('is the same for all tokens of a session, and another for any other', () => {

        const token = mint(issuer, '42');

        expect(sessionId(successor(token, nonce()))).to.equal(sessionId(token));
        expect(sessionId(mint(issuer, '42'))).to.not.equal(sessionId(token));
    });

    it('shows neither the family nor the secret', () => {

        const token = mint(issuer, '42');
        expect(sessionId(token)).to.equal(token.bytes.toString('base64url', 0, 28));
    });
});


describe('sessionAddress()', () => {

    it('knows no session of another user', () => {

        const sid = sessionId(mint(issuer, '42'));

        for (const other of ['', 'a', '5f2c1f7e-7a55-4a4c-8f2e-1a9d3c7b6e50', '_'.repeat(39), sid.slice(1), `${sid}A`, `${sid}AA`, '.'.repeat(38)]) {
            expect(sessionAddress(other)).to.be.null();
        }
    });

    it('reads one spelling only', () => {

        const sid = sessionId(mint(issuer, '42'));
        const last = alphabet.indexOf(sid.at(-1)!);

        for (const spelling of [`${sid.slice(0, -1)}${alphabet[last + 1]}`, `${sid}=`, ` ${sid}`]) {
            expect(Buffer.from(spelling, 'base64url').equals(Buffer.from(sid, 'base64url'))).to.be.true();
            expect(sessionAddress(spelling)).to.be.null();
        }

        expect(sessionAddress(sid)).to.not.be.null();
    });
});
