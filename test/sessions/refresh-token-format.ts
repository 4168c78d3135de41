import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { digest, identify } from '../../lib/blacklist/identities';
import { mint, nonce, parse, replacement, successor } from '../../lib/sessions/refresh-token-format';
import { forgeRefreshToken } from '../support/sessions';

import type { RefreshToken } from '../../lib/sessions/refresh-token-format';


export const lab = Lab.script();
const { describe, it } = lab;


const issuer = 'https://futureflix.example';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';


describe('mint()', () => {

    it('makes a token that leads to the sessions of its subject', () => {

        const token = mint(issuer, '42');

        expect(token.subject).to.equal(identify('subject', issuer, '42'));
        expect(textOf(token)).to.match(/^[\w-]{102}$/);
        expect(mint('https://other.example', '42').subject).to.not.equal(token.subject);
    });

    it('never makes the same session, family or secret twice', () => {

        const tokens = Array.from({ length: 100 }, () => mint(issuer, '42'));

        for (const part of ['id', 'family', 'secret'] as const) {
            expect(new Set(tokens.map((token) => token[part])).size).to.equal(100);
        }
    });

    it('lets only digests of the family and of the secret be kept', () => {

        const token = mint(issuer, '42');

        expect(token.id).to.equal(token.bytes.toString('base64url', 16, 28));
        expect(token.family).to.equal(digest(token.bytes.subarray(28, 44)));
        expect(token.secret).to.equal(digest(token.bytes.subarray(44, 68)));
        expect(token.bytes).to.have.length(76);
    });
});


describe('parse()', () => {

    it('reads what mint() made', () => {

        const token = mint(issuer, '42');
        expect(parse(textOf(token))).to.equal(token);
    });

    it('refuses every other spelling of the same bytes', () => {

        const token = mint(issuer, '42');
        token.bytes.fill(0xff, 0, 12);                              // Spelled '____', or '////' in the other alphabet
        forgeRefreshToken(token.bytes, 0).copy(token.bytes);
        const text = textOf(token);

        // The last character carries four bits: three others decode to the same bytes

        const last = alphabet.indexOf(text.at(-1)!);
        const trailing = [1, 2, 3].map((bits) => text.slice(0, -1) + alphabet[last + bits]);
        for (const spelling of [...trailing, text.replaceAll('_', '/')]) {
            expect(Buffer.from(spelling, 'base64url').equals(token.bytes)).to.be.true();
            expect(parse(spelling)).to.be.null();
        }

        expect(parse(text)).to.not.be.null();
    });

    it('refuses padding and white space, though the bytes are the same', () => {

        const text = textOf(mint(issuer, '42'));

        for (const spelling of [`${text}=`, `${text}==`, ` ${text}`, `${text}\n`, `${text.slice(0, 50)} ${text.slice(50)}`]) {
            expect(Buffer.from(spelling, 'base64url').equals(Buffer.from(text, 'base64url'))).to.be.true();
            expect(parse(spelling)).to.be.null();
        }
    });

    it('refuses what was damaged on its way, wherever that is', () => {

        const { bytes } = mint(issuer, '42');

        for (let i = 0; i < bytes.length; ++i) {
            const damaged = Buffer.from(bytes);
            damaged[i]! ^= 1;
            expect(parse(damaged.toString('base64url'))).to.be.null();
        }
    });

    it('refuses what has the length of a token and is none', () => {

        const text = textOf(mint(issuer, '42'));

        for (const other of ['.'.repeat(102), `${text.slice(0, 100)}==`, `${text.slice(0, 101)}\u{e9}`, `${text.slice(0, 100)}\u{1f37f}`]) {
            expect(other).to.have.length(102);
            expect(parse(other)).to.be.null();
        }
    });

    it('refuses what is shorter or longer, a whole token in front of it or not', () => {

        const text = textOf(mint(issuer, '42'));

        for (const other of ['', 'A', text.slice(1), text.slice(0, -2), `${text}A`, `${text}AA`, text.repeat(2), 'A'.repeat(1_000_000)]) {
            expect(parse(other)).to.be.null();
        }
    });
});


describe('successor()', () => {

    it('is the same each time for the same token and nonce', () => {

        const token = mint(issuer, '42');
        const value = nonce();

        expect(successor(token, value)).to.equal(successor(token, value));
        expect(successor(parse(textOf(token))!, value)).to.equal(successor(token, value));
    });

    it('stays in its session and family, with another secret', () => {

        const token = mint(issuer, '42');
        const next = successor(token, nonce());

        expect(next.subject).to.equal(token.subject);
        expect(next.id).to.equal(token.id);
        expect(next.family).to.equal(token.family);
        expect(next.secret).to.not.equal(token.secret);
        expect(parse(textOf(next))).to.equal(next);
    });

    it('depends on the nonce', () => {

        const token = mint(issuer, '42');
        expect(successor(token, 'one').secret).to.not.equal(successor(token, 'two').secret);
    });

    it('depends on the secret, and so not on what the store knows alone', () => {

        const token = mint(issuer, '42');
        const forged = parse(forgeRefreshToken(token.bytes, 67).toString('base64url'))!;

        expect(forged.family).to.equal(token.family);
        expect(successor(forged, 'one').secret).to.not.equal(successor(token, 'one').secret);
    });

    it('leaves the token as it was', () => {

        const token = mint(issuer, '42');
        const text = textOf(token);
        successor(token, nonce());

        expect(textOf(token)).to.equal(text);
    });
});


describe('replacement()', () => {

    it('stays in its session and family, with a secret that cannot be derived', () => {

        const token = mint(issuer, '42');
        const [one, two] = [replacement(token), replacement(token)];
        expect(parse(textOf(one))).to.include({ subject: token.subject, id: token.id, family: token.family });
        expect(new Set([token.secret, one.secret, two.secret]).size).to.equal(3);
    });
});


describe('nonce()', () => {

    it('has 96 bits, and is never the same', () => {

        const nonces = Array.from({ length: 100 }, nonce);

        expect(new Set(nonces).size).to.equal(100);
        expect(nonces[0]).to.match(/^[\w-]{16}$/);
    });
});


const textOf = function ({ bytes }: RefreshToken): string {

    return bytes.toString('base64url');
};
