import { LRUCache } from 'lru-cache';

import { isRevoked } from '../blacklist/blacklist';
import { marginOf, maxSkew } from '../blacklist/clock';
import { identify, identifyToken, sessionAddress, sessionId } from '../blacklist/identities';
import { forever } from '../store/contract';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from '../blacklist/blacklist';
import type { AcceptedTokens } from './accepted-tokens';
import type { AccessToken } from '../jwt/access-token';
import type { SessionList } from './session-list';
import type { Revocation, SessionAddress, SessionPage, Surplus, Terms } from '../store/contract';
import type { JwtSettings, LookupSettings, SessionSettings, StrategySettings } from '../options/settings';
import type { Ending } from '../types';


/** The wish to end something. What is not known or not asked for is left out. */
export interface Order extends Pick<Ending, 'extent' | 'issuer'>, Partial<Omit<Ending, 'extent' | 'issuer'>> {
    request: Request | null;

    /** The tokens that a request or a call brought. They are ended in the same step. */
    tokens?: AcceptedTokens;

    /** Of an access token, where that is all that is known of it. */
    jti?: string;
}


/** A session that is to end. */
export interface SessionToEnd {
    issuer: string;
    session: string;

    /** Whose it is, where that is known. */
    subject?: string | null;

    /** Tokens that are ended in the same step. */
    tokens?: AcceptedTokens;
}


/** The oldest sessions of a subject, which it has too many. */
export interface SurplusToEnd {
    issuer: string;
    subject: string;
    surplus: Surplus;
    request: Request | null;
}


/** The sessions of subjects, as far as a logout needs them. */
export type EndableSessions = Pick<SessionList, 'claims' | 'clear' | 'issuer' | 'page' | 'remove'>;


/** What it has to know of a strategy. */
export interface LogoutSettings extends Pick<StrategySettings, 'onRevoke'> {
    jwt: Pick<JwtSettings, 'clockTolerance' | 'maxAge' | 'ttl'>;
    sessions?: Pick<SessionSettings, 'maxAge'>;
    lookup?: Pick<LookupSettings, 'maxAge' | 'remove'>;
}


export interface LogoutOptions {
    blacklist: Pick<Blacklist, 'confirm' | 'known' | 'revoke'>;

    /** Where the strategy has sessions. */
    sessions: EndableSessions | null;
    settings: LogoutSettings;

    /** A moment (ms) after all of a subject so far, and before its sessions to come: other strategies and services may keep sessions, by the store's clock. */
    stamp: (subject: string) => Promise<number>;

    /** Is called with what was revoked. */
    ended: (ending: Ending, request: Request | null) => void;

    /** Is given work that no response waits for, and that the server waits for when it stops. */
    later: (work: Promise<void>) => void;
}


// One process may be ahead of Redis and another behind it. No entry may go while the one behind still accepts what the one ahead has signed

const skew = 2 * maxSkew;


// Of how many revocations that failed it is remembered that they were reported to nobody

const maxUncertain = 10_000;


/** From the wish to log out to what is written: which identities, with which cut-off, for how long. */
export class Logout {

    readonly #blacklist: LogoutOptions['blacklist'];
    readonly #sessions: EndableSessions | null;
    readonly #settings: LogoutSettings;
    readonly #stamp: LogoutOptions['stamp'];
    readonly #ended: LogoutOptions['ended'];
    readonly #later: LogoutOptions['later'];
    readonly #underWay = new Map<string, Promise<void>>();
    readonly #uncertain = new LRUCache<string, true>({ max: maxUncertain });

    constructor({ blacklist, sessions, settings, stamp, ended, later }: LogoutOptions) {

        this.#blacklist = blacklist;
        this.#sessions = sessions;
        this.#settings = settings;
        this.#stamp = stamp;
        this.#ended = ended;
        this.#later = later;
    }

    /** For how long the strategy accepts tokens of an issuer. */
    terms(issuer: string): Terms {

        return { issuer: identify('everyone', issuer), life: this.#life, tolerance: this.#settings.jwt.clockTolerance };
    }

    /**
     * Ends what is wished to end. One write covers all of it, so that nothing is ever half done; repeating it is harmless, and reported once.
     *
     * @throws `Outage` when it is not certain that it was written; what the app's `onRevoke` throws, before; what `lookup.remove` throws, after.
     */
    async end(order: Order): Promise<void> {

        const { tokens, request } = order;
        const { onRevoke, lookup } = this.#settings;
        const ending = await this.#endingOf(order);

        await onRevoke?.(ending, request);
        if (await this.#write(ending, order)) {
            this.#ended(ending, request);
        }

        if (lookup && tokens?.refresh) {
            await lookup.remove(tokens.refresh.token, request);
        }
    }

    /** Ends one session, whatever the app says. Returns false where it had ended before. */
    async endSession({ issuer, session, subject, tokens }: SessionToEnd): Promise<boolean> {

        const identity = identify('session', issuer, session);
        const { address, isGone } = await this.#find(issuer, session, subject);
        const revocations = [...this.#atHand(tokens, (token) => token.identities.includes(identity)), this.#sessionRevocation({ issuer, identity, address, isGone })];
        const isNew = await this.#revokeOnce(revocations);

        if (address) {
            this.#later(this.#remove(address, revocations));
        }

        return isNew;
    }

    /** Ends the oldest sessions of a subject, because a login was one too many. Resolves when they are removed as well where there are more. @throws `Outage`. */
    async endSurplus({ issuer, subject, surplus: { ids, isPartial }, request }: SurplusToEnd): Promise<void> {

        const addresses = ids.map((id) => ({ subject: identify('subject', issuer, subject), id }));
        const removal = await this.#endAll(issuer, addresses);
        for (const address of addresses) {
            this.#ended({ extent: 'session', issuer, subject, session: sessionId(address), before: null, reason: 'sessions.max' }, request);
        }

        await (isPartial ? removal() : this.#later(removal()));
    }

    /** Ends one token, of which nothing but its `jti` is known. */
    async endToken(issuer: string, jti: string): Promise<boolean> {

        const { maxAge } = this.#settings.jwt;
        const terms = { ...this.terms(issuer), life: maxAge };
        return await this.#revokeOnce([{ key: identifyToken(issuer, jti), cutoff: forever, ttl: maxAge + this.#margin, terms }]);
    }

    async #write({ extent, issuer, subject, session, before }: Ending, { tokens, jti }: Order): Promise<boolean> {

        if (jti !== undefined) {
            return await this.endToken(issuer, jti);
        }

        if (extent === 'token') {
            return await this.#revokeOnce(this.#atHand(tokens));
        }

        if (extent === 'session') {
            return await this.endSession({ issuer, session: session!, subject, tokens });
        }

        if (extent === 'others') {
            await this.#endOthers(issuer, subject!, session);
        }
        else if (before === null) {
            await this.#endSubject(issuer, subject!, tokens);
        }
        else {
            await this.#endBefore(issuer, subject, before);
        }

        return true;
    }

    // Everything of a subject that was issued so far. The one write that kills comes first, then the clearing up: however many sessions there are

    async #endSubject(issuer: string, subject: string, tokens: AcceptedTokens | undefined): Promise<void> {

        const identity = identify('subject', issuer, subject);
        const cutoff = await this.#stamp(identity);
        const atHand = this.#atHand(tokens, ({ stamp }) => isRevoked(stamp, cutoff));
        await this.#blacklist.revoke([...atHand, this.#cutoff({ issuer, identity, cutoff, issued: Date.now() })]);
        this.#later(this.#clear(identity, cutoff));
    }

    // There is no list of all subjects: the sessions of each expire by themselves, and the cut-off after them

    async #endBefore(issuer: string, subject: string | null, before: number): Promise<void> {

        const identity = subject === null ? identify('everyone', issuer) : identify('subject', issuer, subject);
        const cutoff = Math.ceil(before) - 1;
        await this.#blacklist.revoke([this.#cutoff({ issuer, identity, cutoff, issued: before })]);
        if (subject !== null) {
            this.#later(this.#clear(identity, cutoff));
        }
    }

    // Page by page, each of them revoked. A session that begins meanwhile is none of the others

    async #endOthers(issuer: string, subject: string, session: string | null): Promise<void> {

        const identity = identify('subject', issuer, subject);
        const latest = await this.#stamp(identity);
        let after: number | null = 0;
        while (after !== null && after < latest) {
            const { sessions, next }: SessionPage = await this.#sessions!.page(identity, after);
            const others = sessions.filter(({ created }) => created <= latest).map(({ id }) => ({ subject: identity, id }));
            const removal = await this.#endAll(issuer, others.filter((address) => sessionId(address) !== session));
            this.#later(removal());
            after = next;
        }
    }

    // Returns what removes them then

    async #endAll(issuer: string, addresses: SessionAddress[]): Promise<() => Promise<void>> {

        const revocations = addresses.map((address) => this.#sessionRevocation({ issuer, identity: identify('session', issuer, sessionId(address)), address }));
        if (revocations.length > 0) {
            await this.#blacklist.revoke(revocations);
        }

        return async () => {

            await Promise.all(addresses.map((address, i) => this.#remove(address, [revocations[i]!])));
        };
    }

    // Who ends what is being ended waits for it as well. What has ended is not written anew, which would have it remembered for longer: the entry that is
    // there lasts as long as it has to

    async #revokeOnce(revocations: Revocation[]): Promise<boolean> {

        const name = revocations.map(({ key }) => key).join(' ');
        const first = this.#underWay.get(name);
        if (first) {
            await first;
            return false;
        }

        const isNew = this.#uncertain.has(name) || revocations.some(({ key }) => this.#blacklist.known([key]) !== forever);
        const work = isNew ? this.#blacklist.revoke(revocations) : this.#blacklist.confirm();
        this.#underWay.set(name, work);

        try {
            await work;
            this.#uncertain.delete(name);
            return isNew;
        }
        catch (error) {
            this.#uncertain.set(name, true);
            throw error;
        }
        finally {
            this.#underWay.delete(name);
        }
    }

    // A session that no token names is the tokens alone, and so is one of another subject: ids are no secret, and an issuer may let a client choose them

    async #endingOf({ extent, issuer, subject = null, session = null, before = null, reason = null }: Order): Promise<Ending> {

        const isTokens = extent === 'session' && (session === null || subject !== null && await this.#isOfAnother(issuer, session, subject));
        return { extent: isTokens ? 'token' : extent, issuer, subject, session, before, reason };
    }

    async #isOfAnother(issuer: string, session: string, subject: string): Promise<boolean> {

        const address = this.#stored(issuer, session);
        return address !== null && address.subject !== identify('subject', issuer, subject) && await this.#owner(address) !== null;
    }

    // Where a session is stored, if it is the subject's. Where it was named by its id alone the store says whose it is, or that it is gone

    async #find(issuer: string, session: string, subject: string | null | undefined): Promise<{ address: SessionAddress | null; isGone?: boolean }> {

        const address = this.#stored(issuer, session);
        if (!address) {
            return { address };
        }

        const owner = subject ?? await this.#owner(address);
        if (owner === null) {
            return { address, isGone: true };
        }

        return { address: identify('subject', issuer, owner) === address.subject ? address : null };
    }

    async #owner(address: SessionAddress): Promise<string | null> {

        const claims = await this.#sessions!.claims(address);
        return claims === null ? null : JSON.parse(claims).sub;
    }

    #stored(issuer: string, session: string): SessionAddress | null {

        return this.#sessions?.issuer === issuer ? sessionAddress(session) : null;
    }

    // The tokens at hand, but for those that are ended anyway. Of a lookup that is never certain: the app may say otherwise tomorrow

    #atHand({ access, refresh }: Partial<AcceptedTokens> = {}, isEnded: (token: { identities: string[]; stamp: number }) => boolean = () => false): Revocation[] {

        const { sessions, lookup } = this.#settings;
        const revocations: Revocation[] = [];

        if (access && !isEnded(access)) {
            revocations.push({ ...tokenRevocation(access), terms: this.#tokenTerms(access) });
        }

        if (refresh && lookup) {
            revocations.push({ ...tokenRevocation(refresh), terms: { ...this.terms(refresh.issuer), life: lookup.maxAge } });
        }

        // The refresh token of a session may be renewed meanwhile, and then lives for longer than was seen

        else if (refresh && !isEnded(refresh)) {
            revocations.push({ ...tokenRevocation(refresh, sessions!.maxAge), terms: { ...this.terms(refresh.issuer), life: sessions!.maxAge } });
        }

        return revocations;
    }

    // Another strategy may accept it to its end, where this one did not

    #tokenTerms({ issuer, expires, claims }: AccessToken): Revocation['terms'] {

        const { clockTolerance, maxAge } = this.#settings.jwt;
        const isCut = expires < claims.exp! * 1000 + clockTolerance;
        return { ...this.terms(issuer), life: isCut ? maxAge : undefined };
    }

    /** How long (ms) a token could be presented from the moment it is issued, tolerance and clocks left aside. */
    get #life(): number {

        const { jwt, sessions, lookup } = this.#settings;
        return Math.max(jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0);
    }

    // Beside the skew of two processes: the clock of an issuer may be ahead by the tolerance, which a token is accepted for at its end as well

    get #margin(): number {

        return marginOf(this.#settings.jwt.clockTolerance);
    }

    // As long as any token of the session could be presented

    #sessionRevocation({ issuer, identity, address, isGone = false }: { issuer: string; identity: string; address: SessionAddress | null; isGone?: boolean }): Revocation {

        const { jwt, sessions, lookup } = this.#settings;
        const accessTtl = address && !isGone ? jwt.ttl : jwt.maxAge;
        const life = isGone ? accessTtl : Math.max(accessTtl, (sessions ?? lookup)?.maxAge ?? 0);
        return { key: identity, cutoff: forever, ttl: life + this.#margin, terms: { ...this.terms(issuer), life } };
    }

    // As long as any token could be presented that was issued until then (ms)

    #cutoff({ issuer, identity, cutoff, issued }: { issuer: string; identity: string; cutoff: number; issued: number }): Revocation {

        const longest = this.#life + this.#margin;
        return { key: identity, cutoff, ttl: Math.max(longest - (Date.now() - issued), skew), terms: this.terms(issuer) };
    }

    // Without its row no token of a session can be renewed, and the blacklist need not outlive the access tokens. Without this it
    // would have every logout of a month in it; with it, those of a quarter of an hour

    async #remove(address: SessionAddress, revocations: Revocation[]): Promise<void> {

        await this.#sessions!.remove(address, { revocations: revocations.map((revocation) => ({ ...revocation, ttl: 0 })), margin: this.#margin });
    }

    async #clear(subject: string, cutoff: number): Promise<void> {

        let ended = this.#sessions ? 1 : 0;
        while (ended > 0) {
            ended = await this.#sessions!.clear(subject, cutoff, this.#margin);
        }
    }
}


const tokenRevocation = function ({ id, expires }: { id: string; expires: number }, least = 0): Revocation {

    return { key: id, cutoff: forever, ttl: Math.max(expires - Date.now(), least) + skew };
};
