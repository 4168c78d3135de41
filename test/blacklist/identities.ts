import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { digest, identify } from '../../lib/blacklist/identities';

import type { Kind } from '../../lib/blacklist/identities';


export const lab = Lab.script();
const { describe, it } = lab;


const issuer = 'https://futureflix.example';


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

    it('tells kinds, issuers and values apart, wherever one ends and the next begins', () => {

        const kinds: Kind[] = ['token', 'session', 'subject', 'everyone', 'refresh', 'family'];
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

    it('tells lone surrogates apart, which UTF-8 does not', () => {

        expect(identify('token', issuer, '\ud800')).to.not.equal(identify('token', issuer, '\ud801'));
        expect(identify('token', issuer, '\ud800')).to.not.equal(identify('token', issuer, '\ufffd'));
    });

    it('takes a value that is left out for an empty one', () => {

        expect(identify('everyone', issuer)).to.equal(identify('everyone', issuer, ''));
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
