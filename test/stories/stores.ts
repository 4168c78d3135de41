import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { forever } from '../../lib/blacklist/blacklist';
import { identify } from '../../lib/blacklist/identities';
import { blockOf } from '../../lib/store/blocks';
import { MemoryStore } from '../../lib/store/memory';
import { RedisStore } from '../../lib/store/redis';
import { entriesOf } from '../support/entries';
import { RedisServer } from '../support/redis';
import { idsOf } from '../support/sessions';
import { address, presentation, revocation, session } from '../support/stored';

import type { RegisteredTerms, Revocation } from '../../lib/store/blacklist-contract';
import type { Store } from '../../lib/store/contract';
import type { Presentation, Session, SessionPage, SessionState, Shortening } from '../../lib/store/session-contract';


export const lab = Lab.script();
const { describe, it, before, after, beforeEach, afterEach } = lab;


const minute = 60_000;

const tenSeconds = 10_000;

const day = 24 * 60 * minute;

const realNow = Date.now;


for (const kind of ['memory', 'redis'] as const) {

    describe(`The store in ${kind}`, () => {

        let server: RedisServer;
        let raw: Redis;
        let tick: (ms: number) => void;
        let store: Store;
        let count = 0;
        let elapse: () => Promise<unknown>;

        before(async () => {

            if (kind === 'redis') {
                server = await RedisServer.start();
                raw = new Redis(server.url);
            }
        });

        after(async () => {

            raw?.disconnect();
            await server?.stop();
        });

        beforeEach(async () => {

            if (kind === 'memory') {
                tick = freeze();
                elapse = async () => tick(5);
                store = new MemoryStore();
            }
            else {
                elapse = () => sleep(2);
                store = new RedisStore({ redis: server.url, prefix: `test-${++count}`, timeout: 5000, cache: { max: 1 }, lease: 1500, startWithoutStore: false }, fail);
            }

            await store.start();
        });

        afterEach(async () => {

            Date.now = realNow;
            await store.stop();
        });

        // What takes time is waited for: by the frozen clock, or for as long as the server needs

        const until = async function (condition: () => Promise<boolean>): Promise<void> {

            for (let i = 0; i < 1000; ++i) {
                if (await condition()) {
                    return;
                }

                await elapse();
            }

            throw new Error('It never came true');
        };

        const cutoff = async function (key: string): Promise<number | null> {

            return (await store.cutoffs([key]))[0]!;
        };

        // An entry for a moment: once it is gone, so is all that was not to last longer

        const prune = async function (): Promise<void> {

            const key = 'for a moment';
            await store.revoke([revocation({ key, ttl: 1 })]);

            await until(async () => {

                await store.revoke([revocation({ key: 'a write' })]);
                return await cutoff(key) === null;
            });
        };

        // How long entries are kept from now, in tens of seconds: read from the server, or seen by waiting for it

        const lives = async function (...keys: string[]): Promise<number[]> {

            if (kind === 'redis') {
                const entries = await entriesOf(raw, `{test-${count}}:blacklist`);
                return keys.map((key) => Math.ceil((entries.get(key)!.expires - realNow()) / tenSeconds) * tenSeconds);
            }

            const seen = new Map<string, number>();
            for (let i = 1; seen.size < keys.length; ++i) {
                tick(tenSeconds);
                await store.revoke([revocation({ key: 'a write' })]);
                const cutoffs = await store.cutoffs(keys);
                keys.filter((key, k) => cutoffs[k] === null && !seen.has(key)).forEach((key) => seen.set(key, i * tenSeconds));
            }

            return keys.map((key) => seen.get(key)!);
        };

        it('says which it is', () => {

            expect(store.kind).to.equal(kind);
        });


        describe('revoke()', () => {

            it('leaves keys clean that nobody revoked', async () => {

                expect(await store.cutoffs(['one', 'two'])).to.equal([null, null]);

                await store.revoke([revocation({ key: 'one' })]);
                expect(await store.cutoffs(['two', 'ONE', 'one ', ''])).to.equal([null, null, null, null]);
            });

            it('keeps the cut-off of each key, exact to the last digit', async () => {

                await store.revoke([
                    revocation({ key: 'key a', cutoff: forever }),
                    revocation({ key: 'key b', cutoff: forever - 1 }),
                    revocation({ key: 'key c', cutoff: 1_795_362_977_502 }),
                    revocation({ key: 'key d', cutoff: 1 })
                ]);

                expect(await store.cutoffs(['key d', 'key x', 'key a', 'key b', 'key c', 'key a'])).to.equal([1, null, forever, forever - 1, 1_795_362_977_502, forever]);
            });

            it('lets a cut-off only grow', async () => {

                await store.revoke([revocation({ key: 'key a', cutoff: 2000 })]);
                await store.revoke([revocation({ key: 'key a', cutoff: 1000 })]);
                expect(await cutoff('key a')).to.equal(2000);

                await store.revoke([revocation({ key: 'key a', cutoff: 3000 })]);
                expect(await cutoff('key a')).to.equal(3000);

                await store.revoke([revocation({ key: 'key a', cutoff: 5000 }), revocation({ key: 'key a', cutoff: 4000 })]);
                expect(await cutoff('key a')).to.equal(5000);
            });

            it('keeps an entry for its time, and not for ever', async () => {

                await store.revoke([revocation({ key: 'short', ttl: 50 }), revocation({ key: 'long', ttl: minute })]);
                expect(await store.cutoffs(['short', 'long'])).to.equal([forever, forever]);

                await until(async () => {

                    await store.revoke([revocation({ key: 'a write' })]);
                    return await cutoff('short') === null;
                });

                expect(await cutoff('long')).to.equal(forever);
                expect(await store.cutoffs(['short', 'long', 'a write'])).to.equal([null, forever, forever]);
            });

            it('does not shorten the life of an entry', async () => {

                await store.revoke([revocation({ key: 'key a', cutoff: 1000, ttl: minute })]);
                await store.revoke([revocation({ key: 'key a', cutoff: 2000, ttl: 1 })]);
                await prune();

                expect(await cutoff('key a')).to.equal(2000);
            });

            it('prolongs the life of an entry', async () => {

                await store.revoke([revocation({ key: 'key a', cutoff: 2000, ttl: 1 })]);
                await store.revoke([revocation({ key: 'key a', cutoff: 1000, ttl: minute })]);
                await prune();

                expect(await cutoff('key a')).to.not.be.null();
            });

            it('may be repeated', async () => {

                const revocations = [revocation({ key: 'key a' }), revocation({ key: 'key b', cutoff: 1000 })];
                await store.revoke(revocations);
                await store.revoke(revocations);

                expect(await store.cutoffs(['key a', 'key b', 'key c'])).to.equal([forever, 1000, null]);
            });

            it('is never seen half done', async () => {

                const attempt = async (i: number) => {

                    const keys = [`first ${i}`, `second ${i}`, `third ${i}`];
                    const ask = async () => (await store.cutoffs(keys)).join();

                    return await Promise.all([
                        ask(),
                        store.revoke(keys.map((key) => revocation({ key, cutoff: 1 }))).then(ask),
                        ask(),
                        Promise.resolve().then(ask),
                        Promise.resolve().then(() => null).then(ask)
                    ]);
                };

                for (let i = 0; i < 50; ++i) {
                    const answers = await attempt(i);
                    expect(answers[1]).to.equal('1,1,1');
                    expect(answers.filter((answer) => answer !== ',,' && answer !== '1,1,1')).to.be.empty();
                }
            });
        });


        if (kind === 'redis') {

            describe('pages()', () => {

                it('leaves out nothing that stays, while other entries go', async () => {

                    const keys = Array.from({ length: 3000 }, (_, i) => identify('token', '', `${i}`));
                    await store.revoke(keys.map((key) => revocation({ key, cutoff: 1 })));

                    const link = await (store as RedisStore).connect(1500);
                    const found: string[] = [];
                    const pages: string[][] = [];
                    for await (const page of link.pages()) {
                        pages.push(page.map(({ key }) => key));
                        found.push(...pages.at(-1)!);
                        await raw.hdel(`{test-${count}}:blacklist:blocks`, ...found.map(blockOf));
                    }

                    link.close();
                    expect(pages.length).to.be.at.least(2);
                    expect(found.toSorted()).to.equal(keys.toSorted());
                });
            });
        }


        describe('register()', () => {

            const terms = (given: Partial<RegisteredTerms> = {}): RegisteredTerms => ({ issuer: 'one', name: 'https://one.example', life: 10 * minute, tolerance: 0, ...given });

            it('resolves with how long a token of any issuer is accepted', async () => {

                expect(await store.register([terms()])).to.equal(10 * minute);
                expect(await store.register([terms({ issuer: 'two', life: 5 * minute, tolerance: minute })])).to.equal(10 * minute);
                expect(await store.register([terms({ issuer: 'two', life: 9 * minute, tolerance: 0 })])).to.equal(11 * minute);
                expect(await store.register([])).to.equal(11 * minute);
            });

            it('lets a revocation last for as long as another strategy of the issuer accepts what it covers', async () => {

                await store.register([terms({ life: 5 * minute }), terms({ issuer: 'two', life: 30 * minute })]);
                await store.register([terms({ life: 10 * minute })]);
                await store.register([terms({ life: minute })]);

                await store.revoke([
                    revocation({ key: 'shorter', ttl: 2 * minute, terms: { issuer: 'one', life: minute, tolerance: 0 } }),
                    revocation({ key: 'equal', ttl: 11 * minute, terms: { issuer: 'one', life: 10 * minute, tolerance: 0 } }),
                    revocation({ key: 'longer', ttl: 20 * minute, terms: { issuer: 'one', life: 19 * minute, tolerance: 0 } }),
                    revocation({ key: 'old', ttl: minute, terms: { issuer: 'one', life: 9 * minute, tolerance: 0 } }),
                    revocation({ key: 'unknown', ttl: minute, terms: { issuer: 'three', life: 0, tolerance: 0 } }),
                    revocation({ key: 'token', ttl: minute, terms: { issuer: 'one', tolerance: 0 } }),
                    revocation({ key: 'other', ttl: minute })
                ]);

                expect(await lives('shorter', 'equal', 'longer', 'old', 'unknown', 'token', 'other'))
                    .to.equal([11, 11, 20, 2, 1, 1, 1].map((minutes) => minutes * minute));
            });

            it('lets it last for twice the difference of the clock tolerances, that of a token as well', async () => {

                await store.register([terms({ tolerance: 3 * minute })]);
                await store.register([terms({ tolerance: minute })]);

                await store.revoke([
                    revocation({ key: 'session', ttl: minute, terms: { issuer: 'one', life: 10 * minute, tolerance: minute } }),
                    revocation({ key: 'token', ttl: minute, terms: { issuer: 'one', tolerance: 2 * minute } }),
                    revocation({ key: 'wide', ttl: minute, terms: { issuer: 'one', tolerance: 4 * minute } })
                ]);

                expect(await lives('session', 'token', 'wide')).to.equal([5 * minute, 3 * minute, minute]);
            });
        });


        describe('create()', () => {

            it('keeps a session as it was given, for as long as it was given', async () => {

                const claims = JSON.stringify({ sub: 'Zoë 🍿', empty: '' });
                const { created } = (await store.create(address('a'), session({ claims, data: '[0,"\\u0000"]', ttl: minute, maxAge: 2 * minute })))!;
                const presented = live(await store.present(address('a'), presentation()));

                expect(presented.state).to.equal('current');
                expect(presented.nonce).to.equal('');
                expect(presented.session.created).to.equal(created);
                expect(presented.session.claims).to.equal(claims);
                expect(presented.session.data).to.equal('[0,"\\u0000"]');
                expect(presented.session.remaining).to.be.within(minute - 5000, minute);
            });

            it('gives every session a moment after all before, though they begin at once', async () => {

                const moments = await Promise.all(Array.from({ length: 50 }, async (_, i) => (await store.create(address(`${i}`), session()))!.created));
                moments.push((await store.create(address('last'), session()))!.created);

                expect(moments).to.equal(moments.toSorted((a, b) => a - b));
                expect(new Set(moments).size).to.equal(51);
                expect(moments.every(Number.isSafeInteger)).to.be.true();
            });

            it('does not let a session live longer than its greatest age', async () => {

                await store.create(address('a'), session({ ttl: 10 * minute, maxAge: minute }));
                const { remaining } = live(await store.present(address('a'), presentation())).session;
                expect(remaining).to.be.within(minute - 5000, minute);
            });
        });


        describe('present()', () => {

            it('knows no session but the one that it is asked for', async () => {

                await store.create(address('a'), session());

                expect(await store.present(address('b'), presentation())).to.equal({ state: 'unknown' });
                expect(await store.present(address('a', 'somebody else'), presentation())).to.equal({ state: 'unknown' });
                expect(await store.present(address('a'), presentation({ family: 'forged' }))).to.equal({ state: 'unknown' });
                expect(await store.present(address('a'), presentation({ family: 'FAMILY' }))).to.equal({ state: 'unknown' });
                expect(await store.present(address('a'), presentation())).to.include({ state: 'current' });
            });

            it('has no effect when a token with a forged family is to be renewed', async () => {

                await store.create(address('a'), session());
                const forged = presentation({ family: 'forged', next: next('second') });

                expect(await store.present(address('a'), forged)).to.equal({ state: 'unknown' });
                expect(await store.present(address('a'), presentation())).to.include({ state: 'current', nonce: '' });
            });

            it('calls a token superseded that is of the family, and neither the current nor the previous one', async () => {

                const { created } = (await store.create(address('a'), session()))!;

                expect(await store.present(address('a'), presentation({ secret: 'another' }))).to.equal({ state: 'superseded', created, claims: session().claims });
                expect(await store.present(address('a'), presentation({ secret: '' }))).to.equal({ state: 'superseded', created, claims: session().claims });
                expect(await store.present(address('a'), presentation({ secret: 'another', next: next('second') }))).to.equal({ state: 'superseded', created, claims: session().claims });
                expect(await store.present(address('a'), presentation())).to.include({ state: 'current', nonce: '' });
            });

            it('looks without effect', async () => {

                await store.create(address('a'), session({ ttl: 100 }));

                // Were a look to count as a renewal, the session would never end

                const remaining: number[] = [];
                await until(async () => {

                    const presented = await store.present(address('a'), presentation());
                    if ('session' in presented) {
                        expect(presented).to.include({ state: 'current', nonce: '' });
                        remaining.push(presented.session.remaining);
                    }

                    return presented.state === 'unknown';
                });

                expect(remaining.length).to.be.at.least(1);
                expect(remaining).to.equal(remaining.toSorted((a, b) => b - a));
            });

            it('replaces the current token by the next', async () => {

                const { created } = (await store.create(address('a'), session()))!;
                const renewed = live(await store.present(address('a'), presentation({ next: next('second') })));

                expect(renewed).to.include({ state: 'current', nonce: 'to second' });
                expect(renewed.session).to.include({ created, claims: '{"sub":"42"}', data: 'null' });

                expect(await store.present(address('a'), presentation({ secret: 'second' }))).to.include({ state: 'current', nonce: 'to second' });
                expect(await store.present(address('a'), presentation())).to.include({ state: 'previous', nonce: 'to second' });
            });

            it('leads the previous token to the same successor, and to no other', async () => {

                const { created } = (await store.create(address('a'), session()))!;
                await store.present(address('a'), presentation({ next: next('second') }));

                for (const secret of ['third', 'fourth']) {
                    expect(await store.present(address('a'), presentation({ next: next(secret) }))).to.include({ state: 'previous', nonce: 'to second' });
                    expect(await store.present(address('a'), presentation({ secret }))).to.equal({ state: 'superseded', created, claims: session().claims });
                }

                expect(await store.present(address('a'), presentation({ secret: 'second' }))).to.include({ state: 'current', nonce: 'to second' });
            });

            it('calls the previous token superseded once its successor was used', async () => {

                const { created } = (await store.create(address('a'), session()))!;
                await store.present(address('a'), presentation({ next: next('second') }));
                await store.present(address('a'), presentation({ secret: 'second', next: next('third') }));

                expect(await store.present(address('a'), presentation())).to.equal({ state: 'superseded', created, claims: session().claims });
                expect(await store.present(address('a'), presentation({ secret: 'second' }))).to.include({ state: 'previous', nonce: 'to third' });
                expect(await store.present(address('a'), presentation({ secret: 'third' }))).to.include({ state: 'current', nonce: 'to third' });
            });

            it('calls the previous token superseded once the grace is over, however often it came within', async () => {

                await store.create(address('a'), session());
                await store.present(address('a'), presentation({ next: next('second') }));

                let within = 0;
                await until(async () => {

                    const { state } = await store.present(address('a'), presentation({ grace: 100, next: next('third') }));
                    within += state === 'previous' ? 1 : 0;
                    return state === 'superseded';
                });

                expect(within).to.be.at.least(1);
                expect(await store.present(address('a'), presentation({ secret: 'second' }))).to.include({ state: 'current' });
            });

            it('counts the grace of each token anew', async () => {

                await store.create(address('a'), session());
                await store.present(address('a'), presentation({ next: next('second') }));
                await until(async () => (await store.present(address('a'), presentation({ grace: 100 }))).state === 'superseded');

                const [renewed, previous] = await Promise.all([
                    store.present(address('a'), presentation({ secret: 'second', next: next('third') })),
                    store.present(address('a'), presentation({ secret: 'second', grace: 100 }))
                ]);

                expect(renewed).to.include({ state: 'current', nonce: 'to third' });
                expect(previous).to.include({ state: 'previous', nonce: 'to third' });
            });

            it('knows no grace of 0', async () => {

                const { created } = (await store.create(address('a'), session()))!;
                await store.present(address('a'), presentation({ grace: 0, next: next('second') }));

                expect(await store.present(address('a'), presentation({ grace: 0 }))).to.equal({ state: 'superseded', created, claims: session().claims });
            });

            it('replaces a token once, however many present it at once', async () => {

                await store.create(address('a'), session());
                const presented = await Promise.all(Array.from({ length: 50 }, (_, i) => store.present(address('a'), presentation({ next: next(`${i}`) }))));

                expect(presented.filter(({ state }) => state === 'current')).to.have.length(1);
                expect(presented.filter(({ state }) => state === 'previous')).to.have.length(49);
                expect(new Set(presented.map((one) => live(one).nonce)).size).to.equal(1);
            });

            it('keeps a token that is its own successor', async () => {

                await store.create(address('a'), session({ ttl: minute }));

                for (let i = 0; i < 2; ++i) {
                    const presented = live(await store.present(address('a'), presentation({ next: next('first', { ttl: 2 * minute }) })));
                    expect(presented).to.include({ state: 'current', nonce: '' });
                    expect(presented.session.remaining).to.be.above(minute);
                }
            });

            it('renews the life of the session, by the current token and by the previous', async () => {

                await store.create(address('a'), session({ ttl: minute, maxAge: 100 * minute }));

                const renewed = live(await store.present(address('a'), presentation({ next: next('second', { ttl: 3 * minute }) })));
                expect(renewed.session.remaining).to.be.within(3 * minute - 5000, 3 * minute);

                const again = live(await store.present(address('a'), presentation({ next: next('third', { ttl: 5 * minute }) })));
                expect(again.state).to.equal('previous');
                expect(again.session.remaining).to.be.within(5 * minute - 5000, 5 * minute);
            });

            it('shows who only looks with the previous token no trace of the renewal', async () => {

                await store.create(address('a'), session({ ttl: minute, maxAge: 100 * minute }));
                const renewed = live(await store.present(address('a'), presentation({ next: next('second', { ttl: 3 * minute }) })));
                const looked = live(await store.present(address('a'), presentation()));
                const current = live(await store.present(address('a'), presentation({ secret: 'second' })));

                expect(looked.session.remaining).to.be.within(minute - 5000, minute);
                for (const { session: { remaining } } of [renewed, current]) {
                    expect(remaining).to.be.within(3 * minute - 5000, 3 * minute);
                }
            });

            it('accepts the previous token for the whole of the grace, though it would have expired within', async () => {

                await store.create(address('a'), session({ ttl: 10, maxAge: 100 * minute }));
                await store.present(address('a'), presentation({ next: next('second', { ttl: 3 * minute }) }));
                await elapse();
                await elapse();
                await elapse();
                const looked = live(await store.present(address('a'), presentation()));
                expect(looked).to.include({ state: 'previous' });
                expect(looked.session.remaining).to.be.within(minute - 5000, minute);
            });

            it('does not renew the life of a session past its greatest age', async () => {

                await store.create(address('a'), session({ ttl: minute, maxAge: 2 * minute }));
                const { remaining } = live(await store.present(address('a'), presentation({ next: next('second', { ttl: 10 * minute }) }))).session;
                expect(remaining).to.be.within(2 * minute - 5000, 2 * minute);
            });

            it('knows a session no more that was not renewed in time', async () => {

                await store.create(address('a'), session({ ttl: 50, maxAge: minute }));
                await until(async () => (await store.present(address('a'), presentation())).state === 'unknown');

                expect(await store.present(address('a'), presentation({ next: next('second') }))).to.equal({ state: 'unknown' });
                expect(await idsOf(store.list('42'))).to.be.empty();
            });

            it('knows a session no more that has reached its greatest age, however often it was renewed', async () => {

                await store.create(address('a'), session({ ttl: minute, maxAge: 50 }));
                await until(async () => (await store.present(address('a'), presentation({ next: next('first') }))).state === 'unknown');

                expect(await idsOf(store.list('42'))).to.be.empty();
            });

            it('knows an expired session no more after it was cleared away', async () => {

                await store.create(address('a'), session({ ttl: 1 }));
                await elapse();
                await elapse();
                await prune();

                expect(await store.present(address('a'), presentation())).to.equal({ state: 'unknown' });
                expect(await idsOf(store.list('42'))).to.be.empty();
            });
        });


        describe('list()', () => {

            it('is empty for a user who never logged in', async () => {

                expect(await idsOf(store.list('42'))).to.be.empty();
            });

            it('has the sessions of one subject, oldest first', async () => {

                const ids = ['m', 'z', 'a', '9', 'Z', '_', 'k'];
                for (const id of ids) {
                    await store.create(address(id), session());
                    await store.create(address(`other ${id}`, '43'), session());
                }

                expect(await idsOf(store.list('42'))).to.equal(ids);

                // A renewal does not make a session younger

                await store.present(address('m'), presentation({ next: next('second') }));
                expect(await idsOf(store.list('42'))).to.equal(ids);
            });

            it('has sessions that were never renewed, also of those that began at one moment', async () => {

                await Promise.all(['a', 'b', 'c', 'd'].map((id) => store.create(address(id), session())));
                const { sessions } = await store.list('42');
                expect(sessions).to.have.length(4);
                expect(sessions.map(({ renewed }) => renewed)).to.equal(sessions.map(({ created }) => created));
            });

            it('has the claims of those only in which somebody acts', async () => {

                const claims = '{"sub":"42","act":{"sub":"agent"}}';
                await store.create(address('own'), session());
                await store.create(address('acted'), session({ claims }));
                const { sessions } = await store.list('42');
                expect(sessions.map((each) => [each.id, each.claims])).to.equal([['own', ''], ['acted', claims]]);
            });

            it('has live sessions only', async () => {

                await store.create(address('kept'), session());
                await store.create(address('removed'), session());
                await store.create(address('expires'), session({ ttl: 50 }));
                await store.remove(address('removed'), shortening());

                await until(async () => (await store.list('42')).sessions.length === 1);
                expect(await idsOf(store.list('42'))).to.equal(['kept']);
            });

            it('comes in pages, which leave out no session and have none twice', async () => {

                const ids = Array.from({ length: 230 }, (_, i) => `${i}`);
                for (const id of ids) {
                    await store.create(address(id), session({ max: 1000 }));
                }

                await store.remove(address('7'), shortening());

                const found: string[] = [];
                let longest = 0;
                let start: number | null = 0;
                while (start !== null) {
                    const page: SessionPage = await store.list('42', start);
                    found.push(...page.sessions.map(({ id }) => id));
                    longest = Math.max(longest, page.sessions.length);
                    start = page.next;
                }

                expect(found).to.equal(ids.filter((id) => id !== '7'));
                expect(longest <= 50).to.equal(kind === 'redis');

                // A page that is full, and ends with the subject's clock

                for (let i = 0; i < 181; ++i) {
                    await store.remove(address(`${i}`), shortening());
                }

                await store.create(address('last'), session());
                const { sessions, next: rest } = await store.list('42');
                const last = rest === null ? [] : await idsOf(store.list('42', rest));
                expect([...sessions.map(({ id }) => id), ...last]).to.equal([...ids.slice(181), 'last']);
            });

            it('does not take a moment without a session for one', async () => {

                await store.stamp('42', minute);
                expect(await idsOf(store.list('42'))).to.be.empty();
            });
        });


        describe('remove()', () => {

            it('ends the sessions it is given, and no other', async () => {

                for (const id of ['a', 'b', 'c']) {
                    await store.create(address(id), session());
                    await store.create(address(id, '43'), session());
                }

                await store.remove(address('a'), shortening());
                await store.remove(address('c'), shortening());

                expect(await store.present(address('a'), presentation())).to.equal({ state: 'ended' });
                expect(await store.present(address('c'), presentation({ next: next('second') }))).to.equal({ state: 'ended' });
                expect(await store.present(address('b'), presentation())).to.include({ state: 'current' });
                expect(await idsOf(store.list('42'))).to.equal(['b']);
                expect(await idsOf(store.list('43'))).to.equal(['a', 'b', 'c']);
            });

            it('lets revocations go a while after the last access token', async () => {

                await store.revoke([lasting('key x'), lasting('key y', 1000), lasting('key z')]);
                await store.create(address('a'), session({ accessTtl: 4 * minute }));
                await store.create(address('kept'), session({ accessTtl: 9 * minute }));
                await store.remove(address('a'), shortening([lasting('key x'), lasting('key y', 1000)], minute));

                expect(await lives('key x', 'key y', 'key z')).to.equal([5 * minute, 5 * minute, day]);
            });

            it('lets them go no earlier than they say', async () => {

                await store.revoke([lasting('key x'), lasting('key y')]);
                await store.create(address('a'), session({ accessTtl: 2 * minute }));
                await store.remove(address('a'), { revocations: [revocation({ key: 'key x', ttl: 4 * minute }), revocation({ key: 'key y', ttl: 3 * minute })], margin: minute + 10_000 });

                expect(await lives('key x', 'key y')).to.equal([4 * minute, 3 * minute + 10_000]);
            });

            it('lets them go no earlier than another strategy of the issuer, with a greater clock tolerance, accepts an access token', async () => {

                const terms = (tolerance: number, issuer = 'remove') => ({ issuer, life: day, tolerance });
                await store.register([{ ...terms(3 * minute), name: 'https://one.example' }]);
                await store.revoke([lasting('key x'), lasting('key y'), lasting('key z')]);
                await store.create(address('a'), session({ accessTtl: minute }));
                await store.remove(address('a'), {
                    revocations: [
                        revocation({ key: 'key x', ttl: 0, terms: terms(minute) }),
                        revocation({ key: 'key y', ttl: 0, terms: terms(4 * minute) }),
                        revocation({ key: 'key z', ttl: 0, terms: terms(minute, 'unknown') })
                    ],
                    margin: 2 * minute
                });

                expect(await lives('key x', 'key y', 'key z')).to.equal([7 * minute, 3 * minute, 3 * minute]);
            });

            it('counts the access tokens of renewals', async () => {

                await store.revoke([lasting('key x'), lasting('key y')]);
                await store.create(address('a'), session({ accessTtl: minute }));
                await store.present(address('a'), presentation({ next: next('second', { accessTtl: 5 * minute }) }));
                await store.present(address('a'), presentation({ secret: 'second', next: next('third', { accessTtl: 3 * minute }) }));
                await store.remove(address('a'), shortening([lasting('key x')]));

                // One that was lost on its way, too

                await store.create(address('b'), session({ accessTtl: minute }));
                await store.present(address('b'), presentation({ next: next('second', { accessTtl: minute }) }));
                await store.present(address('b'), presentation({ next: next('third', { accessTtl: 2 * minute }) }));
                await store.remove(address('b'), shortening([lasting('key y')]));

                expect(await lives('key x', 'key y')).to.equal([5 * minute, 2 * minute]);
            });

            it('counts from now when the last access token of a session has expired before', async () => {

                await store.revoke([lasting('key x')]);
                await store.create(address('a'), session({ accessTtl: 10, ttl: minute }));
                await until(async () => live(await store.present(address('a'), presentation())).session.remaining < minute - 10);
                await store.remove(address('a'), shortening([lasting('key x')], minute));

                expect(await lives('key x')).to.equal([minute]);
            });

            it('leaves revocations alone where a session is not there to tell', async () => {

                await store.revoke([lasting('key x')]);
                await store.create(address('a'), session({ ttl: 1 }));
                await elapse();
                await elapse();
                await store.remove(address('a'), shortening([lasting('key x')]));
                await store.remove(address('never'), shortening([lasting('key x')]));

                expect(await idsOf(store.list('42'))).to.be.empty();
                expect(await lives('key x')).to.equal([day]);
            });

            it('knows of a session that it was ended, by its own tokens only, and for how long it has to be remembered', async () => {

                await store.create(address('a'), session({ accessTtl: 4 * minute }));
                await store.remove(address('a'), shortening([], minute));

                for (const secret of ['first', 'another', '']) {
                    expect(await store.present(address('a'), presentation({ secret, next: next('second') }))).to.equal({ state: 'ended' });
                }

                expect(await store.present(address('a'), presentation({ family: 'forged' }))).to.equal({ state: 'unknown' });
                expect(await store.claims(address('a'))).to.be.null();
                expect(await idsOf(store.list('42'))).to.be.empty();

                // Who ends it once more, later, need not revoke it for longer

                await store.revoke([lasting('key x')]);
                await store.remove(address('a'), shortening([lasting('key x')], minute));
                expect(await lives('key x')).to.equal([5 * minute]);
            });

            it('forgets an ended session once its last access token has expired', async () => {

                await store.create(address('a'), session({ accessTtl: 10 }));
                await store.remove(address('a'), shortening([], 40));
                await until(async () => (await store.present(address('a'), presentation())).state === 'unknown');
            });

            it('leaves an entry alone that was revoked further since', async () => {

                await store.revoke([lasting('key x', 1000)]);
                await store.revoke([lasting('key x', 2000)]);
                await store.create(address('a'), session());
                await store.remove(address('a'), shortening([lasting('key x', 1000)]));

                expect(await cutoff('key x')).to.equal(2000);
                expect(await lives('key x')).to.equal([day]);
            });

            it('does not let an entry live longer, nor revoke anything', async () => {

                await store.revoke([revocation({ key: 'key x', ttl: minute })]);
                await store.create(address('a'), session({ accessTtl: 5 * minute }));
                await store.remove(address('a'), shortening([lasting('key x'), lasting('key y')]));

                expect(await cutoff('key y')).to.be.null();
                expect(await lives('key x')).to.equal([minute]);
            });

            it('may be repeated, and given what was never there', async () => {

                await store.create(address('a'), session());
                await store.create(address('b'), session());

                await store.remove(address('a'), shortening());
                await store.remove(address('never'), shortening());
                await store.remove(address('b', 'nobody'), shortening());

                expect(await idsOf(store.list('42'))).to.equal(['b']);
            });
        });


        describe('prolong()', () => {

            it('has the end of a session remembered for longer, and never for less long', async () => {

                await store.revoke([lasting('key x'), lasting('key y')]);
                await store.create(address('a'), session({ accessTtl: minute }));
                await store.create(address('b'), session({ accessTtl: 9 * minute }));
                expect(await store.prolong(address('a'), 5 * minute)).to.be.true();
                expect(await store.prolong(address('a'), 2 * minute)).to.be.true();
                expect(await store.prolong(address('b'), 5 * minute)).to.be.true();
                await store.remove(address('a'), shortening([lasting('key x')], minute));
                await store.remove(address('b'), shortening([lasting('key y')], minute));

                expect(await lives('key x', 'key y')).to.equal([6 * minute, 10 * minute]);
            });

            it('changes nothing else of the session, nor of another one', async () => {

                await store.create(address('a'), session({ ttl: 2 * minute }));
                await store.create(address('b'), session());
                const [state, others] = [live(await store.present(address('a'), presentation())), live(await store.present(address('b'), presentation()))];
                await store.prolong(address('a'), day);

                const { session: { remaining, ...rest }, ...now } = live(await store.present(address('a'), presentation()));
                expect(remaining).to.be.within(2 * minute - 5000, state.session.remaining);
                expect({ ...now, session: { ...rest, remaining: 0 } }).to.equal({ ...state, session: { ...state.session, remaining: 0 } });
                expect(live(await store.present(address('b'), presentation())).session).to.include({ created: others.session.created, claims: others.session.claims });
                expect(await idsOf(store.list('42'))).to.equal(['a', 'b']);
            });

            it('refuses a session that has ended, has expired, or never was, and leaves it as it is', async () => {

                await store.revoke([lasting('key x')]);
                await store.create(address('a'), session({ accessTtl: minute }));
                await store.remove(address('a'), shortening([], minute));
                expect(await store.prolong(address('a'), 8 * minute)).to.be.false();
                expect(await store.prolong(address('a', '43'), minute)).to.be.false();
                expect(await store.prolong(address('never'), minute)).to.be.false();

                // What was to be remembered of the ended one is remembered for as long as before

                expect(await store.present(address('a'), presentation())).to.equal({ state: 'ended' });
                await store.remove(address('a'), shortening([lasting('key x')], minute));
                expect(await lives('key x')).to.equal([2 * minute]);

                await store.create(address('b'), session({ ttl: 1 }));
                await elapse();
                await elapse();
                expect(await store.prolong(address('b'), minute)).to.be.false();
                expect(await store.present(address('b'), presentation())).to.equal({ state: 'unknown' });
            });
        });


        describe('surplus()', () => {

            const fill = async function (size: number): Promise<string[]> {

                const ids = Array.from({ length: size }, (_, i) => `${i}`);
                for (const id of ids) {
                    await store.create(address(id), session({ max: 1000 }));
                }

                return ids;
            };

            it('is nothing as long as a subject has no more sessions than it may have', async () => {

                for (const id of ['a', 'b', 'c']) {
                    expect((await store.create(address(id), session({ max: 3 })))!.surplus).to.equal({ ids: [], isPartial: false });
                    await store.create(address(id, '43'), session());
                }

                expect(await store.surplus('42', 3)).to.equal({ ids: [], isPartial: false });
                expect(await store.surplus('nobody', 1)).to.equal({ ids: [], isPartial: false });
            });

            it('is the oldest, when one more begins', async () => {

                await fill(3);
                expect((await store.create(address('one more'), session({ max: 3 })))!.surplus).to.equal({ ids: ['0'], isPartial: false });

                // Until it is removed

                expect(await store.surplus('42', 3)).to.equal({ ids: ['0'], isPartial: false });
                await store.remove(address('0'), shortening());
                expect(await store.surplus('42', 3)).to.equal({ ids: [], isPartial: false });
            });

            it('counts no session that has expired or was removed, wherever it is in the list', async () => {

                await store.create(address('first'), session());
                await store.create(address('expires'), session({ ttl: 1 }));
                await store.create(address('second'), session());
                await store.create(address('removed'), session());
                await store.create(address('expires too'), session({ ttl: 1 }));
                await store.remove(address('removed'), shortening());
                await elapse();
                await elapse();

                expect((await store.create(address('third'), session({ max: 3 })))!.surplus.ids).to.equal([]);
                expect((await store.create(address('fourth'), session({ max: 3 })))!.surplus.ids).to.equal(['first']);
            });

            it('comes in pages where the limit was lowered', async () => {

                const ids = await fill(230);
                const found: string[] = [];
                const removed = (id: string) => store.remove(address(id), shortening());
                let more = true;
                while (more) {
                    const { ids: page, isPartial } = await store.surplus('42', 10);
                    expect(page.length <= 50).to.equal(kind === 'redis');
                    found.push(...page);
                    await Promise.all(page.map(removed));
                    more = isPartial;
                }

                expect(found).to.equal(ids.slice(0, 220));
                expect(await idsOf(store.list('42'))).to.equal(ids.slice(220));
            });

            it('is found behind any number of sessions that have expired', async () => {

                await fill(2);
                for (let i = 0; i < 150; ++i) {
                    await store.create(address(`expires ${i}`), session({ ttl: 200, max: 1000 }));
                }

                const live = async () => (await Promise.all(Array.from({ length: 150 }, (_, i) => store.claims(address(`expires ${i}`))))).filter((claims) => claims !== null);
                await until(async () => (await live()).length === 0);

                const found: string[] = [];
                let more = true;
                while (more) {
                    const { ids, isPartial } = await store.surplus('42', 1);
                    found.push(...ids);
                    more = isPartial;
                }

                expect(found).to.equal(['0']);
            });
        });


        describe('present(), with other claims', () => {

            const grace = 10 * minute;
            const stateOf = async (secret: string) => (await store.present(address('a'), presentation({ secret, grace }))).state;

            it('replaces those of the session and its token, and nothing leads from the token before to the next', async () => {

                await store.create(address('a'), session());
                const given = '{"sub":"42","acr":"otp"}';
                expect(await store.present(address('a'), presentation({ secret: 'first', grace, next: next('second', { nonce: '', claims: given }) }))).to.include({ state: 'current' });
                expect([await stateOf('first'), await stateOf('second')]).to.equal(['ended', 'current']);
                expect(await store.claims(address('a'))).to.equal(given);

                // As for any other token that was replaced, when the grace is over

                expect((await store.present(address('a'), presentation({ secret: 'first', grace: 0 }))).state).to.equal('superseded');

                await store.present(address('a'), presentation({ secret: 'second', grace, next: next('third') }));
                expect([await stateOf('first'), await stateOf('second'), await stateOf('third')]).to.equal(['superseded', 'previous', 'current']);
                expect(await store.claims(address('a'))).to.equal(given);
            });

            it('takes the token before as well, whose successor leads to nothing then', async () => {

                await store.create(address('a'), session());
                await store.present(address('a'), presentation({ secret: 'first', grace, next: next('second') }));
                expect(await store.present(address('a'), presentation({ secret: 'first', grace, next: next('third', { nonce: '', claims: '{"sub":"42"}' }) }))).to.include({ state: 'previous' });
                expect([await stateOf('first'), await stateOf('second'), await stateOf('third')]).to.equal(['superseded', 'ended', 'current']);
            });
        });


        describe('create(), where the subject has as many sessions as it may have', () => {

            const begins = async (id: string, max: number) => await store.create(address(id), session({ max, refuses: true })) !== null;

            it('begins none if it refuses, and leaves those that there are', async () => {

                expect([await begins('a', 2), await begins('b', 2), await begins('c', 2)]).to.equal([true, true, false]);
                expect(await idsOf(store.list('42'))).to.equal(['a', 'b']);
                expect(await store.present(address('c'), presentation())).to.equal({ state: 'unknown' });
                expect(await store.create(address('a', '43'), session({ max: 1, refuses: true }))).to.include({ surplus: { ids: [], isPartial: false } });

                await store.remove(address('a'), shortening());
                expect([await begins('d', 2), await begins('e', 2)]).to.equal([true, false]);
                expect([await begins('f', 1), await begins('f', 3)]).to.equal([false, true]);

                // Its clock goes on as before

                const moment = await store.stamp('42', minute);
                expect((await store.create(address('g'), session()))!.created).to.be.above(moment);
            });

            it('begins as many as there is room for, of those that come at once', async () => {

                const begun = await Promise.all(Array.from({ length: 12 }, (_, i) => begins(`${i}`, 5)));
                expect(begun.filter(Boolean)).to.have.length(5);
                expect(await idsOf(store.list('42'))).to.have.length(5);
            });

            it('counts none that has expired, of which there may be any number', async () => {

                await store.create(address('first'), session());
                for (let i = 0; i < 150; ++i) {
                    await store.create(address(`expires ${i}`), session({ ttl: 200, max: 1000 }));
                }

                expect(await begins('early', 2)).to.be.false();
                await until(async () => (await store.list('42')).sessions.every(({ id }) => id === 'first'));
                await Promise.all(Array.from({ length: 3 }, (_, i) => store.create(address(`more ${i}`), session({ ttl: 1, max: 1000 }))));
                await elapse();
                await elapse();
                expect([await begins('second', 2), await begins('third', 2)]).to.equal([true, false]);
                expect(await idsOf(store.list('42'))).to.equal(['first', 'second']);
            });
        });


        describe('clear()', () => {

            it('ends the sessions that began by then, page by page, and no other', async () => {

                const ids = Array.from({ length: 120 }, (_, i) => `${i}`);
                for (const id of ids) {
                    await store.create(address(id), session({ max: 1000 }));
                }

                await store.create(address('0', '43'), session());
                const latest = await store.stamp('42', minute);
                await store.create(address('later'), session());

                const counts: number[] = [];
                while (counts.at(-1) !== 0) {
                    counts.push(await store.clear('42', latest, minute));
                }

                expect(counts.reduce((sum, number) => sum + number)).to.equal(120);
                expect(Math.max(...counts) <= 50).to.equal(kind === 'redis');
                expect(await idsOf(store.list('42'))).to.equal(['later']);
                expect(await idsOf(store.list('43'))).to.equal(['0']);
                expect(await store.present(address('0'), presentation())).to.equal({ state: 'ended' });
                expect(await store.present(address('later'), presentation())).to.include({ state: 'current' });
            });

            it('ends all of them where the cut-off is ahead, and leaves the clock of the subject', async () => {

                const { created } = (await store.create(address('a'), session()))!;
                expect(await store.clear('42', created + minute, minute)).to.equal(1);
                expect(await store.clear('42', created + minute, minute)).to.equal(0);
                expect(await store.clear('nobody', created + minute, minute)).to.equal(0);
                expect(await store.stamp('42', minute)).to.be.above(created);
            });

            it('clears away what has expired', async () => {

                await store.create(address('a'), session({ ttl: 1 }));
                await elapse();
                await elapse();
                await store.clear('42', forever, minute);
                expect(await store.present(address('a'), presentation())).to.equal({ state: 'unknown' });
            });
        });


        describe('claims()', () => {

            it('are those of a live session', async () => {

                await store.create(address('a'), session({ ttl: 50 }));
                expect(await store.claims(address('a'))).to.equal('{"sub":"42"}');
                expect(await store.claims(address('b'))).to.be.null();
                await until(async () => await store.claims(address('a')) === null);
            });
        });


        describe('stamp()', () => {

            it('separates the sessions so far from those to come', async () => {

                const moments: number[] = [];
                for (let i = 0; i < 10; ++i) {
                    moments.push((await store.create(address(`${i}`), session()))!.created, await store.stamp('42', minute), await store.stamp('42', minute));
                }

                expect(moments.slice(1).every((moment, i) => moment > moments[i]!)).to.be.true();
                expect(moments.every(Number.isSafeInteger)).to.be.true();
            });

            it('never answers a moment twice, though many ask at once', async () => {

                const moments = await Promise.all(Array.from({ length: 50 }, async (_, i) => {

                    return i % 2 ? await store.stamp('42', minute) : (await store.create(address(`${i}`), session()))!.created;
                }));

                expect(new Set(moments).size).to.equal(50);
            });

            it('ends no session', async () => {

                await store.create(address('a'), session());
                await store.stamp('42', 100 * minute);

                expect(await idsOf(store.list('42'))).to.equal(['a']);
                expect(await store.present(address('a'), presentation())).to.include({ state: 'current' });
            });

            it('goes by the clock of the store, in milliseconds', async () => {

                const earlier = Date.now();
                const moment = await store.stamp('42', minute);

                expect(moment).to.be.within(earlier - 1, Date.now() + 1);
            });
        });
    });
}


const freeze = function (): (ms: number) => void {

    let now = realNow();
    Date.now = () => now;

    return (ms) => {

        now += ms;
    };
};


const fail = function (error: Error): never {

    throw error;
};


const lasting = function (key: string, cutoff = forever): Revocation {

    return { key, cutoff, ttl: day };
};


// Of revocations that are needed for the access tokens only

const shortening = function (revocations: Revocation[] = [], margin = 0): Shortening {

    return { revocations: revocations.map((given) => ({ ...given, ttl: 0 })), margin };
};


const next = function (secret: string, given: Partial<NonNullable<Presentation['next']>> = {}): NonNullable<Presentation['next']> {

    return { secret, nonce: `to ${secret}`, ttl: minute, accessTtl: minute, ...given };
};


const live = function (presented: SessionState): { state: string; nonce: string; session: Session } {

    if (!('session' in presented)) {
        throw new Error(`The session is ${presented.state}`);
    }

    return presented;
};
