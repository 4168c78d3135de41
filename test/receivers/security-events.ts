import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { accessToken, issuer, logoutToken, providersJwt, receiving, sign, strangersKey } from '../support/provider';
import { jwt as ownJwt } from '../support/server';

import type { SecurityEventsOptions } from '../../lib';
import type { Receiving, ReceivingOptions } from '../support/provider';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


const caep = (name: string) => `https://schemas.openid.net/secevent/caep/event-type/${name}`;

const risc = (name: string) => `https://schemas.openid.net/secevent/risc/event-type/${name}`;

const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

const user = { format: 'iss_sub', iss: issuer, sub: '42' };

const session = { format: 'opaque', id: 'a' };

const now = () => Math.floor(Date.now() / 1000);


describe('a security event', () => {

    let receiver: Receiving;
    let lines: string[];

    const start = async function (handler: Partial<SecurityEventsOptions> = {}, options: ReceivingOptions = {}): Promise<void> {

        receiver = await receiving({ receive: 'security-events', audience: 'https://api.example/events', ...handler }, options);
        lines = [];
        receiver.server.events.on('log', ({ tags, data }) => tags.includes('event') && lines.push(`${tags.join(' ')}: ${data}`));
    };

    const eventToken = (events: object | undefined, claims: object = {}, header: object = {}, key?: Parameters<typeof sign>[2]) => {

        return sign({ aud: 'https://api.example/events', jti: crypto.randomUUID(), sub_id: user, events, ...claims }, { typ: 'secevent+jwt', ...header }, key);
    };

    const push = async (token: string | Promise<string>, type = 'application/secevent+jwt') => receiver.post(await token, type);

    const status = async (token: Promise<string>) => (await push(token)).statusCode;

    afterEach(() => receiver.server.stop());

    it('ends everything of its subject, before it is accepted', async () => {

        await start();
        const event = { event_timestamp: now() };
        for (const [name, uri] of [...['session-revoked', 'credential-change'].map((each) => [each, caep(each)]), ...['account-disabled', 'account-purged', 'sessions-revoked'].map((each) => [each, risc(each)])]) {
            const sub = `of ${name}`;
            const [a, other] = [await accessToken({ sub }), await accessToken({ sub: 'other' })];
            const revoked = receiver.server.events.once({ name: 'hard-logout', channels: 'revoked' });
            const response = await push(eventToken({ [uri!]: event }, { sub_id: { ...user, sub } }));
            expect(response).to.include({ statusCode: 202, payload: '' });
            expect(response.headers).to.include({ 'cache-control': 'no-store' });
            expect(await receiver.me(a)).to.equal(401);
            expect(await receiver.me(other)).to.equal(200);
            expect((await revoked)[0]).to.include({ subject: sub, extent: 'subject', reason: name });
        }
    });

    it('ends one session where it names one', async () => {

        await start();
        for (const subId of [{ format: 'complex', session, user }, { format: 'complex', session: { format: 'opaque', id: 'c' } }, { format: 'opaque', id: 'd' }]) {
            const [ended] = [subId.session?.id ?? subId.id];
            const [a, b] = [await accessToken({ sid: ended }), await accessToken({ sid: 'b' })];
            expect(await status(eventToken({ [caep('session-revoked')]: {} }, { sub_id: subId }))).to.equal(202);
            expect(await receiver.me(a)).to.equal(401);
            expect(await receiver.me(b)).to.equal(200);
        }
    });

    it('ends all of a subject by an id, whether that is of a session or of a user', async () => {

        await start();
        const a = await accessToken();
        expect(await status(eventToken({ [caep('session-revoked')]: {} }, { sub_id: { format: 'opaque', id: '42' } }))).to.equal(202);
        expect(await receiver.me(a)).to.equal(401);
    });

    it('ends everything of a user whose account is concerned, also where it names a session', async () => {

        await start();
        const b = await accessToken({ sid: 'b' });
        expect(await status(eventToken({ [risc('account-disabled')]: {} }, { sub_id: { format: 'complex', session, user } }))).to.equal(202);
        expect(await receiver.me(b)).to.equal(401);
    });

    it('ends nothing that was issued after it, however often it comes', async () => {

        await start();
        const iat = now() - 60;
        const token = await eventToken({ [risc('sessions-revoked')]: {} }, { iat });
        const [same, next] = [await accessToken({ iat }), await accessToken({ iat: iat + 1 })];
        for (let i = 0; i < 2; ++i) {
            expect((await push(token)).statusCode).to.equal(202);
            expect(await receiver.me(same)).to.equal(401);
            expect(await receiver.me(next)).to.equal(200);
        }
    });

    it('is accepted and logged where it is not understood, or not acted upon', async () => {

        await start({ events: ['session-revoked'] });
        const a = await accessToken();
        const ignored = [
            eventToken({ [caep('device-compliance-change')]: {} }, { jti: '1' }),
            eventToken({ [caep('credential-change')]: {} }, { jti: '2' }),
            eventToken({ 'https://example.com/a\nb': {} }, { jti: '3', sub_id: undefined }),
            eventToken({ [caep('session-revoked')]: {} }, { jti: '4', sub_id: { format: 'email', email: 'a@b.example' } }),
            eventToken({ [caep('session-revoked')]: {} }, { jti: '6', sub_id: { format: 'opaque', id: 1 } }),
            eventToken({ [caep('session-revoked')]: {} }, { jti: '5', sub_id: { ...user, iss: 'https://other.example' } })
        ];

        for (const token of ignored) {
            expect(await status(token)).to.equal(202);
        }

        expect(await receiver.me(a)).to.equal(200);
        expect(lines).to.have.length(6);
        expect(lines[0]).to.equal(`hard-logout event ignored info: A security event ended nothing: "${caep('device-compliance-change')}", issuer ${issuer}, jti 1`);
        expect(lines[2]).to.include('https://example.com/a\\nb');
    });

    it('about an account is ignored where only a session is named', async () => {

        await start();
        expect(await status(eventToken({ [risc('account-purged')]: {} }, { sub_id: { format: 'complex', session } }))).to.equal(202);
        expect(lines).to.have.length(1);
    });

    it('carries out each event of a token', async () => {

        await start();
        const a = await accessToken();
        expect(await status(eventToken({ 'https://example.com/other': {}, [risc('account-disabled')]: {} }))).to.equal(202);
        expect(await receiver.me(a)).to.equal(401);
        expect(lines).to.have.length(1);
    });

    it('verifies a stream', async () => {

        await start();
        const stream = { sub_id: { format: 'opaque', id: 'stream-1' } };
        expect(await status(eventToken({ [verification]: {} }, stream))).to.equal(202);
        expect(await status(eventToken({ [verification]: { state: 'any' } }, stream))).to.equal(202);
    });

    it('finds the user of an email address', async () => {

        const find = ({ identifier }: any) => (identifier.email === 'ada@example.com' ? { subject: '1' } : null);
        await start({ issuer, key: providersJwt.key, algorithms: ['ES256'], find }, { strategy: { jwt: ownJwt, refreshToken: { query: 'refreshToken' } } });
        const { access_token: token } = await receiver.api.issue(null, { sub: '1' });
        const purge = (email: string) => status(eventToken({ [risc('account-purged')]: {} }, { sub_id: { format: 'email', email } }));

        expect(await purge('eve@example.com')).to.equal(202);
        expect(await receiver.me(token)).to.equal(200);
        expect(await purge('ada@example.com')).to.equal(202);
        expect(await receiver.me(token)).to.equal(401);
    });

    it('is refused in the words of RFC 8935 where it is none, and logs nobody out', async () => {

        await start();
        const a = await accessToken();
        const events = { [risc('account-disabled')]: {} };
        const refused: [string, Promise<string>, string?][] = [
            ['invalid_request', eventToken(events), 'application/jwt'],
            ['invalid_request', eventToken(events), 'application/json'],
            ['invalid_request', Promise.resolve('nothing')],
            ['invalid_request', eventToken(undefined)],
            ['invalid_request', eventToken({})],
            ['invalid_request', eventToken([])],
            ['invalid_request', eventToken({ [risc('account-disabled')]: true })],
            ['invalid_request', eventToken(events, { jti: undefined })],
            ['invalid_request', eventToken(events, { iat: undefined })],
            ['invalid_request', eventToken(events, { iat: now() + 60 })],
            ['invalid_request', eventToken(events, { exp: now() - 60 })],

            // A subject in `sub` is none

            ['invalid_request', eventToken(events, { sub_id: undefined, sub: '42' })],
            ['invalid_request', eventToken(events, { sub_id: '42' })],

            // Explicit typing (§2.3 of RFC 8417, RFC 8725 §3.11)

            ['invalid_request', eventToken(events, {}, { typ: undefined })],
            ['invalid_request', eventToken(events, {}, { typ: 'JWT' })],
            ['invalid_request', logoutToken({ aud: 'https://api.example/events' })],
            ['invalid_issuer', eventToken(events, { iss: 'https://other.example' })],
            ['invalid_audience', eventToken(events, { aud: 'other' })],
            ['invalid_audience', eventToken(events, { aud: undefined })],
            ['invalid_key', eventToken(events, {}, { kid: 'two' })],
            ['invalid_key', eventToken(events, {}, {}, strangersKey)]
        ];

        for (const [err, token, type] of refused) {
            const { statusCode, result, headers } = await push(token, type);
            expect(statusCode).to.equal(400);
            expect(result).to.include({ err });
            expect(Object.keys(result)).to.equal(['err', 'description']);
            expect(headers).to.include({ 'content-language': 'en', 'cache-control': 'no-store' });
        }

        expect(await receiver.me(a)).to.equal(200);
    });
});
