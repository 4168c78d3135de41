import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, identifyToken } from '../../lib/blacklist/identities';
import { Revocations } from '../../lib/sessions/revocations';
import { forever } from '../../lib/blacklist/blacklist';

import type { AcceptedTokens } from '../../lib/sessions/accepted-tokens';
import type { Lifetimes, RevocableSession } from '../../lib/sessions/revocations';
import type { Revocation } from '../../lib/store/blacklist-contract';


export const lab = Lab.script();
const { after, before, describe, it } = lab;


const now = Date.now;

const start = 1_700_000_000_000;
const minute = 60 * 1000;
const hour = 60 * minute;
const day = 24 * hour;

const issuer = 'https://issuer.example';
const tolerance = 5000;

// Two processes are a minute apart from Redis in opposite directions. An issuer's clock is ahead by the tolerance, and so is what accepts a token

const skew = 2 * minute;
const margin = 2 * tolerance + skew;


describe('Revocations', () => {

    before(() => {

        Date.now = () => start;
    });

    after(() => {

        Date.now = now;
    });

    const create = function ({ jwt, ...rest }: Omit<Lifetimes, 'jwt'> & { jwt?: Partial<Lifetimes['jwt']> } = {}): Revocations {

        return new Revocations({ jwt: { clockTolerance: tolerance, maxAge: 30 * day, ttl: 15 * minute, ...jwt }, ...rest });
    };

    type Tokens = Partial<AcceptedTokens>;

    const token = (name: string, expires: number) => ({ id: name, issuer, expires, stamp: start, identities: [name], claims: { exp: (expires - tolerance) / 1000 } });

    const access = (expires = start + hour) => ({ access: token('access', expires) }) as Tokens;

    const refresh = (expires = start + hour) => ({ refresh: token('refresh', expires) }) as Tokens;

    const lives = (revocations: Revocation[]) => revocations.map(({ ttl }) => ttl);

    it('end a token until it has expired everywhere, also by a clock that is a minute behind', () => {

        expect(lives(create().tokens(access()))).to.equal([hour + skew]);
        expect(create().jti(issuer, 'a')).to.include({ key: identifyToken(issuer, 'a'), cutoff: forever, ttl: 30 * day + margin });
        expect(create().tokens(undefined)).to.equal([]);
    });

    it('end a refresh token until its successors have expired as well, where there can be some', () => {

        expect(lives(create({ sessions: { maxAge: 90 * day } }).tokens(refresh()))).to.equal([90 * day + skew]);
        expect(lives(create({ lookup: { maxAge: 90 * day } }).tokens(refresh()))).to.equal([hour + skew]);
    });

    it('leave out tokens that end anyway, except the refresh token of a lookup', () => {

        const both = { ...access(), ...refresh() };
        for (const [settings, keys] of [[{ sessions: { maxAge: day } }, []], [{ lookup: { maxAge: day } }, ['refresh']]] as const) {
            expect(create(settings).tokens(both, () => true).map(({ key }) => key)).to.equal([...keys]);
            expect(create(settings).tokens(both).map(({ key }) => key)).to.equal(['access', 'refresh']);
        }
    });

    it('end a session for as long as any of its tokens could be presented', () => {

        const life = (settings: Parameters<typeof create>[0], state: RevocableSession['state']) => create(settings).session({ issuer, session: 'a', state }).ttl;

        // The refresh tokens live longer, or the access tokens

        expect(life({ sessions: { maxAge: 90 * day } }, 'stored')).to.equal(90 * day + margin);
        expect(life({ sessions: { maxAge: hour }, jwt: { ttl: 2 * hour } }, 'stored')).to.equal(2 * hour + margin);

        // A session that began elsewhere has access tokens of any age

        expect(life({ sessions: { maxAge: hour } }, 'external')).to.equal(30 * day + margin);
        expect(life({ lookup: { maxAge: 90 * day } }, 'external')).to.equal(90 * day + margin);
        expect(life({ lookup: { maxAge: hour } }, 'external')).to.equal(30 * day + margin);
        expect(life({}, 'external')).to.equal(30 * day + margin);

        // Nothing can be renewed any more

        expect(life({ sessions: { maxAge: 90 * day } }, 'gone')).to.equal(30 * day + margin);
    });

    it('keep a cut-off for as long as any token from before it could be presented', () => {

        const identity = identify('subject', issuer, '42');
        for (const [settings, longest] of [[{ sessions: { maxAge: 90 * day } }, 90 * day], [{ lookup: { maxAge: 90 * day } }, 90 * day], [{ sessions: { maxAge: day } }, 30 * day], [{}, 30 * day]] as const) {
            const revocations = create(settings);
            const cutoff = (age: number) => revocations.cutoff({ issuer, identity, cutoff: start - age, issued: start - age });
            expect(cutoff(0)).to.include({ key: identity, cutoff: start, ttl: longest + margin });
            expect(cutoff(day).ttl).to.equal(longest - day + margin);
            expect(cutoff(1000 * day).ttl).to.equal(skew);
            expect(revocations.terms(issuer)).to.equal({ issuer: identify('everyone', issuer), life: longest, tolerance });
        }
    });

    it('say by which terms they were reckoned, for strategies that accept tokens for longer', () => {

        const revocations = create({ sessions: { maxAge: 90 * day } });
        const session = (state: RevocableSession['state']) => revocations.session({ issuer, session: 'a', state });
        const all = [
            ...revocations.tokens({ ...access(), ...refresh() }),
            ...revocations.tokens({ access: { ...access().access!, expires: start + minute } }),
            revocations.jti(issuer, 'a'),
            session('stored'),
            session('gone'),
            session('external'),
            revocations.cutoff({ issuer, identity: 'a', cutoff: start, issued: start })
        ];

        expect(all.map(({ terms }) => terms!.life)).to.equal([undefined, 90 * day, 30 * day, 30 * day, 90 * day, 30 * day, 90 * day, 90 * day]);
        all.forEach(({ terms }) => expect(terms).to.include({ issuer: identify('everyone', issuer), tolerance }));
    });
});
