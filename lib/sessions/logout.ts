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


export interface Order extends Pick<Ending, 'extent' | 'issuer'>, Partial<Omit<Ending, 'extent' | 'issuer'>> {
    request: Request | null;

    /** The tokens presented. They end in the same write. */
    tokens?: AcceptedTokens;

    /** The access token to end, if only its `jti` is known. */
    jti?: string;
}


export interface SessionToEnd {
    issuer: string;
    session: string;

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

    sessions: { issuer: string; store: Pick<SessionStore, 'claims' | 'clear' | 'list' | 'remove'> } | null;
    settings: LogoutSettings;

    /** A moment (ms) after everything issued to a subject so far, and before its next session, which the store's clock dates. */
    stamp: (subject: string) => Promise<number>;

    ended: (ending: Ending, request: Request | null) => void;

    /** Takes work that no response waits for. The server waits for it when it stops. */
    later: (work: Promise<void>) => void;
}


/** Ends tokens, sessions and everything of a subject: writes, reports, and then cleans up. */
export class Logout {

    readonly #options: LogoutOptions;
    readonly #revocations: Revocations;
    readonly #pending: PendingRevocations;

    constructor(options: LogoutOptions) {

        this.#options = options;
        this.#revocations = new Revocations(options.settings);
        this.#pending = new PendingRevocations(options.blacklist);
    }

    /** How long (ms) the data of a session outlives its last access token. */
    get margin(): number {

        return this.#revocations.margin;
    }

    terms(issuer: string): Terms {

        return this.#revocations.terms(issuer);
    }

    /**
     * Carries out an order in one write, so that it is never half done. It may be repeated, and is reported once.
     *
     * @throws `Outage` when the write is not certain; before it, what `onRevoke` throws; after it, what `lookup.remove` throws.
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

    /** Ends one session, without `onRevoke`. Resolves with false if it had ended before. */
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

    /** Ends the oldest sessions of a subject that has too many. If the list is partial, it resolves when they are removed. @throws `Outage`. */
    async endSurplus({ issuer, subject, surplus: { ids, isPartial }, request }: SurplusToEnd): Promise<void> {

        const { ended, later } = this.#options;
        const removals = await Promise.all(ids.map(async (id) => {

            const address = { subject: identify('subject', issuer, subject), id };
            const session = sessionId(address);
            const revocations = [this.#revocations.session({ issuer, session, state: 'stored' })];

            // An earlier login may have ended it and not removed it yet

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

    // First one write that ends everything so far, then the clean-up, however many sessions there are

    async #endSubject(issuer: string, subject: string, tokens: AcceptedTokens | undefined): Promise<void> {

        const { blacklist, later, stamp } = this.#options;
        const identity = identify('subject', issuer, subject);
        const cutoff = await stamp(identity);
        const given = this.#revocations.tokens(tokens, (token) => isRevoked(token.stamp, cutoff));
        await blacklist.revoke([...given, this.#revocations.cutoff({ issuer, identity, cutoff, issued: Date.now() })]);
        later(this.#clear(identity, cutoff));
    }

    // With a date, only a session of another issuer is ended: that issuer may continue it. Without a subject, nothing is cleaned up: there is no list of all subjects

    async #endBefore({ issuer, subject, session, before }: Pick<Ending, 'issuer' | 'subject' | 'session'> & { before: number }): Promise<void> {

        const { blacklist, later } = this.#options;
        const identity = session !== null ? identify('session', issuer, session) : subject === null ? identify('everyone', issuer) : identify('subject', issuer, subject);
        const cutoff = Math.ceil(before) - 1;
        await blacklist.revoke([this.#revocations.cutoff({ issuer, identity, cutoff, issued: before })]);
        if (session === null && subject !== null) {
            later(this.#clear(identity, cutoff));
        }
    }

    // Page by page. A session that begins meanwhile stays

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

    // Returns a function that removes their rows afterwards

    async #endAll(issuer: string, addresses: SessionAddress[]): Promise<() => Promise<void>> {

        const revocations = addresses.map((address) => this.#revocations.session({ issuer, session: sessionId(address), state: 'stored' }));
        if (revocations.length > 0) {
            await this.#options.blacklist.revoke(revocations);
        }

        return async () => {

            await Promise.all(addresses.map((address, i) => this.#remove(address, [revocations[i]!])));
        };
    }

    // Without a session of the same subject, only the tokens end: ids are not secret, and some issuers let the client choose them

    async #endingOf({ extent, issuer, subject = null, session = null, before = null, reason = null }: Order): Promise<Ending> {

        const isTokens = extent === 'session' && (session === null || subject !== null && await this.#isOfAnother(issuer, session, subject));
        return { extent: isTokens ? 'token' : extent, issuer, subject, session, before, reason };
    }

    async #isOfAnother(issuer: string, session: string, subject: string): Promise<boolean> {

        const address = this.#addressOf(issuer, session);
        return address !== null && address.subject !== identify('subject', issuer, subject) && await this.#ownerOf(address) !== null;
    }

    // Where the session is stored, if it belongs to the subject. Without a subject, the store says whose it is

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

    // Without its row a session cannot be renewed, so its entry expires with the last access token: the blacklist has the logouts of 15 minutes, not of a month

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
