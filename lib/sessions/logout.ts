import { measureRevocation } from '../status/metrics';
import { isRevoked } from '../blacklist/blacklist';
import { identify, sessionAddress, sessionId } from '../blacklist/identities';
import { PendingRevocations } from './pending-revocations';
import { Revocations } from './revocations';

import type { Request } from '@hapi/hapi';
import type { AcceptedTokens } from './accepted-tokens';
import type { RevokingBlacklist } from './pending-revocations';
import type { Lifetimes, RevocableSession } from './revocations';
import type { Revocation, Terms } from '../store/blacklist-contract';
import type { SessionAddress, SessionPage, SessionStore, Surplus } from '../store/session-contract';
import type { LookupSettings, StrategySettings } from '../options/settings';
import type { Ending } from '../types';


/** What is to be ended. */
export interface Order extends Pick<Ending, 'extent' | 'issuer'>, Partial<Omit<Ending, 'extent' | 'issuer'>> {
    request: Request | null;

    /** The tokens that a request or a call brought. They are ended in the same step. */
    tokens?: AcceptedTokens;

    /** The access token that is to be ended, where only its `jti` is known. */
    jti?: string;
}


export interface SessionToEnd {
    issuer: string;
    session: string;

    /** Whose it is, where that is known. */
    subject?: string | null;
    tokens?: AcceptedTokens;
}


export interface SurplusToEnd {
    issuer: string;
    subject: string;
    surplus: Surplus;
    request: Request | null;
}


export interface LogoutSettings extends Lifetimes, Pick<StrategySettings, 'onRevoke'> {
    lookup?: Pick<LookupSettings, 'maxAge' | 'remove'>;
}


export interface LogoutOptions {
    blacklist: RevokingBlacklist;

    /** Where the strategy has sessions. */
    sessions: { issuer: string; store: Pick<SessionStore, 'claims' | 'clear' | 'list' | 'remove'> } | null;
    settings: LogoutSettings;

    /** A moment (ms) after all of a subject so far, and before its sessions to come: other strategies and services may keep sessions, by the store's clock. */
    stamp: (subject: string) => Promise<number>;

    /** Is called with what was revoked. */
    ended: (ending: Ending, request: Request | null) => void;

    /** Is given work that no response waits for. The server waits for it when it stops. */
    later: (work: Promise<void>) => void;
}


/** Ends tokens, sessions and everything of a subject: what is written, what is reported, and what is cleared up after it. */
export class Logout {

    readonly #options: LogoutOptions;
    readonly #revocations: Revocations;
    readonly #pending: PendingRevocations;

    constructor(options: LogoutOptions) {

        this.#options = options;
        this.#revocations = new Revocations(options.settings);
        this.#pending = new PendingRevocations(options.blacklist);
    }

    /** How long (ms) what is known of a session outlives its last access token. */
    get margin(): number {

        return this.#revocations.margin;
    }

    terms(issuer: string): Terms {

        return this.#revocations.terms(issuer);
    }

    /**
     * Carries out an order. One write covers all of it, so that nothing is ever half done. Repeating it is harmless, and is reported once.
     *
     * @throws `Outage` when it is not certain that it was written; what the app's `onRevoke` throws, before; what `lookup.remove` throws, after.
     */
    async end(order: Order): Promise<void> {

        const { tokens, request } = order;
        const { ended, settings: { onRevoke, lookup } } = this.#options;
        const ending = await this.#endingOf(order);

        await onRevoke?.(ending, request);
        if (await measureRevocation(ending.extent, () => this.#write(ending, order))) {
            ended(ending, request);
        }

        if (lookup && tokens?.refresh) {
            await lookup.remove(tokens.refresh.token, request);
        }
    }

    /** Ends one session, without `onRevoke`. Resolves with false where it had ended before. */
    async endSession({ issuer, session, subject, tokens }: SessionToEnd): Promise<boolean> {

        const { address, state } = await this.#find(issuer, session, subject);
        const revocation = this.#revocations.session({ issuer, session, state });
        const revocations = [...this.#revocations.tokens(tokens, ({ identities }) => identities.includes(revocation.key)), revocation];
        const isNew = await this.#pending.revoke(revocations);

        if (address) {
            this.#options.later(this.#remove(address, revocations));
        }

        return isNew;
    }

    /** Ends the oldest sessions of a subject that has too many. Where there are more, it resolves when these are removed as well. @throws `Outage`. */
    async endSurplus({ issuer, subject, surplus: { ids, isPartial }, request }: SurplusToEnd): Promise<void> {

        const { ended, later } = this.#options;
        const removals = await Promise.all(ids.map(async (id) => {

            const address = { subject: identify('subject', issuer, subject), id };
            const session = sessionId(address);
            const revocations = [this.#revocations.session({ issuer, session, state: 'stored' })];

            // The login before may have ended it, and not removed it yet

            if (await measureRevocation('session', () => this.#pending.revoke(revocations))) {
                ended({ extent: 'session', issuer, subject, session, before: null, reason: 'sessions.max' }, request);
            }

            return () => this.#remove(address, revocations);
        }));

        const removal = Promise.all(removals.map((remove) => remove())).then(() => undefined);
        await (isPartial ? removal : later(removal));
    }

    async endToken(issuer: string, jti: string): Promise<boolean> {

        return await this.#pending.revoke([this.#revocations.jti(issuer, jti)]);
    }

    async #write({ extent, issuer, subject, session, before }: Ending, { tokens, jti }: Order): Promise<boolean> {

        if (jti !== undefined) {
            return await this.endToken(issuer, jti);
        }

        if (extent === 'token') {
            return await this.#pending.revoke(this.#revocations.tokens(tokens));
        }

        if (extent === 'session' && before === null) {
            return await this.endSession({ issuer, session: session!, subject, tokens });
        }

        if (extent === 'others') {
            await this.#endOthers(issuer, subject!, session);
        }
        else if (before === null) {
            await this.#endSubject(issuer, subject!, tokens);
        }
        else {
            await this.#endBefore({ issuer, subject, session, before });
        }

        return true;
    }

    // Everything of a subject that was issued so far: first one write, then the clearing up, however many sessions there are

    async #endSubject(issuer: string, subject: string, tokens: AcceptedTokens | undefined): Promise<void> {

        const { blacklist, later, stamp } = this.#options;
        const identity = identify('subject', issuer, subject);
        const cutoff = await stamp(identity);
        const given = this.#revocations.tokens(tokens, (token) => isRevoked(token.stamp, cutoff));
        await blacklist.revoke([...given, this.#revocations.cutoff({ issuer, identity, cutoff, issued: Date.now() })]);
        later(this.#clear(identity, cutoff));
    }

    // There is no list of all subjects: the sessions of each expire by themselves, and the cut-off after them. A session that ends before a moment is one
    // of another issuer, which may go on with it

    async #endBefore({ issuer, subject, session, before }: Pick<Ending, 'issuer' | 'subject' | 'session'> & { before: number }): Promise<void> {

        const { blacklist, later } = this.#options;
        const identity = session !== null ? identify('session', issuer, session) : subject === null ? identify('everyone', issuer) : identify('subject', issuer, subject);
        const cutoff = Math.ceil(before) - 1;
        await blacklist.revoke([this.#revocations.cutoff({ issuer, identity, cutoff, issued: before })]);
        if (session === null && subject !== null) {
            later(this.#clear(identity, cutoff));
        }
    }

    // Page by page. A session that begins meanwhile is not ended

    async #endOthers(issuer: string, subject: string, session: string | null): Promise<void> {

        const { later, sessions, stamp } = this.#options;
        const identity = identify('subject', issuer, subject);
        const latest = await stamp(identity);
        let after: number | null = 0;
        while (after !== null && after < latest) {
            const page: SessionPage = await sessions!.store.list(identity, after);
            const others = page.sessions.filter(({ created }) => created <= latest).map(({ id }) => ({ subject: identity, id }));
            const removal = await this.#endAll(issuer, others.filter((address) => sessionId(address) !== session));
            later(removal());
            after = page.next;
        }
    }

    // Returns the work that removes them afterwards

    async #endAll(issuer: string, addresses: SessionAddress[]): Promise<() => Promise<void>> {

        const revocations = addresses.map((address) => this.#revocations.session({ issuer, session: sessionId(address), state: 'stored' }));
        if (revocations.length > 0) {
            await this.#options.blacklist.revoke(revocations);
        }

        return async () => {

            await Promise.all(addresses.map((address, i) => this.#remove(address, [revocations[i]!])));
        };
    }

    // Where no session is named, or one of another subject, the tokens end alone: ids are no secret, and an issuer may let a client choose them

    async #endingOf({ extent, issuer, subject = null, session = null, before = null, reason = null }: Order): Promise<Ending> {

        const isTokens = extent === 'session' && (session === null || subject !== null && await this.#isOfAnother(issuer, session, subject));
        return { extent: isTokens ? 'token' : extent, issuer, subject, session, before, reason };
    }

    async #isOfAnother(issuer: string, session: string, subject: string): Promise<boolean> {

        const address = this.#addressOf(issuer, session);
        return address !== null && address.subject !== identify('subject', issuer, subject) && await this.#ownerOf(address) !== null;
    }

    // Where a session is stored, if it belongs to the subject. Without a subject the store is asked whose it is

    async #find(issuer: string, session: string, subject: string | null | undefined): Promise<{ address: SessionAddress | null; state: RevocableSession['state'] }> {

        const address = this.#addressOf(issuer, session);
        const owner = address && (subject ?? await this.#ownerOf(address));
        if (address && owner === null) {
            return { address, state: 'gone' };
        }

        const isOwn = address && identify('subject', issuer, owner!) === address.subject;
        return isOwn ? { address, state: 'stored' } : { address: null, state: 'external' };
    }

    async #ownerOf(address: SessionAddress): Promise<string | null> {

        const claims = await this.#options.sessions!.store.claims(address);
        return claims === null ? null : JSON.parse(claims).sub;
    }

    #addressOf(issuer: string, session: string): SessionAddress | null {

        return this.#options.sessions?.issuer === issuer ? sessionAddress(session) : null;
    }

    // Without its row no token of a session can be renewed, so its entry can go with its last access token: the blacklist then has the logouts of
    // a quarter of an hour in it, and not those of a month

    async #remove(address: SessionAddress, revocations: Revocation[]): Promise<void> {

        const { margin } = this.#revocations;
        await this.#options.sessions!.store.remove(address, { revocations: revocations.map((revocation) => ({ ...revocation, ttl: 0 })), margin });
    }

    async #clear(subject: string, cutoff: number): Promise<void> {

        const { sessions } = this.#options;
        let ended = sessions ? 1 : 0;
        while (ended > 0) {
            ended = await sessions!.store.clear(subject, cutoff, this.#revocations.margin);
        }
    }
}
