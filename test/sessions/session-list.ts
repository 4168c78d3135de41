import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, named } from '../../lib/blacklist/identities';
import { forever } from '../../lib/blacklist/blacklist';
import { MemoryStore } from '../../lib/store/memory';
import { idsOf, live, pairFrom, prepare, tokenOf } from '../support/sessions';
import { jwt } from '../support/server';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

const realNow = Date.now;


describe('The list of sessions', () => {

    // A whole second, so that what is rounded to seconds is exact

    let now: number;

    beforeEach(() => {

        now = Math.ceil(realNow() / second) * second;
        Date.now = () => now;
    });

    afterEach(() => {

        Date.now = realNow;
    });


    describe('stamp()', () => {

        it('separates the logins before from those after, though all come in the same millisecond', async () => {

            const { sessions, stamp } = prepare();
            const subject = identify('subject', jwt.issuer, '42');
            const moments: number[] = [];
            for (let i = 0; i < 5; ++i) {
                moments.push(live(await sessions.inspect(tokenOf(await sessions.issue({ sub: '42' }, undefined)))).session.created);
                moments.push(await stamp(subject));
            }

            expect(moments).to.equal(moments.map((_, i) => moments[0]! + i));
        });

        it('separates their access tokens as well', async () => {

            const { sessions, stamp, tokens } = prepare();
            const before = await tokens.verify((await sessions.issue({ sub: '42' }, undefined)).accessToken);
            const cutoff = await stamp(identify('subject', jwt.issuer, '42'));
            const after = await tokens.verify((await sessions.issue({ sub: '42' }, undefined)).accessToken);

            expect(before.stamp).to.be.below(cutoff);
            expect(after.stamp).to.be.above(cutoff);
        });
    });


    describe('remove()', () => {

        it('forgets a session, and what its access tokens need no more', async () => {

            const store = new MemoryStore();
            const { sessions } = prepare({}, { ttl: 15 * minute }, store);
            const revocation = { key: 'session', cutoff: forever, ttl: 90 * day };
            await store.revoke([revocation]);
            const [gone, kept] = [await sessions.issue({ sub: '42' }, undefined), await sessions.issue({ sub: '42' }, undefined)].map(tokenOf);

            now += 5 * minute;
            const renewed = tokenOf(pairFrom(await sessions.renew(gone!)));

            now += minute;
            await store.remove(gone!, { revocations: [{ ...revocation, ttl: 0 }], margin: minute });
            expect(await idsOf(store.list(gone!.subject))).to.equal([kept!.id]);
            expect(await sessions.renew(renewed)).to.equal({ state: 'ended' });
            expect(live(await sessions.inspect(kept!)).state).to.equal('live');

            for (const [passed, cutoff] of [[15 * minute - second, forever], [second, null]] as const) {
                now += passed;
                await store.revoke([{ ...revocation, key: 'another' }]);
                expect(store.cutoffs(['session'])).to.equal([cutoff]);
            }
        });
    });


    describe('identities()', () => {

        it('are the same for all refresh tokens of a session', async () => {

            const { sessions, list } = prepare();
            const first = tokenOf(await sessions.issue({ sub: '42' }, undefined));
            const next = tokenOf(pairFrom(await sessions.renew(first)));
            const other = tokenOf(await sessions.issue({ sub: '42' }, undefined));

            const { token, session, subject, everyone } = named(list.identities(first));
            expect(named(list.identities(next))).to.equal({ token, session, subject, everyone });
            expect(new Set([token, session, subject, everyone]).size).to.equal(4);

            // Of another session only what stands for the subject, and for everyone

            const others = named(list.identities(other));
            expect(others).to.include({ subject, everyone });
            expect([token, session]).to.not.include([others.token, others.session]);
        });

        it('are shared with the access tokens of the session, so that one write kills both', async () => {

            for (const issuer of [jwt.issuer, undefined]) {
                const { sessions, list, tokens } = prepare({}, { issuer });
                const pair = await sessions.issue({ sub: '42' }, undefined);
                const access = await tokens.verify(pair.accessToken);
                const { session, subject, everyone } = named(list.identities(tokenOf(pair)));

                expect(access.identities).to.include([session, subject, everyone]);
                expect(subject).to.equal(identify('subject', issuer ?? '', '42'));
                expect(everyone).to.equal(identify('everyone', issuer ?? ''));
            }
        });
    });
});
