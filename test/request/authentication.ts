import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { cutoffOf, demandUnrevoked, demandValid } from '../../lib/request/authentication';

import type { Authentication } from '../../lib/request/authentication';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const systemNow = Date.now;

const now = 1_700_000_000_000;


/** An authentication by an access token that expires in a minute, and a blacklist that says `cutoff`. */
const prepare = function (cutoff: (identities: string[]) => number | Promise<number>, { servesOutage = false, tokens = {} } = {}) {

    const served: unknown[] = [];
    const access = { stamp: now, expires: now + 60_000, expired: false, identities: ['access'] };
    const authentication = {
        tokens: { access, ...tokens },
        plan: { servesOutage },
        strategy: {
            blacklist: { cutoff, known: (identities: string[]) => (identities[0] === 'access' ? now - 1 : 0) },
            monitor: { serve: (request: unknown) => served.push(request) }
        }
    } as unknown as Authentication;

    return { authentication, access: authentication.tokens.access!, served };
};


const away = () => Promise.reject(new Outage('Redis: away'));


describe('cutoffOf()', () => {

    it('is what the blacklist says', async () => {

        const { access, authentication } = prepare((identities) => (identities[0] === 'access' ? 7 : 0));
        expect(await cutoffOf(access, authentication)).to.equal(7);
    });

    it('is what memory knows where the route serves during an outage, and that is counted', async () => {

        const { access, authentication, served } = prepare(away, { servesOutage: true });
        const request = {} as never;
        expect(await cutoffOf(access, { ...authentication, request })).to.equal(now - 1);
        expect(served).to.equal([request]);
    });

    it('does not come from memory on any other route, nor where the error is no outage', async () => {

        const { access, authentication, served } = prepare(away);
        await expect(cutoffOf(access, authentication) as Promise<number>).to.reject(Outage, 'Redis: away');

        const broken = prepare(() => Promise.reject(new Error('a bug')), { servesOutage: true });
        await expect(cutoffOf(broken.access, broken.authentication) as Promise<number>).to.reject('a bug');
        expect([...served, ...broken.served]).to.equal([]);
    });
});


describe('An authentication', () => {

    afterEach(() => {

        Date.now = systemNow;
    });

    const refresh = { stamp: now, expires: now + 120_000, identities: ['refresh'] };

    it('is revoked when all of its tokens are, by no cut-off before them', async () => {

        await demandUnrevoked(prepare(() => now - 1, { tokens: { refresh } }).authentication);
        for (const revoked of ['access', 'refresh']) {
            await demandUnrevoked(prepare((identities) => (identities[0] === revoked ? now : 0), { tokens: { refresh } }).authentication);
        }

        await expect(demandUnrevoked(prepare(() => now, { tokens: { refresh } }).authentication)).to.reject('access_token_revoked');
        await expect(demandUnrevoked(prepare(() => now, { tokens: { access: undefined, refresh } }).authentication)).to.reject('refresh_token_revoked');
    });

    it('holds as long as its access token, or its refresh token where the other had expired before', async () => {

        const { authentication } = prepare(() => 0, { tokens: { refresh } });
        const { authentication: vouched } = prepare(() => 0, { tokens: { refresh, access: { stamp: now, expires: now - 1, expired: true, identities: ['access'] } } });

        Date.now = () => now + 59_999;
        await demandValid(authentication);
        Date.now = () => now + 60_000;
        await expect(demandValid(authentication)).to.reject('access_token_expired');
        await demandValid(vouched);
        Date.now = () => now + 120_000;
        await expect(demandValid(vouched)).to.reject('refresh_token_expired');
    });

    it('does not hold once either of its tokens was revoked', async () => {

        Date.now = () => now;
        await expect(demandValid(prepare(() => now).authentication)).to.reject('access_token_revoked');
        for (const revoked of ['access', 'refresh']) {
            const { authentication } = prepare((identities) => (identities[0] === revoked ? now : 0), { tokens: { refresh } });
            await expect(demandValid(authentication)).to.reject('access_token_revoked');
        }
    });
});
