import { hash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as FastCheck from 'fast-check';

import { Outage } from '../../lib/errors/outage';
import { beganAt } from '../../lib/jwt/claims';
import { MemoryStore } from '../../lib/store/memory';
import { bearer, pairOf } from '../support/server';
import { end, look, payload, serve } from '../support/tokens';

import type { Artifacts, Claims, Extent, TokenResponse, Tokens } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const systemNow = Date.now;

const methods = { ...Object.fromEntries((['revoke', 'present', 'create', 'stamp', 'list'] as const).map((name) => [name, MemoryStore.prototype[name]])) };

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

const settings = { access: 15 * minute, tolerance: 5 * second, ttl: 30 * day, maxAge: 90 * day, grace: 10 * second, max: 3, recent: 10 * minute };


// The same sequences each time, so that a change is judged by nothing else; `npm run model` looks for new ones

const range = process.env.RUNS ? { numRuns: Number(process.env.RUNS) } : { numRuns: 100, seed: 20_261_123 };


/** A session as it ought to be. */
interface Session {
    subject: string;
    sid: string;
    created: number;

    /** Who acts in it: the end of that session is the end of this one. */
    actor: Session | null;

    /** Without renewal, and at most. */
    expires: number;
    ends: number;

    /** The session is dead; its refresh tokens are. */
    isDead: boolean;
    isSpent: boolean;

    /** It counts for the limit: until it has been removed, which a failure may prevent. */
    isStored: boolean;

    refreshTokens: string[];
    rotated: number;

    /** Its user was authenticated at this moment, and whether its last refresh token came of that. */
    authenticated: number;
    isStepped: boolean;
    accessTokens: { jwt: string; expires: number; isDead: boolean; authenticated: number }[];
}


type Failure = 'before' | 'after' | null;

type Command =
    { kind: 'issue'; subject: string } |
    { kind: 'refresh'; pick: number; age: number; forged: boolean; fails: boolean } |
    { kind: 'route'; pick: number; extent: Extent; tokens: Tokens; failure: Failure } |
    { kind: 'revoke'; pick: number; target: 'jwt' | 'refreshToken' | 'session' | 'subject' | 'except' | 'subjectBefore' | 'before'; failure: Failure } |
    { kind: 'reauthenticate'; pick: number } |
    { kind: 'impersonate'; pick: number; subject: string } |
    { kind: 'wait'; time: number };


const { constantFrom, nat, record, constant, oneof, array } = FastCheck;

const pick = nat(9);

const failure = oneof({ arbitrary: constant(null), weight: 6 }, constant('before' as const), constant('after' as const));

const command: FastCheck.Arbitrary<Command> = oneof(
    record({ kind: constant('issue' as const), subject: constantFrom('ada', 'grace', 'agent') }),
    record({ kind: constant('refresh' as const), pick, age: constantFrom(0, 0, 0, 1, 1, 2), forged: constantFrom(false, false, false, true), fails: constantFrom(false, false, true) }),
    record({ kind: constant('route' as const), pick, extent: constantFrom<Extent>('token', 'session', 'others', 'subject'), tokens: constantFrom<Tokens>('access', 'refresh', 'both', 'either'), failure }),
    record({ kind: constant('revoke' as const), pick, target: constantFrom('jwt', 'refreshToken', 'session', 'subject', 'except', 'subjectBefore', 'before'), failure }),
    record({ kind: constant('reauthenticate' as const), pick }),
    record({ kind: constant('impersonate' as const), pick, subject: constantFrom('ada', 'grace') }),
    record({ kind: constant('wait' as const), time: constantFrom(1, 6 * second, 6 * second, 11 * second, 10 * minute, 15 * minute, day, 29 * day, 31 * day) })
) as FastCheck.Arbitrary<Command>;


describe('Tokens', () => {

    afterEach(() => {

        Date.now = systemNow;
        Object.assign(MemoryStore.prototype, methods);
    });

    it('are accepted and refused as a model of them says, whatever happens', { timeout: 1_800_000 }, async () => {

        await FastCheck.assert(FastCheck.asyncProperty(array(command, { minLength: 5, maxLength: 40 }), FastCheck.boolean(), async (commands, refuses) => {

            const world = await World.create(refuses);
            for (const each of commands) {
                await world.run(each);
                await world.check();
            }

            await world.checkRequests();
        }), { ...range, includeErrorInReport: true });
    });

    it('are distinguished by the model', async () => {

        const world = await World.create(false);
        await world.run({ kind: 'issue', subject: 'ada' });
        await world.check();
        world.sessions[0]!.isDead = true;
        await expect(world.check()).to.reject(/accepted/);
    });
});


class World {

    readonly sessions: Session[] = [];

    /** What was issued until then is dead, also what has yet to be: of a subject, or of everybody. */
    readonly #cutoffs = new Map<string, number>();
    readonly #prepared: Prepared;
    readonly #refuses: boolean;
    #now = Date.UTC(2030, 0, 1);

    private constructor(prepared: Prepared, refuses: boolean) {

        this.#prepared = prepared;
        this.#refuses = refuses;
        Date.now = () => this.#now;
    }

    static async create(refuses: boolean): Promise<World> {

        Date.now = systemNow;
        const prepared = await serve({}, { sessions: { max: () => settings.max, whenFull: refuses ? 'refuse' : 'end-oldest' } });
        prepared.server.route([
            { method: 'GET', path: '/recent', options: { plugins: { 'hard-logout': { maxAuthAge: settings.recent } } }, handler: () => null },
            { method: 'POST', path: '/password', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => prepared.auth.reauthenticate(request) },
            { method: 'POST', path: '/act/{sub}', handler: ({ auth, params }) => prepared.auth.issue(null, { sub: String(params.sub) }, { actor: auth.artifacts as Artifacts }) }
        ]);

        return new World(prepared, refuses);
    }

    async run(given: Command): Promise<void> {

        if (given.kind === 'wait') {
            this.#now += given.time;
        }
        else if (given.kind === 'issue') {
            await this.#issue(given.subject);
        }
        else if (this.sessions.length > 0) {
            const session = this.sessions[given.pick % this.sessions.length]!;
            await this.#use(session, given);
        }

        this.#endActed();
    }

    async #use(session: Session, given: Exclude<Command, { kind: 'wait' | 'issue' }>): Promise<void> {

        switch (given.kind) {
            case 'reauthenticate': return await this.#reauthenticate(session);
            case 'impersonate': return await this.#impersonate(session, given.subject);
            case 'refresh': return await this.#refresh(session, given);
            case 'route': return await this.#route(session, given);
            case 'revoke': return await this.#revoke(session, given);
        }
    }

    // They stay in the store, where they take up room

    #endActed(): void {

        for (const session of this.sessions) {
            session.isDead ||= session.actor?.isDead ?? false;
        }
    }

    /** Each token, by what is said of it. */
    async check(): Promise<void> {

        const { auth } = this.#prepared;
        for (const session of this.sessions) {
            for (const access of session.accessTokens) {
                const { accepted, text } = await auth.explain(access.jwt);
                expect(accepted, `accepted: ${text} ${JSON.stringify(session)}`).to.equal(this.#accepts(session, access));
            }

            for (const [i, token] of session.refreshTokens.entries()) {
                const { accepted, text } = await auth.explain(token);
                expect(accepted, `accepted: ${text} ${JSON.stringify(session)}`).to.equal(this.#stateOf(session, i) === 'good');
            }
        }

        for (const subject of ['ada', 'grace', 'agent']) {
            const live = this.sessions.filter((session) => session.subject === subject && !session.isDead && !session.isSpent && this.#now < session.expires);
            expect((await auth.sessions(subject)).map(({ id, actor }) => [id, actor?.session])).to.equal(live.map(({ sid, actor }) => [sid, actor?.sid]));
        }
    }

    /** Each token, by what a request comes to. A refresh token that was used before goes last: it ends its session. */
    async checkRequests(): Promise<void> {

        for (const session of this.sessions) {
            for (const access of session.accessTokens) {
                const isRecent = this.#now - access.authenticated <= settings.recent + settings.tolerance;
                const recent = await this.#prepared.server.inject({ url: '/recent', headers: bearer(access.jwt) });
                expect(recent.statusCode < 300).to.equal(this.#accepts(session, access) && isRecent);
                expect(await look(this.#prepared, { jwt: access.jwt }) === 200).to.equal(this.#accepts(session, access));
            }

            for (const [i, refreshToken] of Array.from(session.refreshTokens.entries()).reverse()) {
                const state = this.#stateOf(session, i);
                expect(await look(this.#prepared, { refreshToken }) === 200).to.equal(state === 'good');
                session.isDead ||= state === 'reuse-detected';
                this.#endActed();
            }
        }
    }

    #accepts(session: Session, { isDead, expires }: Session['accessTokens'][0]): boolean {

        return !session.isDead && !isDead && this.#now < expires + settings.tolerance;
    }

    #stateOf(session: Session, i: number): 'good' | 'reuse-detected' | 'dead' {

        if (session.isDead || session.isSpent || this.#now >= session.expires) {
            return 'dead';
        }

        const age = session.refreshTokens.length - 1 - i;
        const isInGrace = age === 1 && this.#now < session.rotated + settings.grace;
        return age === 0 || isInGrace && !session.isStepped ? 'good' : isInGrace ? 'dead' : 'reuse-detected';
    }

    async #issue(subject: string): Promise<void> {

        // What has ended makes room, also where its refresh tokens have only

        const stored = () => this.sessions.filter((each) => each.subject === subject && each.isStored && this.#now < each.expires);
        if (this.#refuses && stored().length >= settings.max) {
            stored().filter((each) => each.isDead || each.isSpent).forEach(remove);
            if (stored().length >= settings.max) {
                await expect(this.#prepared.auth.issue(null, { sub: subject })).to.reject('The user has too many sessions');
                return;
            }
        }

        this.#begin(pairOf(await this.#prepared.auth.issue(null, { sub: subject })), subject, null);

        // The oldest go

        stored().slice(0, Math.max(stored().length - settings.max, 0)).forEach(remove);
    }

    async #impersonate(actor: Session, subject: string): Promise<void> {

        const { jwt } = actor.accessTokens.at(-1)!;
        const isAccepted = this.#accepts(actor, actor.accessTokens.at(-1)!);
        const { statusCode, result } = await this.#prepared.server.inject({ method: 'POST', url: `/act/${subject}`, headers: bearer(jwt) });

        // Nobody acts as one who acts

        if (isAccepted && actor.actor) {
            expect(statusCode).to.equal(500);
            return;
        }

        expect(statusCode).to.equal(isAccepted && this.#now < actor.expires ? 200 : 401);
        if (statusCode === 200) {
            this.#begin(pairOf(result as TokenResponse), subject, actor);
        }
    }

    #begin(pair: Pair, subject: string, actor: Session | null): void {

        const created = beganAt(payload(pair.jwt) as unknown as Claims)!;
        const ends = actor ? Math.min(actor.created + settings.maxAge, this.#now + settings.maxAge) : this.#now + settings.maxAge;
        const expires = Math.min(this.#now + settings.ttl, ends);
        const session = {
            subject,
            actor,
            sid: payload(pair.jwt).sid as string,
            created,
            expires,
            ends,
            isDead: [subject, 'everyone'].some((name) => created <= (this.#cutoffs.get(name) ?? 0)),
            isSpent: false,
            isStored: true,
            refreshTokens: [pair.refreshToken],
            rotated: -Infinity,
            authenticated: Math.floor(this.#now / second) * second,
            isStepped: false,
            accessTokens: []
        } satisfies Session;

        this.sessions.push(session);
        this.#keep(session, pair.jwt);
    }

    #keep({ accessTokens, authenticated, expires }: Session, jwt: string): void {

        const lifetime = Math.min(settings.access, expires - this.#now);
        const exp = Math.floor((this.#now + lifetime) / 1000);
        expect(payload(jwt)).to.include({ exp, auth_time: authenticated / second });
        accessTokens.push({ jwt, expires: exp * 1000, isDead: false, authenticated });
    }

    async #refresh(session: Session, { age, forged, fails }: Extract<Command, { kind: 'refresh' }>): Promise<void> {

        const i = Math.max(session.refreshTokens.length - 1 - age, 0);
        const isLive = !session.isDead && !session.isSpent && this.#now < session.expires;
        const state = forged && isLive ? 'reuse-detected' : this.#stateOf(session, i);
        const token = forged ? forge(session.refreshTokens[i]!) : session.refreshTokens[i]!;

        if (fails) {
            MemoryStore.prototype.present = () => Promise.reject(new Outage('away'));
        }

        const answer = await this.#prepared.auth.refresh(token).then(pairOf, (error) => error.output.statusCode as number);
        MemoryStore.prototype.present = methods.present as MemoryStore['present'];

        if (fails) {
            expect(answer).to.equal(503);
            return;
        }

        if (state !== 'good') {
            expect(answer).to.equal(401);
            session.isDead ||= state === 'reuse-detected';
            return;
        }

        const { jwt, refreshToken } = answer as Pair;
        const isLast = i === session.refreshTokens.length - 1;
        if (isLast) {
            session.refreshTokens.push(refreshToken);
            session.rotated = this.#now;
            session.isStepped = false;
        }

        expect(refreshToken).to.equal(session.refreshTokens.at(-1)!);
        session.expires = Math.min(this.#now + settings.ttl, session.ends);
        this.#keep(session, jwt);
    }

    async #reauthenticate(session: Session): Promise<void> {

        const isLive = this.#stateOf(session, session.refreshTokens.length - 1) === 'good';
        const { statusCode, result } = await this.#prepared.server.inject({ method: 'POST', url: `/password?refreshToken=${session.refreshTokens.at(-1)}` });
        expect(statusCode).to.equal(isLive ? 200 : 401);
        if (isLive) {
            const { jwt, refreshToken } = pairOf(result as TokenResponse);
            session.refreshTokens.push(refreshToken);
            session.rotated = this.#now;
            session.isStepped = true;
            session.authenticated = Math.floor(this.#now / second) * second;
            session.expires = Math.min(this.#now + settings.ttl, session.ends);
            this.#keep(session, jwt);
        }
    }

    async #route(session: Session, { extent, tokens, failure: fails }: Extract<Command, { kind: 'route' }>): Promise<void> {

        const access = session.accessTokens.at(-1)!;
        const refresh = this.#stateOf(session, session.refreshTokens.length - 1) === 'good';
        const takes = { jwt: tokens !== 'refresh', refresh: tokens !== 'access' };
        const isExpired = this.#now >= access.expires + settings.tolerance;
        const isRevoked = session.isDead || access.isDead;

        // One live token of the two is enough

        const isAuthenticated = takes.jwt && !isRevoked && !isExpired || takes.refresh && refresh;
        const answer = await failing(fails, () => end(this.#prepared, extent, tokens, { jwt: access.jwt, refreshToken: session.refreshTokens.at(-1)! }));

        if (!isAuthenticated) {
            expect(answer).to.not.equal(204);
            return;
        }

        // An actor ends nothing of the user's

        if (session.actor && (extent === 'others' || extent === 'subject')) {
            expect(answer).to.equal('An actor cannot end the other sessions of the user');
            return;
        }

        expect(this.#answers(extent === 'others', session, fails, 'The token store cannot be reached')).to.include(answer);
        if (fails === 'before') {
            return;
        }

        if (extent === 'token') {
            access.isDead ||= takes.jwt;
            session.isSpent ||= takes.refresh;
        }
        else {
            this.#end(extent, session, fails);
        }
    }

    async #revoke(session: Session, { target, failure: fails }: Extract<Command, { kind: 'revoke' }>): Promise<void> {

        const { subject, sid, created } = session;
        const jwt = session.accessTokens[0]!.jwt;
        const refreshToken = session.refreshTokens[0]!;
        const targets = {
            jwt: { accessToken: jwt },
            refreshToken: { refreshToken },
            session: { session: sid },
            subject: { subject },
            except: { subject, except: sid },
            subjectBefore: { subject, issuedBefore: created + 1 },
            before: { issuedBefore: created + 1 }
        };

        const state = this.#stateOf(session, 0);
        const isOld = this.#now >= session.accessTokens[0]!.expires + settings.tolerance;
        const answer = await failing(fails, () => this.#prepared.auth.revoke(targets[target]).then(() => 204, (error) => error.output?.statusCode ?? error));

        // What is dead already may be forgotten, or known to be dead everywhere, or is asked for once more, which can fail

        const isDead = { jwt: session.isDead || session.accessTokens[0]!.isDead, refreshToken: state === 'dead', session: session.isDead }[target as string];
        if (isDead) {
            expect(fails === null ? [204, 401] : [204, 401, 503]).to.include(answer);
            session.isStored &&= target !== 'session' || answer !== 204;
            return;
        }

        // Past its greatest age, which is also the longest life of a cut-off, a JWT is refused

        if (target === 'jwt' && isOld && answer === 401) {
            return;
        }

        expect(this.#answers(target === 'except', session, fails, 503)).to.include(answer);
        if (fails === 'before') {
            return;
        }

        if (target === 'subjectBefore' || target === 'before') {
            const name = target === 'before' ? 'everyone' : subject;
            this.#cutoffs.set(name, Math.max(this.#cutoffs.get(name) ?? 0, created));
            for (const each of this.sessions) {
                each.isDead ||= each.created <= created && (target === 'before' || each.subject === subject);
                each.isStored &&= fails !== null || target === 'before' || each.subject !== subject || each.created > created;
            }
        }
        else {
            this.#end(target === 'except' ? 'others' : target === 'subject' ? 'subject' : 'session', session, fails);
        }
    }

    #end(extent: 'session' | 'others' | 'subject', session: Session, fails: Failure): void {

        const ended = extent === 'session' ? [session] : extent === 'others' ? this.#others(session) : this.sessions.filter(({ subject }) => subject === session.subject);
        for (const each of ended) {
            each.isDead = true;
        }

        // What is dead already is removed with the others

        if (!fails) {
            const removed = extent === 'others' ? this.sessions.filter((each) => each !== session && each.subject === session.subject) : ended;
            removed.forEach(remove);
        }
    }

    // Where there are no others nothing is written; those whose end could not be answered may still be listed

    #answers(ofOthers: boolean, session: Session, fails: Failure, refusal: string | number): (string | number)[] {

        const isListed = this.sessions.some((each) => each !== session && each.subject === session.subject && each.isDead);
        return !fails ? [204] : !ofOthers || this.#others(session).length > 0 ? [refusal] : isListed ? [204, refusal] : [204];
    }

    // What is in the subject's list: a session that has expired is in none

    #others(session: Session): Session[] {

        return this.sessions.filter((each) => each !== session && each.subject === session.subject && !each.isDead && this.#now < each.expires);
    }
}


const remove = function (session: Session): void {

    session.isDead = true;
    session.isStored = false;
};


// Right family, wrong secret

const forge = function (token: string): string {

    const bytes = Buffer.from(token, 'base64url').subarray(0, -8);
    bytes[bytes.length - 1]! ^= 1;
    return Buffer.concat([bytes, hash('sha256', bytes, 'buffer').subarray(0, 8)]).toString('base64url');
};


// The store fails before it writes, or writes and fails to say so

async function failing<T>(fails: Failure, work: () => Promise<T>): Promise<T> {

    const { revoke } = methods as unknown as MemoryStore;
    if (fails) {
        MemoryStore.prototype.revoke = async function (revocations) {

            if (fails === 'after') {
                await revoke.call(this, revocations);
            }

            throw new Outage('away');
        };
    }

    try {
        return await work();
    }
    finally {
        MemoryStore.prototype.revoke = revoke;
    }
}
