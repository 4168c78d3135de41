import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib/store/memory';
import { jwt as settings, pairOf, prepare } from '../support/server';
import { look, mint, payload, serve } from '../support/tokens';

import type { Explanation } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const now = Date.now;

const { revoke } = MemoryStore.prototype;

const start = Date.UTC(2030, 0, 1);

const minute = 60_000;


describe('explain()', () => {

    afterEach(() => {

        Date.now = now;
        MemoryStore.prototype.revoke = revoke;
    });

    const at = function (moment: number): void {

        Date.now = () => moment;
    };

    const says = async function ({ auth }: Prepared, token: string): Promise<Pick<Explanation, 'accepted' | 'code' | 'text'>> {

        const { accepted, code, text } = await auth.explain(token);
        return { accepted, code, text };
    };

    const revoked = (kind: 'access' | 'refresh', text: string) => ({ accepted: false, code: `${kind}_token_revoked`, text });


    it('says whose a token is, and until when it is accepted', async () => {

        at(start + 250);
        const prepared = await serve();
        const { jwt, refreshToken } = await prepared.login();
        const session = payload(jwt).sid;

        expect<unknown>(await prepared.auth.explain(jwt)).to.equal({
            kind: 'access_token',
            accepted: true,
            code: null,
            text: 'It is accepted until 2030-01-01T00:15:05.000Z.',
            subject: '42',
            session,
            issued: start + 250,
            expires: start + 15 * minute + 5000
        });

        expect<unknown>(await prepared.auth.explain(refreshToken)).to.equal({
            kind: 'refresh_token',
            accepted: true,
            code: null,
            text: 'It is accepted until 2030-01-31T00:00:00.250Z.',
            subject: '42',
            session,
            issued: start + 250,
            expires: start + 250 + 30 * 24 * 60 * minute
        });
    });

    it('says what ended it', async () => {

        at(start);
        const prepared = await serve();
        const { auth } = prepared;

        const session = await prepared.login();
        await auth.revoke({ accessToken: session.jwt });
        expect<unknown>(await says(prepared, session.jwt)).to.equal(revoked('access', 'Its session was ended.'));
        expect<unknown>(await says(prepared, session.refreshToken)).to.equal(revoked('refresh', 'Its session was ended.'));

        const elsewhere = await mint({ jti: 'a' });
        await auth.revoke({ accessToken: elsewhere });
        expect<unknown>(await says(prepared, elsewhere)).to.equal(revoked('access', 'It was revoked itself.'));

        const subject = await prepared.login('43');
        at(start + 1000);
        await auth.revoke({ subject: '43' });
        expect<unknown>(await says(prepared, subject.jwt)).to.equal(revoked('access',
            'All of its subject\'s tokens up to 2030-01-01T00:00:01.000Z were revoked, and it counts from 2030-01-01T00:00:00.000Z.'));

        const external = await mint({ sub: '43', iat: start / 1000 + 2 });
        expect<unknown>(await says(prepared, external)).to.equal(revoked('access', 'All of its subject\'s tokens up to 2030-01-01T00:00:01.000Z were revoked, ' +
            'and it was issued at 2030-01-01T00:00:02.000Z, and counts from 2029-12-31T23:59:57.000Z, since clocks may differ (jwt.clockTolerance).'));

        const everyone = await prepared.login('44');
        at(start + 3000);
        await auth.revoke({ issuedBefore: start + 2000 });
        expect<unknown>(await says(prepared, everyone.jwt)).to.equal(revoked('access',
            'All tokens up to 2030-01-01T00:00:01.999Z were revoked, and it counts from 2030-01-01T00:00:01.000Z.'));
        expect<unknown>(await says(prepared, everyone.refreshToken)).to.equal(revoked('refresh', 'All tokens up to 2030-01-01T00:00:01.999Z were revoked.'));
        expect<unknown>(await says(prepared, (await prepared.login('43')).jwt)).to.include({ accepted: true });
    });

    it('says what ended the session of a refresh token, where its row is still there', async () => {

        at(start);
        const prepared = await serve();
        const { refreshToken } = await prepared.login();
        const { remove } = MemoryStore.prototype;
        MemoryStore.prototype.remove = async () => undefined;
        try {
            await prepared.auth.revoke({ subject: '42' });
            expect<unknown>(await says(prepared, refreshToken)).to.equal(revoked('refresh', 'All of its subject\'s tokens up to 2030-01-01T00:00:00.001Z were revoked.'));
        }
        finally {
            MemoryStore.prototype.remove = remove;
        }
    });

    it('says what ended a refresh token alone', async () => {

        const prepared = await serve();
        const { refreshToken } = await prepared.login();
        await prepared.server.inject({ method: 'POST', url: `/token/refresh?refreshToken=${refreshToken}` });
        expect<unknown>(await says(prepared, refreshToken)).to.equal(revoked('refresh', 'It was revoked itself.'));
    });

    it('says when it expired', async () => {

        at(start);
        const prepared = await serve();
        const { jwt, refreshToken } = await prepared.login();

        at(start + 20 * minute);
        expect<unknown>(await prepared.auth.explain(jwt)).to.include({
            accepted: false,
            code: 'access_token_expired',
            text: 'It expired at 2030-01-01T00:15:05.000Z.',
            subject: '42'
        });

        at(start + 100 * 24 * 60 * minute);
        expect<unknown>(await says(prepared, refreshToken)).to.equal({
            accepted: false,
            code: 'refresh_token_invalid',
            text: 'No live session has it: it was never issued, or its session has ended or expired.'
        });
    });

    it('says that a refresh token was used before, and leaves its session alone', async () => {

        const prepared = await serve({}, { refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } });
        const first = await prepared.login();
        const second = pairOf(await prepared.auth.refresh(first.refreshToken));
        MemoryStore.prototype.revoke = () => Promise.reject(new Error('nobody asked'));

        expect<unknown>(await prepared.auth.explain(first.refreshToken)).to.equal({
            kind: 'refresh_token',
            accepted: false,
            code: 'refresh_token_reused',
            text: 'It was replaced by a newer one. If it is presented, its session ends.'
        });

        expect(await look(prepared, second)).to.equal(200);
    });

    it('says what does not verify', async () => {

        const prepared = await serve();
        const { jwt } = await prepared.login();
        const invalid = (text: string) => ({ kind: 'access_token', accepted: false, code: 'access_token_invalid', text });
        expect<unknown>(await prepared.auth.explain(`${jwt}x`)).to.equal(invalid('It does not verify: its signature is wrong.'));
        expect<unknown>(await prepared.auth.explain(await mint({ iss: 'https://else.example' }))).to.equal(invalid('It does not verify: its claim iss is not one that the strategy accepts.'));
        expect<unknown>(await prepared.auth.explain(await mint({ sub: undefined }))).to.equal(invalid('It does not verify: its claim sub is missing or cannot be used.'));
        expect<unknown>(await prepared.auth.explain('a.b.c')).to.equal(invalid('It does not verify: it cannot be read as a JWT.'));
    });

    it('explains refresh tokens of the app\'s by what the app knows', async () => {

        at(start);
        const prepared = await serve({}, {
            refreshToken: { query: 'refreshToken' },
            lookup: {
                find: (token) => {

                    return token === 'one.two' ? { subject: '42', session: 's', issued: start - 10, expires: start + minute } :
                        token === 'old' ? { subject: '42', expires: start - 1 } : null;
                },
                remove: () => undefined
            }
        });

        expect<unknown>(await prepared.auth.explain('one.two')).to.equal({
            kind: 'refresh_token',
            accepted: true,
            code: null,
            text: 'It is accepted until 2030-01-01T00:01:00.000Z.',
            subject: '42',
            session: 's',
            issued: start - 10,
            expires: start + minute
        });

        expect<unknown>(await says(prepared, 'old')).to.equal({ accepted: false, code: 'refresh_token_expired', text: 'It expired.' });
        expect<unknown>(await says(prepared, 'unknown')).to.include({ code: 'refresh_token_invalid' });

        await prepared.auth.revoke({ session: 's' });
        expect<unknown>(await says(prepared, 'one.two')).to.equal(revoked('refresh', 'It was revoked, or its session was, or its subject after the token was issued (or within jwt.clockTolerance before), or its actor was logged out.'));
    });

    it('knows no refresh tokens where the strategy has none', async () => {

        const prepared = await prepare({ refreshToken: undefined, jwt: settings });
        expect<unknown>(await prepared.auth.explain('x')).to.equal({
            kind: 'refresh_token',
            accepted: false,
            code: 'refresh_token_invalid',
            text: 'It is not an access token, and the strategy has no refresh tokens.'
        });
    });

    it('needs a token', async () => {

        const { auth } = await serve();
        for (const token of ['', undefined, null, 42]) {
            await expect(auth.explain(token as string)).to.reject('explain() needs a token');
        }
    });

    it('does not call a bug a bad token', async () => {

        const { auth } = await serve({
            key: () => {

                throw new Error('a bug');
            },
            signingKey: settings.key
        });

        await expect(auth.explain(await mint())).to.reject('a bug');
    });
});
